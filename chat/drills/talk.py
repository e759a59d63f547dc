"""Somebody with a device on each node, in a conversation with the assistant."""

from typing import Self

from chat.proof.answering import answers, spoken
from chat.proof.device import Device
from chat.proof.evidence import Trigger
from chat.proof.site import Person
from chat.proof.stage import Stage, eventually

SECONDS = 40.0
"""How long an answer may take, with attempts of nodes that die."""

QUESTION = "Tell me about yourself"
"""Its built-in answer takes some seconds to be said."""


class Talk:
    """`devices` by the name of their node; `direct` is the conversation with the assistant."""

    def __init__(self, stage: Stage, person: Person, devices: dict[str, Device], direct: int) -> None:
        self.stage = stage
        self.person = person
        self.devices = devices
        self.direct = direct

    @classmethod
    async def begin(cls, stage: Stage, person: Person) -> Self:
        devices = {name: await stage.arrive(person, number) for number, name in enumerate(stage.cluster.names, 1)}
        direct = stage.direct(person, Person("assistant", stage.site.office.do("assistant"), ""))
        stage.conversations[direct] = [person]
        for device in devices.values():
            await device.wait_for(lambda each: direct in each.conversations, SECONDS)
        return cls(stage, person, devices, direct)

    async def ask(self, text: str = QUESTION) -> int:
        """Post a question; returns its seq."""
        first = next(iter(self.devices.values()))
        return int((await first.post(self.direct, text))["seq"])

    async def speaking(self) -> str:
        """The name of the node that is in the middle of a sentence."""
        anyone = next(iter(self.devices.values()))
        await anyone.wait_for(lambda each: len(spoken(each, self.direct)) > 40, SECONDS)
        return str(self.turns()[-1]["node"])

    def turns(self) -> list[dict[str, object]]:
        """Every turn here, in the order in which they began."""
        found: list[dict[str, object]] = self.stage.site.office.do("turns_of", self.direct)
        return found

    def others(self, node: str) -> list[Device]:
        """The devices on other nodes than this one."""
        return [device for name, device in self.devices.items() if name != node]

    async def answered(self, *devices: Device, count: int = 1) -> None:
        """Wait until these devices, or all, hold so many answers."""
        for device in devices or self.devices.values():
            await device.wait_for(lambda each: len(answers(each, self.direct)) >= count, SECONDS)

    async def everyone_back(self, lost: str) -> None:
        """The device of a node that is gone comes to another one."""
        url = next(self.stage.cluster.ws_url(name) for name in self.devices if name != lost)
        device = self.devices[lost]
        await eventually(lambda: not device.is_connected, seconds=SECONDS)
        await device.connect(url)

    def trigger(self, question: int) -> Trigger:
        """What the checker has to find answered once."""
        return Trigger(self.direct, question, self.stage.site.office.do("assistant"))
