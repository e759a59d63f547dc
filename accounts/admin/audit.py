"""The audit log: it can be searched and read, by staff with the permission to see it."""

import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry

from .asked import asked_in
from .links import link_by_id
from .pages import ReadOnlyAdmin
from .window import newest


@admin.register(AuditEntry)
class AuditAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "what", "kind", "target", "address"]
    list_display_links = ["at"]
    list_filter = ["what"]
    search_fields = ["who", "label", "=object_id", "=address"]
    search_help_text = _(
        "Words, and where to look: from:ann is a person, of:accounts.user:12 what was done to a user, "
        "before:2026-01-31 a day."
    )
    note = _(
        "The newest 10,000 entries, or those until the day that you name below, are listed and searched; "
        "with of: all entries about that row."
    )
    ordering = ["-pk"]
    sortable_by: list[str] = []
    fields = ["at", "actor", "what", "kind", "target", "address", "readable_details"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        asked = asked_in(search_term)
        if asked.of is not None:
            kind, object_id = asked.of
            rows = queryset.filter(kind=kind, object_id=object_id)
        else:
            rows = newest(queryset, AuditEntry, "id", asked.before)
        if asked.user is not None:
            rows = rows.filter(who_id=asked.user)
        return super().get_search_results(request, rows, asked.words)

    @admin.display(description=_("who"), ordering="who")
    def actor(self, entry: AuditEntry) -> str:
        return link_by_id("accounts.user", entry.who_id, entry.who) if entry.who_id else entry.who

    @admin.display(description=_("on what"), ordering="label")
    def target(self, entry: AuditEntry) -> str:
        return link_by_id(entry.kind, entry.object_id, entry.label)

    @admin.display(description=_("details"))
    def readable_details(self, entry: AuditEntry) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(entry.details, ensure_ascii=False, indent=2))
