"""Finds web addresses in what people write, in a language that does not put spaces round them."""

from typing import Any

from linkify_it import LinkifyIt

# Punctuation that ends a sentence or a quotation in Chinese or Japanese, and never belongs to an address.
CJK_PUNCTUATION = "，。！？；：、…—～·（）〈〉《》「」『』【】〔〕〖〗“”‘’＂＇"

_TO_SPACES = str.maketrans(dict.fromkeys(CJK_PUNCTUATION, " "))


class Addresses(LinkifyIt):
    """Only what is spelled with http://, https:// or mailto:, up to the first Chinese punctuation.

    "main.py" and "a.b" are no addresses: guessing makes more wrong links than right ones.
    """

    def __init__(self) -> None:
        super().__init__(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
        for schema in ("ftp:", "//"):
            self.add(schema, None)

    def test(self, text: str) -> bool:
        return bool(super().test(text.translate(_TO_SPACES)))

    def match(self, text: str) -> list[Any] | None:
        return super().match(text.translate(_TO_SPACES))  # type: ignore[no-any-return]

    def match_at_start(self, text: str) -> Any:
        return super().match_at_start(text.translate(_TO_SPACES))
