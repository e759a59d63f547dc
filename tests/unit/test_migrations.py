"""Migrations come before the nodes of a new version: those of the version before go on beside them."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

OURS = {"accounts", "chat"}
TAKES_AWAY = (migrations.RemoveField, migrations.DeleteModel, migrations.RenameField, migrations.RenameModel)


def operations() -> Iterator[tuple[str, Operation]]:
    """What each migration but the first of an app does."""
    loader = MigrationLoader(None)
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in OURS and not migration.initial:
            yield from ((f"{app}.{name}", operation) for operation in migration.operations)


def test_both_apps_have_migrations():
    assert {name.partition(".")[0] for name, _ in operations()} == OURS
    assert {app.label for app in apps.get_app_configs()} >= OURS


def test_what_the_version_before_writes_may_leave_out_every_new_column():
    added = [(name, each) for name, each in operations() if isinstance(each, migrations.AddField)]
    needed = [f"{name}: {each.name}" for name, each in added if not each.field.null and not each.field.has_db_default()]
    assert (needed, len(added) >= 5) == ([], True)


def test_nothing_is_taken_away_that_the_version_before_reads():
    """Stop using it in one version, take it away in the next; then name it here."""
    assert [f"{name}: {each.describe()}" for name, each in operations() if isinstance(each, TAKES_AWAY)] == []


@pytest.mark.django_db
def test_the_tables_are_those_of_the_models():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
