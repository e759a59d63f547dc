"""Histories as a demo records them, made by hand."""

from chat.proof.history import History, Line

CONVERSATION = 7
DEVICES = ["client_1", "client_2", "client_3"]


def good_history(posts: int = 4) -> History:
    """Every device posts in turn, and every device is shown everything 10 ms later, in order."""
    history = History()
    for device in DEVICES:
        add(history, Line(0.0, device, "received", CONVERSATION, 1, 1, "s", '{"action":"created","title":"demo"}'))
    for number in range(posts):
        author, act, at = DEVICES[number % len(DEVICES)], f"act-{number}", 1.0 + number
        add(history, Line(at, author, "post", CONVERSATION, act=act, text=f"text {number}"))
        add(history, Line(at + 0.005, author, "ok", seq=number + 2, act=act))
        for device in DEVICES:
            add(history, received(device, number, at + 0.01))
    return history


def received(device: str, number: int, at: float = 50.0) -> Line:
    return Line(at, device, "received", CONVERSATION, number + 2, number + 2, f"act-{number}", f"text {number}", "live")


def add(history: History, line: Line) -> None:
    history.lines.append(line)


def place_of(history: History, device: str, number: int) -> int:
    """The line with which the device was shown the post."""
    wanted = ("received", device, f"act-{number}")
    return next(place for place, line in enumerate(history.lines) if (line.what, line.device, line.act) == wanted)
