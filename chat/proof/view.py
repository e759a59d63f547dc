"""What a device has been told: its conversations, session, drafts, read positions, and what was wrong with it."""

from collections import deque
from collections.abc import Callable
from typing import Any, Literal

import orjson

from chat.proof.heard import Heard
from chat.proof.history import History
from chat.proof.outbox import Event
from chat.proof.replica import Replica, Tally, hash_of
from chat.wire.schema import validate_event

Keep = Literal["all", "counts"]
Listener = Callable[[Event], None]

EVENTS_KEPT = 500
VIOLATIONS_KEPT = 100


class View:
    """The device's side of every event; it never raises for what a server sends, it reports.

    `conversations` maps ids to what is held of them, `entries` to the latest announcement (as in `welcome`), `left`
    holds those that the user is out of; `reads` maps (conversation, user) to seq, `heard` a turn of the assistant
    to what was said; `events` keeps the last few hundred events that are neither messages nor answers.
    """

    def __init__(self, name: str, record: History, *, keep: Keep, is_strict: bool, listener: Listener | None) -> None:
        self.name = name
        self.record = record
        self.keep = keep
        self.is_strict = is_strict
        self.listener = listener
        self.welcome: Event = {}
        self.session: Event = {}
        self.user: Event = {}
        self.node = ""
        self.bye: Event = {}
        self.conversations: dict[int, Tally] = {}
        self.entries: dict[int, Event] = {}
        self.left: set[int] = set()
        self.drafts: dict[int, str] = {}
        self.reads: dict[tuple[int, int], int] = {}
        self.online: set[int] = set()
        self.heard: dict[str, Heard] = {}
        self.events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self.received = 0
        self.frames = 0
        self.welcomes = 0
        self.catching_up: set[int] = set()
        self.unacknowledged: set[int] = set()
        self._found: list[str] = []
        self._handlers: dict[str, Callable[[Event], None]] = {
            "message": self._on_message,
            "welcome": self._on_welcome,
            "caught_up": self._on_caught_up,
            "conversation": self._on_conversation,
            "read": self._on_read,
            "draft": self._on_draft,
            "presence": self._on_presence,
            "assistant": self._on_assistant,
            "bye": self._on_bye,
        }

    # What it holds

    @property
    def violations(self) -> list[str]:
        """What broke the protocol so far, skipped positions that nothing has explained yet included."""
        gaps = [
            f"D: positions {first}-{last} of {held.conversation} were skipped"
            for held in self.conversations.values()
            for first, last in held.gaps
        ]
        return self._found + gaps

    def replica(self, conversation: int) -> Replica:
        """The conversation as this device holds it. Raises KeyError when it holds none of it."""
        held = self.conversations[conversation]
        if not isinstance(held, Replica):
            raise KeyError(f"{self.name} keeps counts only")
        return held

    def cursor(self, conversation: int) -> int:
        """How far it has processed the conversation: a changed_seq, 0 before anything came."""
        held = self.conversations.get(conversation)
        return held.cursor if held else 0

    def cursors(self) -> dict[str, Event]:
        """What `hello` tells the server."""
        held = self.conversations.items()
        return {str(key): {"epoch": copy.epoch, "seq": copy.cursor} for key, copy in held if copy.epoch}

    def transcript(self, conversation: int) -> list[tuple[int, str]]:
        """(seq, text) of every message it holds, by ascending seq."""
        return self.replica(conversation).transcript()

    def transcript_hash(self, conversation: int) -> str:
        """Equal on devices that show the same."""
        return hash_of(self.transcript(conversation))

    def report(self, rule: str, detail: str) -> None:
        """Write down that a rule of the protocol was broken."""
        if len(self._found) < VIOLATIONS_KEPT:
            self._found.append(f"{rule}: {detail}")
            self.record.add(self.name, "violation", act=rule, text=detail)

    def take_page(self, conversation: int, messages: list[Event]) -> None:
        """Hold messages that were asked for."""
        held = self._held(conversation)
        if isinstance(held, Replica):
            held.add_page(messages)
            for message in messages:
                self.record.received(self.name, message, "page")

    # Listening

    def take_frame(self, frame: bytes | str) -> None:
        """Take one frame of the server: an array of events."""
        self.frames += 1
        try:
            events = orjson.loads(frame)
        except orjson.JSONDecodeError:
            events = None
        if not isinstance(events, list) or not events:
            self.report("W", f"a frame is not an array of events: {frame[:120]!r}")
            return
        for event in events:
            self._take_event(event)

    def on_answer(self, answer: Event) -> None:
        """An event with the `ref` of a command has come."""

    def _take_event(self, event: Any) -> None:
        try:
            if self.is_strict:
                validate_event(event)
            self._handlers.get(event["type"], self._on_other)(event)
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            self.report("W", f"{type(fault).__name__} in {str(event)[:200]}: {str(fault)[:300]}")

    def _on_message(self, message: Event) -> None:
        self.received += 1
        conversation = message["conversation"]
        held = self.conversations.get(conversation) or self._held(conversation)
        via = held.receive(message)
        self.unacknowledged.add(conversation)
        if self.keep == "all":
            self.record.received(self.name, message, via)
        if self.listener is not None:
            self.listener(message)

    def _on_welcome(self, welcome: Event) -> None:
        self.welcomes += 1
        self.session, self.user, self.node = welcome["session"], welcome["user"], welcome["node"]
        if self.welcomes == 1:
            self.record.add(self.name, "device", user=self.user["id"])
        self.record.add(self.name, "connected", via=self.node, text=self.session["source"])
        for entry in welcome["conversations"]:
            self._begin(entry)
        self.welcome = welcome

    def _begin(self, entry: Event) -> None:
        conversation = entry["id"]
        held = self._held(conversation)
        self.entries[conversation] = entry
        self.left.discard(conversation)
        self.record.add(self.name, "resume", conversation=conversation, via=entry["resume"], changed_seq=held.cursor)
        held.begin(entry)
        self.catching_up.add(conversation)
        self.drafts[conversation] = entry["draft"]
        for member in entry["members"]:
            self.reads[conversation, member["id"]] = member["read_seq"]
            self._set_online(member["id"], is_online=member["online"])
        self.reads[conversation, self.user["id"]] = entry["read_seq"]

    def _on_caught_up(self, event: Event) -> None:
        conversation, epoch, position = event["conversation"], event["epoch"], event["seq"]
        self._held(conversation).caught_up(epoch, position)
        self.record.add(self.name, "caught_up", conversation=conversation, changed_seq=position, text=epoch)
        self.catching_up.discard(conversation)
        self.unacknowledged.add(conversation)

    def _on_conversation(self, event: Event) -> None:
        if event["state"] == "joined":
            self._begin(event["entry"])
        elif event["state"] == "left":
            self._leave(event["conversation"])
        else:
            self._change(event["conversation"], event)
        self._on_other(event)

    def _change(self, conversation: int, event: Event) -> None:
        """What the user chose on another device; `muted` is only there while it is true."""
        self.reads[conversation, self.user["id"]] = event["read_seq"]
        entry = {name: value for name, value in self.entries[conversation].items() if name != "muted"}
        self.entries[conversation] = {**entry, "unread": event["unread"], **({"muted": True} if event["muted"] else {})}

    def _leave(self, conversation: int) -> None:
        self.left.add(conversation)
        self.catching_up.discard(conversation)
        self.unacknowledged.discard(conversation)

    def _on_read(self, event: Event) -> None:
        self.reads[event["conversation"], event["user"]] = event["seq"]
        self._on_other(event)

    def _on_draft(self, event: Event) -> None:
        self.drafts[event["conversation"]] = event["text"]
        self._on_other(event)

    def _on_presence(self, event: Event) -> None:
        self._set_online(event["user"], is_online=event["online"])
        self._on_other(event)

    def _on_assistant(self, event: Event) -> None:
        self.heard.setdefault(event["turn"], Heard(event["conversation"])).take(event)
        self._on_other(event)

    def _on_bye(self, event: Event) -> None:
        self.bye = event
        self._on_other(event)

    def _on_other(self, event: Event) -> None:
        if event["type"] in ANSWERS:
            self.on_answer(event)
            return
        self.events.append(event)
        # Being told that one is out is the one thing about a conversation that a former member may hear.
        if "conversation" in event and event.get("state") != "left":
            self.record.add(self.name, "heard", conversation=event["conversation"], via=event["type"])

    def _set_online(self, user: int, *, is_online: bool) -> None:
        (self.online.add if is_online else self.online.discard)(user)

    def _held(self, conversation: int) -> Tally:
        held = self.conversations.get(conversation)
        if held is None:
            kind = Replica if self.keep == "all" else Tally
            held = self.conversations[conversation] = kind(conversation, self.report)
        return held


ANSWERS = frozenset({"ok", "error", "page", "members", "pong"})
