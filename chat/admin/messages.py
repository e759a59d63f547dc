"""Messages: read-only, searched within a window that no number of messages makes slow, and removed through the log."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.asked import Asked, asked_in, of_whom_and_where
from accounts.admin.bounds import MOST_COUNTED
from accounts.admin.confirmation import confirmed
from accounts.admin.links import link_to
from accounts.admin.pages import ReadOnlyAdmin
from accounts.admin.window import last_key_until, newest
from accounts.audit import Actor
from chat.actions.staff import remove_message
from chat.admin.node import have_node
from chat.models import Message

Rows = QuerySet[Message]
START_CHARS = 80


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "place", "author", "start", "at", "deleted"]
    list_filter = ["kind", "deleted"]
    list_select_related = ["conversation", "sender"]
    search_fields = ["text"]
    search_help_text = _(
        "Words, and where to look: in:12 is a conversation, from:ann a person, before:2026-01-31 a day."
    )
    note = _(
        "The newest 10,000 messages of the site, or of the conversation, person and time that you name below, "
        "are listed and searched."
    )
    fields = ["place", "seq", "author", "kind", "at", "edited_at", "deleted", "text", "data", "reply_to", "attachments"]
    sortable_by: list[str] = []
    actions = ["remove"]

    def get_queryset(self, request: HttpRequest) -> Rows:
        rows: Rows = super().get_queryset(request).select_related("conversation", "sender")
        return rows

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        """By the index that the window is read with."""
        return ["-seq"] if _asked_by(request).conversation is not None else ["-pk"]

    def get_search_results(self, request: HttpRequest, queryset: Rows, search_term: str) -> tuple[Rows, bool]:
        if request.method == "POST" and request.POST.get("select_across", "0") == "0":  # on rows that are named
            return queryset, False
        asked = asked_in(search_term)
        rows = window(queryset, asked)
        return (rows.filter(text__icontains=asked.words) if asked.words else rows), False

    def description_of(self, row: Message) -> str:
        return f"{row} · {row.sender}: {self.start(row)}"

    @admin.display(description=_("conversation"))
    def place(self, message: Message) -> str:
        return link_to(message.conversation)

    @admin.display(description=_("sender"))
    def author(self, message: Message) -> str:
        return link_to(message.sender)

    @admin.display(description=_("text"))
    def start(self, message: Message) -> str:
        return message.text[:START_CHARS]

    @admin.action(description=_("Remove: leave a tombstone on every device"), permissions=["remove"])
    @confirmed(_("Remove these messages for everybody? What they said is gone, and that you removed them is noted."))
    def remove(self, request: HttpRequest, queryset: Rows) -> None:
        self.perform(request, queryset, _remove)


def window(rows: Rows, asked: Asked) -> Rows:
    """The newest MOST_COUNTED of all rows, or of a conversation, or of a person, until a day; each by an index."""
    rows = of_whom_and_where(rows, asked, "sender")
    if asked.conversation is not None:
        return newest(rows, Message, "seq", asked.before, conversation_id=asked.conversation)
    if asked.user is not None:
        return _newest_of(rows, asked.user, asked.before)
    return newest(rows, Message, "id", asked.before)


def _newest_of(rows: Rows, user: int, before: datetime | None) -> Rows:
    said = Message.objects.filter(sender_id=user)
    if before is not None:
        last = last_key_until(Message, "id", before)
        rows, said = rows.filter(pk__lte=last), said.filter(pk__lte=last)
    pks = said.order_by("-pk").values_list("pk", flat=True)
    return rows.filter(pk__gt=pks[MOST_COUNTED : MOST_COUNTED + 1].first() or 0)


def _asked_by(request: HttpRequest) -> Asked:
    return asked_in(request.GET.get("q", ""))


def _remove(by: Actor, message: Message) -> bool:
    conversation, seq = message.conversation_id, message.seq
    removed = have_node(lambda node: remove_message(node.services, by, conversation=conversation, seq=seq))
    return not removed.duplicate
