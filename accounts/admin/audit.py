"""The audit log: it can be searched and read, by staff with the permission to see it."""

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry

from .links import link_by_id
from .pages import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "what", "kind", "target", "address"]
    list_display_links = ["at"]
    list_filter = ["what"]
    search_fields = ["who", "label", "=object_id", "=address"]
    date_hierarchy = "at"
    ordering = ["-pk"]
    fields = ["at", "actor", "what", "kind", "target", "address", "readable_details"]

    @admin.display(description=_("who"), ordering="who")
    def actor(self, entry: AuditEntry) -> str:
        return link_by_id("accounts.user", entry.who_id, entry.who) if entry.who_id else entry.who

    @admin.display(description=_("on what"), ordering="label")
    def target(self, entry: AuditEntry) -> str:
        return link_by_id(entry.kind, entry.object_id, entry.label)

    @admin.display(description=_("details"))
    def readable_details(self, entry: AuditEntry) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(entry.details, ensure_ascii=False, indent=2))
