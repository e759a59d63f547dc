"""The picture shows who is there, who has gone, and is not broken by anything that lies on the board."""

from itertools import count

import pytest

from chat.ops.cluster.board import Pinned
from chat.ops.cluster.picture import GONE_SECONDS, LEFT_SECONDS, Picture
from tests.unit.ops.cluster.made import LIFE, OTHER_LIFE, pinned, report

_lives = count(1)


def life() -> str:
    return f"{next(_lives):032x}"


def states(picture: dict) -> dict[str, str]:
    return {node["name"]: node["state"] for node in picture["nodes"]}


def test_a_node_is_shown_with_what_it_says():
    made = report(connections=3, messages=7, redis_seconds=0.001, degraded=("sessions",))
    (node,) = Picture().take([pinned(made)])["nodes"]
    assert {key: node[key] for key in ("name", "state", "connections", "redis_seconds", "degraded", "rates")} == {
        "name": "server_1",
        "state": "open",
        "connections": 3,
        "redis_seconds": 0.001,
        "degraded": ["sessions"],
        "rates": None,
    }
    assert node["counters"]["messages"] == 7


def test_rates_come_with_the_second_look_and_leave_with_the_node():
    picture = Picture()
    picture.take([pinned(report(at=1, messages=1))])
    (node,) = picture.take([pinned(report(at=2, messages=5))])["nodes"]
    assert node["rates"]["messages"] == 4
    (gone,) = picture.take([pinned(report(at=2, messages=5), GONE_SECONDS + 1)])["nodes"]
    assert (gone["state"], gone["rates"]) == ("gone", None)


@pytest.mark.parametrize(
    ("said", "age", "shown"),
    [
        ("open", 0.0, "open"),
        ("open", GONE_SECONDS, "open"),
        ("open", GONE_SECONDS + 0.1, "gone"),
        ("drained", 1.0, "drained"),
        ("leaving", 1.0, "leaving"),
        ("leaving", GONE_SECONDS + 0.1, "gone"),
        ("left", 0.0, "left"),
        ("left", GONE_SECONDS + 0.1, "left"),
    ],
)
def test_the_state_is_what_it_said_unless_it_says_nothing_more(said: str, age: float, shown: str):
    assert states(Picture().take([pinned(report(state=said), age)])) == {"server_1": shown}


def test_who_said_goodbye_is_shown_for_a_moment_only():
    assert Picture().take([pinned(report(state="left"), LEFT_SECONDS + 1)])["nodes"] == []


def test_a_node_that_is_back_takes_the_place_of_its_earlier_life():
    before, now = pinned(report(at=900, messages=5), 8), pinned(report(life=OTHER_LIFE, at=1))
    (node,) = Picture().take([now, before])["nodes"]
    assert (node["life"], node["state"]) == (OTHER_LIFE, "open")


def test_two_that_live_under_one_name_are_both_shown():
    one, other = pinned(report(life=LIFE)), pinned(report(life=OTHER_LIFE))
    assert [node["life"] for node in Picture().take([other, one])["nodes"]] == [LIFE, OTHER_LIFE]


def test_nodes_stand_in_the_order_in_which_people_count_and_the_gone_come_last():
    names = {"server_10": 0.1, "server_2": 0.1, "a": 0.1, "server_1": 30, "7": 0.1}
    found = Picture().take(pinned(report(name, life()), age) for name, age in names.items())
    assert [node["name"] for node in found["nodes"]] == ["7", "a", "server_2", "server_10", "server_1"]


def test_what_cannot_be_read_is_counted_and_hides_nobody():
    rubbish = [
        Pinned("x" * 64, 1.0, b"\xff\x00"),
        Pinned(life(), 1.0, b'{"name": 1}'),
        Pinned("", 1.0, b"[]"),
        Pinned(OTHER_LIFE, 1.0, report().encoded()),
        Pinned(life(), 1.0, b""),  # it has expired since its name was read
    ]
    found = Picture().take([*rubbish, pinned(report())])
    assert (states(found), found["unreadable"]) == ({"server_1": "open"}, 4)
