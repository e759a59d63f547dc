"""A device on a real socket, against a scripted far end."""

import asyncio
import json

import pytest

from chat.proof.device import Device, Lost, Refused, TurnedAway
from chat.proof.history import History
from chat.wire.codec import Refused as Unparsable
from chat.wire.codec import parse_frame
from chat.wire.schema import validate_event
from tests.unit.proof.far_end import FarEnd, caught_up, entry, far_end, message, soon, welcome


@pytest.fixture
async def end():
    async with far_end() as server:
        yield server


@pytest.fixture
async def device(end: FarEnd):
    device = Device("ann-1", cookies="sessionid=abc")
    yield device
    await device.close()


async def test_a_device_introduces_itself_like_a_browser(end, device):
    await device.connect(end.url)
    headers = end.handshakes[0].headers
    assert headers["Cookie"] == "sessionid=abc"
    assert headers["Origin"] == end.url.replace("ws:", "http:").removesuffix("/ws/")
    assert headers["Sec-WebSocket-Protocol"] == "distchat.v1"
    hello = end.heard("hello")[0]
    assert {key: hello[key] for key in ("device", "device_name", "cursors")} == {
        "device": device.device_id,
        "device_name": "ann-1",
        "cursors": {},
    }


async def test_connect_returns_when_every_conversation_has_caught_up(end, device):
    end.entries, end.backlog = [entry(7, head=2), entry(8)], [message(1), message(2), caught_up(2)]
    connecting = asyncio.create_task(device.connect(end.url))
    await device.wait_for(lambda held: held.cursor(7) == 2)
    assert not connecting.done()
    assert not device.is_ready
    await end.say(caught_up(0, conversation=8))
    assert (await connecting)["node"] == "server_1"
    assert device.transcript(7) == [(1, "text 1"), (2, "text 2")]
    assert device.violations == []


async def test_connect_says_what_it_waited_for(end, device):
    end.backlog = []
    with pytest.raises(TimeoutError, match=r"waiting for conversations \[7\]"):
        await device.connect(end.url, timeout_seconds=0.2)


async def test_live_messages_move_the_cursor_and_edits_replace(end, device):
    await device.connect(end.url)
    await end.say(message(1), message(2))
    await end.say(message(1, "edited", changed=3))
    await device.wait_for(lambda held: held.cursor(7) == 3)
    assert device.transcript(7) == [(1, "edited"), (2, "text 2")]
    assert [line.via for line in device.record if line.what == "received"] == ["live"] * 3
    assert device.violations == []


async def test_a_skipped_live_position_is_a_violation_until_caught_up_explains_it(end, device):
    await device.connect(end.url)
    await end.say(message(1), message(3))
    await device.wait_for(lambda held: held.cursor(7) == 3)
    assert device.violations == ["D: positions 2-2 of 7 were skipped"]
    await end.say(caught_up(3))
    await device.wait_for(lambda held: held.record.lines[-1].what == "caught_up")
    await device.ping()
    assert device.violations == []


async def test_a_repeated_position_is_a_violation(end, device):
    await device.connect(end.url)
    await end.say(message(1), message(1))
    await device.wait_for(lambda held: held.received == 2)
    assert device.violations == ["B: position 1 of 7 came again at cursor 1"]


@pytest.mark.parametrize(
    "frame",
    ['{"type":"bye","reason":"restart"}', "not json", "[]", '[{"type":"unheard_of"}]', '[{"type":"message"}]', "[7]"],
)
async def test_a_frame_that_breaks_the_protocol_is_a_violation_and_no_end(end, device, frame):
    await device.connect(end.url)
    await end.sockets[0].send(frame)
    await device.ping()
    assert [found[0] for found in device.violations] == ["W"]
    assert device.is_ready


async def test_a_post_is_answered_and_shown(end, device):
    await device.connect(end.url)
    answer = await device.post(7, "hello")
    assert (answer["seq"], answer["duplicate"]) == (1, False)
    await device.wait_for(lambda held: held.cursor(7) == 1)
    assert device.transcript(7) == [(1, "hello")]
    assert [line.what for line in device.record][-3:] == ["post", "ok", "received"]


