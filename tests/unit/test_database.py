import asyncio

import pytest

from chat.database import Database
from chat.wire.errors import ChatError, ErrorCode


async def test_a_database_that_was_closed_says_so_to_whoever_comes_late():
    database = Database()
    await database.close()

    for ask in (database.read, database.write, database.write_behind):
        with pytest.raises(ChatError) as refused:
            await ask(lambda: 1)
        assert refused.value.code is ErrorCode.UNAVAILABLE


async def test_what_a_crowd_asks_is_read_together():
    database, calls = Database(), []

    def doubled(numbers: list[int]) -> dict[int, int]:
        calls.append(len(numbers))
        return {number: 2 * number for number in numbers}

    answers = await asyncio.gather(*(database.read_each(doubled, number) for number in range(40)))
    await database.close()

    assert answers == [2 * number for number in range(40)]
    assert calls == [40]


async def test_a_database_that_is_closed_keeps_no_crowd_waiting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chat.database.CROWD_SECONDS", 3600.0)
    database = Database()
    await asyncio.gather(database.read_each(dict.fromkeys, 1), database.read_each(dict.fromkeys, 2))
    late = asyncio.create_task(database.read_each(dict.fromkeys, 3))
    await asyncio.sleep(0)
    await database.close()

    with pytest.raises(ChatError) as refused:
        await late
    assert refused.value.code is ErrorCode.UNAVAILABLE
