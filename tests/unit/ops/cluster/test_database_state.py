import pytest
from django.db import connection

from chat.ops.cluster.database_state import database_state


@pytest.mark.django_db
def test_the_page_is_told_what_the_database_is_and_how_it_stores():
    state = database_state()

    assert state["kind"] == {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
    assert state["version"][0].isdigit()
    assert state["size_bytes"] >= 0
    if connection.vendor == "postgresql":
        assert 1 <= state["connections"] <= state["most_connections"]
        assert state["size_bytes"] > 1_000_000
        assert "synchronous_commit" in state["persistence"]
    else:
        assert "synchronous" in state["persistence"]
