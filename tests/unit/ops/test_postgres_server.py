import psycopg
from django.conf import settings


def test_a_throw_away_postgresql_answers_and_is_not_the_default_database(postgres_url: str):
    with psycopg.connect(postgres_url, connect_timeout=5) as connected:
        assert connected.execute("SELECT current_user, pg_is_in_recovery()").fetchone() == ("distchat", False)
    assert settings.DATABASES["default"].get("PORT") != psycopg.conninfo.conninfo_to_dict(postgres_url)["port"]
