"""Begun, ended, and begun and ended between two looks."""

from chat.presence.board import Look
from chat.presence.neighbours import LOOKS_AT_A_NEWCOMER, Neighbours


def seeing(*alive: str) -> Look:
    return Look(is_known=True, alive=frozenset(alive), dead=frozenset())


def test_who_was_there_at_the_last_look_and_is_not_any_more_is_gone():
    neighbours = Neighbours()
    assert neighbours.look(seeing("me", "x", "y"), own="me") == frozenset()
    assert neighbours.look(seeing("me", "y"), own="me") == {"x"}
    assert neighbours.look(seeing("me", "y"), own="me") == frozenset()


def test_who_was_met_between_two_looks_and_ended_is_gone_too():
    neighbours = Neighbours()
    neighbours.look(seeing("me"), own="me")
    neighbours.meet(["brief"])
    assert neighbours.look(seeing("me"), own="me") == {"brief"}


def test_a_newcomer_is_looked_up_for_some_looks_and_this_node_never():
    neighbours = Neighbours()
    looked_up = []
    for _ in range(LOOKS_AT_A_NEWCOMER + 2):
        neighbours.look(seeing("me", "x"), own="me")
        looked_up.append(neighbours.newcomers())
    assert looked_up == [["x"]] * LOOKS_AT_A_NEWCOMER + [[], []]
