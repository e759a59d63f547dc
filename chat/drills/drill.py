"""What a drill is: what happens in it, what has to hold, and the control that shows that it can fail."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chat.drills.criterion import Criterion
from chat.drills.scene import Scene


@dataclass(frozen=True, slots=True)
class Control:
    """The drill on nodes that lack something on purpose (`chat/drills/weakened.py`): at least one of `fails` must.

    `fails` are criteria of the drill, or letters of rules of the checker.
    """

    weakening: str
    text: str
    fails: tuple[Criterion | str, ...]


@dataclass(frozen=True, slots=True)
class Drill:
    """One line of the table of faults. A drill that `is_judged` is put before the checker, rules A to J."""

    name: str
    happens: str
    criteria: tuple[Criterion, ...]
    run: Callable[[Scene], Awaitable[None]]
    control: Control | None = None
    is_judged: bool = True
    most_seconds: float = 600.0
