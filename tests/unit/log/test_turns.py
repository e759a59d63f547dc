"""The assistant's turns inside the writing transaction: who is answered, what waits, and who may speak."""

from datetime import timedelta
from uuid import uuid4

import orjson
import pytest
from django.utils import timezone

from accounts.models import User
from accounts.programs import ensure_assistant
from chat.assistant import turns
from chat.log.changes import Answer, Invite, Leave, React, Stop
from chat.log.creating import create_direct, create_group
from chat.log.members import Member
from chat.log.outcome import Appended
from chat.log.turns import is_addressed
from chat.models import AssistantSettings, Membership, Message, Turn
from tests.unit.log.conftest import place, posted, refusal

ASSISTANT = Member(9, "Assistant", "member", "assistant", is_program=True)


@pytest.fixture
def assistant(db: None) -> User:
    return ensure_assistant()


@pytest.fixture
def talk(ann: User, assistant: User) -> int:
    """Ann's direct conversation with the assistant."""
    return create_direct(ann.pk, assistant.pk).conversation


def statuses(conversation: int) -> list[tuple[int, str, str]]:
    rows = Turn.objects.filter(conversation_id=conversation).order_by("trigger", "regeneration")
    return list(rows.values_list("trigger", "status", "reason"))


def choose(conversation: int, **chosen: str) -> None:
    AssistantSettings.objects.update_or_create(conversation_id=conversation, defaults=chosen)


def answer(claim: turns.Claim, text: str = "Well.", *, seen: int = 0) -> Answer:
    return Answer(
        claim.conversation,
        claim.program,
        claim.turn,
        text,
        reply_to=claim.trigger,
        turn=claim.turn,
        attempt=claim.attempt,
        seen=seen or claim.trigger,
        replaces=claim.replaces,
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@assistant hello", True),
        ("hello @Assistant!", True),
        ("你好@assistant你在吗", True),
        ("(@assistant)", True),
        ("ask @assistant.", True),
        ("assistant", False),
        ("@assistants", False),
        ("@assistant_two", False),
        ("mail me at bob@assistant", False),
        ("@assistant.example", False),
        ("", False),
    ],
)
def test_a_mention_is_a_word_of_its_own(text: str, meant: bool):
    assert is_addressed(ASSISTANT, "", text, is_group=True) == meant


def test_it_is_always_meant_in_a_direct_conversation_unless_somebody_chose_otherwise():
    meant = {
        speaks: is_addressed(ASSISTANT, speaks, "hello", is_group=False)
        for speaks in ("", "always", "mentioned", "never")
    }
    assert meant == {"": True, "always": True, "mentioned": False, "never": False}
    assert is_addressed(ASSISTANT, "never", "@assistant", is_group=False) is False


def test_a_message_that_asks_begins_one_turn_however_often_it_is_sent(append, ann, talk):
    change = posted(talk, ann)
    first, second = append(change), append(change)
    assert statuses(talk) == [(place(first[0])[0], "queued", "")]
    assert isinstance(first[0], Appended)
    assert first[0].committed is not None
    assert first[0].committed.asks
    assert place(second[0]) == place(first[0])


def test_a_message_that_does_not_ask_begins_none(append, ann, bob, assistant):
    group = create_group(ann.pk, "Plans", [bob.pk, assistant.pk]).conversation
    (said,) = append(posted(group, ann, "hello Bob"))
    assert statuses(group) == []
    assert isinstance(said, Appended)
    assert said.committed is not None
    assert not said.committed.asks


def test_what_the_assistant_says_asks_nobody(append, assistant, talk):
    append(posted(talk, assistant, "@assistant"))
    assert statuses(talk) == []


def test_it_answers_from_the_moment_it_is_invited_and_no_longer_when_it_has_left(append, ann, bob, assistant):
    group = create_group(ann.pk, "Plans", [bob.pk]).conversation
    invited = Invite(group, ann.pk, assistant.pk)
    results = append(posted(group, ann, "@assistant 1"), invited, posted(group, ann, "@assistant 2"))
    append(Leave(group, assistant.pk), posted(group, ann, "@assistant 3"))
    append(posted(group, ann, "@assistant 4"))
    assert statuses(group) == [(place(results[2])[0], "queued", "")]


