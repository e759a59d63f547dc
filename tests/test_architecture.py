"""The import table of docs/architecture.md, and the habits that keep files small and their names honest."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = ("accounts", "chat", "distchat_site")

LAYERS = {
    "root": (("distchat_site", "chat.drills.weakened", "chat.drills.counting"), True),
    "3": (
        (
            *("chat.node", "chat.edge", "chat.assistant", "chat.ops", "chat.proof", "chat.demo", "chat.drills"),
            "chat.management",
            *("chat.admin", "chat.apps", "chat.receivers", "chat.routing", "chat.urls", "chat.views"),
            *("chat.asking", "chat.devices", "chat.preferences", "chat.preferences_urls"),
            *("chat.modules", "chat.templatetags"),
        ),
        True,
    ),
    "2": (("chat.actions", "chat.queries"), True),
    "1": (("chat.log", "chat.session", "chat.fanout", "chat.presence"), False),
    "tables": (("chat.models", "accounts"), False),
    "0": (
        (
            *("chat.wire", "chat.batching", "chat.database", "chat.ending", "chat.failpoints"),
            *("chat.histogram", "chat.version"),
            *("distchat_site.settings_table", "distchat_site.production"),
        ),
        True,
    ),
}
"""From the top down: rooms by layer, and whether the rooms of a layer may import each other."""

CALLERS = {
    "log.append": {
        *("chat.actions.assistant", "chat.actions.conversations", "chat.actions.messages", "chat.actions.staff"),
    },
    "fanout.publish": {"chat.node"},
    "fanout.pass_on": {"chat.actions.assistant", "chat.node"},
    "fanout.tell_user": {"chat.actions.reading", "chat.edge.doorkeeper"},
    "fanout.user_event": {"chat.actions.conversations", "chat.actions.staff", "chat.receivers"},
    "fanout.hint_presence": {"chat.edge.doorkeeper"},
    "database.write": {
        *("chat.log.append", "chat.actions.assistant", "chat.actions.conversations", "chat.actions.marks"),
        *("chat.actions.cluster", "chat.actions.staff", "chat.session.service"),
        "chat.ops.health",  # asks the writer for the migrations, and so learns whether it answers
    },
    "database.write_behind": {
        *("chat.session.folder", "chat.assistant.reminders", "chat.assistant.runner", "chat.assistant.service"),
        *("chat.assistant.graph", "chat.assistant.tools"),
    },
}
"""Who may use a verb that changes the log, writes to the database or speaks to other nodes, in all that a node runs."""

PROVERS = {"chat.proof", "chat.demo", "chat.drills", "chat.management"}
"""The only rooms that import the proof kit, the demo and the drills: a node runs without them."""

FRAMEWORKS = {"asyncio", "channels", "daphne", "django", "langgraph", "redis", "socket", "twisted"}
VAGUE = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}

LINES = 300
TEST_LINES = 500
"""A file of tests is a list, and longer than code may be."""
LONGER_FILES = {
    "chat/proof/device.py": "one class: a verb for each command of the protocol",
    "chat/proof/rules.py": "one function for each rule of the checker, side by side",
    "chat/wire/schema.py": "one model for each event, side by side",
}
BODY_LINES = 40


@cache
def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    files = (file for room in PRODUCT for file in sorted((ROOT / room).rglob("*.py")))
    return {_name_of(file): file for file in files if "migrations" not in file.parts}


def _name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), str(file))


@cache
def imports_of(file: Path) -> frozenset[str]:
    """What a file imports anywhere in it; `from package import module` names the module."""
    found: set[str] = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base_of(node, file)
            names = {f"{base}.{alias.name}" for alias in node.names}
            found |= {name if name in modules() else base for name in names}
    return frozenset(found)


def _base_of(node: ast.ImportFrom, file: Path) -> str:
    if not node.level:
        return node.module or ""
    package = file.relative_to(ROOT).parent.parts
    return ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])


def room_of(module: str) -> str | None:
    """The room of the table that holds a module, the longest name first."""
    rooms = [room for layer, _ in LAYERS.values() for room in layer if f"{module}.".startswith(f"{room}.")]
    return max(rooms, key=len, default=None)


def layer_of(room: str) -> int:
    """Counted from the top: imports go to larger numbers."""
    return next(index for index, (rooms, _) in enumerate(LAYERS.values()) if room in rooms)


def is_allowed(importer: str, imported: str) -> bool:
    if importer == imported:
        return True
    above, below = layer_of(importer), layer_of(imported)
    return above < below or (above == below and list(LAYERS.values())[above][1])


def room_imports() -> Iterator[tuple[str, str, str]]:
    """(module, its room, imported room) for every import within the product."""
    for module, file in modules().items():
        for imported in imports_of(file):
            here, there = room_of(module), room_of(imported)
            if imported.partition(".")[0] in PRODUCT and here and there:
                yield module, here, there


def callers_of(subject: str, verb: str) -> set[str]:
    """Modules with an expression `….subject.verb` or `subject.verb`, a leading underscore apart."""
    found = set()
    for module, file in modules().items():
        if room_of(module) in PROVERS:
            continue
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Attribute) and node.attr == verb:
                owner = ast.unparse(node.value).rpartition(".")[2]
                if owner.lstrip("_") == subject:
                    found.add(module)
    return found


def functions_in(file: Path) -> Iterator[tuple[str, int]]:
    """Name and number of lines of the body, its docstring left out."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield node.name, (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def longer_than(lines: int, *folders: str) -> list[str]:
    files = sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    ours = [file for file in files if not {"migrations", "node_modules"} & set(file.parts)]
    return [str(file.relative_to(ROOT)) for file in ours if len(file.read_text().splitlines()) > lines]


