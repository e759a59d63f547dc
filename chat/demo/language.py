"""Which language the demo speaks, and how it says things in it."""

import os
from collections.abc import Mapping
from typing import Any, Literal

from chat.demo import texts_en, texts_zh_hans

Language = Literal["en", "zh-hans"]

TABLES: dict[Language, Mapping[str, str]] = {"en": texts_en.TEXTS, "zh-hans": texts_zh_hans.TEXTS}
SAID: dict[Language, tuple[str, ...]] = {"en": texts_en.SAID, "zh-hans": texts_zh_hans.SAID}
"""What the clients say to each other."""


def language_of_locale(environment: Mapping[str, str] = os.environ) -> Language:
    """The language that POSIX says is spoken: LC_ALL, else LC_MESSAGES, else LANG."""
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh-hans" if next(filter(None, names), "").lower().startswith("zh") else "en"


def text_of(language: Language, key: str, **fields: Any) -> str:
    """The text `key` with its fields filled in. Raises KeyError for a key or field that does not exist."""
    return TABLES[language][key].format(**fields)
