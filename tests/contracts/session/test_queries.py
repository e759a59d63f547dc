"""What a restore asks of SQL: few queries, and none that walks through a history."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Membership
from chat.session import sql
from tests.contracts.session.conftest import World

PHONE = "phone"


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


async def busy_user(world: World) -> int:
    node, ann = await world.node(), await world.user()
    await node.restore(ann, PHONE)
    for _ in range(3):
        conversation = await world.conversation(ann)
        for _ in range(3):
            await world.post(ann, conversation)
    world.pass_time(100)
    return ann


async def test_a_restore_asks_three_queries(world: World):
    ann = await busy_user(world)
    assert len(await world.database.read(explained, sql.ledger_of, ann)) == 3


async def test_no_query_of_a_session_scans_a_table(world: World):
    ann = await busy_user(world)
    for function, *args in ((sql.ledger_of, ann), (sql.seed_of, ann), (sql.settled_count, ann, world.now)):
        for query, plan in await world.database.read(explained, function, *args):
            assert [step for step in plan if step.startswith("SCAN")] == [], query


async def test_only_the_most_recent_conversations_are_restored(world: World):
    node, ann = await world.node(), await world.user()
    conversations = [await world.conversation(ann) for _ in range(205)]
    await world.database.write(lambda: Membership.objects.update(read_seq=1))
    await node.restore(ann, PHONE)
    assert list((await node.restore(ann, PHONE)).read_seqs) == conversations[-200:]
