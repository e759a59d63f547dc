"""Every page of the admin that is measured: found by asking the admin itself, so that a new one is measured, too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import DateTimeField, Model
from django.urls import reverse

from accounts.admin.bounds import MOST_COUNTED
from accounts.models import User
from benchmarks.admin.fill import RARE, WORDS
from chat.models import Conversation

NOBODY = "nobody-says-this"


@dataclass(frozen=True, slots=True)
class Page:
    """`what` it is a case of, on which `table`."""

    table: str
    what: str
    path: str


def pages() -> Iterator[Page]:
    yield Page("index", "index", reverse("admin:index"))
    for model, model_admin in sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label_lower):
        if model._meta.managed:  # or there are no rows
            yield from _pages_of(model, model_admin)
    yield from _searches_of_messages()


def _pages_of(model: type[Model], model_admin: Any) -> Iterator[Page]:
    table = model._meta.label_lower
    name = f"admin:{table.replace('.', '_')}"
    path = reverse(f"{name}_changelist")

    def listed(what: str, **query: object) -> Page:
        return Page(table, what, f"{path}?{urlencode(query)}")

    yield listed("list")
    last = min(model._default_manager.count(), MOST_COUNTED) // model_admin.list_per_page
    yield listed("last page", p=max(1, last))
    for words in (WORDS[0], "person1", RARE, NOBODY, "汉"):
        yield listed("search", q=words)
    yield listed("search, last page", q="e", p=1)
    sortable = model_admin.sortable_by if model_admin.sortable_by is not None else model_admin.list_display
    for column in range(1, len(sortable) + 1):
        for sign in ("", "-"):
            yield listed("sorted", o=f"{sign}{column}")
    for query in _filters_of(model, model_admin):
        yield listed("filtered", **query)
        yield listed("filtered and searched", q=NOBODY, **query)
    pks = model._default_manager.order_by("pk").values_list("pk", flat=True)
    for pk in (pks.first(), pks.last()):
        yield Page(table, "change page", reverse(f"{name}_change", args=[pk]))
    if model in (User,):
        yield Page(table, "add page", reverse(f"{name}_add"))


def _filters_of(model: type[Model], model_admin: Any) -> Iterator[dict[str, object]]:
    for each in model_admin.list_filter:
        field = each if isinstance(each, str) else each[0]
        if not isinstance(each, str):
            yield from ({f"{field}__isempty": value} for value in (0, 1))
        elif isinstance(model._meta.get_field(field), DateTimeField):
            yield {f"{field}__gte": "2020-01-01 00:00:00+00:00", f"{field}__lt": "2030-01-01 00:00:00+00:00"}
        elif choices := model._meta.get_field(field).choices:
            yield from ({f"{field}__exact": value} for value, _ in choices)
        else:
            yield from ({f"{field}__exact": value} for value in (0, 1))


def _searches_of_messages() -> Iterator[Page]:
    """In the longest conversation, and of who has said most, where words are common, rare and nowhere."""
    path = reverse("admin:chat_message_changelist")
    first = Conversation.objects.order_by("pk").first()
    assert first is not None
    short = Conversation.objects.order_by("pk").last()
    assert short is not None
    for place in (
        f"in:{first.pk}",
        f"in:{short.pk}",
        "from:person0",
        f"in:{first.pk} from:person1",
        "before:2025-01-01",
    ):
        for words in ("", WORDS[0], RARE, NOBODY):
            for before in ("", "before:2024-06-01"):
                query = " ".join(each for each in (place, before, words) if each)
                yield Page("chat.message", "search in and from", f"{path}?{urlencode({'q': query})}")
                yield Page(
                    "chat.message", "search in and from", f"{path}?{urlencode({'q': query, 'kind__exact': 'system'})}"
                )
    for table in ("membership", "turn", "reminder"):
        path = reverse(f"admin:chat_{table}_changelist")
        for query in (f"in:{first.pk}", "from:person0", f"in:{first.pk} from:person0"):
            yield Page(f"chat.{table}", "search in and from", f"{path}?{urlencode({'q': query})}")
    autocomplete = {"app_label": "accounts", "model_name": "user", "field_name": "groups", "term": "group"}
    yield Page("auth.group", "autocomplete", f"{reverse('admin:autocomplete')}?{urlencode(autocomplete)}")
