"""The assistant on real nodes: a member like any other, whose answers everyone sees come, and has in the end, once."""

import pytest

from chat.proof.answering import answers, ended, spoken, told
from chat.proof.device import Device
from chat.proof.outbox import Refused
from chat.proof.site import Person
from chat.proof.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")
SECONDS = 30.0


async def with_assistant(device: Device, *others: str, title: str = "") -> int:
    """A conversation that this device begins with the assistant."""
    made = await device.create(["assistant", *others], title=title) if title else await device.create(["assistant"])
    conversation = int(made["conversation"])
    await device.wait_for(lambda each: conversation in each.conversations)
    return conversation


async def test_an_answer_streams_to_every_device_and_is_one_message_in_the_end(stage: Stage):
    (ann,) = stage.people("ann")
    laptop, phone, tablet = [await stage.arrive(ann, node) for node in (1, 2, 3)]
    direct = await with_assistant(laptop)
    for device in (phone, tablet):
        await device.wait_for(lambda each: direct in each.conversations)

    question = (await phone.post(direct, "How are you?"))["seq"]
    for device in (laptop, phone, tablet):
        await device.wait_for(ended(direct), SECONDS)
        await device.wait_for(lambda each: answers(each, direct), SECONDS)

    said = {tuple(answers(device, direct)) for device in (laptop, phone, tablet)}
    assert len(said) == 1
    ((reply_to, text),) = said.pop()
    assert reply_to == question
    assert "built into this server" in text
    for device in (laptop, phone, tablet):
        events = told(device, direct)
        assert events[-1]["state"] == "done"
        assert {each["attempt"] for each in events} == {1}
        (heard,) = device.heard.values()
        assert text.startswith(heard.text.strip())
        assert heard.pieces > 10


