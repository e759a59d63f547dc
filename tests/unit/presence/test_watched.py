"""Watchers are told of changes only, and nobody is remembered whom nobody watches."""

from chat.presence.watched import Watched

ANN, BOB = 1, 2


def test_the_first_thing_learned_is_what_watchers_are_told_anyway_and_no_change():
    watched = Watched()
    watched.add([ANN])
    assert [watched.learn(ANN, is_online=online) for online in (True, True, False, False, True)] == [
        False,
        False,
        True,
        False,
        True,
    ]


def test_nothing_is_kept_about_users_whom_nobody_watches():
    watched = Watched()
    assert watched.learn(ANN, is_online=True) is False
    assert watched.is_online(ANN) is False
    watched.remove([ANN])
    assert watched.everyone() == set()


def test_a_user_is_forgotten_with_the_last_watcher():
    watched = Watched()
    watched.add([ANN, BOB])
    watched.add([ANN])
    watched.learn(ANN, is_online=True)
    watched.remove([ANN, BOB])
    assert watched.everyone() == {ANN}
    watched.remove([ANN])
    watched.add([ANN])
    assert watched.learn(ANN, is_online=False) is False


def test_users_may_be_on_an_incarnation_when_they_were_seen_there_or_nobody_knows_where():
    watched = Watched()
    watched.add([1, 2, 3, 4])
    watched.learn(1, is_online=True, incarnations=frozenset({"x", "y"}))
    watched.learn(2, is_online=True, incarnations=frozenset({"y"}))
    watched.learn(3, is_online=True)
    watched.learn(4, is_online=False)
    assert watched.on(frozenset({"x"})) == {1, 3}
