"""The page for Prometheus: what is on it, in the documents, and in the alerts and drawings that ask for it."""

import asyncio
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
import yaml
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from chat.node import Node
from chat.ops.health import ready
from chat.ops.metrics import NodeMetrics, page
from chat.version import VERSION
from tests.test_docs import rows
from tests.unit.running_node import running

ROOT = Path(__file__).parents[3]
RULES = ROOT / "deploy" / "prometheus_rules.yaml"
DASHBOARD = ROOT / "deploy" / "grafana_dashboard.json"
OF_PROMETHEUS = {"up", "ALERTS"}
UNITS = ("_seconds", "_bytes", "_total")


def families_of(text: bytes) -> dict[str, Metric]:
    return {family.name: family for family in text_string_to_metric_families(text.decode())}


@pytest.fixture
def node(transactional_db: None) -> Iterator[Node]:
    with running() as node:
        yield node


@pytest.fixture
def families(node: Node) -> dict[str, Metric]:
    async def read() -> bytes:
        await ready()
        return page()

    return families_of(asyncio.run_coroutine_threadsafe(read(), node.loop).result(10))


def told_name(family: Metric) -> str:
    """As a query names it."""
    ending = {"counter": "_total", "info": "_info"}.get(family.type, "")
    return family.name.removesuffix(ending) + ending


def test_a_node_that_has_not_started_tells_of_its_process_alone():
    families = families_of(page(NodeMetrics(lambda: None)))
    assert {name.removeprefix("distchat_process_") for name in families} == {
        "virtual_memory_bytes",
        "resident_memory_bytes",
        "start_time_seconds",
        "cpu_seconds",
        "open_fds",
        "max_fds",
    }


def test_every_metric_has_our_prefix_a_meaning_and_is_in_the_documents(families: dict[str, Metric]):
    assert [name for name in families if not name.startswith("distchat_")] == []
    assert [name for name, family in families.items() if not family.documentation] == []
    listed = {row[0].strip("`"): row[1:] for row in rows((ROOT / "docs" / "metrics.md").read_text())}
    assert listed == {
        told_name(family): [family.type, _labels_of(family), family.documentation] for family in families.values()
    }


def _labels_of(family: Metric) -> str:
    names = {label: None for sample in family.samples for label in sample.labels if label != "le"}
    labels = {"turns": ["state", "reason"], "turn_tool_calls": ["tool"]}  # of these a new node has no or few samples
    return ", ".join(f"`{label}`" for label in labels.get(family.name.removeprefix("distchat_"), names))


def test_labels_are_there_from_the_beginning_so_that_a_first_event_is_seen(families: dict[str, Metric]):
    def values(name: str, label: str) -> dict[str, float]:
        return {sample.labels[label]: sample.value for sample in families[f"distchat_{name}"].samples}

    assert values("resumes", "outcome") == {"replay": 0, "snapshot": 0}
    assert values("session_restores", "source") == {"checkpoint": 0, "log": 0, "new": 0}
    assert values("limited", "limit") == {"bytes": 0, "connection": 0, "user": 0}
    assert values("connections", "state") == {"open": 0, "ready": 0}
    assert values("closes", "code").keys() == {
        *("1000", "1001", "1005", "1006", "1012", "4400", "4401", "4403", "4408", "4429"),
        "other",
    }
    assert values("changes", "kind").keys() == {
        *("post", "answer", "stop", "edit", "delete", "react", "rename", "invite", "leave", "remove"),
        *("moderate", "halt"),
    }
    assert len(values("commands", "command")) == 20


def test_what_clients_may_choose_freely_makes_no_label(node: Node):
    for code in range(3000, 5000):
        node.door.counts.closes[code] += 1

    async def read() -> bytes:
        return page()

    closes = families_of(asyncio.run_coroutine_threadsafe(read(), node.loop).result(10))["distchat_closes"]
    assert len(closes.samples) == 11
    assert sum(sample.value for sample in closes.samples) == 2000


def test_the_version_is_that_of_the_project(families: dict[str, Metric], node: Node):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    (info,) = families["distchat_node_info"].samples
    assert info.labels == {"name": node.name, "version": VERSION}


# deploy/


def samples_of(families: dict[str, Metric]) -> dict[str, set[str]]:
    """Every name that a query may ask for, with its labels."""
    found: dict[str, set[str]] = {"distchat_turn_tool_calls_total": {"tool"}}
    for family in families.values():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def rules() -> list[dict]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def expressions() -> list[str]:
    panels = orjson.loads(DASHBOARD.read_bytes())["panels"]
    drawn = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    return [*(rule["expr"] for rule in rules()), *drawn]


def test_alerts_and_drawings_ask_for_metrics_and_labels_that_exist(families: dict[str, Metric]):
    there = samples_of(families)
    asked = expressions()
    assert len(asked) >= 30
    for expression in asked:
        names = set(re.findall(r"\b(distchat_\w+|up|ALERTS)\b", expression)) - OF_PROMETHEUS
        assert names or "up{" in expression, expression
        assert names - there.keys() == set(), expression
        for name, selected in re.findall(r"(distchat_\w+)\{([^}]*)\}", expression):
            labels = set(re.findall(r"(\w+)\s*[=!]~?", re.sub(r'"[^"]*"', "", selected)))
            assert labels - there[name] - {"instance", "job"} == set(), expression
        grouped = {each.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for each in group.split(",")}
        known = {label for name in names for label in there[name]}
        assert grouped - known - {"instance", "job"} == set(), expression


def test_every_alert_says_how_bad_it_is_and_where_to_read_on():
    anchors = (ROOT / "docs" / "operations.md").read_text()
    for rule in rules():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "description"}
        assert f"`{rule['alert']}`" in anchors, rule["alert"]
    assert len({rule["alert"] for rule in rules()}) == len(rules())


def test_the_panels_of_the_dashboard_do_not_overlap():
    panels = orjson.loads(DASHBOARD.read_bytes())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert (panel["title"], taken & cells) == (panel["title"], set())
        taken |= cells
