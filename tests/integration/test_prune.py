"""Old messages go beside running nodes: every device hears of it, whether it is there or comes back."""

import pytest

from chat.proof.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_devices_hear_that_old_messages_are_gone_and_new_ones_keep_coming(each_stage: Stage):
    stage = each_stage
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    head = stage.site.office.do("fill", group, ann.id, [f"old {i}" for i in range(300)])
    here, away = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
    await away.close()
    stage.site.office.do("age", group, head, 40)
    await here.post(group, "new")

    done = stage.site.manage("prune", "--days", "30")
    assert done.stdout.startswith("Let go: 300 messages, "), done.stderr
    await here.post(group, "newer")
    await stage.level(here)
    await away.connect(stage.url(2))

    log = stage.site.office.do("log_of", [group])
    assert [each.get("text", "") for each in log if each["kind"] == "text"] == [""] * 300 + ["new", "newer"]
    for device in (here, away):
        assert device.cursor(group) == head + 302
        shown = [(each["seq"], each.get("text", "")) for each in log if each["seq"] in device.replica(group).messages]
        assert device.transcript(group) == shown
    assert away.entries[group]["resume"] == "replay"
    assert here.violations == away.violations == []
