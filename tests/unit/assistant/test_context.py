import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from accounts.programs import ensure_assistant
from chat.assistant import turns
from chat.assistant.context import CONTEXT_CHARS, CONTEXT_MESSAGES, SUMMARY_CHARS, context_of
from chat.assistant.turns import Claim
from chat.log.append import append_batch
from chat.log.changes import Answer, Leave
from chat.log.memory import Memory
from chat.models import AssistantSettings, Membership
from chat.wire.errors import ChatError
from tests.unit.assistant.conftest import say


def claimed() -> Claim:
    (claim,) = turns.claim("a", 1)
    return claim


def test_it_reads_who_said_what_and_ends_with_the_question(people, group):
    ann, bob = people
    say(group, (ann, "lunch?"), (ensure_assistant(), "at noon"), (bob, "@assistant where?"), (ann, "never mind"))
    context = context_of(claimed())
    system, *rest = context.messages
    assert isinstance(system, SystemMessage)
    assert [(type(each), each.content) for each in rest] == [
        (HumanMessage, "ann: lunch?"),
        (AIMessage, "at noon"),
        (HumanMessage, "bob: @assistant where?"),
    ]
    assert context.seen == 4


def test_what_was_answered_while_a_question_waited_comes_before_it(people, group):
    ann, bob = people
    say(group, (ann, "@assistant one?"), (bob, "@assistant two?"))
    first = claimed()
    append_batch([answer_to(first, "One.")], Memory())
    assert [each.content for each in context_of(claimed()).messages[1:]] == [
        "ann: @assistant one?",
        "One.",
        "bob: @assistant two?",
    ]


def answer_to(claim: Claim, text: str) -> Answer:
    return Answer(
        claim.conversation,
        claim.program,
        claim.turn,
        text,
        reply_to=claim.trigger,
        turn=claim.turn,
        attempt=claim.attempt,
        seen=claim.trigger,
    )


def test_it_reads_no_more_than_fits_and_remembers_the_rest_in_a_bounded_summary(people, group):
    ann, bob = people
    for start in range(0, 1200, 100):
        say(group, *((bob, f"line {number} " + "x" * 100) for number in range(start, start + 100)))
        say(group, (ann, f"@assistant {start}"))
        context = context_of(turns_claim := claimed())
        turns.fail(turns_claim.turn, 1, "model")
        assert sum(len(str(each.content)) for each in context.messages[1:]) <= CONTEXT_CHARS
        assert len(context.messages) <= CONTEXT_MESSAGES + 1
    kept = AssistantSettings.objects.get(conversation_id=group)
    assert 0 < len(kept.summary) <= SUMMARY_CHARS
    assert "bob" in kept.summary
    assert kept.summary in str(context.messages[0].content)
    assert 1000 < kept.summary_to < 1212


def test_instructions_of_the_members_are_told(people, group):
    AssistantSettings.objects.create(conversation_id=group, instructions="Speak like a sailor.")
    say(group, (people[0], "@assistant hello"))
    assert "Speak like a sailor." in str(context_of(claimed()).messages[0].content)


def test_who_asks_and_leaves_gets_no_answer(people, group):
    _, bob = people
    say(group, (bob, "@assistant hello"))
    append_batch([Leave(group, bob.pk)], Memory())
    with pytest.raises(ChatError, match="no such conversation"):
        context_of(claimed())
    assert Membership.objects.filter(conversation_id=group, left_at=None).count() == 2
