"""Chat sessions: what LangGraph holds of each user, and what staff can do about it."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import intcomma, naturaltime
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.confirmation import confirmed
from accounts.admin.links import link_by_id, link_to, link_to_list
from accounts.admin.pages import ReadOnlyAdmin
from accounts.audit import Actor
from accounts.models import Device
from accounts.staff import Refused
from chat.actions.staff import clear_session, disconnect_devices, inspect_session, rebuild_session
from chat.admin.node import have_node, layer_is_healthy
from chat.models import ChatSession

INSPECT_SECONDS = 3.0
INSPECTED_AT_ONCE = 10
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

    def __init__(self, user_id: int) -> None:
        self._user_id = user_id
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
    list_filter = ["last_active_at"]
    ordering = ["-last_active_at"]
    fields = [
        *("session_id", "owner", "started_at", "active", "messages", "place"),
        *("source", "checkpoint", "size", "devices"),
    ]
    actions = ["inspect", "rebuild", "clear", "disconnect"]

    def audited_as(self, object_id: str) -> str:
        """What is done to a session is written down of its user: clearing it leaves nothing else."""
        whole = object_id if object_id.isascii() and object_id.isdecimal() else "0"
        user = ChatSession.objects.filter(pk=whole).values_list("user_id", flat=True).first()
        return f"accounts.user:{user or 0}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChatSession]:
        rows: QuerySet[ChatSession] = super().get_queryset(request).select_related("user")
        return rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ChatSession | None:
        found: ChatSession | None = super().get_object(request, object_id, from_field)
        if found is not None:
            found.held = Held(found.user_id)  # type: ignore[attr-defined]  # for this page
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

    def description_of(self, row: ChatSession) -> str:
        return f"{row.user} · {row}"

    @admin.action(description=_("Inspect as JSON"), permissions=["view"])
    def inspect(self, request: HttpRequest, queryset: QuerySet[ChatSession]) -> HttpResponse | None:
        """Changes nothing, so it is not asked about; noted it is, for it shows what people wrote."""
        shows_texts, shown = request.user.has_perm("chat.view_message"), []

        def show(by: Actor, session: ChatSession) -> bool:
            state = have_node(lambda node: inspect_session(node.services, by, user_id=session.user_id))
            told = json.dumps(withheld(state, shows_texts=shows_texts), ensure_ascii=False, indent=2)
            shown.append((self.description_of(session), told))
            return True

        self.perform(request, queryset[:INSPECTED_AT_ONCE], show, tell=False)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Inspect as JSON"),
            "shown": shown,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/inspect_sessions.html", context)

    @admin.action(description=_("Rebuild the checkpoint from the database"), permissions=["act"])
    @confirmed(_("Rebuild these checkpoints? What they hold is replaced by what the database says."))
    def rebuild(self, request: HttpRequest, queryset: QuerySet[ChatSession]) -> None:
        self.perform(request, queryset, _rebuild)

    @admin.action(description=_("Clear: the next connection begins a new session"), permissions=["act"])
    @confirmed(_("Clear these sessions? Messages, drafts and read positions stay."))
    def clear(self, request: HttpRequest, queryset: QuerySet[ChatSession]) -> None:
        self.perform(request, queryset, _clear)

    @admin.action(description=_("Disconnect: close the sockets; devices come back"), permissions=["act"])
    @confirmed(_("Disconnect all devices of these users? Those that may come back do so by themselves."))
    def disconnect(self, request: HttpRequest, queryset: QuerySet[ChatSession]) -> None:
        self.perform(request, queryset, _disconnect)
        if _is_cut_off():
            away = _("Redis is away: only the devices that are connected to this node were disconnected.")
            self.message_user(request, away, messages.WARNING)


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
    state = have_node(lambda node: rebuild_session(node.services, by, user_id=user_id))
    if state.get("checkpoint") != "good":
        raise Refused(str(_("Nothing was rebuilt: %(why)s.")) % {"why": STATES.get(state.get("checkpoint", ""), "–")})
    return True


def _clear(by: Actor, session: ChatSession) -> bool:
    user_id = session.user_id
    have_node(lambda node: clear_session(node.services, by, user_id=user_id))
    return True


def _disconnect(by: Actor, session: ChatSession) -> bool:
    user_id = session.user_id
    have_node(lambda node: disconnect_devices(node.services, by, user_id=user_id))
    return True


def _is_cut_off() -> bool:
    try:
        return not layer_is_healthy()
    except Refused:
        return False  # every row has said so
