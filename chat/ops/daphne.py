"""Ties a node's life to the Daphne process that serves it: begins with the reactor, logs visits, drains on SIGTERM."""

import asyncio
import logging
import os
import signal
import sys
import threading
from types import FrameType

from chat.node import node_if_running, start_node
from chat.ops.cluster.desk import desk_if_running, start_desk

EXIT_SECONDS = 9.5
"""From the signal to the end of the process, whatever happens."""

logger = logging.getLogger(__name__)


def follow_daphne() -> None:
    """Start the node when Daphne's reactor runs; do nothing where the application is only imported."""
    if "daphne.server" not in sys.modules:
        return
    import daphne.cli
    from twisted.internet import reactor

    from chat.ops.access_log import AccessLog

    daphne.cli.AccessLogGenerator = AccessLog
    reactor.callWhenRunning(_begin)


def _begin() -> None:
    start_node()
    start_desk()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _on_signal)


def _on_signal(number: int, frame: FrameType | None) -> None:
    from twisted.internet import reactor

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _exit_now)
    guard = threading.Timer(EXIT_SECONDS, os._exit, args=(0,))
    guard.daemon = True
    guard.start()
    reactor.callFromThread(_drain_and_stop)


def _exit_now(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)


def _drain_and_stop() -> None:
    global _draining  # noqa: PLW0603 - keeps the task alive to the end of the process
    _draining = asyncio.ensure_future(_drain())


_draining: asyncio.Future[None] | None = None


async def _drain() -> None:
    from twisted.internet import reactor

    node, desk = node_if_running(), desk_if_running()
    try:
        if desk is not None:
            await desk.leave()
        if node is not None:
            drained = await node.drain()
            logger.info("drained: %s connections sent away", drained.connections)
        if desk is not None:
            await desk.stop()
    except Exception:
        logger.exception("the drain failed; stopping all the same")
    reactor.stop()  # type: ignore[misc]  # Twisted replaces this module by an object
