"""`manage.py run_demo` from its first line to its exit code, as a person or a script gets it."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from chat.ops.ports import free_port
from chat.proof.cluster import PROJECT

RUN_SECONDS = 150
QUIET_SECONDS = 1.0
SEEDED_LINES = [
    "分布式多端多机器对话演示",
    "启动 3 个演示服务器...",
    "✅ 所有服务器启动完成",
    "启动 5 个演示客户端...",
    "  客户端 client_1 连接到 ws://localhost:PORT",
    "演示1: 消息一致性",
    "场景: 多个客户端在不同服务器上发送消息",
    "客户端 client_1: 消息发送成功 - '你好，这是一个测试消息'",
    "客户端 client_2: 收到来自 fixed_user_1 的消息 - '你好，这是一个测试消息'",
    "消息统计:",
    "  总发送消息: 25",
    "演示2: 断点恢复",
    "断开 2 个客户端连接...",
    "重新连接客户端...",
    "  客户端 client_1: 会话恢复成功",
    "    用户ID: fixed_user_1",
    "演示3: 多端设备同步",
    "为用户 multi_device_user 创建3个设备...",
    "  设备 device_1 连接到 ws://localhost:PORT",
    "从设备1发送测试消息...",
    "检查设备同步情况...",
    "  设备3: 收到 3 条消息",
    "演示完成!",
    "最终系统状态:",
    "  活跃会话: 6",
    "  消息频道订阅数: 3 (Redis统计的服务器数)",
    "演示总结:",
]


class Demo:
    """Runs the command with a database of its own; without REDIS_URL it starts a Redis of its own."""

    def __init__(self, folder: Path) -> None:
        self.json_path = folder / "result.json"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "distchat_site.settings",
            "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3",
            "REDIS_URL": "",
            "DEBUG": "true",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }

    def start(self, *options: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "manage.py", *options],
            env=self.environment,
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.PIPE,
            text=True,
        )

    def run(self, *options: str) -> tuple[int, str]:
        return ended(self.start("run_demo", "--json", str(self.json_path), *options))

    @property
    def result(self) -> dict[str, Any]:
        return orjson.loads(self.json_path.read_bytes())


@pytest.fixture
def new_demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path)


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Its exit code and the rest of its output; one that goes on and on is killed, and its nodes with it."""
    try:
        output, _ = process.communicate(timeout=RUN_SECONDS)
    finally:
        process.kill()
        process.wait()
    return process.returncode, output


def migrated(demo: Demo) -> Demo:
    """With a database that is up to date."""
    code, output = ended(demo.start("migrate", "--verbosity", "0"))
    assert code == 0, output
    return demo


@pytest.fixture
def demo(new_demo: Demo) -> Demo:
    return migrated(new_demo)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    """The result and the lines of the default demo, in Chinese."""
    demo = migrated(Demo(tmp_path_factory.mktemp("demo")))
    code, output = demo.run("--base-port", "auto", "--language", "zh-hans", "--seed", "7")
    assert code == 0, output
    return demo.result, output.splitlines()


def is_listening(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))) == 0


