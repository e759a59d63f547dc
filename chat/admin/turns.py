"""What the assistant was asked, and of what it shall remind: read-only, but answers being given can be stopped."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.asked import HELP, asked_in, of_whom_and_where
from accounts.admin.confirmation import confirmed
from accounts.admin.links import link_to
from accounts.admin.pages import ReadOnlyAdmin
from accounts.audit import Actor
from chat.actions.staff import halt_turn
from chat.admin.node import have_node
from chat.models import Reminder, Turn


class AskedAdmin(ReadOnlyAdmin):
    """Rows with an `asker` in a `conversation`; searched by those alone."""

    list_select_related = ["conversation", "asker"]
    search_fields = ["asker__username"]
    search_help_text = HELP
    sortable_by: list[str] = []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).select_related("conversation", "asker")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        asked = asked_in(search_term)
        rows = of_whom_and_where(queryset, asked, "asker")
        return (rows.filter(asker__username=asked.words) if asked.words else rows), False

    @admin.display(description=_("conversation"))
    def place(self, row: Turn | Reminder) -> str:
        return link_to(row.conversation)

    @admin.display(description=_("asked by"))
    def who(self, row: Turn | Reminder) -> str:
        return link_to(row.asker)


@admin.register(Turn)
class TurnAdmin(AskedAdmin):
    list_display = ["__str__", "place", "who", "status", "reason", "created_at", "ended_at"]
    list_filter = ["status"]
    ordering = ["-created_at"]
    fields = [
        *("place", "trigger", "regeneration", "who", "status", "reason", "attempt", "owner", "lease_until"),
        *("tokens", "answer_seq", "created_at", "ended_at"),
    ]
    actions = ["stop"]

    @admin.action(description=_("Stop: what was said so far stays"), permissions=["act"])
    @confirmed(_("Stop these answers?"))
    def stop(self, request: HttpRequest, queryset: QuerySet[Turn]) -> None:
        self.perform(request, queryset, _stop)


@admin.register(Reminder)
class ReminderAdmin(AskedAdmin):
    list_display = ["id", "place", "who", "due_at", "said_at"]
    list_filter = [("said_at", admin.EmptyFieldListFilter)]
    ordering = ["-due_at"]
    fields = ["place", "who", "due_at", "said_at"]


def _stop(by: Actor, turn: Turn) -> bool:
    conversation, pk = turn.conversation_id, turn.pk
    have_node(lambda node: halt_turn(node.services, by, conversation=conversation, turn=pk))
    return True
