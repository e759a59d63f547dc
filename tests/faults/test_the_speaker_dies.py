"""The node that speaks is killed or frozen: another one finishes the answer, and there is one."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chat.drills.talk import SECONDS, Talk
from chat.proof.answering import answers, ended, spoken, told
from chat.proof.site import Site
from chat.proof.stage import Stage, eventually


@pytest_asyncio.fixture
async def talk(own_site: Site, request: pytest.FixtureRequest) -> AsyncIterator[Talk]:
    async with own_site.cluster(3, each=getattr(request, "param", {})) as nodes:
        stage = Stage(own_site, nodes)
        yield await Talk.begin(stage, *stage.people("ann"))
        await stage.close()
        assert stage.violations == []
        assert "Traceback" not in own_site.log_text(nodes)


async def judged(talk: Talk, question: int) -> list[object]:
    return list(await talk.stage.verdict(triggers=[talk.trigger(question)]))


async def test_the_answer_of_a_killed_node_is_finished_by_another(talk: Talk):
    first = next(iter(talk.devices.values()))
    question = (await first.post(talk.direct, "Tell me about yourself"))["seq"]
    speaker = await talk.speaking()
    witnesses = talk.others(speaker)

    await talk.stage.cluster.kill(speaker)
    for device in witnesses:
        await device.wait_for(ended(talk.direct), SECONDS)
    await talk.everyone_back(speaker)
    for device in talk.devices.values():
        await device.wait_for(lambda each: answers(each, talk.direct), SECONDS)

    (turn,) = talk.stage.site.office.do("turns_of", talk.direct)
    assert (turn["status"], turn["attempt"]) == ("done", 2)
    assert turn["node"] != speaker
    assert len({tuple(answers(device, talk.direct)) for device in talk.devices.values()}) == 1
    for device in witnesses:
        ((reply_to, text),) = answers(device, talk.direct)
        assert reply_to == question
        assert text.startswith(spoken(device, talk.direct).strip())
    assert await judged(talk, question) == []


@pytest.mark.parametrize(
    "talk",
    [
        {name: {"DISTCHAT_FAILPOINT": point} for name in ("server_1", "server_2")}
        for point in ("turn_begun", "turn_thought")
    ],
    indirect=True,
    ids=["before the first word", "after the last word"],
)
async def test_a_node_that_dies_at_the_edge_of_a_turn_leaves_one_answer(talk: Talk):
    """Two of three nodes die when they come to this point; the third attempt is the last that there is."""
    survivor = talk.devices["server_3"]
    question = (await survivor.post(talk.direct, "who is here?"))["seq"]

    await survivor.wait_for(lambda each: answers(each, talk.direct), SECONDS)
    for name in ("server_1", "server_2"):
        if not talk.stage.cluster.nodes[name].is_running:
            device = talk.devices[name]
            await eventually(lambda device=device: not device.is_connected, seconds=SECONDS)
            await device.connect(talk.stage.cluster.ws_url("server_3"))
    await talk.stage.level()

    assert [reply_to for reply_to, _ in answers(survivor, talk.direct)] == [question]
    assert await judged(talk, question) == []


async def test_a_node_that_is_asked_to_leave_hands_its_answer_over(talk: Talk):
    first = next(iter(talk.devices.values()))
    question = (await first.post(talk.direct, "Tell me about yourself"))["seq"]
    speaker = await talk.speaking()

    await talk.stage.cluster.terminate(speaker)
    for device in talk.others(speaker):
        await device.wait_for(lambda each: answers(each, talk.direct), SECONDS)
    await talk.everyone_back(speaker)
    await talk.stage.level()

    (turn,) = talk.stage.site.office.do("turns_of", talk.direct)
    assert (turn["status"], turn["attempt"]) == ("done", 2)
    assert await judged(talk, question) == []


async def test_what_a_dead_node_has_said_stays_when_its_answer_is_stopped(talk: Talk):
    first = next(iter(talk.devices.values()))
    question = (await first.post(talk.direct, "Tell me about yourself"))["seq"]
    speaker = await talk.speaking()
    one, other = talk.others(speaker)

    await talk.stage.cluster.kill(speaker)
    await one.ask({"type": "stop", "conversation": talk.direct, "turn": told(one, talk.direct)[0]["turn"]})
    for device in (one, other):
        await device.wait_for(lambda each: ended(talk.direct)(each) and answers(each, talk.direct), SECONDS)
    await talk.everyone_back(speaker)
    await talk.stage.level()

    (turn,) = talk.stage.site.office.do("turns_of", talk.direct)
    assert (turn["status"], turn["attempt"]) == ("cancelled", 1)
    assert answers(one, talk.direct) == answers(other, talk.direct) == [(question, spoken(one, talk.direct).strip())]
    assert await judged(talk, question) == []
