"""People behind the proxy of a production site, their traffic, and what an operator does meanwhile."""

import asyncio
import time
from dataclasses import replace
from typing import Any, Self

from chat.drills.crowd import Crowd, Traffic
from chat.proof.device import Device
from chat.proof.login import log_in_all
from chat.proof.site import PASSWORD, Person
from tests.deploy.production import ProductionNodes, ProductionSite
from tests.deploy.proxies import Proxy

PER_SECOND = 30
"""Within what each of the nine people may post, also when what waited leaves at once."""


class Office(Crowd):
    """Nine people who have logged in through the proxy, with two devices each that stay connected through it."""

    proxy: Proxy

    @classmethod
    async def open(cls, site: ProductionSite, nodes: ProductionNodes, proxy: Proxy) -> Self:
        office = cls(site, nodes)
        office.proxy = proxy
        office._quiet = set()
        everybody = office.people(*(f"person_{i}_" for i in range(9)))
        logins = [(proxy.url, each.username, PASSWORD) for each in everybody]
        cookies = await log_in_all(logins, at_once=4)
        office.everybody = [replace(each, cookies=has) for each, has in zip(everybody, cookies, strict=True)]
        office.groups = [office.group(*office._some(start)) for start in range(6)]
        office.groups.append(office.group(*office.everybody, title="Everybody"))
        await asyncio.gather(*(office.follow(person, 0) for person in office.everybody * 2))
        return office

    async def follow(self, person: Person, first: int, **options: Any) -> Device:
        """A device that stays connected to whichever node the proxy chooses."""
        device = self.device(person)
        await device.follow([self.proxy.socket_url], **options)
        return device

    @property
    def reconnects(self) -> int:
        return sum(line.what == "closed" for line in self.history)


class TimedTraffic(Traffic):
    """How long each post waited for its acknowledgement is in `waits` (seconds)."""

    def __init__(self, office: Office) -> None:
        super().__init__(office, per_second=PER_SECOND)
        self.waits: list[float] = []

    async def _post(self, device: Device, turn: int) -> dict:
        began = time.monotonic()
        answer = await super()._post(device, turn)
        self.waits.append(time.monotonic() - began)
        return answer

    def told(self) -> str:
        """The number of posts, and how long they took."""
        waits = sorted(self.waits)
        middle, most = waits[len(waits) // 2] * 1000, waits[-1]
        slow = sum(wait > 0.5 for wait in waits)
        return f"{len(waits)} posts acknowledged after {middle:.0f} ms (median), {slow} after 0.5 to {most:.1f} s"