async def test_posts_leave_in_the_order_of_the_calls(end, device):
    await device.connect(end.url)
    answers = await asyncio.gather(*(device.post(7, f"{number}") for number in range(30)))
    assert [answer["seq"] for answer in answers] == list(range(1, 31))
    assert [command["text"] for command in end.heard("post")] == [f"{number}" for number in range(30)]


async def test_a_post_whose_answer_was_lost_is_sent_again_before_new_ones(end, device):
    async def commit_and_die(socket, command):
        end.post(command)
        socket.transport.abort()

    await device.connect(end.url)
    end.scripts["post"] = commit_and_die
    first = asyncio.create_task(device.post(7, "first"))
    await device.wait_for(lambda held: not held.is_connected)
    second = asyncio.create_task(device.post(7, "second"))
    await asyncio.sleep(0)
    del end.scripts["post"]
    await device.connect(end.url)
    assert ((await first)["seq"], (await first)["duplicate"]) == (1, True)
    assert (await second)["seq"] == 2
    sent = end.heard("post")
    assert [command["text"] for command in sent] == ["first", "first", "second"]
    assert sent[0]["client_id"] == sent[1]["client_id"] != sent[2]["client_id"]
    whats = [line.what for line in device.record if line.what in ("post", "lost", "resend", "ok")]
    assert whats == ["post", "lost", "resend", "post", "ok", "ok"]


async def test_another_question_is_lost_with_its_socket(end, device):
    async def die(socket, command):
        socket.transport.abort()

    await device.connect(end.url)
    end.scripts["ping"] = die
    with pytest.raises(Lost):
        await device.ping()
    with pytest.raises(Lost):
        await device.edit(7, 1, "too late")


async def test_a_refusal_carries_its_code(end, device):
    async def refuse(socket, command):
        error = {"type": "error", "ref": command["ref"], "code": "forbidden", "retryable": False, "detail": "No."}
        await socket.send(json.dumps([error]))

    await device.connect(end.url)
    end.scripts |= {"post": refuse, "delete": refuse}
    with pytest.raises(Refused, match="No") as refused:
        await device.post(7, "hello")
    assert (refused.value.code, refused.value.retryable) == ("forbidden", False)
    with pytest.raises(Refused):
        await device.delete(7, 1)
    assert [line.via for line in device.record if line.what == "error"] == ["forbidden", "forbidden"]


async def test_a_patient_device_waits_and_posts_again_with_the_same_client_id(end, device):
    async def refuse_once(socket, command):
        del end.scripts["post"]
        error = {"type": "error", "ref": command["ref"], "code": "rate_limited", "retryable": True, "detail": "Wait."}
        await socket.send(json.dumps([{**error, "retry_after_ms": 20}]))

    await device.connect(end.url)
    end.scripts["post"] = refuse_once
    assert (await device.post(7, "hello"))["seq"] == 1
    assert len({command["client_id"] for command in end.heard("post")}) == 1
    device.is_patient = False
    end.scripts["post"] = refuse_once
    with pytest.raises(Refused):
        await device.post(7, "again")


async def test_coming_back_tells_the_cursor_and_takes_the_replay(end, device):
    await device.connect(end.url)
    await end.say(message(1))
    await device.wait_for(lambda held: held.cursor(7) == 1)
    device.abort()
    end.entries, end.backlog = (
        [entry(resume="replay", head=4)],
        [message(3), message(2, "edited", changed=4), caught_up(4)],
    )
    await device.connect(end.url)
    assert end.heard("hello")[1]["cursors"] == {"7": {"epoch": "e1", "seq": 1}}
    assert device.transcript(7) == [(1, "text 1"), (2, "edited"), (3, "text 3")]
    assert [line.via for line in device.record if line.what == "received"] == ["live", "replay", "replay"]
    assert device.violations == []


async def test_a_snapshot_replaces_what_was_held(end, device):
    end.backlog = [message(1), caught_up(1)]
    await device.connect(end.url)
    end.entries, end.backlog = [entry(epoch="e2")], [message(9, changed=12), message(10), caught_up(12, epoch="e2")]
    await device.connect(end.url)
    assert [seq for seq, _ in device.transcript(7)] == [9, 10]
    assert device.cursors() == {"7": {"epoch": "e2", "seq": 12}}
    assert device.violations == []


