"""What staff do from the cluster page: audited first, then put on the board, then seen to have been done."""

import asyncio
import time
from uuid import UUID, uuid4

from accounts.audit import Actor
from chat.actions.cluster import note_announcement, note_drain, note_end_of_announcement, note_undrain
from chat.ops.cluster.board import BoardAway
from chat.ops.cluster.desk import Desk
from chat.ops.cluster.orders import ANNOUNCEMENTS, ORDERS, Announcement, Order, What
from chat.ops.cluster.picture import is_there
from chat.ops.cluster.report import Report, read_report
from chat.wire.errors import ChatError, ErrorCode
from chat.wire.limits import ANNOUNCEMENT_CHARS

CONFIRM_SECONDS = 5.0
CONFIRM_STEP_SECONDS = 0.2
MOST_MINUTES = 24 * 60
AFTER = {"drain": "drained", "undrain": "open"}


async def give_order(desk: Desk, by: Actor, *, life: str, what: What) -> None:
    """Drain the node with this life, or have it take devices again; returns when the node says that it is so.

    Raises FORBIDDEN, NOT_FOUND (no such node is there), CONFLICT (it is leaving, or no other node takes devices),
    UNAVAILABLE (the board is away, or the node has not done it within CONFIRM_SECONDS).
    """
    try:
        nodes = await _nodes(desk)
        node = nodes.get(life)
        if node is None:
            raise ChatError(ErrorCode.NOT_FOUND, "This node is not there any more.")
        _require_sense(nodes, node, what)
        note = note_drain if what == "drain" else note_undrain
        await note(desk.node.services, by, node=node.name)
        order = Order(issued_ms=await desk.board.now_ms(), life=life, what=what)
        await desk.board.put_order(life, ORDERS.sign(order))
        await _confirmed(desk, life, what)
    except BoardAway:
        raise ChatError(ErrorCode.UNAVAILABLE, "Redis is away: nodes cannot be reached.") from None


async def announce(desk: Desk, by: Actor, *, text: str, minutes: int) -> None:
    """Tell every device now, and those that come for so long; on the devices of all nodes within two seconds.

    Raises FORBIDDEN, RATE_LIMITED, BAD_COMMAND (nothing to say, or not a time), TOO_LONG, UNAVAILABLE.
    """
    said = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not said or not 1 <= minutes <= MOST_MINUTES:
        raise ChatError(ErrorCode.BAD_COMMAND, "A text and 1 to 1440 minutes are needed.")
    if len(said) > ANNOUNCEMENT_CHARS:
        raise ChatError(ErrorCode.TOO_LONG, f"At most {ANNOUNCEMENT_CHARS} characters.")
    made = uuid4()
    until_ms = round((time.time() + minutes * 60) * 1000)
    await note_announcement(desk.node.services, by, announcement=made, characters=len(said), minutes=minutes)
    announcement = Announcement(issued_ms=await _now_ms(desk), id=made, text=said, until_ms=until_ms)
    await _put(desk, announcement)


async def end_announcement(desk: Desk, by: Actor, *, announcement: UUID) -> None:
    """Take it back on every device. Raises FORBIDDEN, NOT_FOUND (another one or none is announced), UNAVAILABLE."""
    held = desk.announcement
    if held is None or held.id != announcement or not held.text:
        raise ChatError(ErrorCode.NOT_FOUND, "This is not announced any more.")
    await note_end_of_announcement(desk.node.services, by, announcement=announcement)
    await _put(desk, held.taken_back(issued_ms=await _now_ms(desk)))


async def _put(desk: Desk, announcement: Announcement) -> None:
    seconds = round(announcement.until_ms / 1000 - time.time())
    try:
        await desk.board.put_announcement(ANNOUNCEMENTS.sign(announcement), seconds=seconds)
    except BoardAway:
        raise ChatError(ErrorCode.UNAVAILABLE, "Redis is away: nodes cannot be reached.") from None
    await desk.report()  # which finds it, and tells the devices here


async def _now_ms(desk: Desk) -> int:
    try:
        return await desk.board.now_ms()
    except BoardAway:
        raise ChatError(ErrorCode.UNAVAILABLE, "Redis is away: nodes cannot be reached.") from None


async def _nodes(desk: Desk) -> dict[str, Report]:
    """The nodes that are there, by their lives."""
    found = [(read_report(each.raw, life=each.life), each.age_seconds) for each in await desk.board.look()]
    return {report.life: report for report, age in found if report is not None and is_there(report, age)}


def _require_sense(nodes: dict[str, Report], node: Report, what: What) -> None:
    if node.state == "leaving":
        raise ChatError(ErrorCode.CONFLICT, "This node is shutting down.")
    others = [each for each in nodes.values() if each.life != node.life and each.state == "open"]
    if what == "drain" and not others:
        raise ChatError(ErrorCode.CONFLICT, "No other node would take its devices.")


async def _is_so(desk: Desk, life: str, what: What) -> bool:
    node = (await _nodes(desk)).get(life)
    return node is not None and node.state == AFTER[what]


async def _confirmed(desk: Desk, life: str, what: What) -> None:
    try:
        async with asyncio.timeout(CONFIRM_SECONDS):
            while not await _is_so(desk, life, what):  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(CONFIRM_STEP_SECONDS)
    except TimeoutError:
        raise ChatError(ErrorCode.UNAVAILABLE, "The node has not said that it did it.") from None
