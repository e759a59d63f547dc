"""What every list and page of the admin has: bounded counts, actions that are asked about, and an audit of forms."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, wraps
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from accounts.audit import Actor, actor_of, record
from accounts.models import AuditEntry
from accounts.staff import Refused

MOST_COUNTED = 10_000
"""Rows that a list counts and pages through; older ones are found by searching."""
MOST_AT_ONCE = 100
"""Rows that one action works on."""

Action = Callable[..., HttpResponse | None]


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


class StaffAdmin(admin.ModelAdmin):
    """The base of every page: what forms change is audited, and a row's page offers the actions of the list."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200
    change_list_template = "admin/bounded_change_list.html"
    change_form_template = "admin/acting_change_form.html"
    note = ""
    """A sentence above the list: what it shows of all there is."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # outside of a transaction, and so without a sure audit
        return actions

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"note": self.note, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        actions = self.get_actions(request) if obj is not None else {}
        context["buttons"] = [(name, words) for _function, name, words in actions.values()]
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def log_addition(self, request: HttpRequest, obj: Model, message: object) -> object:
        record(actor_of(request), AuditEntry.What.ADDED, obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> object:
        record(actor_of(request), AuditEntry.What.CHANGED, obj, details={"fields": _fields_in(message)})
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> object:
        for row in queryset:
            record(actor_of(request), AuditEntry.What.DELETED, row)
        return super().log_deletions(request, queryset)

    def perform(self, request: HttpRequest, rows: QuerySet[Any], act: Callable[[Actor, Any], bool]) -> None:
        """Do something to the first MOST_AT_ONCE rows; say how many have changed, and why others have not."""
        by, done = actor_of(request), 0
        for row in rows[:MOST_AT_ONCE]:
            try:
                done += act(by, row)
            except Refused as refused:
                self.message_user(request, f"{row}: {refused}", messages.ERROR)
        said = ngettext("Done for %(count)d.", "Done for %(count)d.", done) % {"count": done}
        self.message_user(request, said, messages.SUCCESS if done else messages.INFO)


class ReadOnlyAdmin(StaffAdmin):
    """Rows that staff look at and act on, but neither write nor erase by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def may(self, request: HttpRequest, verb: str) -> bool:
        """Whether the user has the permission `verb` ("change", "delete", …) for this model, which no form uses."""
        return bool(request.user.has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}"))

    def has_act_permission(self, request: HttpRequest) -> bool:
        """For `permissions=["act"]` of an action."""
        return self.may(request, "change")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """For `permissions=["remove"]` of an action."""
        return self.may(request, "delete")


def confirmed(question: Any) -> Callable[[Action], Action]:
    """Have an action ask `question` on a page of its own before it does anything."""

    def decorate(action: Action) -> Action:
        @wraps(action)
        def ask_first(self: StaffAdmin, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse | None:
            if "confirmed" in request.POST:
                return action(self, request, queryset)
            context = {
                **self.admin_site.each_context(request),
                "title": question,
                "rows": list(queryset[:MOST_AT_ONCE]),
                "opts": self.opts,
                "action": action.__name__,
            }
            return TemplateResponse(request, "admin/confirm_action.html", context)

        return ask_first

    return decorate


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


def _fields_in(message: object) -> Sequence[str]:
    """The names of fields in what Django says of a change; values are told to nobody."""
    changes = message if isinstance(message, list) else []
    return sorted({name for each in changes for name in each.get("changed", {}).get("fields", [])})
