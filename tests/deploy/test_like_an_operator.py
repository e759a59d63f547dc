"""Tried as an operator would: compose's commands by hand, real proxies, people talking while the site is worked on."""

import asyncio
import os
import re
import subprocess
import time
from pathlib import Path
from socket import AF_INET
from uuid import uuid4

import httpx
import orjson
import psycopg
import pytest
from websockets.asyncio.client import connect

from chat.proof.answering import answers
from chat.proof.cluster import PROJECT
from chat.proof.device import Device
from chat.proof.site import Person
from chat.proof.stage import Stage
from tests.deploy.operator import Office, TimedTraffic
from tests.deploy.production import ProductionNodes, ProductionSite
from tests.deploy.proxies import PROXIES, Caddy, Nginx, Proxy
from tests.integration.test_restore import begin_again

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

GUIDE = (PROJECT / "docs" / "deployment_and_testing.md").read_text()
SECONDS = 60.0
BETWEEN_NODES_SECONDS = 1.0


def told(what: str) -> None:
    """For whoever runs this with `-s`."""
    print(f"\n  {what}")


async def restart(nodes: ProductionNodes, name: str) -> None:
    """As `docker compose up --detach --no-deps --wait node1` or `systemctl restart distchat@1` do."""
    began = time.monotonic()
    end = await nodes.terminate(name)
    assert end.code == 0, nodes.nodes[name].log_tail()
    await nodes.restart(name)
    told(f"{name}: ended {end.seconds:.1f} s after SIGTERM, ready again after {time.monotonic() - began:.1f} s")


async def meet_the_assistant(office: Office) -> tuple[Device, int]:
    """The device of somebody who talks to the assistant alone, and that conversation."""
    (person,) = office.people("asker")
    assistant = Person("assistant", office.site.office.do("assistant"), "")
    direct = int(office.site.office.do("direct", person.id, assistant.id))
    device = Device("asks", cookies=person.cookies)
    await device.follow([office.proxy.socket_url])
    await device.wait_for(lambda each: direct in each.conversations, SECONDS)
    return device, direct


async def test_a_rolling_restart_of_all_nodes_behind_nginx_loses_doubles_and_reorders_nothing(
    production: tuple[ProductionSite, ProductionNodes],
):
    site, nodes = production
    nginx = nodes.proxy(Nginx)
    office = await Office.open(site, nodes, nginx)
    asker, direct = await meet_the_assistant(office)
    try:
        async with TimedTraffic(office) as traffic:
            await asyncio.sleep(1.0)
            for name in nodes.names:
                await restart(nodes, name)
                await asyncio.sleep(BETWEEN_NODES_SECONDS)
            question = await asker.post(direct, "what was said?")
            nodes.worker.stop()
            nodes.start_worker()
            await asker.wait_for(lambda each: answers(each, direct), SECONDS)
        assert await office.finish()
        told(f"{traffic.told()}; {len(office.devices)} devices came back {office.reconnects} times")

        assert [seq for seq, _ in answers(asker, direct)] == [question["seq"]]
        assert (office.violations, asker.violations) == ([], [])
        assert await office.verdict() == []
        assert "Traceback" not in site.log_text(nodes)
        statuses = {line.split()[4] for line in openings(nginx)}
        assert statuses - {"499"} == {"101"}, "499: a device that lost its patience"
    finally:
        await asker.close()
        await office.close()


def openings(nginx: Proxy) -> list[str]:
    """What nginx has written about sockets, each at its end."""
    return [line for line in (nginx.folder / "access.log").read_text().splitlines() if '"GET /ws/"' in line]


