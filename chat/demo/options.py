"""What the person at the terminal asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chat.demo.language import Language

DEFAULT_SCENARIOS = ("consistency", "recovery", "devices")
ALL_SCENARIOS = (*DEFAULT_SCENARIOS, "load", "failover", "latency", "assistant")
SIMPLE_SCENARIOS = (*DEFAULT_SCENARIOS, "load")
"""What one process without Redis can show."""

FIRST_PORT = 9000
NODES = 3
CLIENTS = 5
FEWEST_CLIENTS = 3
"""Two are cut, and somebody has to go on posting."""


@dataclass(frozen=True, slots=True)
class Options:
    """`base_port` None takes free ports; `scenarios` are in the order of the story."""

    language: Language = "en"
    scenarios: tuple[str, ...] = DEFAULT_SCENARIOS
    nodes: int = NODES
    clients: int = CLIENTS
    base_port: int | None = FIRST_PORT
    seed: int = 0
    keep: bool = False
    pause: bool = False
    is_simple: bool = False
    json_path: Path | None = None


def scenarios_named(names: Sequence[str], *, is_simple: bool) -> tuple[str, ...]:
    """In the order of the story. No name: the default ones; "all": everything that can be shown here."""
    possible = SIMPLE_SCENARIOS if is_simple else ALL_SCENARIOS
    wanted = names or DEFAULT_SCENARIOS
    return possible if "all" in wanted else tuple(name for name in possible if name in wanted)
