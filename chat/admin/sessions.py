"""Chat sessions: what LangGraph holds of each user, and what staff can do about it."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.humanize.templatetags.humanize import intcomma, naturaltime
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.pages import ReadOnlyAdmin, confirmed, link_by_id, link_to, link_to_list
from accounts.audit import Actor
from accounts.models import Device
from accounts.staff import Refused
from chat.actions.staff import clear_session, disconnect_devices, rebuild_session
from chat.admin.node import have_node
from chat.models import ChatSession

INSPECT_SECONDS = 3.0
TEXT = 4
"""Where in an entry of the session's window its text is."""

SOURCES = {"checkpoint": _("checkpoint"), "log": _("database"), "none": "–"}
STATES = {
    "good": _("good"),
    "missing": _("missing: the next connection makes it from the database"),
    "unreadable": _("damaged: the next connection makes it from the database"),
    "outdated": _("of another session or life of the log: the next connection makes it from the database"),
    "away": _("the store does not answer"),
}


class Held:
    """What the node's session service says of one user, asked once; "" for `trouble` when it answered."""

    def __init__(self, user_id: int, *, shows_texts: bool) -> None:
        self._user_id = user_id
        self.shows_texts = shows_texts
        self.trouble = ""

    @cached_property
    def state(self) -> dict[str, Any]:
        try:
            return have_node(lambda node: node.services.sessions.inspect(self._user_id), seconds=INSPECT_SECONDS)
        except Refused as refused:
            self.trouble = str(refused)
            return {}


@admin.register(ChatSession)
class ChatSessionAdmin(ReadOnlyAdmin):
    list_display = ["session_id", "owner", "messages", "started_at", "last_active_at", "place"]
    list_select_related = ["user"]
    search_fields = ["=session_id", "user__username"]
    date_hierarchy = "last_active_at"
    ordering = ["-last_active_at"]
    fields = [
        *("session_id", "owner", "started_at", "active", "messages", "place"),
        *("source", "checkpoint", "size", "devices", "readable"),
    ]
    actions = ["rebuild", "clear", "disconnect"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChatSession]:
        rows: QuerySet[ChatSession] = super().get_queryset(request).select_related("user")
        return rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ChatSession | None:
        found: ChatSession | None = super().get_object(request, object_id, from_field)
        if found is not None:
            shows_texts = request.user.has_perm("chat.view_message")
            found.held = Held(found.user_id, shows_texts=shows_texts)  # type: ignore[attr-defined]  # for this page
        return found

    @admin.display(description=_("user"), ordering="user__username")
    def owner(self, session: ChatSession) -> str:
        return link_to(session.user)

    @admin.display(description=_("messages"), ordering="message_count")
    def messages(self, session: ChatSession) -> SafeString:
        state = _state(session)
        return link_to_list(
            "chat.message",
            f"from:{session.user.username}",
            intcomma(state.get("message_count", session.message_count)),
        )

    @admin.display(description=_("looks at"))
    def place(self, session: ChatSession) -> str:
        opened = session.open_conversation
        return link_by_id("chat.conversation", opened, str(opened)) if opened else "–"

    @admin.display(description=_("last active"))
    def active(self, session: ChatSession) -> str:
        said = parse_datetime(str(_state(session).get("last_active_at", "")))
        return str(naturaltime(said or session.last_active_at))

    @admin.display(description=_("source"))
    def source(self, session: ChatSession) -> str:
        state = _state(session)
        return str(SOURCES.get(state.get("source", ""), _held(session).trouble))

    @admin.display(description=_("checkpoint"))
    def checkpoint(self, session: ChatSession) -> str:
        return str(STATES.get(_state(session).get("checkpoint", ""), "–"))

    @admin.display(description=_("size"))
    def size(self, session: ChatSession) -> str:
        return str(filesizeformat(_state(session).get("bytes", 0)))

    @admin.display(description=_("devices"))
    def devices(self, session: ChatSession) -> SafeString | str:
        devices = _state(session).get("devices", {})
        known = {str(each.uuid): each for each in Device.objects.filter(user=session.user_id, uuid__in=devices)}
        head = format_html_join("", "<th>{}</th>", [(_("device"),), (_("node"),), (_("lag"),), (_("cursor"),)])
        rows = [(_name(uuid, known), *_device_cells(device)) for uuid, device in reversed(devices.items())]
        body = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows)
        return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body) if rows else "–"

    @admin.display(description=_("as JSON"))
    def readable(self, session: ChatSession) -> SafeString | str:
        held = _held(session)
        if not held.state:
            return held.trouble
        shown = withheld(held.state, shows_texts=held.shows_texts)
        return format_html("<pre>{}</pre>", json.dumps(shown, ensure_ascii=False, indent=2))

    @admin.action(description=_("Rebuild the checkpoint from the database"), permissions=["act"])
    def rebuild(self, request: HttpRequest, queryset: QuerySet[ChatSession]) -> None:
        self.perform(request, queryset, _rebuild)

    @admin.action(description=_("Clear: the next connection begins a new session"), permissions=["act"])
    @confirmed(_("Clear these sessions? Messages, drafts and read positions stay."))
    def clear(self, request: HttpRequest, queryset: QuerySet[ChatSession]) -> None:
        self.perform(request, queryset, _clear)

    @admin.action(description=_("Disconnect: close the sockets; devices come back"), permissions=["act"])
    def disconnect(self, request: HttpRequest, queryset: QuerySet[ChatSession]) -> None:
        self.perform(request, queryset, _disconnect)


def withheld(state: Mapping[str, Any], *, shows_texts: bool) -> dict[str, Any]:
    """The state without drafts, which were sent to nobody, and but for `shows_texts` without texts of messages."""
    drafts = {conversation: _length(text) for conversation, text in state.get("drafts", {}).items()}
    window = {
        message: entry if shows_texts else [*entry[:TEXT], _length(entry[TEXT])]
        for message, entry in state.get("window", {}).items()
    }
    return {**state, "drafts": drafts, "window": window}


def _length(text: str) -> str:
    return ngettext("%(count)d character", "%(count)d characters", len(text)) % {"count": len(text)}


def _held(session: ChatSession) -> Held:
    """Of a page; a list asks no node."""
    held: Held = session.held  # type: ignore[attr-defined]  # see get_object
    return held


def _state(session: ChatSession) -> dict[str, Any]:
    return _held(session).state if hasattr(session, "held") else {}


def _name(uuid: str, known: Mapping[str, Device]) -> str:
    return link_to(known[uuid]) if uuid in known else uuid


def _device_cells(device: Mapping[str, Any]) -> tuple[str, str, str]:
    cursors = ", ".join(f"{key}:{position}" for key, (_epoch, position) in device["cursors"].items())
    return device["node"] or "–", intcomma(device["lag"]), cursors or "–"


def _rebuild(by: Actor, session: ChatSession) -> bool:
    user_id = session.user_id
    return bool(have_node(lambda node: rebuild_session(node.services, by, user_id=user_id)))


def _clear(by: Actor, session: ChatSession) -> bool:
    user_id = session.user_id
    have_node(lambda node: clear_session(node.services, by, user_id=user_id))
    return True


def _disconnect(by: Actor, session: ChatSession) -> bool:
    user_id = session.user_id
    have_node(lambda node: disconnect_devices(node.services, by, user_id=user_id))
    return True
