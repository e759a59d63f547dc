"""A node's part in the cluster page: says once a second how it is, and does what staff ask of it."""

import asyncio
import logging
import time
from typing import Any

from django.conf import settings

from chat.ending import end_tasks
from chat.node import Node, running_node
from chat.ops.cluster.board import BoardAway, ClusterBoard, Found, MemoryClusterBoard, Pinned, RedisClusterBoard
from chat.ops.cluster.lookout import Lookout
from chat.ops.cluster.orders import ANNOUNCEMENTS, ORDERS, Announcement, Order
from chat.ops.cluster.report import Report, State
from chat.ops.cluster.reporting import report_of, state_of
from chat.ops.cluster.stores import Stores

REPORT_SECONDS = 1.0
GOODBYE_SECONDS = 0.5

logger = logging.getLogger(__name__)


class Desk:
    """Owns the task that reports; the same work whether nobody looks at the page or ten people do."""

    def __init__(self, node: Node, board: ClusterBoard | None = None) -> None:
        self.node = node
        self.board = board or _board()
        self.announcement: Announcement | None = None
        self.lookout = Lookout(
            self.board,
            Stores(node.database),
            node.database,
            node_name=node.name,
            own=self._own_report,
            announcement=self._announced,
        )
        self._report: Report | None = None
        self._redis_seconds: float | None = None
        self._latest_order_ms = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.report()
        self._task = asyncio.create_task(self._run(), name="cluster reports")

    async def leave(self) -> None:
        """Send those who look to another node; the reports go on, to tell how the node drains."""
        await self.lookout.stop()

    async def stop(self) -> None:
        """Say goodbye, and let go of everything."""
        await end_tasks(self._task)
        await self.lookout.stop()
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._pin("left")
        except (TimeoutError, BoardAway):
            logger.info("the cluster page will show this node as gone")
        await self.board.close()

    async def report(self) -> None:
        """Say how this node is and do what is found; without the board, go on alone."""
        began = time.perf_counter()
        try:
            found = await self._pin()
        except BoardAway:
            self._redis_seconds = None
            found = Found(None, None)
        else:
            self._redis_seconds = time.perf_counter() - began
            self._obey(ORDERS.read(Order, found.order))
            await self._hear(ANNOUNCEMENTS.read(Announcement, found.announcement))
        self._end_announcement()

    async def _pin(self, state: State | None = None) -> Found:
        if self._report is None or not self.node.is_leaving:
            report = report_of(self.node, redis_seconds=self._redis_seconds)
        else:  # its rooms close one after the other: ask them nothing more
            report = self._report
        self._report = report.model_copy(update={"state": state or state_of(self.node)})
        return await self.board.report(report.life, self._report.encoded())

    def _obey(self, order: Order | None) -> None:
        if order is None or order.life != self.node.incarnation or order.issued_ms <= self._latest_order_ms:
            return
        self._latest_order_ms = order.issued_ms
        if order.what == "drain":
            logger.warning("drained by staff: %s connections are sent away", self.node.hold())
        else:
            logger.warning("takes devices again, by staff")
            self.node.release()

    async def _hear(self, found: Announcement | None) -> None:
        """Tell what is new, once; what the board has lost is put back, so that nodes and late comers know it."""
        held = self.announcement
        if found is not None and (held is None or found.issued_ms > held.issued_ms):
            self._tell(found)
        elif found is None and held is not None and (seconds := _seconds_left(held)) > 0:
            await self._put_back(held, seconds)

    def _tell(self, announcement: Announcement) -> None:
        if _seconds_left(announcement) <= 0:
            return
        held, self.announcement = self.announcement, announcement
        if announcement.text or (held is not None and held.text):
            self.node.door.announce(announcement.event, is_over=not announcement.text)

    async def _put_back(self, announcement: Announcement, seconds: float) -> None:
        try:
            raw = ANNOUNCEMENTS.sign(announcement)
            await self.board.put_announcement(raw, seconds=round(seconds), only_if_missing=True)
        except BoardAway:
            return

    def _own_report(self) -> list[Pinned]:
        """What the page shows while the board is away."""
        return [] if self._report is None else [Pinned(self._report.life, 0.0, self._report.encoded())]

    def _announced(self) -> dict[str, Any] | None:
        """What is announced now, for the page."""
        now = self.announcement
        if now is None or not now.text:
            return None
        return {"id": str(now.id), "text": now.text, "until_ms": now.until_ms, "left_seconds": _seconds_left(now)}

    def _end_announcement(self) -> None:
        if self.announcement is not None and _seconds_left(self.announcement) <= 0:
            self.announcement = self.node.door.announcement = None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            try:
                await self.report()
            except Exception:
                logger.exception("a report failed; the next one follows")


def _seconds_left(announcement: Announcement) -> float:
    return announcement.until_ms / 1000 - time.time()


def _board() -> ClusterBoard:
    urls = settings.REDIS_URLS
    return RedisClusterBoard(urls[0], prefix=settings.REDIS_PREFIX) if urls else MemoryClusterBoard()


_running: asyncio.Task[Desk] | None = None


def start_desk() -> None:
    """Start the desk of this process's node, on the running loop, as soon as the node has started."""
    global _running  # noqa: PLW0603 - a process is one node
    _running = asyncio.ensure_future(_start())


async def running_desk() -> Desk:
    """The desk of this process, once it has started."""
    if _running is None:
        raise RuntimeError("No desk was started: serve distchat with `daphne distchat_site.asgi:application`.")
    return await asyncio.shield(_running)


def desk_if_running() -> Desk | None:
    """The desk of this process, or None while there is none."""
    is_there = _running is not None and _running.done() and not _running.cancelled() and _running.exception() is None
    return _running.result() if is_there and _running is not None else None


async def _start() -> Desk:
    desk = Desk(await running_node())
    await desk.start()
    return desk
