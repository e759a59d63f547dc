"""`python -m tests.drawings`: write docs/drawings anew."""

import json
from pathlib import Path

from tests.drawings.architecture import ARCHITECTURE
from tests.drawings.flows import ASSISTANT_FAILOVER, MESSAGE_FLOW, RECOVERY

FOLDER = Path(__file__).parents[2] / "docs" / "drawings"
WORDS: dict[str, str] = json.loads((Path(__file__).parent / "zh_hans.json").read_text())
"""The Chinese words, by the English ones."""
DRAWINGS = {
    "architecture": ARCHITECTURE,
    "message_flow": MESSAGE_FLOW,
    "recovery": RECOVERY,
    "assistant_failover": ASSISTANT_FAILOVER,
}


def files() -> dict[str, str]:
    """Every file of docs/drawings, by its name."""
    english = {f"{name}.svg": drawing.svg({}) for name, drawing in DRAWINGS.items()}
    chinese = {f"{name}.zh-hans.svg": drawing.svg(WORDS) for name, drawing in DRAWINGS.items()}
    return english | chinese


if __name__ == "__main__":
    for name, content in files().items():
        (FOLDER / name).write_text(content)
