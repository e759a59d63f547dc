"""However many look, the board is read once a second; and who may not look any more is shown out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest

from accounts.access import Access
from chat.database import Database
from chat.ops.cluster.board import BoardAway, MemoryClusterBoard, Pinned
from chat.ops.cluster.lookout import Lookout
from chat.ops.cluster.stores import Stores
from chat.wire.errors import ChatError, ErrorCode
from chat.wire.limits import CLOSE_RESTART
from tests.unit.ops.cluster.made import pinned, report


class CountingBoard(MemoryClusterBoard):
    """A board that says how often it was looked at, and can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0
        self.is_away = False

    async def look(self) -> list[Pinned]:
        self.looks += 1
        if self.is_away:
            raise BoardAway
        return await super().look()


class AbsentDatabase(Database):
    """Every question finds nobody."""

    async def read(self, function: Callable[..., Any], *args: object) -> Any:
        raise ChatError(ErrorCode.UNAVAILABLE)


class Page:
    """A window that keeps what it was shown."""

    access = Access(1)

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []
        self.closed_with = 0
        self.has_news = asyncio.Event()

    def show(self, text: bytes) -> None:
        self.shown.append(orjson.loads(text))
        self.has_news.set()

    def close(self, code: int) -> None:
        self.closed_with = code


@pytest.fixture
async def board() -> CountingBoard:
    board = CountingBoard()
    await board.report(report().life, report(connections=5).encoded())
    return board


@pytest.fixture
async def lookout(board: CountingBoard) -> AsyncIterator[Lookout]:
    database = AbsentDatabase()
    lookout = Lookout(
        board, Stores(database, urls=[]), database, node_name="server_1", own=lambda: [pinned(report("server_1"))]
    )
    yield lookout
    await lookout.stop()
    await database.close()


async def test_ten_cost_as_much_as_one(lookout: Lookout, board: CountingBoard):
    pages = [Page() for _ in range(10)]
    async with AsyncExitStack() as stack:
        for page in pages:
            await stack.enter_async_context(lookout.showing(page))
        for page in pages:
            await page.has_news.wait()
        assert [len(page.shown) for page in pages] == [board.looks] * 10
    seen = board.looks
    await asyncio.sleep(1.2)
    assert board.looks == seen  # nobody looks: nothing is read


async def test_a_page_sees_the_nodes_and_that_the_database_is_away(lookout: Lookout):
    page = Page()
    async with lookout.showing(page):
        async with asyncio.timeout(10):
            while not page.shown or "database" not in page.shown[-1]:
                page.has_news.clear()
                await page.has_news.wait()
    shown = page.shown[-1]
    assert (shown["type"], shown["node"], shown["board"]) == ("picture", "server_1", "up")
    assert [node["connections"] for node in shown["nodes"]] == [5]
    assert (shown["redis"], shown["database"]["up"], page.closed_with) == ([], False, 0)


async def test_while_the_board_is_away_the_own_node_is_shown(lookout: Lookout, board: CountingBoard):
    board.is_away = True
    page = Page()
    async with lookout.showing(page):
        await page.has_news.wait()
    assert page.shown[0]["board"] == "away"
    assert [(node["name"], node["state"]) for node in page.shown[0]["nodes"]] == [("server_1", "open")]


async def test_a_node_that_stops_sends_its_pages_elsewhere(lookout: Lookout):
    page = Page()
    async with lookout.showing(page):
        await lookout.stop()
        assert page.closed_with == CLOSE_RESTART