def test_the_assistant_never_inherits_a_group(append, ann, bob, assistant):
    group = create_group(ann.pk, "Plans", [assistant.pk, bob.pk]).conversation
    append(Leave(group, ann.pk))
    (said,) = append(posted(group, bob, "mine now"))
    owners = Membership.objects.filter(conversation_id=group, left_at=None, role="owner")
    assert list(owners.values_list("user_id", flat=True)) == [bob.pk]
    place(said)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("queue", [("queued", ""), ("queued", "")]),
        ("interrupt", [("cancelled", "interrupted"), ("queued", "")]),
        ("steer", [("queued", ""), ("cancelled", "steered")]),
        ("reject", [("queued", ""), ("cancelled", "busy")]),
    ],
)
def test_the_policy_says_what_becomes_of_a_second_question(append, ann, talk, policy, expected):
    choose(talk, policy=policy)
    append(posted(talk, ann, "one"), posted(talk, ann, "two"))
    assert [(status, reason) for _, status, reason in statuses(talk)] == expected


def test_who_asks_too_much_is_told_so(append, ann, talk, settings):
    settings.ASSISTANT_TURNS_PER_HOUR = 2
    append(*(posted(talk, ann, str(number)) for number in range(4)))
    assert [reason for _, _, reason in statuses(talk)] == ["", "", "limit", "limit"]


def test_who_has_used_the_tokens_of_a_day_is_told_so(append, ann, talk, settings):
    settings.ASSISTANT_TOKENS_PER_DAY = 100
    append(posted(talk, ann, "one"))
    Turn.objects.update(tokens=100, status="done")
    append(posted(talk, ann, "two"))
    assert [reason for _, _, reason in statuses(talk)] == ["", "limit"]


def test_an_answer_and_the_end_of_its_turn_are_one(append, ann, talk):
    append(posted(talk, ann))
    (claim,) = turns.claim("server_1/a", 8)
    (said,) = append(answer(claim))
    seq, _ = place(said)
    turn = Turn.objects.get()
    assert (turn.status, turn.answer_seq, turn.attempt) == ("done", seq, 1)
    assert refusal(append(answer(claim))[0]) == "conflict"
    assert Message.objects.filter(conversation_id=talk, kind="text").count() == 2


def test_an_attempt_that_was_overtaken_says_nothing(append, ann, talk):
    append(posted(talk, ann))
    (claim,) = turns.claim("server_1/a", 8)
    assert turns.try_again(claim.turn, 1) == 2
    assert refusal(append(answer(claim))[0]) == "conflict"
    assert Message.objects.filter(conversation_id=talk, kind="text").count() == 1
    assert statuses(talk) == [(claim.trigger, "running", "")]


def test_an_answer_that_does_not_know_what_was_added_is_refused(append, ann, talk):
    choose(talk, policy="steer")
    append(posted(talk, ann, "one"))
    (claim,) = turns.claim("server_1/a", 8)
    (added,) = append(posted(talk, ann, "and two"))
    assert refusal(append(answer(claim))[0]) == "conflict"
    place(append(answer(claim, seen=place(added)[0]))[0])


def test_what_is_added_to_a_question_takes_no_attempt_from_it(append, ann, talk):
    choose(talk, policy="steer")
    append(posted(talk, ann, "one"))
    (claim,) = turns.claim("server_1/a", 8)
    append(posted(talk, ann, "and two"), posted(talk, ann, "and three"))
    assert [turns.try_again(claim.turn, attempt) for attempt in range(1, 6)] == [2, 3, 4, 5, None]


def test_a_refused_answer_leaves_its_neighbours_of_the_batch_alone(append, ann, talk):
    append(posted(talk, ann))
    (claim,) = turns.claim("server_1/a", 8)
    turns.fail(claim.turn, 1, "model")
    before, refused, after = append(posted(talk, ann, "1"), answer(claim), posted(talk, ann, "2"))
    assert refusal(refused) == "conflict"
    assert place(after)[0] == place(before)[0] + 1


def test_an_answer_given_again_changes_the_first_in_its_place(append, ann, talk):
    append(posted(talk, ann))
    (claim,) = turns.claim("server_1/a", 8)
    seq, position = place(append(answer(claim, "first"))[0])
    Turn.objects.create(
        conversation_id=talk,
        trigger=claim.trigger,
        regeneration=1,
        asker=ann,
        program_id=claim.program,
        created_at=Turn.objects.get().created_at,
    )
    (again,) = turns.claim("server_1/a", 8)
    assert again.replaces == seq
    assert place(append(answer(again, "second"))[0]) == (seq, position + 1)
    assert Message.objects.get(conversation_id=talk, seq=seq).text == "second"