async def test_a_new_conversation_catches_up_while_others_go_on(end, device):
    await device.connect(end.url)
    await end.say({"type": "conversation", "conversation": 8, "state": "joined", "entry": entry(8, head=1)})
    await end.say(message(1), message(1, conversation=8), caught_up(1, conversation=8), message(2, conversation=8))
    await device.wait_for(lambda held: held.is_ready and held.cursor(8) == 2)
    assert device.transcript(8) == [(1, "text 1"), (2, "text 2")]
    await end.say({"type": "conversation", "conversation": 8, "state": "left"})
    await device.wait_for(lambda held: held.left == {8})
    assert device.violations == []


async def test_a_post_written_while_a_new_conversation_catches_up_leaves_when_it_has(end, device):
    await device.connect(end.url)
    await end.say({"type": "conversation", "conversation": 8, "state": "joined", "entry": entry(8)})
    await device.wait_for(lambda held: not held.is_ready)
    posting = asyncio.create_task(device.post(7, "meanwhile"))
    await device.ping()
    assert end.heard("post") == []
    await end.say(caught_up(0, conversation=8))
    assert (await posting)["type"] == "ok"


async def test_drafts_reads_and_presence_are_kept(end, device):
    end.entries = [entry(draft="dear", read_seq=2)]
    await device.connect(end.url)
    assert (device.drafts, device.reads, device.online) == ({7: "dear"}, {(7, 3): 2}, {3})
    await end.say(
        {"type": "draft", "conversation": 7, "text": "dear all", "device": device.device_id},
        {"type": "read", "conversation": 7, "user": 4, "seq": 1},
        {"type": "presence", "user": 3, "online": False},
    )
    await device.wait_for(lambda held: not held.online)
    assert (device.drafts, device.reads) == ({7: "dear all"}, {(7, 3): 2, (7, 4): 1})


async def test_acknowledgements_carry_the_latest_cursor_at_most_once_a_second(end, device):
    await device.connect(end.url)
    for seq in range(1, 40):
        await end.say(message(seq))
    await soon(lambda: end.heard("ack") and end.heard("ack")[-1]["cursors"] == {"7": 39})
    assert len(end.heard("ack")) <= 2


async def test_the_whole_history_is_read_page_by_page(end, device):
    async def page(socket, command):
        before = command.get("before", 6)
        messages = [message(seq) for seq in range(max(1, before - 2), before)]
        said = {"type": "page", "ref": command["ref"], "messages": messages, "has_more": before > 3}
        await socket.send(json.dumps([said]))

    await device.connect(end.url)
    end.scripts["history"] = page
    assert [each["seq"] for each in await device.whole_history(7)] == [1, 2, 3, 4, 5]
    assert device.transcript(7) == []
    await device.history(7, before=4)
    assert device.transcript(7) == [(2, "text 2"), (3, "text 3")]
    assert device.cursor(7) == 0
    assert device.violations == []


async def test_every_verb_says_what_the_protocol_says(end, device):
    await device.connect(end.url)
    await device.read(7, 1)
    await device.draft(7, "dear")
    await device.typing(7)
    await device.open(7)
    await device.create(["bob"], title="Tea")
    await device.create(["bob"])
    await device.rename(7, "Coffee")
    await device.invite(7, ["cat"])
    await device.remove(7, 4)
    await device.leave(7)
    await device.members(7)
    await device.react(7, 1, "👍", on=False)
    parsed = parse_frame(json.dumps(end.commands))
    assert [each for each in parsed if isinstance(each, Unparsable)] == []
    said = [{key: value for key, value in command.items() if key != "ref"} for command in end.commands[1:]]
    assert said == [
        {"type": "read", "conversation": 7, "seq": 1},
        {"type": "draft", "conversation": 7, "text": "dear"},
        {"type": "typing", "conversation": 7, "on": True},
        {"type": "open", "conversation": 7},
        {"type": "create", "kind": "group", "title": "Tea", "members": ["bob"]},
        {"type": "create", "kind": "direct", "members": ["bob"]},
        {"type": "rename", "conversation": 7, "title": "Coffee"},
        {"type": "invite", "conversation": 7, "members": ["cat"]},
        {"type": "remove", "conversation": 7, "user": 4},
        {"type": "leave", "conversation": 7},
        {"type": "members", "conversation": 7, "after": 0, "limit": 200},
        {"type": "react", "conversation": 7, "seq": 1, "emoji": "👍", "on": False},
    ]


