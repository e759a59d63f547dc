"""The control of every judged drill: its own history, broken on purpose, which the checker has to notice."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chat.proof.checker import Case, Trigger
from chat.proof.history import History, Line

Break = Callable[[list[Line], Line, Line], list[Line]]
"""Takes all lines and two neighbouring live deliveries of one device and conversation; returns the broken lines."""


def unnoticed(case: Case) -> list[str]:
    """Break a copy of the case in each way; the rules that saw nothing, or why no break could be made."""
    pair, lines = _neighbours(case), case.history.lines
    broken = {rule: replace(case, history=History(spoil(lines, *pair))) for rule, spoil in BREAKS.items() if pair}
    for trigger in case.triggers[:1]:
        broken["J"] = replace(case, log=[each for each in case.log if not _answers(each, trigger)])
    if not broken:
        return ["nothing there to break"]
    return [rule for rule, each in broken.items() if not _finds(each, rule)]


def _finds(case: Case, rule: str) -> bool:
    return any(violation.rule == rule for violation in case.violations(per_rule=1))


def _lose(lines: list[Line], one: Line, _: Line) -> list[Line]:
    """The device is never given this message, in whatever way it came."""
    place = (one.device, one.conversation, one.seq)
    return [line for line in lines if line.what != "received" or (line.device, line.conversation, line.seq) != place]


def _double(lines: list[Line], one: Line, _: Line) -> list[Line]:
    """The device is given this message again."""
    index = lines.index(one)
    return [*lines[: index + 1], one, *lines[index + 1 :]]


def _invent(lines: list[Line], one: Line, _: Line) -> list[Line]:
    """Nobody had posted this message."""
    return [line for line in lines if line.act != one.act or line.what == "received"]


def _swap(lines: list[Line], one: Line, other: Line) -> list[Line]:
    """The device is given these two the other way round."""
    places = {id(one): other, id(other): one}
    return [places.get(id(line), line) for line in lines]


def _change(lines: list[Line], one: Line, _: Line) -> list[Line]:
    """The device is shown other words."""
    return [line._replace(text="other words") if line is one else line for line in lines]


def _leak(lines: list[Line], one: Line, _: Line) -> list[Line]:
    """A device of a stranger is given this message."""
    stranger = Line(one.at, "a stranger", "device", user=-1)
    return [*lines, stranger, one._replace(device="a stranger")]


BREAKS: dict[str, Break] = {"A": _lose, "B": _double, "C": _invent, "D": _swap, "E": _change, "H": _leak}


def _neighbours(case: Case) -> tuple[Line, Line] | None:
    """Two live deliveries in a row of acknowledged posts, unchanged since, on a device that stayed to the end."""
    history = case.history
    acknowledged = {line.act for line in history.lines if line.what == "ok"}
    left = {line.device: line.at for line in history.lines if line.what in ("closed", "revoked")}
    users = {line.device: line.user for line in history.lines if line.what == "device"}
    lasting = {(each["conversation"], each["seq"]) for each in case.log if _is_unchanged(each)}
    last: dict[tuple[str, int], Line] = {}
    for line in history.lines:
        if line.what != "received" or line.via != "live" or line.act not in acknowledged:
            continue
        before = last.get((line.device, line.conversation))
        last[line.device, line.conversation] = line
        if (
            before is not None
            and before.changed_seq + 1 == line.changed_seq
            and before.at > left.get(line.device, 0.0)
            and (before.conversation, before.seq) in lasting
            and _is_member(case, users.get(line.device, 0), line.conversation)
        ):
            return before, line
    return None


def _is_unchanged(message: Mapping[str, Any]) -> bool:
    return bool(message.get("changed_seq", message["seq"]) == message["seq"])


def _is_member(case: Case, user: int, conversation: int) -> bool:
    return any(stay.user == user and stay.left is None for stay in case.members.get(conversation, ()))


def _answers(message: Mapping[str, Any], trigger: Trigger) -> bool:
    is_theirs = (message.get("sender") or {}).get("id") == trigger.assistant
    return is_theirs and message.get("reply_to") == trigger.seq
