"""The doorkeeper's rounds: marks that fan-out lost are told again, once."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone

from chat.edge.rounds import Rounds
from chat.queries import MembershipChange, OwnState, own_states
from chat.wire.errors import ChatError, ErrorCode


class Hub:
    """A port: one user is connected here, and what it is told is kept."""

    def __init__(self) -> None:
        self.users = {3: {object()}}
        self.told: list[Any] = []

    def connections_of(self, user_id: int) -> list[object]:
        return []

    def tell_user(self, user_id: int, events: bytes) -> None:
        self.told += [(user_id, event["type"]) for event in orjson.loads(b"[" + events + b"]")]


class Door:
    """A port: answers as the database would."""

    def __init__(self, changes: list[MembershipChange]) -> None:
        self.hub = Hub()
        self.database = self
        self.changes = changes
        self.asked: list[str] = []
        self.is_away = False

    async def read(self, function: object, *arguments: Any) -> Any:
        if function is own_states:
            return {change.id: OwnState(change.read_seq, 0, False) for change in self.changes}
        self.asked.append(arguments[-1])
        if self.is_away:
            raise ChatError(ErrorCode.UNAVAILABLE)
        return self.changes


MARKS = [(3, "read"), (3, "draft"), (3, "conversation")]


@pytest.fixture
def change() -> MembershipChange:
    return MembershipChange(1, 3, 7, True, 5, "a draft", timezone.now() - timedelta(seconds=1))


async def test_marks_saved_while_the_layer_was_away_are_told_by_the_first_sweep_and_once(change: MembershipChange):
    is_healthy = True
    door = Door([change])
    rounds = Rounds(door, lambda: is_healthy)
    await rounds.sweep_memberships()
    assert door.hub.told == []

    is_healthy = False
    await rounds.sweep_memberships()
    await rounds.sweep_memberships()

    assert door.asked == ["members", "marks", "marks"]
    assert door.hub.told == MARKS


async def test_a_resync_tells_the_marks_again_although_the_layer_is_healthy(change: MembershipChange):
    door = Door([change])
    rounds = Rounds(door, lambda: True)

    rounds.marks_missed()
    await rounds.sweep_memberships()
    await rounds.sweep_memberships()

    assert door.asked == ["marks", "members"]
    assert door.hub.told == MARKS


async def test_marks_are_not_forgotten_when_the_database_is_away(change: MembershipChange):
    door = Door([change])
    rounds = Rounds(door, lambda: True)
    rounds.marks_missed()
    door.is_away = True
    with pytest.raises(ChatError):
        await rounds.sweep_memberships()

    door.is_away = False
    await rounds.sweep_memberships()

    assert door.hub.told == MARKS
