"""A correct system in memory: it writes the history that a run without faults would leave."""

import itertools
import random
from dataclasses import dataclass, field
from typing import Any

from chat.proof.checker import Member
from chat.proof.history import History, Line, brief

Message = dict[str, Any]


@dataclass
class Hold:
    """What one device has been given of one conversation, and where its live stream stands."""

    cursor: int = 0
    is_new: bool = True


@dataclass
class World:
    """Conversations with members, and devices that come, go, write and are written to; time is a counter."""

    members: dict[int, list[int]]
    users: dict[str, int]
    history: History = field(default_factory=History)
    log: dict[int, dict[int, Message]] = field(default_factory=dict)
    changes: dict[int, list[Message]] = field(default_factory=dict)
    holds: dict[tuple[str, int], Hold] = field(default_factory=dict)
    connected: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._ticks = itertools.count(1)
        self._names = itertools.count(1)
        self.history.clock = lambda: float(next(self._ticks))
        self.log = {conversation: {} for conversation in self.members}
        self.changes = {conversation: [] for conversation in self.members}
        self.holds = {
            (device, conversation): Hold()
            for device, user in self.users.items()
            for conversation in self.members
            if user in self.members[conversation]
        }

    def conversations_of(self, device: str) -> list[int]:
        return [conversation for name, conversation in self.holds if name == device]

    def connect(self, device: str) -> None:
        if device not in self.connected:
            self.connected.add(device)
            self.history.add(device, "device", user=self.users[device])
            self.history.add(device, "connected", via="server_1")
            for conversation in self.conversations_of(device):
                self._catch_up(device, conversation)

    def disconnect(self, device: str) -> None:
        if device in self.connected:
            self.connected.discard(device)
            self.history.add(device, "closed", seq=1006)

    def post(self, device: str, conversation: int, text: str, *, reply_to: int = 0, is_answered: bool = True) -> int:
        """Returns the seq."""
        act = f"post-{next(self._names)}"
        self.history.add(device, "post", conversation=conversation, act=act, text=brief(text), reply_to=reply_to)
        seq = len(self.changes[conversation]) + 1
        message = {"conversation": conversation, "seq": seq, "client_id": act, "text": text, "kind": "text"}
        message["sender"] = {"id": self.users[device]}
        if reply_to:
            message["reply_to"] = reply_to
        self._commit(message)
        self._answer(device, act, seq, is_answered=is_answered)
        return seq

    def refuse(self, device: str, conversation: int) -> str:
        act = f"post-{next(self._names)}"
        self.history.add(device, "post", conversation=conversation, act=act, text="no")
        self.history.add(device, "error", act=act, via="rate_limited")
        return act

    def edit(self, device: str, conversation: int, seq: int, text: str, *, is_answered: bool = True) -> None:
        self._change(device, "edit", conversation, seq, text, {"text": text}, is_answered=is_answered)

    def delete(self, device: str, conversation: int, seq: int) -> None:
        self._change(device, "delete", conversation, seq, "", {"deleted": True, "text": "", "reactions": {}})

    def react(self, device: str, conversation: int, seq: int, emoji: str) -> None:
        reactions = {emoji: [self.users[device]]}
        self._change(device, "react", conversation, seq, f"{emoji}+", {"reactions": reactions})

    def deliver(self, device: str, conversation: int, count: int = 1_000_000) -> None:
        """Give the device its next live changes."""
        if device in self.connected:
            hold = self.holds[device, conversation]
            for message in self.changes[conversation][hold.cursor : hold.cursor + count]:
                self.history.received(device, message, "live")
                hold.cursor += 1

    def settle(self) -> None:
        """Everyone is there and has everything."""
        for device in self.users:
            self.connect(device)
            for conversation in self.conversations_of(device):
                self.deliver(device, conversation)

    # What the checker is given

    def rows(self) -> list[Message]:
        return [message for messages in self.log.values() for message in messages.values()]

    def finals(self) -> dict[str, dict[int, list[Message]]]:
        read = {conversation: list(messages.values()) for conversation, messages in self.log.items()}
        return {"server_1": read, "server_2": read}

    def stays(self) -> dict[int, list[Member]]:
        return {conversation: [Member(user) for user in users] for conversation, users in self.members.items()}

    def _change(
        self,
        device: str,
        what: str,
        conversation: int,
        seq: int,
        text: str,
        fields: Message,
        *,
        is_answered: bool = True,
    ) -> None:
        act = f"{what}-{next(self._names)}"
        self.history.add(device, what, conversation=conversation, seq=seq, act=act, text=brief(text))
        self._commit({**self.log[conversation][seq], **fields})
        self._answer(device, act, seq, is_answered=is_answered)

    def _commit(self, message: Message) -> None:
        conversation = message["conversation"]
        message = {**message, "changed_seq": len(self.changes[conversation]) + 1}
        self.changes[conversation].append(message)
        self.log[conversation][message["seq"]] = message

    def _answer(self, device: str, act: str, seq: int, *, is_answered: bool) -> None:
        if is_answered:
            self.history.add(device, "ok", act=act, seq=seq)
        else:
            self.history.add(device, "lost", act=act)

    def _catch_up(self, device: str, conversation: int) -> None:
        hold, rows = self.holds[device, conversation], self.log[conversation]
        via = "snapshot" if hold.is_new else "replay"
        self.history.add(device, "resume", conversation=conversation, via=via, changed_seq=hold.cursor)
        if hold.is_new:
            told = [rows[seq] for seq in sorted(rows)[-50:]]
        else:
            missed = (row for row in rows.values() if row["changed_seq"] > hold.cursor)
            told = sorted(missed, key=lambda row: row["changed_seq"])
        for message in told:
            self.history.received(device, message, via)
        hold.cursor, hold.is_new = len(self.changes[conversation]), False
        self.history.add(device, "caught_up", conversation=conversation, changed_seq=hold.cursor, text="e1")