# The table


def test_the_table_is_the_one_in_the_documents():
    page = (ROOT / "docs" / "architecture.md").read_text()
    chapter = page.partition("## Layers\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in chapter.splitlines() if line.startswith("|")][2:]
    told = [(layer.strip(), tuple(re.findall(r"`([\w.]+)`", rooms)), each.strip()) for layer, rooms, each in rows]
    assert told == [(layer, rooms, "yes" if each else "no") for layer, (rooms, each) in LAYERS.items()]


def test_every_module_has_its_place_in_the_table():
    assert [module for module in modules() if module != "chat" and room_of(module) is None] == []


def test_every_room_of_the_table_exists():
    rooms = [room for layer, _ in LAYERS.values() for room in layer]
    assert [room for room in rooms if room not in modules()] == []


def test_imports_go_down_only_and_rooms_of_a_layer_keep_to_themselves():
    upward = {f"{module} → {there}" for module, here, there in room_imports() if not is_allowed(here, there)}
    assert sorted(upward) == []


def test_accounts_know_nothing_of_the_chat():
    accounts = [(module, there) for module, here, there in room_imports() if here == "accounts" and there != "accounts"]
    assert accounts == []


def test_modules_import_each_other_in_no_circle():
    graph = {module: imports_of(file) & modules().keys() for module, file in modules().items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_a_node_runs_without_the_proof_kit_the_demo_and_the_drills():
    users = {here for _, here, there in room_imports() if there in {"chat.proof", "chat.demo", "chat.drills"}}
    assert users - PROVERS == set()


def test_nothing_imports_from_tests_or_benchmarks():
    outside = {
        module: {name for name in imports_of(file) if name.partition(".")[0] in {"tests", "benchmarks"}}
        for module, file in modules().items()
    }
    assert {module: names for module, names in outside.items() if names} == {}


# The rooms


def test_the_wire_neither_waits_nor_knows_a_framework():
    for module, file in modules().items():
        if room_of(module) != "chat.wire":
            continue
        waits = [type(node).__name__ for node in ast.walk(tree(file)) if isinstance(node, _WAITING)]
        known = {name for name in imports_of(file) if name.partition(".")[0] in FRAMEWORKS}
        others = {name for name in imports_of(file) if name in modules() and room_of(name) != "chat.wire"}
        assert (module, waits, known, others) == (module, [], set(), set())


_WAITING = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)


def test_the_wire_is_there_without_django():
    wire = [module for module in modules() if room_of(module) == "chat.wire"]
    program = f"import sys\nfor name in {wire}: __import__(name)\nprint('django' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("False\n", "")


@pytest.mark.parametrize("verb", CALLERS)
def test_only_these_modules_use_the_verb(verb: str):
    assert callers_of(*verb.split(".")) == CALLERS[verb]


def test_messages_get_to_redis_by_the_publisher_alone():
    senders = {room_of(module) for verb in ("group_send", "group_send_many") for module in _users_of(verb)}
    assert senders == {"chat.fanout", "chat.receivers"}  # a command without a node tells nodes of a revocation itself


def _users_of(name: str) -> set[str]:
    return {
        module
        for module, file in modules().items()
        if any(isinstance(node, ast.Attribute) and node.attr == name for node in ast.walk(tree(file)))
    }


# Names and sizes


def test_every_module_says_what_it_is_for():
    written = [file for file in modules().values() if file.read_text().strip()]
    assert [str(file.relative_to(ROOT)) for file in written if not ast.get_docstring(tree(file))] == []


def test_no_module_is_a_drawer_for_everything():
    assert [module for module in modules() if VAGUE & set(re.split(r"[._]", module))] == []


def test_files_are_short_or_say_why_not():
    assert longer_than(LINES, *PRODUCT, "benchmarks") == sorted(LONGER_FILES)
    assert longer_than(TEST_LINES, "tests") == []


def test_functions_are_short():
    long = [
        f"{file.relative_to(ROOT)}:{name} has {lines} lines"
        for file in modules().values()
        for name, lines in functions_in(file)
        if lines > BODY_LINES
    ]
    assert long == []
