"""A connected model that is slow, busy, broken or cut in the middle: one answer in the end, or a clear word."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest

from chat.proof.answering import answers, ended, spoken, told
from chat.proof.device import Device
from chat.proof.scripted_model import GOOD, HALF, ScriptedModel, scripted_model
from chat.proof.site import Person, Site
from chat.proof.stage import Stage

SECONDS = 40.0


@asynccontextmanager
async def asked(own_site: Site, *script: str) -> AsyncIterator[tuple[ScriptedModel, Stage, Device, int]]:
    """Ann has asked the assistant something; its model follows the script, and its turn has ended."""
    async with scripted_model(*script) as model, own_site.cluster(1, **model.environment) as nodes:
        stage = Stage(own_site, nodes)
        (ann,) = stage.people("ann")
        device = await stage.arrive(ann, 1)
        direct = stage.direct(ann, Person("assistant", own_site.office.do("assistant"), ""))
        await device.wait_for(lambda each: direct in each.conversations, SECONDS)
        await device.post(direct, "What is the answer?")
        await device.wait_for(ended(direct), SECONDS)
        yield model, stage, device, direct
        await stage.close()
        assert stage.violations == []
        assert "Traceback" not in own_site.log_text(nodes)


@pytest.mark.parametrize(
    ("script", "attempts"),
    [
        (("good",), 1),
        (("slow",), 1),
        (("busy", "good"), 2),
        (("broken", "garbage", "good"), 3),
        (("cut", "good"), 2),
        (("empty", "good"), 2),
    ],
    ids=lambda value: " then ".join(value) if isinstance(value, tuple) else str(value),
)
async def test_a_model_in_trouble_is_asked_again_and_answers_once(
    own_site: Site, script: tuple[str, ...], attempts: int
):
    async with asked(own_site, *script) as (model, stage, device, direct):
        await device.wait_for(lambda each: answers(each, direct), SECONDS)
        ((_, text),) = answers(device, direct)
        (heard,) = device.heard.values()
        (turn,) = stage.site.office.do("turns_of", direct)
        assert text == GOOD
        assert (turn["status"], turn["attempt"], heard.attempt) == ("done", attempts, attempts)
        assert len(model.asked) == attempts
        assert "Half" not in heard.text


async def test_a_model_that_never_answers_ends_in_a_clear_word(own_site: Site):
    async with asked(own_site, "cut") as (model, stage, device, direct):
        (heard,) = device.heard.values()
        (turn,) = stage.site.office.do("turns_of", direct)
        assert (heard.state, heard.reason) == ("failed", "attempts")
        assert (turn["status"], turn["attempt"], len(model.asked)) == ("failed", 3, 3)
        assert answers(device, direct) == []


async def test_a_failed_answer_is_told_to_whoever_comes_later_and_tried_again_when_asked(own_site: Site):
    async with asked(own_site, "cut", "cut", "cut", "good") as (_, stage, device, direct):
        ann = stage.conversations[direct][0]
        later = await stage.arrive(ann)
        await later.wait_for(ended(direct), SECONDS)
        (failed,) = told(later, direct)
        assert (failed["state"], failed["reason"], failed["asker"]) == ("failed", "attempts", ann.id)

        await later.ask({"type": "regenerate", "conversation": direct, "seq": failed["trigger"]})

        for each in (device, later):
            await each.wait_for(lambda each: answers(each, direct), SECONDS)
            assert answers(each, direct) == [(failed["trigger"], GOOD)]
        last = await stage.arrive(ann)
        assert told(last, direct) == []


async def test_whoever_comes_in_the_middle_of_an_answer_gets_it_from_its_beginning(own_site: Site):
    """First on a node that has not followed the conversation, then on one that has heard all of it."""
    async with scripted_model("held") as model, own_site.cluster(3, **model.environment) as nodes:
        stage = Stage(own_site, nodes)
        (ann,) = stage.people("ann")
        device = await stage.arrive(ann, 1)
        direct = stage.direct(ann, Person("assistant", own_site.office.do("assistant"), ""))
        await device.wait_for(lambda each: direct in each.conversations, SECONDS)
        await device.post(direct, "What is the answer?")
        await device.wait_for(lambda each: spoken(each, direct) == HALF, SECONDS)
        speaker = stage.site.office.do("turns_of", direct)[0]["node"]
        elsewhere = next(number for number in (2, 3) if nodes.names[number - 1] != speaker)

        first = await stage.arrive(ann, elsewhere)
        await first.wait_for(lambda each: spoken(each, direct) == HALF, SECONDS)
        second = await stage.arrive(ann, elsewhere)
        assert spoken(second, direct) == HALF
        model.may_go_on.set()

        for each in (first, second):
            await each.wait_for(lambda each: answers(each, direct), SECONDS)
            pieces = [
                (one["attempt"], one["offset"], one["text"])
                for one in told(each, direct)
                if one["state"] == "streaming"
            ]
            assert pieces[0][:2] == (1, 0)
            assert without_gaps(pieces) == GOOD
            assert answers(each, direct)[0][1] == GOOD
        await stage.close()
        assert stage.violations == []
        assert "Traceback" not in own_site.log_text(nodes)


def without_gaps(pieces: Iterable[tuple[int, int, str]]) -> str:
    """The text of these pieces, none of which begins beyond what came before it."""
    whole = ""
    for _, offset, text in pieces:
        assert offset <= len(whole)
        whole = whole[:offset] + text
    return whole


async def test_a_model_uses_tools_and_none_but_those_of_its_conversation(own_site: Site):
    async with asked(own_site, "tool", "secret tool", "good") as (model, _, device, direct):
        await device.wait_for(lambda each: answers(each, direct), SECONDS)
        offered = {tool["function"]["name"] for tool in model.asked[0]["tools"]}
        told = [each for each in model.asked[2]["messages"] if each["role"] == "tool"]
        assert offered == {"search_history", "messages_missed", "summarise_range", "list_members", "remind"}
        assert "\n- ann" in told[0]["content"]
        assert "read_other_conversation is not a valid tool" in told[1]["content"]
        assert answers(device, direct)[0][1] == GOOD
