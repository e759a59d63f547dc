"""The hub: what local connections are handed, and when."""

import asyncio
from collections.abc import Iterable

import orjson
import pytest

from chat.fanout.fanout import Fanout
from chat.fanout.hub import Hub
from chat.fanout.local import RECENT_CHANGES, LocalConversation
from chat.fanout.memory import MemoryLayer
from chat.fanout.outbox import Outbox
from chat.log.reading import Head
from chat.wire import codec, events
from chat.wire.committed import Committed


class Reader:
    """A connection that remembers the events it was given."""

    def __init__(self, user_id: int = 1) -> None:
        self.user_id = user_id
        self.pending: list[bytes] = []
        self.quiet_until = 0.0
        self.conversations: dict[int, str] = {}
        self.frames: list[bytes] = []
        self.lost: list[int] = []
        self.closed_with: int | None = None

    def write(self, frame: bytes) -> None:
        self.frames.append(frame)

    def tell(self, event: bytes) -> None:
        self.write(b"[" + event + b"]")

    def detached(self, conversation_id: int) -> None:
        self.lost.append(conversation_id)

    def close(self, code: int) -> None:
        self.closed_with = code

    @property
    def events(self) -> list[dict[str, object]]:
        return [event for frame in self.frames for event in orjson.loads(frame)]

    @property
    def positions(self) -> list[object]:
        return [event.get("changed_seq", event.get("seq")) for event in self.events]


class Logs:
    """The heads that the hub reads, and a way to make reading wait."""

    def __init__(self) -> None:
        self.heads: dict[int, Head] = {7: Head("e1", 5)}
        self.may_read = asyncio.Event()
        self.may_read.set()

    async def read(self, ids: Iterable[int]) -> dict[int, Head]:
        await self.may_read.wait()
        return {each: self.heads[each] for each in ids if each in self.heads}


def change(position: int, *, removed: int | None = None, epoch: str = "e1") -> Committed:
    body = orjson.dumps({"type": "message", "conversation": 7, "changed_seq": position})
    return Committed(7, epoch, position, body, removed)


@pytest.fixture
def logs() -> Logs:
    return Logs()


@pytest.fixture
def gaps() -> list[LocalConversation]:
    return []


@pytest.fixture
async def hub(logs: Logs, gaps: list[LocalConversation]) -> Hub:
    hub = Hub(MemoryLayer(), Outbox(bytes, pace_seconds=0), logs.read, gaps.append)
    await hub.start()
    await hub.open([7])
    return hub


async def followed(hub: Hub, position: int = 5, user_id: int = 1) -> Reader:
    reader = Reader(user_id)
    await hub.add_connection(reader)
    assert hub.conversations[7].add(reader, position) == []
    reader.conversations[7] = "e1"
    return reader


async def test_followers_get_each_change_once_and_in_order(hub: Hub):
    one, two = await followed(hub), await followed(hub, user_id=2)
    hub.receive(7, "e1", [change(6), change(7)])
    hub.receive(7, "e1", [change(7), change(8)])
    hub.outbox.flush()
    assert one.positions == two.positions == [6, 7, 8]


async def test_connections_with_the_same_news_share_one_frame(hub: Hub):
    one, two = await followed(hub), await followed(hub, user_id=2)
    hub.receive(7, "e1", [change(6)])
    hub.receive(7, "e1", [change(7)])
    hub.outbox.flush()
    assert len(one.frames) == 1
    assert one.frames[0] is two.frames[0]


async def test_a_gap_is_reported_and_nothing_is_delivered_past_it(hub: Hub, gaps: list[LocalConversation]):
    reader = await followed(hub)
    hub.receive(7, "e1", [change(7)])
    hub.outbox.flush()
    assert (reader.frames, [each.id for each in gaps]) == ([], [7])


async def test_a_read_of_the_log_delivers_what_was_missing_then_what_waited(hub: Hub):
    reader = await followed(hub)
    hub.receive(7, "e1", [change(8)])
    hub.catch_up(hub.conversations[7], [change(6), change(7)], covered=7)
    hub.outbox.flush()
    assert [event["type"] for event in reader.events] == ["message"] * 3
    assert reader.positions == [6, 7, 8]


async def test_replaced_positions_are_told_by_caught_up(hub: Hub):
    """The client must never see a position skipped without a word."""
    reader = await followed(hub)
    hub.catch_up(hub.conversations[7], [change(8)], covered=9)
    hub.outbox.flush()
    assert [(event["type"], event.get("changed_seq", event.get("seq"))) for event in reader.events] == [
        ("message", 8),
        ("caught_up", 9),
    ]


async def test_a_connection_that_read_further_than_the_hub_hears_nothing_twice(hub: Hub):
    level, ahead = await followed(hub), await followed(hub, position=7, user_id=2)
    hub.receive(7, "e1", [change(6)])
    hub.receive(7, "e1", [change(7), change(8)])
    hub.receive(7, "e1", [change(9)])
    hub.outbox.flush()
    assert level.positions == [6, 7, 8, 9]
    assert ahead.positions == [8, 9]
    assert not hub.conversations[7].ahead


