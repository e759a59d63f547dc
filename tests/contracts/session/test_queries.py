"""What a restore asks of SQL: few queries, and none that walks through a history."""

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Membership
from chat.session import sql
from tests.contracts.session.conftest import World

PHONE = "phone"
OF_A_TABLE = r"SCAN (?!\(subquery|qualify)"
"""What was found by an index may be ranked."""


def explained(function, *args) -> list[tuple[str, list[str]]]:
    """The queries of a function, each with the database's plan for it."""
    with CaptureQueriesContext(connection) as captured:
        function(*args)
    return [(query["sql"], plan_of(query["sql"])) for query in captured.captured_queries]


def plan_of(query: str) -> list[str]:
    if connection.vendor != "sqlite" or not query.startswith("SELECT"):
        return []
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + query)
        return [row[3] for row in cursor.fetchall()]


async def busy_user(world: World, name: str = "ann") -> int:
    node, ann = await world.node(), await world.user(name)
    await node.restore(ann, PHONE)
    for _ in range(3):
        conversation = await world.conversation(ann)
        for _ in range(3):
            await world.post(ann, conversation)
    world.pass_time(100)
    return ann


async def test_restores_ask_two_queries_however_many_they_are(world: World):
    users = [await busy_user(world, name) for name in ("ann", "bob", "carol")]
    alone = [await world.database.read(sql.ledger_of, user) for user in users]

    assert len(await world.database.read(explained, sql.ledgers_of, users)) == 2
    assert await world.database.read(sql.ledgers_of, users) == dict(zip(users, alone, strict=True))
    assert [ledger.message_count for ledger in alone] == [9, 9, 9]


async def test_no_query_of_a_session_scans_a_table(world: World):
    ann = await busy_user(world)
    for function, *args in ((sql.ledger_of, ann), (sql.seed_of, ann), (sql.settled_count, ann, world.now)):
        for query, plan in await world.database.read(explained, function, *args):
            assert [step for step in plan if re.match(OF_A_TABLE, step)] == [], query


async def test_only_the_most_recent_conversations_are_restored(world: World):
    node, ann = await world.node(), await world.user()
    conversations = [await world.conversation(ann) for _ in range(205)]
    await world.database.write(lambda: Membership.objects.update(read_seq=1))
    await node.restore(ann, PHONE)
    assert list((await node.restore(ann, PHONE)).read_seqs) == conversations[-200:]
