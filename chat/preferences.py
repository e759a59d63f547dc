"""What a user chooses with a page and sees on every device: language, theme, silence, and what is unread again."""

import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, override
from django.views.decorators.http import require_POST

from accounts.preferences import Preferences, PreferenceUnknown, choose_preferences, keep_in_cookies
from chat.actions.marks import Settled
from chat.actions.reading import mark_unread, mute_conversation, show_preferences
from chat.asking import ask_node
from chat.node import Node
from chat.wire.errors import ChatError, ErrorCode
from chat.wire.limits import INTEGER_MAX
from chat.wire.shapes import without_none

Fields = Mapping[str, Any]
RETRY_MS = 10_000
STATUS = {
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.BAD_COMMAND: 400,
    ErrorCode.TOO_LONG: 400,
    ErrorCode.RATE_LIMITED: 429,
}
"""All others are 503: the same request may succeed later."""


@require_POST
def choose(request: HttpRequest) -> HttpResponseBase:
    """Store `language` and `theme`, each of which may be missing; without a login for this browser alone.

    JSON is answered with JSON, a form with the page that it came from.
    """
    try:
        require_patience(request)
        chosen = choose_preferences(request, said_in(request))
    except ChatError as error:
        return refusal(error)
    except PreferenceUnknown:
        return refusal(ChatError(ErrorCode.BAD_COMMAND, "There is no such language or theme."))
    if request.user.is_authenticated:
        _tell_devices(request.user.pk, chosen)
    response = _preferences_json(chosen) if _is_json(request) else _back(request, chosen)
    keep_in_cookies(response, chosen)
    return response


def _command(view: Callable[[int, int, Fields], Settled]) -> Callable[[HttpRequest, int], HttpResponse]:
    """A view for `view(user_id, conversation, fields)`, which members send as JSON or as a form."""

    @require_POST
    @login_required
    @wraps(view)
    def answer(request: HttpRequest, conversation: int) -> HttpResponse:
        try:
            require_patience(request)
            if conversation > INTEGER_MAX:  # which no database would take
                raise ChatError(ErrorCode.NOT_FOUND, "There is no such conversation for you.")
            settled = view(request.user.pk, conversation, said_in(request))
        except ChatError as error:
            return refusal(error)
        return JsonResponse({"read_seq": settled.read_seq, "unread": settled.unread, "muted": settled.muted})

    return answer


@_command
def mute(user_id: int, conversation: int, fields: Fields) -> Settled:
    """`on`: whether the conversation shall be silent."""
    on = {True: True, False: False, "true": True, "false": False}.get(fields.get("on", ""))
    if on is None:
        raise ChatError(ErrorCode.BAD_COMMAND, "on: true or false is needed.")
    return ask_node(lambda node: mute_conversation(node.services, user_id, conversation=conversation, on=on))


@_command
def unread(user_id: int, conversation: int, fields: Fields) -> Settled:
    """`seq`: the first message that shall be unread again."""
    seq = _seq(fields.get("seq"))
    return ask_node(lambda node: mark_unread(node.services, user_id, conversation=conversation, seq=seq))


def require_patience(request: HttpRequest) -> None:
    """Every choice is told to all devices of a user. Raises ChatError(RATE_LIMITED)."""
    if request.user.is_authenticated and not ratelimit.consume(request, action="choice"):
        raise ChatError(ErrorCode.RATE_LIMITED, "Too many choices in a minute.", retry_after_ms=RETRY_MS)


def _seq(said: object) -> int:
    digits = str(said) if isinstance(said, int | str) and not isinstance(said, bool) else ""
    if digits.isascii() and digits.isdecimal() and len(digits) <= len(str(INTEGER_MAX)):
        return int(digits)
    raise ChatError(ErrorCode.BAD_COMMAND, "seq: a position is needed.")


def said_in(request: HttpRequest) -> Fields:
    """The fields of a JSON object or of a form. Raises ChatError(BAD_COMMAND)."""
    if not _is_json(request):
        return request.POST.dict()
    try:
        fields = json.loads(request.body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict) or not all(isinstance(value, str | int | bool) for value in fields.values()):
        raise ChatError(ErrorCode.BAD_COMMAND, "A JSON object of plain values is needed.")
    return fields


def _is_json(request: HttpRequest) -> bool:
    return request.content_type == "application/json"


def _tell_devices(user_id: int, chosen: Preferences) -> None:
    async def tell(node: Node) -> None:
        show_preferences(node.services, user_id, language=chosen.language, theme=chosen.theme)

    try:
        ask_node(tell, seconds=1)
    except ChatError:
        return  # stored all the same; other pages have it when they come back


def _preferences_json(chosen: Preferences) -> JsonResponse:
    return JsonResponse({"language": chosen.language, "theme": chosen.theme})


def _back(request: HttpRequest, chosen: Preferences) -> HttpResponse:
    """To the page of the form, which says so itself when it only had to change its language."""
    if "theme" in request.POST:
        with override(chosen.language) if chosen.language else nullcontext():
            messages.success(request, gettext("Saved."))
    return redirect(_page_before(request))


def _page_before(request: HttpRequest) -> str:
    page = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if is_ours else "/"


def refusal(error: ChatError) -> JsonResponse:
    said = without_none(
        error=str(error.code), retryable=error.retryable, retry_after_ms=error.retry_after_ms, detail=error.detail
    )
    return JsonResponse(said, status=STATUS.get(error.code, 503))