def small_world() -> World:
    """Ann with two devices and Bob with one share conversation 7; Eve has 8 with Bob. Everything has arrived."""
    world = World({7: [1, 2], 8: [2, 3]}, {"ann-1": 1, "ann-2": 1, "bob": 2, "eve": 3})
    for device in world.users:
        world.connect(device)
    for number in range(6):
        world.post("ann-1" if number % 2 else "bob", 7, f"text {number}")
        world.settle()
    world.post("eve", 8, "secret")
    world.post("bob", 7, "an answer", reply_to=2)
    world.settle()
    world.edit("bob", 7, 1, "edited")
    world.settle()
    return world


def random_world(chance: random.Random, steps: int = 60) -> World:
    """Any correct run: devices come and go, writes are acknowledged or lost, deliveries lag."""
    world = World({7: [1, 2, 3], 8: [1, 2]}, {"ann-1": 1, "ann-2": 1, "bob": 2, "cat": 3, "dan": 4})
    world.connect("ann-1")
    world.post("ann-1", 7, "first")
    for step in range(steps):
        _random_step(world, chance, step)
    world.settle()
    world.post("ann-1", 7, "last")
    world.settle()
    if chance.random() < 0.3:
        world.disconnect("ann-2")
    return world


def _random_step(world: World, chance: random.Random, step: int) -> None:
    device = chance.choice(["ann-1", "ann-2", "bob", "cat"])
    conversation = chance.choice(world.conversations_of(device))
    own = [
        seq
        for seq, row in world.log[conversation].items()
        if row["sender"]["id"] == world.users[device] and not row.get("deleted")
    ]
    is_answered = chance.random() < 0.8
    match chance.choice(["connect", "disconnect", "post", "post", "reply", "edit", "delete", "deliver", "deliver"]):
        case "connect":
            world.connect(device)
        case "disconnect":
            world.disconnect(device)
        case "post" if device in world.connected:
            world.post(device, conversation, f"text {step}", is_answered=is_answered)
        case "reply" if device in world.connected and world.log[conversation]:
            parent = chance.choice(list(world.log[conversation]))
            world.post(device, conversation, f"text {step}", reply_to=parent, is_answered=is_answered)
        case "edit" if device in world.connected and own:
            world.edit(device, conversation, chance.choice(own), f"edited {step}", is_answered=is_answered)
        case "delete" if device in world.connected and own:
            world.delete(device, conversation, chance.choice(own))
        case "deliver":
            world.deliver(device, conversation, chance.randrange(1, 4))


def position_of(lines: list[Line], **wanted: object) -> int:
    """The index of the first line with these fields."""
    return next(
        index for index, line in enumerate(lines) if all(getattr(line, name) == value for name, value in wanted.items())
    )
