"""The windows of one test, on the nodes of a site."""

import asyncio
from typing import Any

from playwright.async_api import Browser

from chat.proof.cluster import Cluster
from chat.proof.site import Person, Site
from tests.browser.conversation import Conversation
from tests.browser.window import Window


class Windows:
    """Opens windows, keeps what their pages complained of, and closes them."""

    def __init__(self, browser: Browser, site: Site, cluster: Cluster) -> None:
        self._browser = browser
        self._site = site
        self._cluster = cluster
        self._windows: list[Window] = []

    async def open(self, person: Person | None = None, node: int = 1, *, address: str = "", **options: Any) -> Window:
        """A window on node 1, 2, 3 … or at another address; somebody's is logged in, by a session of its own."""
        cookies = self._site.office.do("log_in", person.id) if person else ""
        window = await Window.open(self._browser, address or self.address(node), cookies=cookies, **options)
        self._windows.append(window)
        return window

    async def show(self, conversation: int, person: Person, node: int = 1, **options: Any) -> Conversation:
        """A window of somebody's in which a conversation is open."""
        return await Conversation(await self.open(person, node, **options), conversation).open()

    async def show_each(self, conversation: int, *people: Person) -> list[Conversation]:
        """A window for each of them, the first on node 1, the second on node 2 …"""
        opening = (self.show(conversation, person, node) for node, person in enumerate(people, start=1))
        return await asyncio.gather(*opening)

    def address(self, node: int) -> str:
        return self._cluster.http_url(self._cluster.names[node - 1])

    def port(self, node: int) -> int:
        return self._cluster.nodes[self._cluster.names[node - 1]].port

    @property
    def complaints(self) -> list[str]:
        return [each for window in self._windows for each in window.complaints.found]

    async def close(self) -> None:
        for window in self._windows:
            await window.close()