async def test_a_following_device_moves_to_the_next_node_at_a_restart(end, device):
    async with far_end() as other:
        await device.follow([end.url, other.url])
        await end.say({"type": "bye", "reason": "restart", "reconnect_after_ms": 10})
        await end.close(1012)
        await soon(lambda: other.heard("hello") and device.is_ready)
        assert (device.url, device.violations) == (other.url, [])
        assert [(line.seq, line.via) for line in device.record if line.what == "closed"] == [(1012, "restart")]


async def test_a_following_device_passes_over_a_dead_node(end, device):
    async with far_end() as other:
        dead = other.url
    await device.follow([dead, end.url])
    assert device.url == end.url


@pytest.mark.parametrize("code", [4400, 4401, 4403])
async def test_a_device_that_is_not_wanted_back_stays_away(end, device, code):
    await device.follow([end.url])
    waiting = asyncio.create_task(device.wait_for(lambda held: held.has_given_up))
    await end.close(code)
    await waiting
    assert len(end.handshakes) == 1
    with pytest.raises(Lost):
        await device.ping()


async def test_a_refused_handshake_says_so_and_is_final(end, device):
    end.refuse_with = 403
    with pytest.raises(TurnedAway, match="403"):
        await device.connect(end.url)
    with pytest.raises(Lost):
        await device.follow([end.url])
    assert len(end.handshakes) == 2


async def test_a_refused_hello_is_raised(end, device):
    async def refuse(socket, command):
        error = {"type": "error", "ref": command["ref"], "code": "bad_command", "retryable": False, "detail": "Who?"}
        await socket.send(json.dumps([error]))

    end.scripts["hello"] = refuse
    with pytest.raises(Refused, match="Who"):
        await device.connect(end.url)


async def test_whoever_waits_is_told_when_the_device_closes(end, device):
    async def say_nothing(socket, command):
        return

    await device.connect(end.url)
    end.scripts["post"] = say_nothing
    posting = asyncio.create_task(device.post(7, "hello"))
    await soon(lambda: end.heard("post"))
    await device.close()
    with pytest.raises(Lost):
        await posting


async def test_a_silent_server_is_left(end, device):
    async def say_nothing(socket, command):
        return

    device.heartbeat_seconds = 0.1
    end.scripts["ping"] = say_nothing
    await device.connect(end.url)
    await device.wait_for(lambda held: not held.is_connected)
    assert device.close_code == 1006


async def test_a_device_that_does_not_read_takes_up_where_it_stopped(end, device):
    await device.connect(end.url)
    device.stop_reading()
    await end.say(*(message(seq) for seq in range(1, 11)))
    await asyncio.sleep(0.05)
    assert device.cursor(7) == 0
    await end.say(message(11))
    device.start_reading()
    await device.wait_for(lambda held: held.cursor(7) == 11)
    assert device.violations == []


async def test_counting_devices_hold_no_messages_and_still_see_gaps(end):
    seen: list[int] = []
    counting = Device("counter", keep="counts", is_strict=False, listener=lambda event: seen.append(event["seq"]))
    await counting.connect(end.url)
    await end.say(message(1), message(2), message(4))
    await counting.wait_for(lambda held: held.received == 3)
    assert (counting.cursor(7), seen) == (4, [1, 2, 4])
    assert counting.violations == ["D: positions 3-3 of 7 were skipped"]
    assert [line for line in counting.record if line.what == "received"] == []
    with pytest.raises(KeyError):
        counting.transcript(7)
    await counting.close()


async def test_devices_share_one_history_and_equal_transcripts_have_equal_hashes(end):
    history = History()
    end.backlog = [message(1), caught_up(1)]
    first, second = Device("one", history=history), Device("two", history=history)
    await first.connect(end.url)
    await second.connect(end.url)
    assert first.transcript_hash(7) == second.transcript_hash(7)
    await end.say(message(2))
    await second.wait_for(lambda held: held.cursor(7) == 2)
    assert first.transcript_hash(7) != second.transcript_hash(7)
    assert {line.device for line in history} == {"one", "two"}
    await first.close()
    await second.close()


def test_the_far_end_speaks_the_protocol():
    for event in (welcome(1, entry()), caught_up(0), message(1)):
        assert validate_event(event).type == event["type"]
