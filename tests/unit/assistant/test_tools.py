from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.programs import ensure_assistant
from chat.assistant import turns
from chat.assistant.reminders import due, mark_said
from chat.assistant.tools import (
    RANGE_MESSAGES,
    REMINDERS,
    TOLD_CHARS,
    acted,
    looked_up,
    members_seen_by,
    messages_missed_by,
    remind_at,
    search_history_of,
    summary_of_range,
)
from chat.assistant.turns import Claim
from chat.log.creating import create_group
from chat.models import Membership, Message, Reminder, ToolCall
from chat.wire.errors import ChatError
from tests.unit.assistant.conftest import say


@pytest.fixture
def claim(people: list[User], group: int) -> Claim:
    """Ann's question, after Bob has said three things; another group has its secrets."""
    ann, bob = people
    other = create_group(bob.pk, "Secret", [ensure_assistant().pk]).conversation
    say(other, (bob, "the hat is red"))
    say(group, (bob, "my hat is blue"), (bob, "你的帽子很好看"), (ann, "thanks"), (ann, "@assistant?"))
    (claimed,) = turns.claim("a", 1)
    return claimed


def lines(told: str) -> list[str]:
    return [line.partition("): ")[2] for line in told.splitlines()]


def test_search_finds_words_of_this_conversation_alone(claim):
    assert lines(search_history_of(claim, "HAT")) == ["my hat is blue"]
    assert lines(search_history_of(claim, "帽子")) == ["你的帽子很好看"]
    assert search_history_of(claim, "red") == ""


def test_what_was_deleted_is_not_found(claim):
    Message.objects.filter(text="my hat is blue").update(deleted=True)
    assert search_history_of(claim, "hat") == ""


def test_missed_is_what_the_asker_has_not_read(claim, people, group):
    assert lines(messages_missed_by(claim)) == ["my hat is blue", "你的帽子很好看"]
    Membership.objects.filter(user=people[0]).update(read_seq=2)
    assert lines(messages_missed_by(claim)) == ["你的帽子很好看"]


def test_a_range_is_told_with_who_spoke_in_it_and_by_default_from_what_the_asker_has_read(claim, people):
    ann, bob = people

    def told(first: int, last: int) -> tuple[str, list[str]]:
        head, _, body = summary_of_range(claim, first, last).partition("\n\n")
        return head.rpartition(": ")[2], lines(body)

    assert told(2, 3) == ("bob (2)", ["my hat is blue", "你的帽子很好看"])
    assert told(3, 10**15) == ("bob (1), ann (1)", ["你的帽子很好看", "thanks"])
    assert told(0, 0) == ("bob (2), ann (1)", ["my hat is blue", "你的帽子很好看", "thanks"])
    Membership.objects.filter(user=ann).update(read_seq=3)
    assert told(0, 0) == ("ann (1)", ["thanks"])
    assert summary_of_range(claim, 3, 2) == summary_of_range(claim, 10**15, 0) == ""
    Membership.objects.filter(user=bob).update(read_seq=claim.trigger)
    assert told(0, 0) == ("ann (1)", ["thanks"])


def test_a_long_range_is_told_in_parts_of_all_of_it(claim, people, group):
    say(group, *((people[1], f"{number} " + "y" * 500) for number in range(1200)))
    told = summary_of_range(Claim(claim.turn, group, 10_000, claim.asker, claim.program, 1), 1, 0)
    numbers = [int(line.split()[0]) for line in lines(told.partition("\n\n")[2])]
    assert len(told) <= TOLD_CHARS + 200
    assert f"bob ({RANGE_MESSAGES})" in told
    assert (numbers[-1], numbers[0] < 300, len(numbers) > 15) == (1199, True, True)


def test_what_is_told_is_bounded(claim, people, group):
    say(group, *((people[1], f"{number} " + "y" * 500) for number in range(200)))
    claim = Claim(claim.turn, group, 10_000, claim.asker, claim.program, 1)
    told = messages_missed_by(claim)
    assert len(told) <= TOLD_CHARS + 100
    assert lines(told)[-1].startswith("199 ")


def test_members_are_told_with_their_last_message(claim):
    told = members_seen_by(claim).splitlines()
    assert [line.partition(":")[0] for line in told] == ["- ann", "- bob", "- Assistant"]
    assert told[2].endswith("–")


def test_a_call_made_again_by_a_later_attempt_acts_once_and_gives_the_same(claim):
    first = acted(claim, 1, "digest", remind_at, 5.0, "call Bob")
    again = acted(claim, 1, "digest", remind_at, 5.0, "call Bob")
    assert first == again
    assert Reminder.objects.count() == ToolCall.objects.count() == 1


def test_what_was_looked_up_is_the_same_for_a_later_attempt(claim):
    first = looked_up(claim, 1, "digest", lambda _: "found")
    again = looked_up(claim, 1, "digest", lambda _: "found more")
    assert (first, again) == ("found", "found")
    assert ToolCall.objects.count() == 1


def test_a_tool_refuses_whoever_is_no_longer_a_member_and_records_nothing(claim, people):
    Membership.objects.filter(user=people[0]).update(left_at=timezone.now())
    with pytest.raises(ChatError):
        looked_up(claim, 1, "digest", search_history_of, "hat")
    assert ToolCall.objects.count() == 0


@pytest.mark.parametrize(("minutes", "text"), [(0, "x"), (-1, "x"), (1e9, "x"), (float("nan"), "x"), (5, "  ")])
def test_a_reminder_needs_a_time_to_come_and_words(claim, minutes, text):
    assert remind_at(claim, minutes, text).startswith("refused")
    assert Reminder.objects.count() == 0


def test_reminders_of_one_person_are_bounded(claim):
    told = [remind_at(claim, 5, f"thing {number}") for number in range(REMINDERS + 1)]
    assert told[-1].startswith("refused")
    assert Reminder.objects.count() == REMINDERS


def test_a_reminder_is_due_at_its_time_until_it_was_said(claim, people, group):
    now = timezone.now()
    for number, minutes in enumerate((-1, 10, -5)):
        Reminder.objects.create(
            pk=uuid4(),
            conversation_id=group,
            asker=people[0],
            program_id=claim.program,
            text=str(number),
            due_at=now + timedelta(minutes=minutes),
        )
    found = due()
    assert [each.text for each in found] == ["2", "0"]
    mark_said(found[0].pk)
    assert [each.text for each in due()] == ["0"]