async def test_a_connection_that_comes_late_is_handed_what_it_missed_from_memory(hub: Hub):
    hub.receive(7, "e1", [change(6), change(7), change(8)])
    late = Reader()
    missed = hub.conversations[7].add(late, 6)
    assert [each.position for each in missed or []] == [7, 8]
    hub.receive(7, "e1", [change(9)])
    hub.outbox.flush()
    assert late.positions == [9]


async def test_a_connection_too_far_behind_must_read_the_log(hub: Hub):
    hub.receive(7, "e1", [change(position) for position in range(6, 6 + RECENT_CHANGES + 10)])
    late = Reader()
    assert hub.conversations[7].add(late, 5) is None
    assert not hub.conversations[7].has(late)


async def test_after_replaced_positions_nobody_is_handed_a_hole_from_memory(hub: Hub):
    hub.receive(7, "e1", [change(6)])
    hub.catch_up(hub.conversations[7], [change(9)], covered=9)
    assert hub.conversations[7].add(Reader(), 6) is None


async def test_whoever_is_removed_gets_nothing_from_the_removal_on(hub: Hub):
    gone, stays = await followed(hub, user_id=1), await followed(hub, user_id=2)
    hub.receive(7, "e1", [change(6), change(7, removed=1), change(8)])
    hub.outbox.flush()
    assert (gone.positions, gone.lost) == ([6], [7])
    assert stays.positions == [6, 7, 8]


async def test_whoever_is_removed_while_ahead_gets_nothing_either(hub: Hub):
    gone = await followed(hub, position=6, user_id=1)
    hub.receive(7, "e1", [change(6), change(7, removed=1), change(8)])
    hub.outbox.flush()
    assert (gone.positions, gone.lost) == ([], [7])


async def test_another_life_of_the_log_is_not_mixed_in(hub: Hub):
    reader = await followed(hub)
    hub.receive(7, "e2", [change(6, epoch="e2")])
    hub.outbox.flush()
    assert reader.frames == []


async def test_what_arrives_while_the_head_is_read_is_not_lost(logs: Logs):
    hub = Hub(MemoryLayer(), Outbox(bytes, pace_seconds=0), logs.read, lambda conversation: None)
    await hub.start()
    logs.may_read.clear()
    opening = asyncio.create_task(hub.open([7]))
    await asyncio.sleep(0.01)
    hub.receive(7, "e1", [change(5), change(6)])
    logs.may_read.set()
    await opening
    assert hub.conversations[7].sequencer.delivered == 6


async def test_two_that_open_at_once_share_one_reading(logs: Logs):
    hub = Hub(MemoryLayer(), Outbox(bytes, pace_seconds=0), logs.read, lambda conversation: None)
    await hub.start()
    logs.may_read.clear()
    both = asyncio.gather(hub.open([7]), hub.open([7]))
    await asyncio.sleep(0.01)
    logs.may_read.set()
    await both
    first = hub.conversations[7]
    await hub.open([7])
    assert hub.conversations[7] is first


async def test_a_connection_that_left_gets_nothing_and_is_not_kept(hub: Hub):
    reader = await followed(hub)
    hub.receive(7, "e1", [change(6)])
    hub.remove_connection(reader)
    hub.receive(7, "e1", [change(7)])
    hub.outbox.flush()
    assert (reader.frames, len(hub.conversations[7]), hub.connections_of(1)) == ([], 0, [])


async def test_a_user_is_told_on_every_connection_but_one(hub: Hub):
    one, two, other = await followed(hub), await followed(hub), await followed(hub, user_id=2)
    hub.tell_user(1, b'{"type":"draft"}', but=one)
    hub.outbox.flush()
    assert (one.events, two.events, other.events) == ([], [{"type": "draft"}], [])


async def test_a_piece_of_an_answer_whose_beginning_is_not_known_here_is_kept_back_and_the_whole_is_asked_for(hub: Hub):
    published, wanted = Published(), []
    fanout = Fanout(hub, published, "here", lambda *_: None, lambda *_: None)
    fanout.on_whole_wanted = wanted.append
    reader = await followed(hub)

    for text, offset in (("late", 4), ("At noon", 0), (" sharp", 7)):
        event = events.assistant(7, turn="t1", attempt=1, state="streaming", offset=offset, text=text)
        fanout.pass_on(7, codec.encode(event))
    hub.outbox.flush_all()

    assert [(each["offset"], each["text"]) for each in reader.events] == [(0, "At noon"), (7, " sharp")]
    assert wanted == [7]
    assert published.groups == ["assistant", *["conversation.7"] * 3]
    assert published.messages[0] == {"type": "whole", "origin": "here", "conversation": 7}


class Published:
    """What would go to other nodes."""

    def __init__(self) -> None:
        self.groups: list[str] = []
        self.messages: list[dict[str, object]] = []

    def publish(self, group: str, message: dict[str, object]) -> None:
        self.groups.append(group)
        self.messages.append(message)