def test_what_was_said_before_a_stop_stays_as_the_answer(append, ann, talk):
    append(posted(talk, ann))
    (claim,) = turns.claim("a", 8)
    turns.renew(claim.turn, 1, "Well, **this")
    (said,) = append(Stop(talk, ann.pk, claim.turn, 1, "Well, **this** is "))
    message, turn = Message.objects.get(conversation_id=talk, seq=place(said)[0]), Turn.objects.get()
    assert (message.text, message.data, message.reply_to) == ("Well, **this** is", {"stopped": True}, claim.trigger)
    assert (message.sender_id, message.client_id) == (claim.program, claim.turn)
    assert message.html == "<p>Well, <strong>this</strong> is</p>"
    assert (turn.status, turn.reason, turn.answer_seq, turn.text) == ("cancelled", "stopped", message.seq, "")
    assert said.committed is not None
    assert orjson.loads(said.committed.body)["data"] == {"stopped": True}
    assert refusal(append(answer(claim))[0]) == "conflict"
    assert refusal(append(Stop(talk, ann.pk, claim.turn))[0]) == "conflict"


@pytest.mark.parametrize(
    ("attempt", "heard", "kept"),
    [(1, "what an earlier attempt has said", "so"), (2, "so far", "so far"), (2, "s", "so"), (0, "", "so")],
    ids=["of another attempt", "more than the row", "less than the row", "nothing"],
)
def test_the_most_that_is_known_of_the_attempt_that_runs_is_kept(append, ann, talk, attempt, heard, kept):
    append(posted(talk, ann))
    (claim,) = turns.claim("a", 8)
    turns.try_again(claim.turn, 1)
    turns.renew(claim.turn, 2, "so")
    (said,) = append(Stop(talk, ann.pk, claim.turn, attempt, heard))
    assert Message.objects.get(conversation_id=talk, seq=place(said)[0]).text == kept


@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_stop_before_a_word_was_said_leaves_no_message(append, ann, talk, status):
    append(posted(talk, ann))
    Turn.objects.update(status=status, text=" ")
    (said,) = append(Stop(talk, ann.pk, Turn.objects.get().pk))
    assert said.committed is None
    assert statuses(talk) == [(1, "cancelled", "stopped")]
    assert Message.objects.filter(conversation_id=talk).count() == 1
    assert Turn.objects.get().answer_seq is None


def test_who_has_asked_and_an_owner_may_stop_it_and_nobody_else(append, ann, bob, assistant):
    group = create_group(ann.pk, "Plans", [bob.pk, assistant.pk]).conversation
    append(posted(group, ann, "@assistant 1"), posted(group, bob, "@assistant 2"))
    anns, bobs = Turn.objects.filter(conversation_id=group).order_by("trigger")
    assert refusal(append(Stop(group, bob.pk, anns.pk))[0]) == "forbidden"
    assert refusal(append(Stop(group, assistant.pk + 1, anns.pk))[0]) == "not_found"
    assert refusal(append(Stop(group, ann.pk, uuid4()))[0]) == "not_found"
    append(Stop(group, ann.pk, bobs.pk), Stop(group, ann.pk, anns.pk))
    assert [(status, reason) for _, status, reason in statuses(group)] == [("cancelled", "stopped")] * 2


def test_a_stopped_second_answer_is_in_the_place_of_the_first_until_a_whole_one_is(append, ann, talk):
    append(posted(talk, ann))
    (claim,) = turns.claim("a", 8)
    seq, _ = place(append(answer(claim, "first"))[0])
    kept = {}
    for number in (1, 2):
        Turn.objects.create(
            conversation_id=talk,
            trigger=claim.trigger,
            regeneration=number,
            asker=ann,
            program_id=claim.program,
            created_at=Turn.objects.all()[0].created_at,
        )
        (again,) = turns.claim("a", 8)
        end = Stop(talk, ann.pk, again.turn, 1, "hal") if number == 1 else answer(again, "whole")
        results = append(React(talk, ann.pk, seq, "👍", on=number == 1), end)
        message = Message.objects.get(conversation_id=talk, seq=seq)
        kept[number] = (place(results[1])[0], message.text, message.data, list(message.reactions))
    assert kept == {1: (seq, "hal", {"stopped": True}, ["👍"]), 2: (seq, "whole", None, [])}


