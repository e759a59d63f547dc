"""Links between the pages of the admin."""

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def link_to(row: Model | None) -> str | SafeString:
    """The row's name, leading to its page in the admin."""
    return "–" if row is None else link_by_id(row._meta.label_lower, row.pk, str(row))


def link_by_id(kind: str, pk: object, words: str) -> str | SafeString:
    """`words`, leading to the page of the row `pk` of the model `kind` ("accounts.user"), where there is one."""
    try:
        url = reverse(f"admin:{kind.replace('.', '_')}_change", args=[pk])
    except NoReverseMatch:
        return words
    return format_html('<a href="{}">{}</a>', url, words)


def link_to_list(kind: str, query: str, words: object) -> SafeString:
    """`words`, leading to the list of the model `kind`, searched for `query`."""
    url = reverse(f"admin:{kind.replace('.', '_')}_changelist", query={"q": query})
    return format_html('<a href="{}">{}</a>', url, words)


def links_to_lists(*links: tuple[str, str, object]) -> SafeString:
    """Several of (kind, query, words), one after the other."""
    return format_html_join(" · ", "{}", ((link_to_list(*link),) for link in links))
