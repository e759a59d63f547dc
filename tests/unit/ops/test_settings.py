import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from distchat_site.production import production_faults
from distchat_site.settings_table import DEVELOPMENT_KEY, TABLE, Environment, as_dotenv, as_markdown

ROOT = Path(__file__).resolve().parents[3]
READERS = {"text", "word", "flag", "number", "list", "database"}
TERMINAL_CONVENTIONS = {"NO_COLOR", "TERM"}  # of every program, not settings of this one
OF_THE_DRILLS = {"DISTCHAT_WEAKENED"}  # read by the broken application of the negative controls, which no site runs
STRONG_KEY = "q7W!e9R2t" * 6


def reads_in(source: str) -> set[str]:
    """Names of environment variables that the Python text reads: environment.<kind>("NAME"), os.environ, os.getenv."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            found.add(ast.literal_eval(node.slice))
        if isinstance(node, ast.Call) and node.args and is_reader(node.func):
            found.add(ast.literal_eval(node.args[0]))
    return found


def is_reader(function: ast.expr) -> bool:
    called = ast.unparse(function)
    subject, _, verb = called.rpartition(".")
    return called in {"os.environ.get", "os.getenv"} or (subject == "environment" and verb in READERS | {"mail"})


def product_files() -> list[Path]:
    return [file for room in ("accounts", "chat", "distchat_site") for file in sorted((ROOT / room).rglob("*.py"))]


def test_the_table_holds_exactly_what_the_product_reads():
    read = {name for file in product_files() for name in reads_in(file.read_text())}
    assert sorted(read - TERMINAL_CONVENTIONS - OF_THE_DRILLS) == sorted(row.name for row in TABLE)


def test_each_setting_is_in_the_table_once_and_says_what_it_means():
    assert len({row.name for row in TABLE}) == len(TABLE)
    assert [row.name for row in TABLE if not row.meaning.endswith(".") or "|" in row.meaning] == []


def test_the_example_file_is_the_table():
    assert (ROOT / ".env.example").read_text() == as_dotenv()


def test_the_markdown_table_has_a_row_for_each_setting():
    assert [line.split("`")[1] for line in as_markdown().splitlines()[2:]] == [row.name for row in TABLE]


def test_a_setting_that_is_not_in_the_table_cannot_be_read(tmp_path: Path):
    with pytest.raises(KeyError):
        Environment(tmp_path / ".env").text("DISTCHAT_UNKNOWN")


def test_a_relative_sqlite_path_does_not_depend_on_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATABASE_URL", "sqlite:///var/chat.sqlite3")
    environment = Environment(tmp_path / ".env")
    assert environment.database("DATABASE_URL", root=tmp_path)["NAME"] == str(tmp_path / "var" / "chat.sqlite3")


def test_debugging_is_not_for_the_internet():
    faults = production_faults(debug=True, secret_key=STRONG_KEY, allowed_hosts=["localhost", "chat.example.org"])
    assert faults == ["DEBUG is true, and ALLOWED_HOSTS names chat.example.org: set DEBUG to false."]


def test_development_has_no_production_faults():
    assert production_faults(debug=True, secret_key=DEVELOPMENT_KEY, allowed_hosts=["*"]) == []


@pytest.mark.parametrize(
    ("key", "hosts", "beginnings"),
    [
        (STRONG_KEY, ["chat.example.org"], []),
        (DEVELOPMENT_KEY, ["chat.example.org"], ["SECRET_KEY"]),
        ("short", ["chat.example.org"], ["SECRET_KEY"]),
        (STRONG_KEY, ["*"], ["ALLOWED_HOSTS"]),
        (STRONG_KEY, [], ["ALLOWED_HOSTS"]),
        (DEVELOPMENT_KEY, ["*"], ["SECRET_KEY", "ALLOWED_HOSTS"]),
    ],
)
def test_each_production_fault_is_named(key: str, hosts: list[str], beginnings: list[str]):
    faults = production_faults(debug=False, secret_key=key, allowed_hosts=hosts)
    assert [fault.split()[0] for fault in faults] == beginnings


def import_settings(shown: str = "settings.CHANNEL_LAYERS", **environment: str) -> subprocess.CompletedProcess[str]:
    """What daphne does: import the settings in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", f"import distchat_site.settings as settings; print({shown})"],
        env={**os.environ, "REDIS_URL": "", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_production_with_the_development_key_does_not_start():
    refused = import_settings(DEBUG="false", SECRET_KEY=DEVELOPMENT_KEY)
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith(
        "django.core.exceptions.ImproperlyConfigured: Production (DEBUG is false) refuses to start. SECRET_KEY"
    )


def test_production_with_a_key_and_hosts_starts():
    started = import_settings(DEBUG="false", SECRET_KEY=STRONG_KEY, ALLOWED_HOSTS="chat.example.org")
    assert (started.returncode, started.stderr) == (0, "")


def test_without_redis_the_channel_layer_is_in_memory():
    layer = ast.literal_eval(import_settings().stdout)["default"]
    assert layer == {"BACKEND": "chat.fanout.memory.MemoryLayer"}


def test_every_redis_host_is_a_shard_of_the_hardened_layer():
    layer = ast.literal_eval(import_settings(REDIS_URL="redis://a/0, redis://b/0").stdout)["default"]
    assert layer["BACKEND"] == "chat.fanout.layer.HardenedPubSubLayer"
    assert [host["address"] for host in layer["CONFIG"]["hosts"]] == ["redis://a/0", "redis://b/0"]


def test_all_that_redis_is_asked_to_keep_begins_with_the_prefix():
    layer = "settings.CHANNEL_LAYERS['default']['CONFIG']['prefix']"
    shown = f"[{layer}, *(cache['KEY_PREFIX'] for cache in settings.CACHES.values())]"
    prefixes = ast.literal_eval(import_settings(shown, REDIS_URL="redis://a/0", REDIS_PREFIX="second-site").stdout)
    assert prefixes == ["second-site"] * 2


@pytest.mark.parametrize("prefix", ["", "a:b", "a b", "a*"])
def test_a_prefix_that_would_break_the_keys_is_refused(prefix: str):
    refused = import_settings(REDIS_PREFIX=prefix)
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == (
        f"django.core.exceptions.ImproperlyConfigured: REDIS_PREFIX is {prefix!r}; use letters, digits, _ and - only."
    )