async def test_a_restore_of_a_backup_taken_under_traffic_brings_everybody_back_through_caddy(
    production: tuple[ProductionSite, ProductionNodes], tmp_path: Path
):
    site, nodes = production
    file = tmp_path / "site.tar.gz"
    office = await Office.open(site, nodes, nodes.proxy(Caddy))
    try:
        async with TimedTraffic(office) as traffic:
            await asyncio.sleep(1.0)
            await run(site, "backup", str(file))
            await asyncio.sleep(1.0)
            began = time.monotonic()
            ends = await nodes.stop()
            nodes.worker.stop()
            assert {end.code for end in ends.values()} == {0}
            await run(site, "restore", str(file), "--force")
            begin_again(office, sorted({line.act for line in office.history if line.what == "post"}))
            nodes.start_worker()
            for name in nodes.names:
                await nodes.nodes[name].launch()
            for name in nodes.names:
                await nodes.nodes[name].wait_until_ready(SECONDS)
            down = time.monotonic() - began
            await asyncio.sleep(3.0)
        assert await office.finish()
        told(f"not served for {down:.1f} s; {traffic.told()}")

        assert office.violations == []
        assert await office.verdict() == []
        assert "Traceback" not in site.log_text(nodes)
    finally:
        await office.close()


async def run(site: ProductionSite, *words: str) -> None:
    """A command beside the traffic."""
    began = time.monotonic()
    site.office.do("let_go")
    done = await asyncio.to_thread(site.manage, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    told(f"manage.py {words[0]}, {time.monotonic() - began:.1f} s: {done.stdout.strip()}")


@pytest.mark.parametrize("kind", PROXIES, ids=lambda kind: kind.program)
async def test_a_device_is_where_its_person_is_and_not_where_the_proxy_is(
    production: tuple[ProductionSite, ProductionNodes], kind: type[Proxy]
):
    site, nodes = production
    proxy = nodes.proxy(kind)
    stage = Stage(site, nodes)
    (ann,) = stage.people("ann")
    options = {"local_addr": ("127.0.0.2", 0), "proxy": None, "origin": proxy.url, "ssl": proxy.trust}
    headers = {"Cookie": ann.cookies, "X-Forwarded-For": "6.6.6.6"}
    device = str(uuid4())
    async with connect(proxy.socket_url, additional_headers=headers, family=AF_INET, **options) as socket:
        await socket.send(orjson.dumps({"type": "hello", "ref": 1, "device": device}), text=True)
        assert orjson.loads(await socket.recv())[0]["type"] == "welcome"

    with psycopg.connect(site.database_url) as database:
        found = database.execute("SELECT host(address) FROM accounts_device WHERE uuid = %s", [device]).fetchall()
    assert found == [("127.0.0.2",)]


@pytest.mark.parametrize("kind", PROXIES, ids=lambda kind: kind.program)
async def test_the_key_of_a_password_reset_is_in_no_log(
    production: tuple[ProductionSite, ProductionNodes], kind: type[Proxy]
):
    site, nodes = production
    proxy = nodes.proxy(kind)
    async with httpx.AsyncClient(base_url=proxy.url, verify=proxy.trust, trust_env=False) as client:
        first = await client.get("/accounts/password/reset/key/7-canary/")
        missing = await client.get("/no/such/page/")
    assert (first.status_code, missing.status_code) == (200, 404)

    logs = {file: file.read_text(errors="replace") for file in site.folder.rglob("*.log")}
    assert [file for file, text in logs.items() if "/no/such/page/" in text] != []
    assert [file for file, text in logs.items() if "canary" in text] == []


@pytest.mark.parametrize("kind", PROXIES, ids=lambda kind: kind.program)
async def test_the_guide_says_how_a_deployment_is_verified(
    production: tuple[ProductionSite, ProductionNodes], kind: type[Proxy]
):
    _, nodes = production
    proxy = nodes.proxy(kind)
    script = GUIDE.partition("From outside;")[2].partition("```sh\n")[2].partition("```")[0]
    expected = re.findall(r"# (\d{3})", script)
    moved = script.replace("http://chat.example.org", f"http://localhost:{proxy.http_port}")
    moved = moved.replace("https://chat.example.org", proxy.url)
    shell = {**os.environ, "CURL_CA_BUNDLE": str(nodes.certificates())}
    done = await asyncio.to_thread(
        subprocess.run, ["bash", "-c", moved], env=shell, capture_output=True, text=True, timeout=60, check=False
    )

    lines = done.stdout.splitlines()
    assert (lines[: len(expected)], done.stderr) == (expected, "")
    assert expected == ["200", "404", "404", "308", "101", "403"]
    headers = [line.partition(":")[0].lower() for line in lines[len(expected) :]]
    assert sorted(headers) == ["content-security-policy", "set-cookie"], "HSTS is off in the trial"
