"""The cluster page as its script uses it: the socket with its pictures, and the forms with their token."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chat.proof.cluster import Cluster
from chat.proof.login import cookie_value
from chat.proof.site import Person, Site

PAGE = "/admin/chat/clusternode/"
VIEW, CHANGE, ANNOUNCE = "view_clusternode", "change_clusternode", "announce_clusternode"
SECONDS = 15.0
Picture = dict[str, Any]


class Looker:
    """One open page: the pictures as they come."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def next(self) -> Picture:
        async with asyncio.timeout(SECONDS):
            picture: Picture = orjson.loads(await self._socket.recv())
        return picture

    async def until(self, is_so: Callable[[Picture], bool], *, seconds: float = SECONDS) -> Picture:
        """The first picture of which this is true."""
        picture: Picture = {}
        try:
            async with asyncio.timeout(seconds):
                while not is_so(picture := await self.next()):
                    pass
        except TimeoutError:
            raise AssertionError(f"not within {seconds:g} s; the last picture: {picture}") from None
        return picture

    async def end(self) -> int:
        """The code with which the server closes."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(SECONDS):
                while True:
                    await self._socket.recv()
        return self._socket.close_code or 0


@asynccontextmanager
async def looking(
    cluster: Cluster, node: str, cookies: str, *, origin: str = "", **headers: str
) -> AsyncIterator[Looker]:
    url = cluster.ws_url(node) + "cluster/"
    sent = {"Cookie": cookies, **headers} if cookies else headers
    async with connect(url, additional_headers=sent, origin=origin or cluster.http_url(node), proxy=None) as socket:
        yield Looker(socket)


async def post(cluster: Cluster, node: str, cookies: str, button: str, /, **fields: Any) -> httpx.Response:
    """What a button does: `button` is "order", "announce" or "end"."""
    base = cluster.http_url(node)
    jar = {"sessionid": cookie_value(cookies, "sessionid"), "csrftoken": "x" * 32}
    headers = {"X-CSRFToken": "x" * 32, "Origin": base, "Referer": base + PAGE}
    async with httpx.AsyncClient(base_url=base, cookies=jar, trust_env=False, timeout=30) as browser:
        return await browser.post(f"{PAGE}{button}/", data=fields, headers=headers)


async def page(cluster: Cluster, node: str, cookies: str) -> httpx.Response:
    jar = {"sessionid": cookie_value(cookies, "sessionid")} if cookies else {}
    async with httpx.AsyncClient(base_url=cluster.http_url(node), cookies=jar, trust_env=False) as browser:
        return await browser.get(PAGE)


def staff(site: Site, *permissions: str) -> Person:
    (root,) = site.people("root")
    site.office.do("make_staff", root.id, list(permissions))
    return root


def nodes(picture: Picture) -> dict[str, Picture]:
    return {node["name"]: node for node in picture["nodes"]}


def states(picture: Picture) -> dict[str, str]:
    return {node["name"]: node["state"] for node in picture["nodes"]}
