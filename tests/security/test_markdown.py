"""Texts that are made to keep a node busy."""

import pytest

from chat.wire.limits import TEXT_CHARS
from chat.wire.markdown import MAX_ADDRESSES, render


@pytest.mark.parametrize("start", ["https://", "http://", "(HTTP://", "mailto:", "MailTo:"])
@pytest.mark.parametrize("end", ["\u00a0", "\t", " ", "\n", "  - ", "x "])
def test_a_text_full_of_beginnings_of_addresses_is_not_looked_through(start: str, end: str):
    """The search for links begins anew at each of them: half a second of a node for 8,000 characters."""
    noise = f"**bold** {(start + end) * (MAX_ADDRESSES + 1)}"
    assert len(noise) < TEXT_CHARS
    assert render(noise) == ""


def test_a_text_with_some_addresses_is_rendered():
    html = render(f"**bold** {'https://a.example ' * MAX_ADDRESSES}")
    assert html.count("<a href=") == MAX_ADDRESSES