async def test_in_a_group_it_answers_when_it_is_mentioned(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    anns, bobs = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
    group = await with_assistant(anns, bob.username, title="Lunch")
    await bobs.wait_for(lambda each: group in each.conversations)

    await bobs.post(group, "Where is lunch today?")
    await bobs.post(group, "At noon in the garden")
    asked = (await anns.post(group, "@assistant search for garden"))["seq"]
    for device in (anns, bobs):
        await device.wait_for(lambda each: answers(each, group), SECONDS)

    ((reply_to, text),) = answers(bobs, group)
    assert reply_to == asked
    assert "At noon in the garden" in text
    assert [each["step"] for each in told(bobs, group) if "step" in each] == ["search_history"]


async def test_nothing_of_another_conversation_gets_into_an_answer(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    anns, bobs = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
    secret = await with_assistant(bobs)
    await bobs.post(secret, "the treasure is under the oak")
    await bobs.wait_for(ended(secret), SECONDS)
    mine = await with_assistant(anns)

    await anns.post(mine, "search for treasure")
    await anns.wait_for(lambda each: answers(each, mine), SECONDS)

    ((_, text),) = answers(anns, mine)
    assert "oak" not in text
    assert text == "I found no message that says so."


async def test_what_was_said_before_a_stop_on_any_device_stays_on_all(stage: Stage):
    (ann,) = stage.people("ann")
    laptop, phone = await stage.arrive(ann, 1), await stage.arrive(ann, 2)
    direct = await with_assistant(laptop)
    await phone.wait_for(lambda each: direct in each.conversations)
    asked = (await laptop.post(direct, "Tell me everything"))["seq"]
    await phone.wait_for(lambda each: len(spoken(each, direct)) > 20, SECONDS)
    turn, shown = told(phone, direct)[0]["turn"], spoken(phone, direct)

    await phone.ask({"type": "stop", "conversation": direct, "turn": turn})

    for device in (laptop, phone):
        await device.wait_for(lambda each: ended(direct)(each) and answers(each, direct), SECONDS)
        end = next(each for each in told(device, direct) if each["state"] == "cancelled")
        ((reply_to, text),) = answers(device, direct)
        message = device.replica(direct).messages[end["seq"]]
        assert (end["turn"], end["reason"], reply_to) == (turn, "stopped", asked)
        assert (message["text"], message["data"]) == (text, {"stopped": True})
        assert text.startswith(shown.strip())
    assert answers(laptop, direct) == answers(phone, direct)
    with pytest.raises(Refused) as refused:
        await laptop.ask({"type": "stop", "conversation": direct, "turn": turn})
    assert refused.value.code == "conflict"


async def test_a_question_may_be_asked_again_by_who_asked_and_by_owners(stage: Stage):
    ann, bob, carol = stage.people("ann", "bob", "carol")
    assistant = Person("assistant", stage.site.office.do("assistant"), "")
    group = stage.group(ann, bob, carol, assistant)
    anns, bobs, carols = [await stage.arrive(each, node) for node, each in enumerate((ann, bob, carol), 1)]
    question = (await bobs.post(group, "@assistant who is here?"))["seq"]
    await anns.wait_for(lambda each: answers(each, group), SECONDS)

    for device, seq, code in ((carols, question, "forbidden"), (bobs, question + 50, "not_found")):
        with pytest.raises(Refused) as refused:
            await device.ask({"type": "regenerate", "conversation": group, "seq": seq})
        assert refused.value.code == code
    for times, device in enumerate((anns, bobs), 2):
        await device.ask({"type": "regenerate", "conversation": group, "seq": question})
        await device.wait_for(ended(group, times), SECONDS)
    assert [reply_to for reply_to, _ in answers(bobs, group)] == [question]
    asked_at = [turn["node"] for turn in stage.site.office.do("turns_of", group)]
    assert asked_at == ["server_2", "server_1", "server_2"], "the node that is asked begins at once"


async def test_an_answer_given_again_takes_the_place_of_the_first(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    anns, bobs = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
    group = await with_assistant(anns, bob.username, title="Again")
    await bobs.wait_for(lambda each: group in each.conversations)
    await anns.post(group, "@assistant who is here?")
    await anns.wait_for(lambda each: answers(each, group), SECONDS)
    (seq,) = [key for key, each in anns.replica(group).messages.items() if each.get("reply_to")]

    with pytest.raises(Refused) as refused:
        await bobs.ask({"type": "regenerate", "conversation": group, "seq": seq})
    assert refused.value.code == "forbidden"
    await anns.ask({"type": "regenerate", "conversation": group, "seq": seq})

    for device in (anns, bobs):
        await device.wait_for(ended(group, 2), SECONDS)
        await device.wait_for(lambda each: each.replica(group).messages[seq].get("edited_at"), SECONDS)
        assert len(answers(device, group)) == 1


async def test_two_questions_at_once_are_answered_one_after_the_other(stage: Stage):
    (ann,) = stage.people("ann")
    laptop, phone = await stage.arrive(ann, 1), await stage.arrive(ann, 3)
    direct = await with_assistant(laptop)
    await phone.wait_for(lambda each: direct in each.conversations)

    first = (await laptop.post(direct, "Tell me about yourself"))["seq"]
    second = (await phone.post(direct, "search for nothing at all"))["seq"]

    await laptop.wait_for(lambda each: len(answers(each, direct)) == 2, SECONDS)
    assert [reply_to for reply_to, _ in answers(laptop, direct)] == [first, second]
    assert any(each.get("reason") == "queued" for each in told(laptop, direct))


async def test_a_reminder_is_said_once_though_three_nodes_look(stage: Stage):
    (ann,) = stage.people("ann")
    device = await stage.arrive(ann, 1)
    direct = await with_assistant(device)

    await device.post(direct, "remind me in 1 second to breathe")
    await device.wait_for(lambda each: len(answers(each, direct)) >= 2, SECONDS)
    await device.post(direct, "who is here?")
    await device.wait_for(lambda each: len(answers(each, direct)) >= 3, SECONDS)

    reminders = [text for reply_to, text in answers(device, direct) if reply_to is None]
    assert reminders == [f"@{ann.username} ⏰ breathe"]
