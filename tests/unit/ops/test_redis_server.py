from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from chat.ops.ports import is_free
from chat.ops.problem import Problem
from chat.ops.redis_probe import probe, require_modules
from chat.ops.redis_program import RedisProgram, find_redis
from chat.ops.redis_server import VAR, RedisServer


@pytest.fixture(scope="module")
def program() -> RedisProgram:
    return find_redis(VAR)


@pytest.fixture
def server(tmp_path: Path, program: RedisProgram) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "redis", program=program) as started:
        yield started


@pytest.fixture
def client(server: RedisServer) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(server.url, socket_timeout=5) as connected:
        yield connected


def test_a_started_redis_has_modules_a_log_of_its_commands_and_never_evicts(server: RedisServer):
    facts = probe(server.url)
    assert (facts.has_modules, facts.append_only, facts.eviction, facts.pid) == (True, True, "noeviction", server.pid)


def test_it_listens_on_the_loopback_in_protected_mode(client: redis.Redis):
    assert client.config_get("bind", "protected-mode") == {"bind": "127.0.0.1", "protected-mode": "yes"}


def test_after_a_kill_it_starts_on_the_same_port_with_its_data(server: RedisServer, client: redis.Redis):
    client.config_set("appendfsync", "always")
    client.set("kept", "yes")
    url, pid = server.url, server.pid
    server.kill()
    assert is_free(server.port)
    server.start()
    assert (server.url, client.get("kept")) == (url, b"yes")
    assert server.pid != pid


def test_it_has_started_when_it_has_loaded_its_data_and_not_before(server: RedisServer, client: redis.Redis):
    client.eval("for number = 1, 400000 do redis.call('SET', 'key:' .. number, number) end", 0)
    server.kill()
    server.start()
    assert client.dbsize() == 400_000


def test_it_restarts_empty_on_the_same_port(server: RedisServer, client: redis.Redis):
    client.set("lost", "yes")
    url = server.url
    server.restart_empty()
    assert (server.url, client.get("lost"), client.dbsize()) == (url, None, 0)


def test_a_frozen_redis_is_silent_until_it_is_thawed(server: RedisServer):
    server.freeze()
    with pytest.raises(redis.TimeoutError):
        probe(server.url, timeout_seconds=0.2)
    server.thaw()
    assert probe(server.url).pid == server.pid


def test_a_frozen_redis_can_be_stopped(server: RedisServer):
    server.freeze()
    server.stop()
    assert is_free(server.port)


def test_a_redis_without_modules_is_refused_with_the_next_step(tmp_path: Path, program: RedisProgram):
    bare = RedisProgram(program.server, (), program.libraries)
    with RedisServer(tmp_path, program=bare) as server:
        version = probe(server.url).version
        with pytest.raises(Problem) as raised:
            require_modules(server.url)
    assert str(raised.value) == (
        f"The Redis {version} at 127.0.0.1:{server.port} has no JSON and Search modules, which sessions are kept with."
        " Next: point REDIS_URL to Redis 8 or Redis Stack, or leave it unset to have one started."
    )


def test_no_redis_at_all_is_said_without_the_password(tmp_path: Path, program: RedisProgram):
    server = RedisServer(tmp_path, program=program)
    with pytest.raises(Problem) as raised:
        require_modules(f"redis://ann:secret@127.0.0.1:{server.port}/0")
    assert raised.value.what == f"No Redis answers at 127.0.0.1:{server.port} (ConnectionError)."


def test_a_taken_port_is_a_problem_and_not_a_traceback(server: RedisServer, tmp_path: Path, program: RedisProgram):
    second = RedisServer(tmp_path / "second", port=server.port, program=program)
    with pytest.raises(Problem, match=f"^Redis does not start on port {server.port}\\. Next: read the end of "):
        second.start()
