"""Turns in a process of their own, and nowhere else, where the settings say so."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from chat.proof.answering import answers, told
from chat.proof.site import Person, Site
from chat.proof.stage import Stage

ROOT = Path(__file__).parents[2]
SECONDS = 40.0


async def test_a_worker_answers_where_nodes_do_not(own_site: Site):
    async with own_site.cluster(1, ASSISTANT_RUNS="workers") as nodes:
        stage = Stage(own_site, nodes)
        (ann,) = stage.people("ann")
        device = await stage.arrive(ann, 1)
        direct = stage.direct(ann, Person("assistant", own_site.office.do("assistant"), ""))
        await device.wait_for(lambda each: direct in each.conversations, SECONDS)
        await device.post(direct, "who is here?")
        await asyncio.sleep(1.5)
        assert [turn["status"] for turn in own_site.office.do("turns_of", direct)] == ["queued"]
        assert {(each["state"], each["reason"]) for each in told(device, direct)} == {("thinking", "queued")}

        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "manage.py", "run_assistant", "--name", "worker"),
            cwd=ROOT,
            env={**os.environ, **own_site.environment},
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            await device.wait_for(lambda each: answers(each, direct), SECONDS)
        finally:
            worker.send_signal(signal.SIGTERM)
            _, log = await asyncio.wait_for(worker.communicate(), SECONDS)
        assert (worker.returncode, b"Traceback" in log) == (0, False)
        assert [turn["node"] for turn in own_site.office.do("turns_of", direct)] == ["worker"]
        await stage.close()
        assert stage.violations == []
