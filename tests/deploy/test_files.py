"""What the files in deploy/ say agrees with the project, and with each other."""

import re
import shlex
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from shutil import which

import pytest
import yaml
from django.core.management import get_commands

from chat.ops import is_ready
from chat.ops.daphne import EXIT_SECONDS
from chat.proof.cluster import APPLICATION, DAPHNE_OPTIONS
from chat.wire.limits import HEARTBEAT_SECONDS
from distchat_site.settings_table import TABLE
from tests.deploy import compose
from tests.deploy.compose import DEPLOY, EXAMPLE

ROOT = DEPLOY.parent
SETTINGS = {row.name for row in TABLE}
OF_COMPOSE = {"DISTCHAT_DOMAIN", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}
OF_CADDY = {"DISTCHAT_DOMAIN", "DISTCHAT_NODES", "DISTCHAT_STATIC_PARENT"}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
NGINX = (DEPLOY / "nginx.conf").read_text()
CADDY = (DEPLOY / "Caddyfile").read_text()
UNITS = sorted((DEPLOY / "systemd").iterdir())
PROGRAMS = [unit for unit in UNITS if unit.suffix == ".service"]
OURS = compose.ours()
NODES = {name: service for name, service in OURS.items() if name.startswith("node")}


def seconds(text: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(s|m|min)?", text).groups()
    return float(number) * {"s": 1, None: 1}.get(unit, 60)


def test_the_guide_leads_to_every_file():
    guide = (ROOT / "docs" / "deployment_and_testing.md").read_text()
    led_to = set(re.findall(r"\]\(\.\./deploy/([^)#]+)\)", guide))
    assert {file.name + "/" * file.is_dir() for file in DEPLOY.iterdir() if file.name != ".env"} == {
        name + "/" * (DEPLOY / name).is_dir() if not name.endswith("/") else name for name in led_to
    }


# One way to start a node


def daphne_of_the_unit() -> list[str]:
    text = (DEPLOY / "systemd" / "distchat@.service").read_text().replace("\\\n", " ")
    return shlex.split(re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)[1])


def daphne_of_the_image() -> list[str]:
    return yaml.safe_load(re.search(r"^CMD (\[.*?\])$", DOCKERFILE.replace("\\\n", " "), re.MULTILINE)[1])


def daphne_of_the_manual() -> list[str]:
    text = (ROOT / "docs" / "operations.md").read_text().replace("\\\n", " ")
    return shlex.split(re.search(r"^DISTCHAT_NODE=server_1 (daphne .*)$", text, re.MULTILINE)[1])


@pytest.mark.parametrize(
    "command",
    [
        *(service["command"] for service in NODES.values()),
        *(daphne_of_the_image(), daphne_of_the_unit(), daphne_of_the_manual()),
    ],
)
def test_a_node_is_started_as_the_tests_start_it(command: list[str]):
    assert Path(command[0]).name == "daphne"
    assert command[1:5:2] == ["-b", "-p"]
    assert command[5:] == [*DAPHNE_OPTIONS, APPLICATION]


# compose


def test_there_are_three_nodes_with_names_of_their_own_and_one_worker():
    names = [service["environment"]["DISTCHAT_NODE"] for service in NODES.values()]
    assert names == ["server_1", "server_2", "server_3"]
    assert OURS["assistant"]["command"][:3] == ["python", "manage.py", "run_assistant"]


@pytest.mark.parametrize("name", OURS)
def test_compose_sets_only_settings_that_exist_and_all_services_the_same(name: str):
    said = OURS[name]["environment"]
    assert set(said) - SETTINGS == set()
    shared = {key: value for key, value in said.items() if key != "DISTCHAT_NODE"}
    assert shared == OURS["migrate"]["environment"]
    assert (said["DEBUG"], said["DISTCHAT_HTTPS"], said["DISTCHAT_TRUST_PROXY"]) == ("false", "true", "true")


def test_the_example_file_names_what_is_needed_and_nothing_else():
    example = compose.dotenv(EXAMPLE.read_text())
    used = set(compose.VARIABLE.findall(compose.FILE.read_text()))
    assert set(example) - SETTINGS - OF_COMPOSE == set()
    assert used == OF_COMPOSE | {"SECRET_KEY"}
    assert used <= set(example)
    assert set(OURS["node1"]["environment"]) - {"DISTCHAT_NODE"} <= set(example)


def test_no_secret_has_a_value_in_a_file_of_the_project():
    example = compose.dotenv(EXAMPLE.read_text())
    secrets = {name for name in example if re.search(r"SECRET|PASSWORD|TOKEN|API_KEY", name)}
    assert len(secrets) >= 5
    assert {example[name] for name in secrets} == {""}


@pytest.mark.parametrize("name", compose.services())
def test_every_service_is_pinned_restarted_and_shut_in(name: str):
    service = compose.services()[name]
    is_job = name in ("migrate", "manage")
    assert service["image"] == compose.OURS or re.fullmatch(r"[a-z]+:\d+(\.\d+)*", service["image"])
    assert service["restart"] == ("no" if is_job else "unless-stopped")
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert ("ports" in service) == (name == "proxy")
    assert set(service["networks"]) <= set(compose.document()["networks"])
    for mount in service.get("volumes", ()):
        source = mount.split(":")[0]
        assert source in compose.document()["volumes"] or (DEPLOY / source).is_file()


def test_nothing_but_the_proxy_and_who_calls_others_can_reach_the_world():
    assert compose.document()["networks"]["inside"] == {"internal": True}
    out = {name for name, service in compose.services().items() if "outside" in service["networks"]}
    assert out == {"proxy", "assistant", *NODES}


