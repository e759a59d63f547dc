"""The checker reports every broken promise by its letter, and nothing in a correct run."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.proof.checker import Member, Trigger, catch_up_seconds, check
from chat.proof.history import History, Line, brief, look_of
from tests.unit.proof.world import World, position_of, random_world, small_world

CHANCES = st.integers(min_value=0, max_value=2**32).map(random.Random)


def broken_rules(world: World, **changed: object) -> set[str]:
    given = {"log": world.rows(), "finals": world.finals(), "members": world.stays(), **changed}
    return {violation.rule for violation in check(world.history, **given)}


def test_a_correct_run_breaks_no_rule():
    world = small_world()
    assert check(world.history, world.rows(), world.finals(), world.stays()) == []


def test_a_message_that_never_reaches_one_device_is_a_loss_a_gap_and_a_disagreement():
    world = small_world()
    del world.history.lines[position_of(world.history.lines, device="ann-2", what="received", seq=3, via="live")]
    assert broken_rules(world) == {"A", "D", "E"}


def test_an_acknowledged_post_that_the_log_lacks_is_a_loss():
    world = small_world()
    kept = [row for row in world.rows() if (row["conversation"], row["seq"]) != (7, 3)]
    assert "A" in broken_rules(world, log=kept)


def test_a_live_message_that_comes_again_is_a_double():
    world = small_world()
    index = position_of(world.history.lines, device="bob", what="received", seq=3)
    world.history.lines.insert(index + 1, world.history.lines[index])
    assert broken_rules(world) == {"B"}


def test_a_post_with_two_places_in_the_log_is_a_double():
    world = small_world()
    again = {**world.log[7][1], "seq": 9, "changed_seq": 9, "text": "text 0"}
    assert "B" in broken_rules(world, log=[*world.rows(), again])


def test_a_resend_that_is_answered_with_another_place_is_a_double():
    world = small_world()
    world.history.add("bob", "ok", act="post-1", seq=2)
    assert "B" in broken_rules(world)


def test_a_message_that_nobody_posted_is_an_invention():
    world = small_world()
    world._commit({"conversation": 7, "seq": 9, "client_id": "nobody", "text": "boo", "sender": {"id": 1}})
    world.settle()
    assert broken_rules(world) == {"C"}


def test_a_refused_post_that_shows_up_is_an_invention():
    world = small_world()
    act = world.refuse("bob", 7)
    assert broken_rules(world) == set()
    world._commit({"conversation": 7, "seq": 9, "client_id": act, "text": "no", "sender": {"id": 2}})
    world.settle()
    assert broken_rules(world) == {"C"}


def test_a_text_that_nobody_wrote_is_an_invention():
    world = small_world()
    world._commit({**world.log[7][2], "text": "forged"})
    world.settle()
    assert "C" in broken_rules(world)


def test_a_message_under_another_name_is_an_invention():
    world = small_world()
    rows = [{**row, "sender": {"id": 1}} if row["text"] == "edited" else row for row in world.rows()]
    assert "C" in broken_rules(world, log=rows)


def test_what_was_there_before_the_history_began_is_no_invention():
    world = small_world()
    lines = [line for line in world.history.lines if line.what not in ("post", "edit", "ok")]
    world.history.lines = lines
    assert "C" in broken_rules(world)
    world.history.existing(7, 8)
    world.history.existing(8, 1)
    assert broken_rules(world) == set()


def test_two_swapped_messages_are_out_of_order():
    world = small_world()
    lines = world.history.lines
    first = position_of(lines, device="ann-2", what="received", seq=3)
    second = position_of(lines, device="ann-2", what="received", seq=4)
    lines[first], lines[second] = lines[second], lines[first]
    assert broken_rules(world) == {"D"}


def test_a_skipped_position_is_allowed_where_caught_up_covers_it():
    world = small_world()
    world.edit("bob", 7, 1, "edited again")
    world.edit("bob", 7, 1, "and again")
    for device in ("ann-1", "ann-2", "bob"):
        world.history.received(device, world.log[7][1], "live")
        world.history.add(device, "caught_up", conversation=7, changed_seq=10, text="e1")
    assert broken_rules(world) == set()


def test_a_skipped_position_without_caught_up_is_a_gap():
    world = small_world()
    world.edit("bob", 7, 1, "edited again")
    world.edit("bob", 7, 1, "and again")
    for device in ("ann-1", "ann-2", "bob"):
        world.history.received(device, world.log[7][1], "live")
    assert broken_rules(world) == {"D"}


@pytest.mark.parametrize(("quiet_ticks", "rules"), [(0, set()), (5, {"D"})])
def test_a_gap_is_forgiven_only_when_the_socket_broke_right_then(quiet_ticks, rules):
    world = small_world()
    world.edit("bob", 7, 1, "edited again")
    world.edit("bob", 7, 1, "and again")
    for device in ("ann-1", "bob"):
        world.deliver(device, 7)
    world.history.received("ann-2", world.log[7][1], "live")
    for _ in range(quiet_ticks):
        world.history.add("ann-2", "heard", conversation=7, via="typing")
    world.holds["ann-2", 7].cursor = 10
    world.disconnect("ann-2")
    world.settle()
    assert broken_rules(world) == rules


def test_a_replay_out_of_order_is_out_of_order():
    world = small_world()
    world.disconnect("ann-2")
    world.post("bob", 7, "one")
    world.post("bob", 7, "two")
    world.settle()
    lines = world.history.lines
    first = position_of(lines, device="ann-2", via="replay", text="one")
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    assert broken_rules(world) == {"D"}


def test_a_caught_up_that_ends_before_the_gap_explains_nothing():
    world = small_world()
    world.edit("bob", 7, 1, "edited again")
    world.edit("bob", 7, 1, "and again")
    for device in ("ann-1", "ann-2", "bob"):
        world.history.received(device, world.log[7][1], "live")
        world.history.add(device, "caught_up", conversation=7, changed_seq=8, text="e1")
    assert broken_rules(world) == {"D"}


def test_one_post_at_two_places_of_a_device_is_a_double():
    world = small_world()
    again = {**world.log[7][3], "seq": 9, "changed_seq": 9}
    world.history.received("ann-2", again, "live")
    assert "B" in broken_rules(world)


def test_devices_that_saw_different_drafts_of_an_edited_message_disagree():
    world = small_world()
    world.edit("bob", 7, 1, "edited again")
    world.settle()
    index = position_of(world.history.lines, device="ann-2", what="received", changed_seq=8)
    world.history.lines[index] = world.history.lines[index]._replace(text="text 0")
    assert broken_rules(world) == {"E"}


def test_a_short_snapshot_holds_everything():
    world = World({7: [1, 2]}, {"ann": 1, "bob": 2})
    world.connect("ann")
    for number in range(5):
        world.post("ann", 7, f"text {number}")
    world.settle()
    assert broken_rules(world) == set()
    del world.history.lines[position_of(world.history.lines, device="bob", what="received", seq=1)]
    assert broken_rules(world) == {"A", "E"}


def test_asking_for_the_history_hides_no_loss():
    world = small_world()
    lines = world.history.lines
    index = position_of(lines, device="ann-2", what="received", seq=3, via="live")
    lines.append(lines.pop(index)._replace(via="page", at=lines[-1].at))
    assert broken_rules(world) == {"A", "D", "E"}


def test_a_final_read_that_differs_is_a_disagreement():
    world = small_world()
    finals = world.finals()
    finals["server_2"] = {7: [{**row, "text": "other"} for row in finals["server_2"][7]]}
    assert broken_rules(world, finals=finals) == {"E"}


def test_two_devices_that_are_given_different_texts_disagree():
    world = small_world()
    index = position_of(world.history.lines, device="ann-2", what="received", seq=3)
    world.history.lines[index] = world.history.lines[index]._replace(text="text 3")
    assert "E" in broken_rules(world)


def test_a_post_sent_after_an_acknowledged_one_has_the_higher_seq():
    world = small_world()
    lines = world.history.lines
    late = position_of(lines, what="ok", seq=5)
    moved = lines.pop(position_of(lines, what="post", text="text 1"))
    lines.insert(late, moved._replace(at=lines[late].at))
    assert "F" in broken_rules(world)


def test_a_device_that_does_not_see_its_own_post_breaks_g():
    world = small_world()
    del world.history.lines[position_of(world.history.lines, device="bob", what="received", seq=3)]
    assert broken_rules(world) == {"A", "D", "E", "G"}


def test_a_reply_before_its_parent_breaks_g():
    world = small_world()
    lines = world.history.lines
    parent = lines.pop(position_of(lines, device="ann-2", what="received", seq=2))
    lines.insert(position_of(lines, device="ann-2", what="received", seq=7) + 1, parent)
    assert broken_rules(world) == {"D", "G"}


def test_a_reply_to_something_later_in_the_log_breaks_g():
    world = small_world()
    rows = [{**row, "reply_to": 6} if row.get("reply_to") else row for row in world.rows()]
    assert "G" not in broken_rules(world, log=rows)
    rows = [{**row, "reply_to": 9} if row.get("reply_to") else row for row in world.rows()]
    assert "G" in broken_rules(world, log=rows)


def test_a_message_on_the_device_of_a_stranger_is_a_leak():
    world = small_world()
    world.history.received("ann-1", world.log[8][1], "live")
    assert broken_rules(world) == {"H"}


def test_typing_of_a_foreign_conversation_is_a_leak():
    world = small_world()
    world.history.add("ann-1", "heard", conversation=8, via="typing")
    assert broken_rules(world) == {"H"}


def test_a_former_member_gets_nothing_after_leaving():
    world = small_world()
    stays = {**world.stays(), 7: [Member(1, left=7), Member(2)]}
    assert broken_rules(world, members=stays) == {"H"}
    stays = {**world.stays(), 7: [Member(1, left=8), Member(2)]}
    assert broken_rules(world, members=stays) == set()


def test_a_member_gets_nothing_before_joining():
    world = small_world()
    stays = {**world.stays(), 7: [Member(1), Member(2, since=10_000)]}
    assert broken_rules(world, members=stays) == {"H"}


def test_a_member_who_came_back_may_have_both_stays():
    world = small_world()
    stays = {**world.stays(), 7: [Member(1, left=2), Member(1), Member(2)]}
    assert broken_rules(world, members=stays) == set()


def test_a_delivery_later_than_the_fault_allows_breaks_i():
    world = small_world()
    world.post("bob", 7, "during the fault")
    world.history.healed("partition", limit_seconds=3)
    for _ in range(5):
        world.history.add("bob", "heard", conversation=7, via="typing")
    world.settle()
    assert broken_rules(world) == {"I"}
    assert catch_up_seconds(world.history, world.history.lines[position_of(world.history.lines, what="healed")].at) > 3


def test_a_delivery_within_the_allowed_time_is_fine():
    world = small_world()
    world.post("bob", 7, "during the fault")
    world.history.healed("partition", limit_seconds=60)
    world.settle()
    assert broken_rules(world) == set()


@pytest.mark.parametrize("answers", [0, 1, 2])
def test_a_trigger_has_exactly_one_final_answer(answers):
    world = small_world()
    for number in range(answers):
        world._commit(
            {"conversation": 7, "seq": 9 + number, "client_id": f"turn-{number}", "text": "Hi", "reply_to": 5}
            | {"sender": {"id": 99}, "kind": "text"}
        )
    world.settle()
    assert broken_rules(world, triggers=[Trigger(7, 5, 99)]) == (set() if answers == 1 else {"J"})


def test_an_acknowledged_edit_that_the_log_forgot_is_a_loss():
    world = small_world()
    rows = [{**row, "text": "text 0", "changed_seq": 1} if row["text"] == "edited" else row for row in world.rows()]
    assert "A" in broken_rules(world, log=rows)


def test_an_acknowledged_edit_that_one_device_missed_is_a_loss():
    world = small_world()
    del world.history.lines[position_of(world.history.lines, device="ann-2", what="received", changed_seq=8)]
    assert broken_rules(world) == {"A", "E"}


def test_the_older_of_two_successive_edits_may_not_win():
    world = small_world()
    world.edit("bob", 7, 1, "newest")
    world.settle()
    assert broken_rules(world) == set()
    world._commit({**world.log[7][1], "text": "edited"})
    world.settle()
    assert broken_rules(world) == {"A"}


def test_a_reaction_and_a_delete_that_were_acknowledged_must_show():
    world = small_world()
    world.react("ann-1", 7, 2, "👍")
    world.delete("bob", 7, 3)
    world.settle()
    assert broken_rules(world) == set()
    world._commit({**world.log[7][2], "reactions": {}})
    world.settle()
    assert broken_rules(world) == {"A"}
    world._commit({**world.log[7][2], "reactions": {"👍": [1]}})
    world._commit({**world.log[7][3], "deleted": False, "text": "text 2"})
    world.settle()
    assert broken_rules(world) == {"A"}


def test_what_a_device_itself_saw_broken_is_reported():
    world = small_world()
    world.history.add("bob", "violation", act="W", text="not an array")
    assert broken_rules(world) == {"W"}


def test_a_device_that_died_only_owes_what_it_had_processed():
    world = small_world()
    world.disconnect("ann-2")
    world.post("bob", 7, "later")
    for device in ("ann-1", "bob"):
        world.deliver(device, 7)
    assert broken_rules(world) == set()


def test_a_device_that_joined_late_owes_nothing_before_its_snapshot():
    world = World({7: [1, 2]}, {"ann": 1, "bob": 2})
    world.connect("ann")
    for number in range(70):
        world.post("ann", 7, f"text {number}")
    world.settle()
    assert broken_rules(world) == set()
    assert position_of(world.history.lines, device="bob", what="received", seq=21) > 0


def test_a_snapshot_with_a_hole_is_a_loss():
    world = World({7: [1, 2]}, {"ann": 1, "bob": 2})
    world.connect("ann")
    for number in range(70):
        world.post("ann", 7, f"text {number}")
    world.settle()
    del world.history.lines[position_of(world.history.lines, device="bob", what="received", seq=44)]
    assert "A" in broken_rules(world)


@settings(max_examples=60, deadline=None)
@given(chance=CHANCES)
def test_any_correct_run_breaks_no_rule(chance):
    world = random_world(chance)
    assert check(world.history, world.rows(), world.finals(), world.stays()) == []


@settings(max_examples=100, deadline=None)
@given(chance=CHANCES, name=st.sampled_from(["lose", "double", "invent", "swap", "leak", "forge", "hide_from_final"]))
def test_any_single_mutation_is_found(chance, name):
    world = random_world(chance)
    expected = MUTATIONS[name](world, chance)
    finals = world.finals()
    if name == "hide_from_final":
        finals["server_2"] = {**finals["server_2"], 7: finals["server_2"][7][:-1]}
    assert broken_rules(world, finals=finals) & expected


def _live(world: World, chance: random.Random) -> int:
    """A live line of a device that is still there, of a message in its latest state."""
    latest = {(7, row["changed_seq"]) for row in world.log[7].values()}
    lines = [
        index
        for index, line in enumerate(world.history.lines)
        if line.via == "live" and line.device in world.connected and (line.conversation, line.changed_seq) in latest
    ]
    return chance.choice(lines)


def _lose(world: World, chance: random.Random) -> set[str]:
    del world.history.lines[_live(world, chance)]
    return {"A", "D", "E"}


def _double(world: World, chance: random.Random) -> set[str]:
    index = _live(world, chance)
    world.history.lines.insert(index + 1, world.history.lines[index])
    return {"B"}


def _invent(world: World, chance: random.Random) -> set[str]:
    index = _live(world, chance)
    line = world.history.lines[index]
    world.history.lines.append(line._replace(seq=10_000, changed_seq=10_000, act="nobody"))
    return {"C"}


def _swap(world: World, chance: random.Random) -> set[str]:
    """The device is given an earlier position after a later one."""
    world.post("bob", 7, "one before last")
    world.post("bob", 7, "very last")
    world.settle()
    lines = world.history.lines
    device = chance.choice(["bob", "cat", "ann-1"])
    first = position_of(lines, device=device, what="received", text="one before last")
    second = position_of(lines, device=device, what="received", text="very last")
    lines[first], lines[second] = lines[second], lines[first]
    return {"D"}


def _leak(world: World, chance: random.Random) -> set[str]:
    index = _live(world, chance)
    world.history.lines.append(world.history.lines[index]._replace(device="dan"))
    return {"H"}


def _forge(world: World, chance: random.Random) -> set[str]:
    index = _live(world, chance)
    world.history.lines[index] = world.history.lines[index]._replace(text="forged")
    return {"C", "E"}


def _hide_from_final(world: World, chance: random.Random) -> set[str]:
    return {"E"}


MUTATIONS: dict[str, Callable[[World, random.Random], set[str]]] = {
    "lose": _lose,
    "double": _double,
    "invent": _invent,
    "swap": _swap,
    "leak": _leak,
    "forge": _forge,
    "hide_from_final": _hide_from_final,
}


def test_a_history_survives_its_file(tmp_path: Path):
    world = small_world()
    world.history.dump(tmp_path / "history.ndjson")
    assert History.load(tmp_path / "history.ndjson").lines == world.history.lines


def test_nothing_is_written_after_the_end():
    history = History()
    history.add("ann", "connected")
    history.end()
    history.add("ann", "closed")
    history.received("ann", {"conversation": 1, "seq": 1, "changed_seq": 1}, "live")
    assert [line.what for line in history] == ["connected"]


def test_long_texts_are_kept_as_a_digest_that_tells_them_apart():
    assert brief("short") == "short"
    assert len(brief("x" * 9000)) < 60
    assert brief("x" * 9000) != brief("x" * 8999 + "y")


def test_a_look_tells_apart_what_a_person_can_tell_apart():
    base = {"text": "hello"}
    looks = [base, {"text": "hullo"}, {**base, "deleted": True}, {**base, "reactions": {"👍": [1]}}, {"data": {"a": 1}}]
    assert len({look_of(look) for look in looks}) == len(looks)
    assert look_of({**base, "reactions": {"👍": [2, 1]}}) == look_of({**base, "reactions": {"👍": [1, 2]}})


def test_a_line_says_nothing_that_it_does_not_know():
    assert Line(1.0, "ann", "closed")[3:] == (0, 0, 0, "", "", "", 0, 0)
