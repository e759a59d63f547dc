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
