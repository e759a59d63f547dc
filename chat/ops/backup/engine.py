"""Which of the two kinds of database this site has, and whether its tables are those of this version."""

from types import ModuleType

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chat.ops.backup import postgres_copy, sqlite_copy
from chat.ops.problem import Problem

COPIES: dict[str, ModuleType] = {"sqlite": sqlite_copy, "postgresql": postgres_copy}


def copy_for(vendor: str) -> ModuleType:
    """The module with `copy_out`, `examine`, `put_back` and `is_open_elsewhere`. Raises Problem."""
    if vendor not in COPIES:
        raise Problem(f"Backups of {vendor} are not known here.", "use SQLite or PostgreSQL.")
    return COPIES[vendor]


def latest_migrations() -> list[str]:
    """The last migration of each app in this version."""
    return sorted(".".join(leaf) for leaf in MigrationExecutor(connection).loader.graph.leaf_nodes())


def require_migrated() -> None:
    """Raises Problem where the tables are not those of this version."""
    if not is_migrated():
        raise Problem("The database does not have the tables of this version.", "./manage.py migrate")


def is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
