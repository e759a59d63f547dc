"""The application with a promise broken on purpose: `DISTCHAT_WEAKENED` names what its nodes lack.

It is the control of the drills: a drill that passes on such nodes proves nothing. Only drills serve it.
"""

import os
from collections.abc import Callable
from typing import Any

from distchat_site.asgi import application as application

__all__ = ["WEAKENINGS", "application"]

from django.conf import settings

from chat.assistant import turns
from chat.assistant.speaking import Speech
from chat.edge import consumer
from chat.edge.connection import Connection
from chat.edge.doorkeeper import Doorkeeper
from chat.edge.throttle import ConnectionLimits
from chat.fanout.answers import Answers, Taken
from chat.fanout.hub import Hub
from chat.fanout.local import LocalConversation
from chat.fanout.sweep import Sweep
from chat.log.fence import AccessMemory
from chat.models import Turn
from chat.node import Drained, Node
from chat.session import service
from chat.wire.errors import ChatError

QUEUED = Turn.Status.QUEUED


async def _nothing(*_: Any, **__: Any) -> None:
    """Done instead of what should be done."""


def no_sweep() -> None:
    """Heads are never compared: what fan-out loses is missing until something else is said."""
    Sweep._sweep = _nothing  # type: ignore[method-assign]


def stock_layer() -> None:
    """Fan-out is what channels_redis has, with nothing behind it."""
    settings.CHANNEL_LAYERS["default"]["BACKEND"] = "chat.drills.stock_layer.StockLayer"
    no_sweep()
    Sweep.fill_gap = lambda *_: None  # type: ignore[method-assign]


def no_second_look() -> None:
    """Who joins is not given what was said between the reading of the log and the joining."""
    add = LocalConversation.add

    def join(self: LocalConversation, follower: Any, position: int) -> Any:
        return [] if add(self, follower, position) is not None else None

    LocalConversation.add = join  # type: ignore[method-assign]


def no_goodbye() -> None:
    """SIGTERM just ends the process, as Daphne does by itself."""

    async def drain(_: Node) -> Drained:
        os._exit(0)

    Node.drain = drain  # type: ignore[method-assign]


def no_bound() -> None:
    """What a device does not read is kept for it, however much it is."""
    Connection.cut_off = lambda _: None  # type: ignore[method-assign]


def no_limits() -> None:
    """Everybody may say as much as they like."""
    for name in ("admit_frame", "admit_command", "admit_post"):
        setattr(ConnectionLimits, name, lambda *_: 0)


def no_turn_fence() -> None:
    """Any attempt may speak, whoever has taken its turn over."""
    Speech.is_late = property(lambda _: False)  # type: ignore[assignment]
    turns.renew = lambda *_: True
    Answers.take = lambda *_: Taken.NEWS  # type: ignore[method-assign]


def no_heirs() -> None:
    """Nobody takes over what a dead node had begun."""
    free = turns._free

    def only_queued(*arguments: Any) -> list[Any]:
        return list(Turn.objects.filter(pk__in=free(*arguments), status=QUEUED).values_list("pk", flat=True))

    turns._free = only_queued


def no_revocation() -> None:
    """Whoever is in stays in."""
    Doorkeeper.revalidate = _nothing  # type: ignore[method-assign]
    AccessMemory.ended = lambda *_: set()  # type: ignore[method-assign]


def no_removal() -> None:
    """Who is removed from a conversation goes on hearing it."""
    Hub.detach_user = lambda *_: None  # type: ignore[method-assign]
    Doorkeeper.refresh = _nothing  # type: ignore[method-assign]


def no_parser() -> None:
    """What is malformed is nobody's business."""
    parse = consumer.parse_frame

    def parse_carelessly(text: str) -> Any:
        try:
            return parse(text)
        except ChatError as error:
            raise RuntimeError("nobody looks after what is malformed") from error

    consumer.parse_frame = parse_carelessly


def no_doubt() -> None:
    """Every checkpoint is believed, whatever the log says."""
    service.agrees = lambda *_: True  # type: ignore[assignment]


def hoarding() -> None:
    """Every step of a session leaves a copy behind; the drill does it itself, for no node takes part in it."""


WEAKENINGS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        *(no_sweep, stock_layer, no_second_look, no_goodbye, no_bound, no_limits, no_turn_fence, no_revocation),
        *(no_removal, no_parser, no_doubt, no_heirs, hoarding),
    )
}

for _name in filter(None, os.environ.get("DISTCHAT_WEAKENED", "").split(",")):
    WEAKENINGS[_name]()
