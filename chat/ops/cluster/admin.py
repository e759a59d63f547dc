"""The cluster page in the admin, and what its buttons post to; what it shows comes over a WebSocket."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from accounts.audit import Actor, actor_of
from chat.asking import ask_node
from chat.models import ClusterNode
from chat.modules import IMPORTS
from chat.node import Node
from chat.ops.cluster import commands, socket, staff
from chat.ops.cluster.desk import Desk, desk_if_running
from chat.ops.cluster.orders import What
from chat.ops.cluster.words import words
from chat.wire.errors import ChatError, ErrorCode

STATUS = {
    ErrorCode.BAD_COMMAND: HTTPStatus.BAD_REQUEST,
    ErrorCode.TOO_LONG: HTTPStatus.BAD_REQUEST,
    ErrorCode.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorCode.NOT_READY: HTTPStatus.FORBIDDEN,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.CONFLICT: HTTPStatus.CONFLICT,
    ErrorCode.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
}
"""Everything else is 503."""

Act = Callable[[Desk, Actor], Coroutine[Any, Any, None]]


@admin.register(ClusterNode)
class ClusterAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """One page in place of a list; there are no rows to add, change or delete."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="chat_clusternode_changelist"),
            path("order/", self.order, name="chat_clusternode_order"),
            path("announce/", self.announce, name="chat_clusternode_announce"),
            path("end/", self.end, name="chat_clusternode_end"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    @method_decorator([require_safe, never_cache])
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not request.user.has_perm(staff.VIEW):
            return TemplateResponse(request, "403.html", status=HTTPStatus.FORBIDDEN)
        context = {
            **self.admin_site.each_context(request),
            "is_nav_sidebar_enabled": False,  # thirteen columns want the room
            "title": self.opts.verbose_name_plural.capitalize(),  # type: ignore[union-attr]
            "opts": self.opts,
            "page": _page(request),
            "imports": IMPORTS,
        }
        return TemplateResponse(request, "admin/cluster.html", context)

    @method_decorator([require_POST, csrf_protect, never_cache])
    def order(self, request: HttpRequest) -> HttpResponse:
        life, what = request.POST.get("life", ""), request.POST.get("what", "")
        if what not in commands.AFTER:
            raise Http404
        order: What = "drain" if what == "drain" else "undrain"
        return self._do(request, staff.CHANGE, lambda desk, by: commands.give_order(desk, by, life=life, what=order))

    @method_decorator([require_POST, csrf_protect, never_cache])
    def announce(self, request: HttpRequest) -> HttpResponse:
        text, minutes = request.POST.get("text", ""), request.POST.get("minutes", "")
        number = int(minutes) if minutes.isdecimal() and len(minutes) <= len(str(commands.MOST_MINUTES)) else 0
        return self._do(
            request, staff.ANNOUNCE, lambda desk, by: commands.announce(desk, by, text=text, minutes=number)
        )

    @method_decorator([require_POST, csrf_protect, never_cache])
    def end(self, request: HttpRequest) -> HttpResponse:
        try:
            announcement = UUID(request.POST.get("id", ""))
        except ValueError:
            raise Http404 from None
        return self._do(
            request,
            staff.ANNOUNCE,
            lambda desk, by: commands.end_announcement(desk, by, announcement=announcement),
        )

    def _do(self, request: HttpRequest, permission: str, act: Act) -> HttpResponse:
        """A refusal says why, in JSON; whoever may not is told no more than that."""
        if not self.admin_site.has_permission(request) or not request.user.has_perm(permission):
            return _refused(ChatError(ErrorCode.FORBIDDEN))
        by = actor_of(request)
        try:
            ask_node(lambda node: _at_desk(node, act, by))
        except ChatError as error:
            return _refused(error)
        return JsonResponse({"ok": True})


async def _at_desk(node: Node, act: Act, by: Actor) -> None:
    desk = desk_if_running()
    if desk is None or desk.node is not node:
        raise ChatError(ErrorCode.UNAVAILABLE, "The node is starting.")
    await act(desk, by)


def _refused(error: ChatError) -> JsonResponse:
    status = STATUS.get(error.code, HTTPStatus.SERVICE_UNAVAILABLE)
    said = {"error": error.code, "detail": error.detail, "retry_after_ms": error.retry_after_ms}
    return JsonResponse(said, status=status)


def _page(request: HttpRequest) -> dict[str, Any]:
    """What the page's script needs; written into it as JSON."""
    return {
        "csrf": get_token(request),
        "language": get_language(),
        "may_order": request.user.has_perm(staff.CHANGE),
        "may_announce": request.user.has_perm(staff.ANNOUNCE),
        "urls": {
            "socket": socket.PATH,
            **{name: reverse(f"admin:chat_clusternode_{name}") for name in ("order", "announce", "end")},
        },
        "words": words(),
    }
