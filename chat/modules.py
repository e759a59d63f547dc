"""The browser's modules: what bare names mean, and which files the page needs, to be asked for all at once."""

import json
import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
SCRIPTS = "chat/js"
VENDOR = "chat/vendor"
LANGUAGES = {"en": "words/en.js", "zh-hans": "words/zh_hans.js"}
SHEETS = tuple(
    f"chat/css/{name}.css"
    for name in (
        *("colours", "page", "button", "hues", "shell", "sidebar", "conversation", "message", "answer", "rich"),
        *("composer", "dialog", "panel", "banner"),
    )
)
_IMPORTED = re.compile(r'^(?:import|export)\b(?:[^;"=()]*\bfrom)?\s*"([^"]+)"', re.MULTILINE)


def _imports() -> dict[str, str]:
    """Bare name → file below the static files, as the lock says."""
    locked = json.loads((STATIC / VENDOR / "LOCK.json").read_text())["files"]
    return {each["specifier"]: f"{VENDOR}/{each['file']}" for each in locked}


IMPORTS = _imports()


@cache
def modules_of(language: str) -> list[str]:
    """The files below the static files that the page loads in this language: main.js, and all that it imports."""
    start = [f"{SCRIPTS}/main.js", f"{SCRIPTS}/{LANGUAGES.get(language, LANGUAGES['en'])}"]
    found: dict[str, None] = {}
    while start:
        name = start.pop()
        if name not in found:
            found[name] = None
            start += _imported_by(name)
    return sorted(found)


def _imported_by(name: str) -> list[str]:
    if name.startswith(VENDOR):
        text = (STATIC / name).read_text()
        bare = set(re.findall(r'from"([^"]+)"', text))
        return [IMPORTS[each] for each in bare if each in IMPORTS]
    folder = (STATIC / name).parent
    targets = _IMPORTED.findall((STATIC / name).read_text())
    return [
        IMPORTS[target] if target in IMPORTS else str((folder / target).resolve().relative_to(STATIC.resolve()))
        for target in targets
    ]