def numbers_of(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {scenario["name"]: scenario["numbers"] for scenario in result["scenarios"]}


def test_the_default_demo_tells_the_story_in_its_order(finished: tuple[dict[str, Any], list[str]]):
    lines = [re.sub(r"localhost:\d+", "localhost:PORT", line) for line in finished[1]]
    assert [line for line in SEEDED_LINES if line not in lines] == []
    places = [lines.index(line) for line in SEEDED_LINES]
    assert places == sorted(places)


def test_the_default_demo_passes_and_leaves_no_node_behind(finished: tuple[dict[str, Any], list[str]]):
    result, _ = finished
    assert (result["passed"], result["error"], result["seed"]) == (True, None, 7)
    assert [scenario["failures"] for scenario in result["scenarios"]] == [[], [], [], []]
    assert [url for url in result["nodes"].values() if is_listening(url)] == []


def test_the_numbers_of_the_default_demo_are_exact(finished: tuple[dict[str, Any], list[str]]):
    numbers = numbers_of(finished[0])
    assert list(numbers) == ["consistency", "recovery", "devices", "state"]
    exact = {"sent": 25, "delivered": 125, "received_from_others": 100, "lost": 0, "doubled": 0, "reordered": 0}
    assert {key: numbers["consistency"][key] for key in exact} == exact
    assert len(set(numbers["consistency"]["hashes"].values())) == 1
    assert [numbers[name]["violations"] for name in ("consistency", "recovery", "devices")] == [0, 0, 0]
    assert (numbers["recovery"]["cut"], numbers["recovery"]["missed"]) == (2, 6)
    assert numbers["recovery"]["client_1"]["source"] == "checkpoint"
    assert sum(numbers["state"]["connections"].values()) == 8


def test_the_simple_demo_passes_says_what_it_cannot_show_and_ends_with_ctrl_c(demo: Demo):
    process = demo.start("run_demo", "--simple", "--keep", "--language", "en", "--base-port", "auto")
    assert process.stdout is not None
    told: list[str] = []
    for line in process.stdout:
        told.append(line.rstrip("\n"))
        if line.startswith("The password of every demo user is ") and any("Ctrl-C" in each for each in told):
            break
    process.send_signal(signal.SIGINT)
    code, rest = ended(process)
    assert code == 0, "\n".join(told) + rest
    assert "Everything that was started has been ended." in rest
    assert "- several nodes, and messages that travel between them through Redis;" in told
    urls = [line.split()[1] for line in told if line.startswith("  server_1: http://")]
    assert len(urls) == 2  # before the scenarios, and after them
    assert not is_listening(urls[0])


def test_a_pause_lasts_until_enter_is_pressed_and_ends_with_ctrl_c_as_well(demo: Demo):
    for press_enter in (True, False):
        process = demo.start("run_demo", "--simple", "--keep", "--pause", "--language", "en", "--base-port", "auto")
        assert process.stdin is not None
        assert process.stdout is not None
        told = [next(line for line in process.stdout if "press Enter" in line)]
        assert select.select([process.stdout], [], [], QUIET_SECONDS)[0] == []
        if press_enter:
            process.stdin.write("\n")
            process.stdin.flush()
            told += [next(line for line in process.stdout if "Demo 1" in line)]
        process.send_signal(signal.SIGINT)
        code, rest = ended(process)
        assert code == 128 + signal.SIGINT, "".join(told) + rest
        assert ("Demo 1" in rest, "Traceback" in rest) == (False, False)


def test_sigterm_in_the_middle_leaves_no_process_behind(demo: Demo):
    process = demo.start("run_demo", "--base-port", "auto", "--language", "en")
    assert process.stdout is not None
    places = []
    for line in process.stdout:
        places += re.findall(r"runs at localhost:(\d+)|runs at 127.0.0.1:(\d+)|this run at 127.0.0.1:(\d+)", line)
        if "Demo 1" in line:
            break
    process.terminate()
    code, rest = ended(process)
    assert code == 128 + signal.SIGTERM, rest
    assert "Traceback" not in rest
    assert len(places) == 4  # three nodes and the Redis
    assert not any(is_listening("".join(found)) for found in places)


def test_a_port_that_is_taken_is_named_with_the_option_that_helps(demo: Demo):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, output = demo.run("--base-port", str(port), "--language", "en")
    assert code == 2
    assert f"{port}" in output.splitlines()[-2]
    assert "--base-port auto" in output.splitlines()[-2]
    assert "Traceback" not in output
    assert demo.result["error"]["next_step"].startswith("end it, or choose other ports")


def test_a_database_that_is_not_up_to_date_is_told_with_the_command_that_helps(new_demo: Demo):
    code, output = new_demo.run("--base-port", "auto", "--language", "en")
    assert code == 2
    assert "manage.py migrate" in output
    assert "Traceback" not in output


def test_a_redis_that_does_not_answer_is_told_in_one_sentence(demo: Demo):
    demo.environment["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"
    code, output = demo.run("--base-port", "auto", "--language", "zh-hans")
    assert code == 2
    assert "没有Redis响应。 下一步: " in output
    assert "Traceback" not in output


def test_a_node_that_dies_at_its_start_is_told_with_its_log(demo: Demo, tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nif 'daphne' in sys.orig_argv: sys.exit('no daphne today')\n"
    )
    demo.environment["PYTHONPATH"] = str(tmp_path)
    code, output = demo.run("--base-port", "auto", "--language", "en")
    assert code == 2
    told = output.splitlines()[-2]
    assert told.startswith("❌ The nodes did not start: server_1 ended at its start with code 1. Next: read the log: ")
    assert "no daphne today" in Path(told.rpartition(" ")[2]).read_text()
