"""What one step on a message's way costs: each constant with its unit and where it comes from."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

STORED = Path(__file__).parent / "constants.json"


@dataclass(frozen=True, slots=True)
class Constant:
    """`source` is the product's function that was called, the figure of a result file, or why it was assumed."""

    name: str
    value: float
    unit: str
    source: str


class Constants(Mapping[str, float]):
    """Values by name, times in seconds."""

    def __init__(self, constants: list[Constant]) -> None:
        self.all = constants
        self._values = {each.name: each.value * (1e-6 if each.unit == "µs" else 1.0) for each in constants}

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __iter__(self):  # noqa: ANN204
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def stored() -> Constants:
    return Constants([Constant(**row) for row in json.loads(STORED.read_text())])


def store(constants: list[Constant]) -> None:
    rows = [asdict(each) | {"value": round(each.value, 3)} for each in constants]
    STORED.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
