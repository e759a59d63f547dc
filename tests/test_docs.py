"""What the documents say is so: settings, links, commands, tests, functions, numbers."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import get_commands

from distchat_site.settings_table import as_markdown

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
ELSEWHERE = {".venv", "var", "node_modules", "staticfiles", "htmlcov"}

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TEST_LINK = re.compile(r"\[`(test_\w+)`\]\(([^)\s]+)\)")
CODE = re.compile(r"`([\w/]+\.py):([\w.]+)`")
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    found = sorted(ROOT.rglob("*.md"))
    return [page for page in found if not any(part in ELSEWHERE or part[0] == "." for part in _parts(page))]


def _parts(page: Path) -> tuple[str, ...]:
    return page.relative_to(ROOT).parts


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def chapter(page: str, title: str) -> str:
    text = (ROOT / page).read_text()
    assert f"\n## {title}\n" in text, f"{page} has no chapter {title}"
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of a table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def anchors(page: Path) -> set[str]:
    """Headings as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", CODE_BLOCK.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def definitions(file: Path) -> set[str]:
    """Functions, classes, methods (Class.method), constants and fields of a module."""
    return set(_defined(ast.parse(file.read_text()).body, ""))


def _defined(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from [prefix + node.name, *_defined(node.body, f"{prefix}{node.name}.")]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
            yield from (prefix + name.id for name in names)


# Links


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path):
    broken = []
    for target in LINK.findall(CODE_BLOCK.sub("", page.read_text())):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_function_that_a_page_names_exists(page: Path):
    named = CODE.findall(page.read_text())
    missing = [f"{path}:{name}" for path, name in named if not _is_defined(ROOT / path, name)]
    assert missing == []


def _is_defined(file: Path, name: str) -> bool:
    return file.is_file() and name in definitions(file)


def test_the_life_of_a_message_names_its_functions():
    assert len(CODE.findall((ROOT / "docs/life_of_a_message.md").read_text())) >= 30


def test_every_decision_is_listed():
    index = ROOT / "docs" / "decisions" / "README.md"
    listed = {link for link in LINK.findall(index.read_text()) if "/" not in link}
    assert listed == {note.name for note in index.parent.glob("*.md")} - {"README.md"}


# Settings and numbers


def test_the_settings_are_those_of_the_table():
    assert as_markdown() in (ROOT / "docs/operations.md").read_text()
    assert rows(chapter("docs/operations.md", "Settings")) == rows(as_markdown())


BUDGETS = rows(chapter("docs/architecture.md", "Budgets"))


@pytest.mark.parametrize("row", BUDGETS, ids=lambda row: row[0])
def test_every_budget_is_the_number_in_the_code(row: list[str]):
    told, where = row[1], CODE.fullmatch(row[2])
    assert where, f"{row[2]} names no place in the code"
    assert told == as_told(where[2], value_of(where[1], where[2]))


def value_of(path: str, name: str) -> float:
    """A constant, the default of a dataclass's field, or the one number among the defaults of a constructor."""
    thing = import_module(path.removesuffix(".py").replace("/", "."))
    for part in name.split("."):
        fields = getattr(thing, "__dataclass_fields__", {})
        thing = fields[part].default if part in fields else getattr(thing, part)
    if callable(thing):
        (thing,) = [value for value in (thing.__kwdefaults__ or {}).values() if isinstance(value, int)]
    return float(thing)


def as_told(name: str, value: float) -> str:
    if name.endswith("_BYTES"):
        return f"{value / 2**20:g} MiB" if value >= 2**20 else f"{value / 2**10:g} KiB"
    return f"{value:g} s" if name.lower().endswith("_seconds") else f"{value:,.0f}"


# The READMEs


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_command_exists(page: Path):
    text = page.read_text()
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))
    scripts = set(re.findall(r"(?:^|[\s`])\./([\w/.]+\.(?:sh|py))\b", text))
    programs = set(re.findall(r"python -m ((?:chat|benchmarks|tests)[\w.]*)", text))
    assert sorted(commands - get_commands().keys()) == []
    assert [name for name in sorted(scripts) if not (ROOT / name).is_file()] == []
    assert [name for name in sorted(programs) if find_spec(name) is None] == []


@pytest.mark.parametrize("page", READMES)
def test_every_test_that_a_feature_points_at_exists(page: str):
    links = TEST_LINK.findall((ROOT / page).read_text())
    missing = [f"{path}: {test}" for test, path in links if test not in definitions(ROOT / path)]
    assert (len(links) >= 20, missing) == (True, [])


def test_every_threat_has_a_test_and_every_test_that_is_named_exists():
    text = (ROOT / "SECURITY.md").read_text()
    threats = rows(chapter("SECURITY.md", "What is protected, from whom, by what"))
    links = TEST_LINK.findall(text)
    missing = [f"{path}: {test}" for test, path in links if test not in definitions(ROOT / path)]
    assert (len(threats) >= 20, missing) == (True, [])
    assert [row for row in threats if len(row) != 4 or not TEST_LINK.search(row[3])] == []


def test_both_readmes_say_the_same():
    english, chinese = (outline((ROOT / page).read_text()) for page in READMES)
    assert chinese == english


def outline(text: str) -> list[str]:
    """All that does not depend on the language: levels of headings, items of lists, commands, tests, folders, pages."""
    commands = [re.sub(r"\s*#.*", "", block) for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)]
    prose = CODE_BLOCK.sub("```", text).replace(".zh-hans.", ".")  # pictures in the language of the page
    marks = re.findall(r"^(?:#+ |\* |\| `\w+/`|```)|`test_\w+`|\]\([\w/.#-]*\w/[\w/.-]*\)", prose, re.MULTILINE)
    return [*commands, *marks]


def test_the_layout_names_every_folder():
    for page in READMES:
        listed = set(re.findall(r"^\| `(\w+)/", (ROOT / page).read_text(), re.MULTILINE))
        folders = {each.name for each in ROOT.iterdir() if each.is_dir() and each.name[0] != "."}
        assert folders - ELSEWHERE - {"__pycache__"} == listed


def test_the_python_of_the_readme_is_the_one_that_the_project_asks_for():
    asked = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    assert asked
    assert [page for page in READMES if f"Python {asked[1]}" not in (ROOT / page).read_text()] == []