@pytest.mark.parametrize("name", compose.services())
def test_what_a_service_waits_for_is_there_and_has_a_check(name: str):
    services = compose.services()
    for other, how in services[name].get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "test" in services[other]["healthcheck"]
        else:
            assert services[other]["restart"] == "no"


@pytest.mark.parametrize("name", NODES)
def test_the_check_of_a_node_asks_a_path_that_there_is(name: str):
    test = NODES[name]["healthcheck"]["test"]
    assert test[:4] == ["CMD", "python", "-m", is_ready.__name__]
    asked = dict(zip(test[4::2], test[5::2], strict=True))
    assert f'"{asked["--path"]}"' in (ROOT / "chat" / "ops" / "door.py").read_text()
    assert asked["--port"] == NODES[name]["command"][4]


@pytest.mark.parametrize("name", [*NODES, "assistant"])
def test_nobody_is_killed_in_a_drain(name: str):
    assert seconds(OURS[name]["stop_grace_period"]) > EXIT_SECONDS + 2


def test_caddy_is_given_what_its_file_reads_and_all_nodes():
    proxy = compose.services()["proxy"]
    read = set(re.findall(r"\{\$(\w+)", CADDY))
    assert read == OF_CADDY == set(proxy["environment"])
    ports = {name: service["command"][4] for name, service in NODES.items()}
    assert proxy["environment"]["DISTCHAT_NODES"].split() == [f"{name}:{port}" for name, port in ports.items()]


# Proxies


def test_a_silent_socket_lives_longer_in_the_proxy_than_two_heartbeats():
    socket = NGINX.partition("location /ws/ {")[2].partition("}")[0]
    for name in ("proxy_read_timeout", "proxy_send_timeout"):
        assert seconds(re.search(rf"{name} (\w+);", socket)[1]) > 2 * HEARTBEAT_SECONDS
    assert "stream_timeout" not in CADDY


def test_a_page_may_take_as_long_as_its_node_allows():
    allowed = seconds(DAPHNE_OPTIONS[DAPHNE_OPTIONS.index("--http-timeout") + 1])
    pages = NGINX.partition("location / {\n            proxy_pass")[2].partition("}")[0]
    assert seconds(re.search(r"proxy_read_timeout (\w+);", pages)[1]) > allowed


# The image


def test_everything_that_the_image_copies_is_there_and_reaches_the_builder():
    sources = [
        word for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]
    ]
    admitted = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {source.removeprefix("./") for source in sources} == admitted


@pytest.mark.parametrize("secret", [".env", "deploy/.env", "var/distchat.sqlite3", ".git/config", "chat/.env"])
def test_no_secret_reaches_the_builder(secret: str):
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    admitted = any(secret == line[1:] or secret.startswith(line[1:] + "/") for line in lines if line[0] == "!")
    assert not admitted or fnmatch(Path(secret).name, lines[-1].rpartition("/")[2])


def test_the_python_of_the_image_is_the_one_of_the_locks():
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    locked = re.search(r"--python-version (\S+)", (ROOT / "requirements.txt").read_text())[1]
    assert {re.match(r"python:([\d.]+)-", base)[1] for base in bases} == {locked}
    assert asked == f">={locked}"


def test_the_image_takes_only_packages_with_the_hashes_of_the_lock_and_is_nobody_in_particular():
    installs = re.findall(r"pip install ([^;\\\n]+)", DOCKERFILE)
    assert len(installs) == 2
    assert [each for each in installs if not each.startswith("--require-hashes --no-deps ")] == []
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)", last, re.MULTILINE) == ["10001:10001"]
    assert last.index("collectstatic") < last.index("\nUSER ")


# systemd


@pytest.fixture
def moved_units(tmp_path: Path) -> Path:
    """The units as if the project were installed where these tests run."""
    folder = tmp_path / "units"
    folder.mkdir()
    for unit in UNITS:
        text = unit.read_text().replace("/opt/distchat/.venv/bin", str(Path(sys.executable).parent))
        (folder / unit.name).write_text(text.replace("/opt/distchat", str(ROOT)))
    (folder / "distchat@1.service").write_text((folder / "distchat@.service").read_text())
    return folder


def analyze(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = which("systemd-analyze")
    if program is None:
        pytest.skip("NOT TESTED WITH SYSTEMD: systemd-analyze is not installed (apt install systemd)")
    return subprocess.run(
        [program, *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )


def test_systemd_finds_no_fault_in_the_units(moved_units: Path):
    names = [f"./{unit.name}" for unit in sorted(moved_units.iterdir()) if unit.name != "distchat@.service"]
    done = analyze("verify", "--man=no", *names, folder=moved_units)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", [unit.name.replace("@", "@1") for unit in PROGRAMS])
def test_systemd_calls_what_a_service_may_do_ok(moved_units: Path, unit: str):
    done = analyze("security", "--offline=yes", "--no-pager", "--threshold=20", f"./{unit}", folder=moved_units)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("unit", PROGRAMS, ids=lambda unit: unit.name)
def test_a_unit_names_settings_and_commands_that_exist(unit: Path):
    text = unit.read_text()
    said = {pair.partition("=")[0] for line in re.findall(r"^Environment=(.*)$", text, re.M) for pair in line.split()}
    assert said - SETTINGS <= {"PYTHONUNBUFFERED"}
    for command in re.findall(r"manage\.py (\w+)", text):
        assert command in get_commands()


def test_systemd_waits_for_a_drain_too():
    for unit in ("distchat@.service", "distchat-assistant.service"):
        text = (DEPLOY / "systemd" / unit).read_text()
        assert seconds(re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)[1]) > EXIT_SECONDS + 2
