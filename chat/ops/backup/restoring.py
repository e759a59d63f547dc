"""Brings a site back to what a backup holds, as a new life of every log."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from chat.models import Conversation
from chat.ops.backup.engine import copy_for, is_migrated, latest_migrations
from chat.ops.backup.making import opened
from chat.ops.backup.manifest import Manifest
from chat.ops.backup.traces import forget_traces, nodes_seen
from chat.ops.problem import Problem


@dataclass(frozen=True, slots=True)
class Restored:
    """`epoch` is the new one of every conversation; `forgotten` the keys in Redis, None when it did not answer."""

    told: Manifest
    epoch: str
    forgotten: int | None


def restore_backup(file: Path, *, force: bool = False) -> Restored:
    """Replace the database by the backup. Raises Problem, with nothing changed, where that is not safe.

    `force` goes ahead over data that is there and while others have the database open: nodes that run then notice the
    new epochs and send their devices to begin anew.
    """
    with opened(file, _working_place()) as (folder, told):
        _require_same_version(told)
        if not force:
            _require_nobody()
            _require_nothing_there()
        if told.engine == "postgresql" and not is_migrated():
            call_command("migrate", verbosity=0, interactive=False)
        epoch = secrets.token_hex(8)
        copy_for(told.engine).put_back(folder, told, new_life(epoch, int(time.time())))
    return Restored(told, epoch, forget_traces())


def new_life(epoch: str, moved: int) -> Sequence[tuple[str, Sequence[Any]]]:
    """What a restored database has to say differently from the one that was copied, in SQL that both kinds take.

    Every client forgets its cursors; turns of nodes that are gone can be taken by others; and what a node that was
    not stopped still remembers of members and logins, by their versions, is out of date.
    """
    return [
        ("UPDATE chat_conversation SET epoch = %s, members_version = members_version + %s", [epoch, moved]),
        ("UPDATE accounts_user SET access_version = access_version + %s", [moved]),
        ("UPDATE chat_turn SET status = 'queued', owner = '', lease_until = NULL WHERE status = 'running'", []),
    ]


def _working_place() -> Path:
    """On SQLite beside the database, else below `var/`."""
    is_file = connection.vendor == "sqlite"
    return Path(connection.settings_dict["NAME"]).parent if is_file else Path(settings.VAR_DIR)


def _require_same_version(told: Manifest) -> None:
    if told.engine != connection.vendor:
        raise Problem(
            f"This is a backup of {told.engine}, and the site is on {connection.vendor}.",
            "move data between kinds of databases with export_data and import_data.",
        )
    if told.migrations != latest_migrations():
        other = sorted(set(told.migrations) ^ set(latest_migrations()))
        raise Problem(
            f"The backup was made by another version of distchat: it differs in {', '.join(other)}.",
            "restore it with the version that made it, then update and migrate.",
        )


def _require_nobody() -> None:
    names = nodes_seen()
    if names:
        raise Problem(
            f"Nodes are running: {', '.join(names)}.",
            "stop them (one that was killed is forgotten after 10 s), or add --force.",
        )
    if copy_for(connection.vendor).is_open_elsewhere():
        raise Problem("Another process has the database open.", "stop nodes, workers and shells, or add --force.")


def _require_nothing_there() -> None:
    if "accounts_user" not in connection.introspection.table_names():
        return
    if User.objects.filter(is_program=False).exists() or Conversation.objects.exists():
        raise Problem("The database is not empty.", "add --force to lose what it holds.")