def test_one_turn_of_a_conversation_runs_at_a_time_and_the_oldest_first(append, ann, talk):
    append(posted(talk, ann, "one"), posted(talk, ann, "two"))
    (first,) = turns.claim("server_1/a", 8)
    assert turns.claim("server_2/b", 8) == []
    append(answer(first))
    (second,) = turns.claim("server_2/b", 8)
    assert (first.trigger, second.trigger) == (1, 2)


def test_a_turn_is_left_for_a_while_to_the_node_where_it_was_asked_for(append, ann, talk):
    append(posted(talk, ann))
    assert turns.claim("server_2/b", 8, timedelta(minutes=1)) == []
    (claim,) = turns.claim("server_1/a", 8, timedelta(minutes=1), {talk})
    turns.hand_over("server_1/a")
    (again,) = turns.claim("server_2/b", 8, timedelta(minutes=1))
    assert (claim.attempt, again.attempt) == (1, 2)


@pytest.mark.parametrize("hours", [-30, 30])
def test_a_turn_of_a_node_with_a_wrong_clock_waits_for_no_one(append, ann, talk, hours):
    append(posted(talk, ann))
    Turn.objects.update(created_at=timezone.now() + timedelta(hours=hours))
    assert len(turns.claim("server_2/b", 8, timedelta(minutes=1))) == 1


def test_a_conversation_that_another_node_has_just_begun_to_answer_is_left_out(append, ann, bob, assistant, talk):
    other = create_group(ann.pk, "Other", [bob.pk, assistant.pk]).conversation
    append(posted(talk, ann, "one"), posted(talk, ann, "two"), posted(other, ann, "@assistant three"))
    first, second, third = Turn.objects.order_by("created_at", "conversation_id", "trigger")
    free = [second.pk, third.pk]
    Turn.objects.filter(pk=first.pk).update(
        status="running", owner="b", lease_until=timezone.now() + timedelta(hours=1)
    )
    assert [claim.turn for claim in turns.claim_all(free, "server_1/a")] == [third.pk]


def test_a_turn_whose_owner_is_gone_is_taken_three_times_and_then_fails(append, ann, talk):
    append(posted(talk, ann))
    attempts = []
    for node in "abcd":
        attempts += [claim.attempt for claim in turns.claim(node, 8)]
        turns.hand_over(node)
    assert attempts == [1, 2, 3]
    assert statuses(talk) == [(1, "failed", "attempts")]


def test_a_lease_is_renewed_by_the_attempt_that_holds_it_alone(append, ann, talk):
    append(posted(talk, ann))
    (claim,) = turns.claim("a", 8)
    assert turns.renew(claim.turn, 1, "so far") is True
    assert turns.renew(claim.turn, 2, "") is False
    assert Turn.objects.get().text == "so far"
    turns.fail(claim.turn, 1, "model")
    assert turns.renew(claim.turn, 1, "") is False
    assert turns.renew(uuid4(), 1, "") is False


def test_newcomers_are_told_of_what_goes_on_and_of_a_last_one_that_failed(append, ann, bob, assistant, talk):
    others = [create_group(ann.pk, name, [bob.pk, assistant.pk]).conversation for name in ("One", "Two", "Three")]
    for conversation in (talk, *others):
        append(posted(conversation, ann, "@assistant first"))
    Turn.objects.update(status="failed", reason="attempts", ended_at=timezone.now())
    append(posted(talk, ann, "second"), posted(others[0], ann, "@assistant second"))
    Turn.objects.filter(conversation_id=others[2]).update(ended_at=timezone.now() - timedelta(days=2))
    told = {(each.conversation, each.status) for each in turns.to_be_told([talk, *others])}
    assert told == {(talk, "queued"), (others[0], "queued"), (others[1], "failed")}
    assert [each.asker for each in turns.to_be_told([others[1]])] == [ann.pk]
    assert turns.to_be_told([]) == []


def test_there_is_one_assistant_and_it_makes_way_for_a_person_with_its_name(db):
    User.objects.create(username="Assistant")
    first, second = ensure_assistant(), ensure_assistant()
    assert (first.pk, first.username, first.is_program) == (second.pk, "assistant2", True)
    assert not first.has_usable_password()
