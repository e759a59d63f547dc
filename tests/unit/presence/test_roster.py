"""Connections of one device are counted, devices of one user are listed."""

from chat.presence.board import Home
from chat.presence.roster import Roster

ANN = 1


def test_a_device_leaves_with_its_last_connection():
    roster = Roster()
    roster.add(ANN, "phone", since_ms=10)
    roster.add(ANN, "phone", since_ms=20)
    assert roster.connections == 2
    assert [roster.remove(ANN, "phone"), roster.holds(ANN), roster.remove(ANN, "phone"), roster.holds(ANN)] == [
        False,
        True,
        True,
        False,
    ]
    assert roster.connections == 0


def test_removing_what_is_not_there_does_nothing():
    roster = Roster()
    roster.add(ANN, "phone", since_ms=10)
    assert [roster.remove(ANN, "laptop"), roster.remove(2, "phone")] == [False, False]
    assert roster.connections == 1


def test_homes_name_every_device_once_since_its_first_connection():
    roster = Roster()
    roster.add(ANN, "phone", since_ms=10)
    roster.add(ANN, "phone", since_ms=20)
    roster.add(ANN, "laptop", since_ms=30)
    assert roster.homes(incarnation="x", node="one") == [
        (ANN, Home("x", "phone", "one", 10)),
        (ANN, Home("x", "laptop", "one", 30)),
    ]
