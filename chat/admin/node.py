"""How the admin has the node of this process do something: by the same actions as a socket."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from accounts.staff import Refused
from chat.asking import ASK_SECONDS, ask_node
from chat.node import Node
from chat.wire.errors import ChatError, ErrorCode

Answer = TypeVar("Answer")

REASONS = {
    ErrorCode.FORBIDDEN: _("You do not have the permission for this."),
    ErrorCode.NOT_FOUND: _("It is no longer there."),
    ErrorCode.NOT_READY: _("Your login has ended; sign in again."),
    ErrorCode.CONFLICT: _("Nothing can be done here: it has ended, or it is what the system says."),
    ErrorCode.UNAVAILABLE: _("The node or the database did not answer. Try again later."),
}


def have_node(question: Callable[[Node], Coroutine[Any, Any, Answer]], *, seconds: float = ASK_SECONDS) -> Answer:
    """Ask and wait. Raises Refused, in words for people."""
    try:
        return ask_node(question, seconds=seconds)
    except ChatError as error:
        raise Refused(str(REASONS.get(error.code, error.detail))) from error


def layer_is_healthy() -> bool:
    """Whether what this node says reaches the other nodes. Raises Refused where no node runs or answers."""
    return have_node(_layer_is_healthy)


async def _layer_is_healthy(node: Node) -> bool:
    return bool(node.layer.healthy)  # the layer is one for each loop
