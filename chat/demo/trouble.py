"""What stops the demo before it can show anything, in the language of the person who reads it."""

from typing import Any

from chat.demo.language import Language, text_of


class Trouble(Exception):
    """`key` names what is wrong in the language tables, `key`_next the next step; `fields` fill both."""

    def __init__(self, key: str, **fields: Any) -> None:
        super().__init__(text_of("en", key, **fields))
        self.key = key
        self.fields = fields

    def parts(self, language: Language) -> tuple[str, str]:
        """(what is wrong, the next step)."""
        return text_of(language, self.key, **self.fields), text_of(language, f"{self.key}_next", **self.fields)
