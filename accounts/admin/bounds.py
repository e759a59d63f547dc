"""What keeps every list of the admin fast, however many rows there are and whatever is asked of it."""

from functools import cached_property

from django.core.paginator import Paginator

MOST_COUNTED = 10_000
"""Rows that a list counts and pages through; older ones are found by searching."""
MOST_AT_ONCE = 100
"""Rows that one action works on."""
ACTION_SECONDS = 20.0
"""How long one action goes on to the next row; less than the server gives a page."""
SEARCH_CHARS = 200
"""More of a search is cut off: every word is another condition, and databases bound those."""


class BoundedPaginator(Paginator):
    """Counts to `MOST_COUNTED` and no further, however many rows there are."""

    @cached_property
    def count(self) -> int:
        return min(self._found, MOST_COUNTED)

    @property
    def is_cut(self) -> bool:
        return self._found > MOST_COUNTED

    @cached_property
    def _found(self) -> int:
        return int(self.object_list.order_by()[: MOST_COUNTED + 1].count())


def searchable(text: str) -> str:
    """What of a search can be looked for."""
    return text.replace("\0", " ")[:SEARCH_CHARS].strip()
