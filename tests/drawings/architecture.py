"""Devices, nodes, SQL and Redis, and the rooms of a node that a message passes."""

from tests.drawings.svg import Drawing, arrow, box, text


def _room(x: int, y: int, name: str, role: str) -> list[str]:
    return [box(x, y, 132, 54, "room"), text(x + 66, y + 23, name, "b m"), text(x + 66, y + 42, role, "s m")]


def _place(x: int, y: int, height: int, kind: str, lines: list[str]) -> list[str]:
    name, role, *rest = lines
    shapes = [box(x, y, 176, height, kind), text(x + 88, y + 26, name, f"b m {kind}"), text(x + 88, y + 46, role, "m")]
    return [*shapes, *(text(x + 88, y + 72 + 18 * n, line, "s m") for n, line in enumerate(rest))]


def _device(y: int, name: str) -> list[str]:
    return [box(14, y, 122, 40), text(75, y + 25, name, "m")]


ARCHITECTURE = Drawing(
    "How distchat is built",
    "Devices hold sockets to any node. In a node, a frame comes in by chat/edge, becomes a command of"
    " chat/actions and a"
    " change of chat/log, which commits it in SQL, the truth. The hub of chat/fanout hands committed changes to this"
    " node's devices and, through Redis, to other nodes; what is missing it reads from the log. Sessions follow behind"
    " as LangGraph checkpoints in Redis.",
    980,
    500,
    (
        *_device(84, "phone"),
        *_device(164, "laptop"),
        *_device(244, "program"),
        box(200, 14, 510, 356),
        text(216, 38, "server_1: a Daphne process", "b"),
        *_room(216, 78, "chat/edge", "the door"),
        *_room(394, 78, "chat/actions", "the only writers"),
        *_room(562, 78, "chat/log", "positions 1, 2, 3 …"),
        *_room(562, 198, "chat/fanout", "one hub per node"),
        *_room(216, 198, "Outbox", "a frame per 8 ms"),
        *_room(394, 198, "chat/session", "LangGraph, behind"),
        *_room(216, 300, "chat/assistant", "turns with a lease"),
        *_room(394, 300, "chat/presence", "who is online"),
        box(200, 400, 510, 84),
        text(455, 436, "server_2, server_3 …", "b m"),
        text(455, 458, "the same program", "s m"),
        *_place(776, 54, 132, "truth", ["SQL", "the truth", "members, messages, turns", "read positions, drafts"]),
        *_place(
            776,
            246,
            150,
            "hint",
            ["Redis", "makes it arrive sooner", "channel layer", "presence", "checkpoints of sessions"],
        ),
        arrow([(136, 104), (216, 104)], "way"),
        text(168, 97, "frame", "s m"),
        arrow([(348, 104), (394, 104)], "way"),
        arrow([(526, 104), (562, 104)], "way"),
        arrow([(694, 104), (776, 104)], "truth"),
        text(735, 97, "commit", "s m"),
        arrow([(628, 132), (628, 198)], "truth"),
        text(564, 170, "committed", "s"),
        arrow([(776, 160), (680, 160), (680, 198)], "truth", is_dashed=True),
        text(690, 178, "a gap? read", "s"),
        arrow([(562, 244), (540, 244), (540, 276), (282, 276), (282, 252)], "way"),
        arrow([(216, 225), (170, 225), (170, 184), (136, 184)], "way"),
        arrow([(216, 240), (170, 240), (170, 264), (136, 264)], "way"),
        arrow([(694, 232), (735, 232), (735, 290), (776, 290)], "hint"),
        arrow([(776, 320), (628, 320), (628, 252)], "hint"),
        text(735, 336, "changes", "s m"),
        arrow([(460, 132), (460, 198)], "way"),
        arrow([(710, 430), (840, 430), (840, 396)], "hint"),
        arrow([(710, 456), (968, 456), (968, 120), (952, 120)], "truth"),
    ),
)
