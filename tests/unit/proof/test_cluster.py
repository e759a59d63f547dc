"""Real Daphne processes with a tiny application."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from chat.proof.cluster import PROJECT, Cluster, StartFailed
from tests.unit.proof.far_end import soon

APPLICATION = """
import os

async def application(scope, receive, send):
    if scope["type"] == "http":
        ready = scope["path"] == "/readyz"
        body = os.environ["DISTCHAT_NODE"] + " " + os.environ.get("COLOUR", "none")
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200 if ready else 202, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})
"""

NO_READYZ = APPLICATION.replace("200 if ready else 202", "404")
NEVER_READY = APPLICATION.replace("200 if ready else 202", "503")


def cluster_of(tmp_path: Path, source: str = APPLICATION, nodes: int = 1, **options: object) -> Cluster:
    (tmp_path / "tiny.py").write_text(source)
    options.setdefault("start_seconds", 60.0)
    return Cluster(nodes, directory=tmp_path, application="tiny:application", **options)


async def _ask(cluster: Cluster, name: str) -> str:
    node = cluster.nodes[name]
    reader, writer = await asyncio.open_connection(node.host, node.port)
    writer.write(b"GET /who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return answer.decode().rpartition("\r\n\r\n")[2]


async def test_nodes_start_with_their_names_and_environments_and_stop_on_sigterm(tmp_path):
    settings = {"environment": {"COLOUR": "red"}, "node_environment": {"server_2": {"COLOUR": "blue"}}}
    async with cluster_of(tmp_path, nodes=2, **settings) as cluster:
        assert [await _ask(cluster, name) for name in cluster.names] == ["server_1 red", "server_2 blue"]
        assert cluster.urls == [f"ws://127.0.0.1:{node.port}/ws/" for node in cluster.nodes.values()]
        node = cluster.nodes["server_1"]
        assert node.rss_bytes() > 5_000_000
        assert 0 < node.cpu_seconds() < 600
        ends = await cluster.stop()
    assert sorted(ends) == ["server_1", "server_2"]
    assert {end.code for end in ends.values()} == {0}
    assert (tmp_path / "var" / "log" / "server_1.log").stat().st_size > 0
    assert (node.rss_bytes(), node.cpu_seconds()) == (0, 0)


async def test_a_killed_node_comes_back_on_its_port_with_another_environment(tmp_path):
    async with cluster_of(tmp_path) as cluster:
        port, pid = cluster.nodes["server_1"].port, cluster.nodes["server_1"].pid
        await cluster.kill("server_1")
        assert not cluster.nodes["server_1"].is_running
        await cluster.restart("server_1", environment={"COLOUR": "green"})
        assert await _ask(cluster, "server_1") == "server_1 green"
        assert cluster.nodes["server_1"].port == port
        assert cluster.nodes["server_1"].pid != pid


async def test_a_frozen_node_answers_when_it_thaws(tmp_path):
    async with cluster_of(tmp_path, NO_READYZ) as cluster:
        cluster.freeze("server_1")
        asking = asyncio.create_task(_ask(cluster, "server_1"))
        await asyncio.wait({asking}, timeout=0.2)
        assert not asking.done()
        cluster.thaw("server_1")
        assert await asking == "server_1 none"
        cluster.freeze("server_1")
        assert (await cluster.stop())["server_1"].code == 0


async def test_a_node_that_dies_at_its_start_shows_the_end_of_its_log(tmp_path):
    with pytest.raises(StartFailed, match=r"(?s)server_1 ended at its start.*no such colour"):
        await cluster_of(tmp_path, "raise RuntimeError('no such colour')").start()


async def test_a_node_that_never_gets_ready_is_not_left_running(tmp_path):
    cluster = cluster_of(tmp_path, NEVER_READY, start_seconds=3)
    with pytest.raises(StartFailed, match="is not ready after 3 s"):
        await cluster.start()
    assert not cluster.nodes["server_1"].is_running


async def test_a_busy_port_is_one_clear_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartFailed, match=f"Port {port} of 127.0.0.1 already in use.*--base-port auto"):
            await cluster_of(tmp_path, base_port=port).start()


PARENT = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from chat.proof.cluster import Cluster

async def main():
    cluster = Cluster(1, directory=Path(sys.argv[1]), application="tiny:application")
    await cluster.start()
    print(cluster.nodes["server_1"].pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux")
async def test_no_node_survives_the_process_that_started_it(tmp_path):
    (tmp_path / "tiny.py").write_text(APPLICATION)
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(tmp_path), str(PROJECT)), stdout=asyncio.subprocess.PIPE
    )
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 60))
    assert _runs(pid)
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    await soon(lambda: not _runs(pid), timeout_seconds=20)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan that nobody has collected yet is dead too.
    return ") Z " not in Path("/proc", str(pid), "stat").read_text()
