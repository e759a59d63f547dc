"""What every list and page of the admin has: bounds, actions that are checked, and an audit of what forms change."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import Actor, actor_of, record
from accounts.models import AuditEntry
from accounts.staff import Refused

from .bounds import ACTION_SECONDS, MOST_AT_ONCE, SEARCH_CHARS, BoundedPaginator, searchable

FILTERS = {"", "__exact", "__isempty", "__isnull", "__gte", "__lt"}
"""What the filters beside a list add to the name of a field."""


class StaffAdmin(admin.ModelAdmin):
    """The base of every page; a row's page offers the actions of the list."""

    paginator = BoundedPaginator
    show_full_result_count = False
    date_hierarchy = None  # it reads the dates of all rows; a filter by date reads none
    show_facets = admin.ShowFacets.NEVER  # each would count what it filters
    list_per_page = 50
    list_max_show_all = 200
    change_list_template = "admin/bounded_change_list.html"
    change_form_template = "admin/acting_change_form.html"
    note = ""
    """A sentence above the list: what it shows of all there is."""

    # What may be asked

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # outside of a transaction, and so without a sure audit
        return actions

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The filters that are offered: by any other, columns that no page shows could be guessed at."""
        filters = [each if isinstance(each, str) else each[0] for each in self.get_list_filter(request)]
        return any(lookup.removeprefix(name) in FILTERS for name in filters if lookup.startswith(name))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, searchable(search_term))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self._require_sense(request)
        if request.method == "GET" and len(request.GET.get("q", "")) > SEARCH_CHARS:
            cut = _("Only the first %(count)d characters are searched for.") % {"count": SEARCH_CHARS}
            self.message_user(request, cut, messages.WARNING)
        try:
            return super().changelist_view(request, {"note": self.note, **(extra_context or {})})
        except OverflowError:  # a time that another time zone puts before the first year
            raise BadRequest from None

    def _require_sense(self, request: HttpRequest) -> None:
        """Raises PermissionDenied for an action that is not offered, BadRequest for what no page sends."""
        if any("\0" in value for name in request.GET if name != "q" for value in request.GET.getlist(name)):
            raise BadRequest
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        asked = {name for name in request.POST.getlist("action") if name}
        if asked - set(self.get_actions(request)):
            raise PermissionDenied
        try:
            for pk in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.run_validators(self.opts.pk.to_python(pk))
        except ValidationError:
            raise BadRequest from None

    # What is shown and done

    def description_of(self, row: Any) -> str:
        """What a row is called where an action asks about it."""
        return str(row)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        actions = self.get_actions(request) if obj is not None else {}
        context["buttons"] = [(name, words) for _function, name, words in actions.values()]
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def perform(
        self, request: HttpRequest, rows: QuerySet[Any], act: Callable[[Actor, Any], bool], *, tell: bool = True
    ) -> None:
        """Do something to the first MOST_AT_ONCE rows; `tell` how many have changed, and why others have not."""
        by, done, end = actor_of(request), 0, time.monotonic() + ACTION_SECONDS
        for row in rows[:MOST_AT_ONCE]:
            if time.monotonic() > end:
                self.message_user(request, _("This takes too long: the rest was left as it is."), messages.ERROR)
                break
            try:
                done += act(by, row)
            except Refused as refused:
                self.message_user(request, f"{row}: {refused}", messages.ERROR)
            except ObjectDoesNotExist:
                self.message_user(request, f"{row}: {_('It is no longer there.')}", messages.ERROR)
        if not tell:
            return
        if done:
            said = ngettext("Done for %(count)d.", "Done for %(count)d.", done) % {"count": done}
            self.message_user(request, said, messages.SUCCESS)
        else:
            self.message_user(request, _("Nothing has changed."), messages.WARNING)

    # What is written down

    def audited_as(self, object_id: str) -> str:
        """How the audit log names a row, for `of:` in its search."""
        return f"{self.opts.label_lower}:{object_id}"

    def history_view(self, request: HttpRequest, object_id: str, extra_context: object = None) -> HttpResponse:
        """The audit log knows more than Django's own, which hears of forms alone."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        query = {"q": f"of:{self.audited_as(object_id)}"}
        return redirect(reverse("admin:accounts_auditentry_changelist", query=query))

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


def _fields_in(message: object) -> Sequence[str]:
    """The names of fields in what Django says of a change; values are told to nobody."""
    changes = message if isinstance(message, list) else []
    return sorted({name for each in changes for name in each.get("changed", {}).get("fields", [])})
