import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from chat.ops.local_redis import LocalRedis
from chat.ops.ports import is_free
from chat.ops.redis_probe import probe

ROOT = Path(__file__).resolve().parents[3]
WAIT_SECONDS = 60


def port_of(url: str) -> int:
    return int(url.removeprefix("redis://127.0.0.1:").removesuffix("/0"))


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chat.ops.local_redis", *command],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )


def test_it_stops_with_its_last_user(tmp_path: Path):
    first, second = LocalRedis(tmp_path), LocalRedis(tmp_path)
    url = first.enter()
    assert second.enter() == url
    first.leave()
    assert probe(url).has_modules
    second.leave()
    assert is_free(port_of(url))
    assert not (tmp_path / "server.json").exists()


def test_a_kept_one_is_used_again_and_stopped_on_demand(tmp_path: Path):
    first, second = LocalRedis(tmp_path), LocalRedis(tmp_path)
    url = first.enter()
    first.leave(keep=True)
    assert second.enter() == url
    second.leave(keep=True)
    LocalRedis(tmp_path).stop()
    with pytest.raises(redis.ConnectionError):
        probe(url)


def test_what_a_killed_run_has_left_behind_is_not_believed(tmp_path: Path):
    (tmp_path / "server.json").write_text(json.dumps({"pid": os.getpid(), "port": 1}))
    local = LocalRedis(tmp_path)
    url = local.enter()
    assert port_of(url) != 1
    local.leave()


def test_a_command_gets_a_given_redis_as_it_is(redis_server):
    given = run("run", "--", "sh", "-c", "echo $REDIS_URL; exit 7", REDIS_URL=redis_server.url)
    assert (given.stdout, given.returncode) == (f"{redis_server.url}\n", 7)


def test_a_given_redis_that_is_silent_ends_in_one_sentence():
    silent = run("run", "--", "echo", "never printed", REDIS_URL="redis://127.0.0.1:1/0")
    assert (silent.stdout, silent.returncode) == ("", 1)
    assert silent.stderr == (
        "No Redis answers at 127.0.0.1:1 (ConnectionError)."
        " Next: start it, correct REDIS_URL, or leave REDIS_URL unset to have one started.\n"
    )


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_reaches_the_command_and_its_exit_code_comes_back(redis_server, end: signal.Signals):
    with subprocess.Popen(
        [sys.executable, "-m", "chat.ops.local_redis", "run", "--", "sh", "-c", "echo $$; exec sleep 600"],
        env={**os.environ, "REDIS_URL": redis_server.url},
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as wrapper:
        assert wrapper.stdout is not None
        command = int(wrapper.stdout.readline())
        wrapper.send_signal(end)
        assert wrapper.wait(WAIT_SECONDS) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(command, 0)
