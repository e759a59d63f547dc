"""A second question while the assistant answers the first: what becomes of each, and that both askers are told."""

from dataclasses import dataclass

import pytest

from chat.proof.answering import answers, spoken, told
from chat.proof.device import Device
from chat.proof.scripted_model import GOOD, HALF, scripted_model
from chat.proof.site import Person, Site
from chat.proof.stage import Stage

SECONDS = 40.0
End = tuple[str, str | None, int]
"""State, reason and asker of the last event of a turn."""


@dataclass(frozen=True)
class Expected:
    """How the turns of Ann's (`first`) and of Bob's question end, which of them have answers, what the model saw."""

    first: tuple[str, str | None]
    second: tuple[str, str | None]
    answered: tuple[str, ...]
    seen_last: tuple[str, ...]


FIRST, SECOND = "@assistant What is it?", "@assistant In French, please"
POLICIES = {
    "queue": Expected(("done", None), ("done", None), (FIRST, SECOND), (FIRST, GOOD, SECOND)),
    "interrupt": Expected(("cancelled", "interrupted"), ("done", None), (SECOND,), (FIRST, SECOND)),
    "steer": Expected(("done", None), ("cancelled", "steered"), (FIRST,), (FIRST, SECOND)),
    "reject": Expected(("done", None), ("cancelled", "busy"), (FIRST,), (FIRST,)),
}


def ends(device: Device, conversation: int) -> dict[int, End]:
    """By trigger."""
    over = [each for each in told(device, conversation) if each["state"] in ("done", "failed", "cancelled")]
    return {each["trigger"]: (each["state"], each.get("reason"), each["asker"]) for each in over}


@pytest.mark.parametrize("policy", POLICIES)
async def test_both_askers_are_told_what_became_of_their_questions(own_site: Site, policy: str):
    expected = POLICIES[policy]
    async with scripted_model("held", "good") as model, own_site.cluster(2, **model.environment) as nodes:
        stage = Stage(own_site, nodes)
        ann, bob = stage.people("ann", "bob")
        group = stage.group(ann, bob, Person("assistant", own_site.office.do("assistant"), ""))
        own_site.office.do("choose_policy", group, policy)
        anns, bobs = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
        seqs = {FIRST: (await anns.post(group, FIRST))["seq"]}
        await bobs.wait_for(lambda each: spoken(each, group) == HALF, SECONDS)

        seqs[SECOND] = (await bobs.post(group, SECOND))["seq"]
        await bobs.wait_for(lambda each: any(one["trigger"] == seqs[SECOND] for one in told(each, group)), SECONDS)
        news = next(one.get("reason") for one in told(bobs, group) if one["trigger"] == seqs[SECOND])
        model.may_go_on.set()

        for device in (anns, bobs):
            await device.wait_for(lambda each: len(ends(each, group)) == 2, SECONDS)
            await device.wait_for(lambda each: len(answers(each, group)) == len(expected.answered), SECONDS)
            assert ends(device, group) == {
                seqs[FIRST]: (*expected.first, ann.id),
                seqs[SECOND]: (*expected.second, bob.id),
            }
            assert answers(device, group) == [(seqs[each], GOOD) for each in expected.answered]
        if policy != "interrupt":
            assert news == {"queue": "queued"}.get(policy, expected.second[1])
        said = [each["content"] for each in model.asked[-1]["messages"] if each["role"] in ("user", "assistant")]
        assert [each.partition(": ")[2] or each for each in said] == list(expected.seen_last)
        await stage.close()
        assert stage.violations == []
        assert "Traceback" not in own_site.log_text(nodes)
