import io
import os
import tarfile
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from chat.log.creating import create_group
from chat.models import Conversation, Turn
from chat.ops.backup import archive
from chat.ops.backup.kept_settings import HIDDEN, given_settings
from chat.ops.backup.making import SETTINGS_FILE, make_backup, opened, verify_backup
from chat.ops.backup.manifest import FORMAT, Manifest
from chat.ops.backup.restoring import new_life, restore_backup
from chat.ops.problem import Problem
from distchat_site.settings_table import TABLE

database = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "members"
    folder.mkdir()
    (folder / "one").write_bytes(b"1" * 100)
    (folder / "two").write_bytes(os.urandom(3000))
    return folder


def told_of(folder: Path) -> Manifest:
    return Manifest(FORMAT, "2027-01-31T00:00:00+00:00", "sqlite", ["chat.1"], {}, {}, archive.measured(folder))


def packed(folder: Path, told: Manifest | None = None) -> Path:
    file = folder.parent / "backup.tar.gz"
    archive.pack(folder, told or told_of(folder), file, overwrite=True)
    return file


def unpacked(file: Path) -> Manifest:
    target = file.parent / "unpacked"
    target.mkdir()
    return archive.unpack(file, target)


def test_what_is_packed_comes_back(folder: Path):
    file = packed(folder)
    assert unpacked(file) == told_of(folder)
    assert {each.name: each.read_bytes() for each in (file.parent / "unpacked").iterdir()} == {
        each.name: each.read_bytes() for each in folder.iterdir()
    }
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in file.parent.iterdir()) == ["backup.tar.gz", "members", "unpacked"]


def test_a_backup_never_replaces_a_file_by_itself(folder: Path):
    file = packed(folder)
    before = file.read_bytes()
    with pytest.raises(Problem, match="exists already"):
        archive.pack(folder, told_of(folder), file, overwrite=False)
    assert file.read_bytes() == before


@pytest.mark.parametrize("length", [0, 20, 400, -1500])
def test_a_file_that_was_cut_off_is_refused(folder: Path, length: int):
    file = packed(folder)
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(Problem, match=r"damaged|not a backup"):
        unpacked(file)


def test_a_member_that_was_changed_is_refused(folder: Path):
    told = told_of(folder)
    (folder / "one").write_bytes(b"2" * 100)
    with pytest.raises(Problem, match="one does not have the hash"):
        unpacked(packed(folder, told))


def test_a_missing_member_is_refused(folder: Path):
    members = {"manifest.json": told_of(folder).encoded(), "one": b"1" * 100}
    with pytest.raises(Problem, match="two is missing"):
        unpacked(_tar(folder.parent, members))


@pytest.mark.parametrize("name", ["../outside", "/outside", "unknown", "one"])
def test_a_member_that_the_manifest_does_not_know_is_refused(folder: Path, name: str):
    (folder / "two").unlink()
    members = [("manifest.json", told_of(folder).encoded()), ("one", b"1" * 100), (name, b"x")]
    with pytest.raises(Problem, match="does not know"):
        unpacked(_tar(folder.parent, members))
    assert not (folder.parent / "outside").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [(b"{}", "format None"), (b'{"format": 2}', "format 2"), (b'{"format": 1}', "manifest"), (b"\xff", "manifest")],
)
def test_a_manifest_that_cannot_be_read_is_refused(tmp_path: Path, text: bytes, said: str):
    with pytest.raises(Problem, match=said):
        unpacked(_tar(tmp_path, {"manifest.json": text}))


def test_another_tar_is_no_backup(tmp_path: Path):
    with pytest.raises(Problem, match="not a backup of distchat"):
        unpacked(_tar(tmp_path, {"README": b"hello"}))


def _tar(folder: Path, members: object) -> Path:
    file = folder / "made.tar.gz"
    with tarfile.open(file, "w:gz") as made:
        for name, content in members.items() if isinstance(members, dict) else members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return file


def test_secrets_are_not_kept_and_what_else_is_given_is():
    given = {row.name: f"canary {row.name}" for row in TABLE}
    kept = given_settings({**given, "HOME": "/", "LOG_LEVEL": ""})
    hidden = {name for name, value in kept.items() if value == HIDDEN}
    secrets = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "CHANNEL_SECRET", "ASSISTANT_API_KEY", "EMAIL_URL"}
    assert secrets <= hidden
    assert kept.keys() == given.keys() - {"LOG_LEVEL"}
    assert kept["ASSISTANT_TOKENS_PER_DAY"] == "canary ASSISTANT_TOKENS_PER_DAY"


# With a database


def people_and_a_group() -> int:
    ann, bob = (User.objects.create_user(name, password="a long password") for name in ("ann", "bob"))
    return create_group(ann.pk, "Lunch\nand \\. backslash \t 午餐", [bob.pk]).conversation


@database
def test_a_restore_brings_back_what_the_backup_held_in_a_new_epoch(tmp_path: Path):
    group = people_and_a_group()
    before = Conversation.objects.get()
    file = tmp_path / "site.tar.gz"
    make_backup(file)
    User.objects.create_user("eve", password="a long password")
    Conversation.objects.update(title="Dinner")

    restored = restore_backup(file, force=True)

    after = Conversation.objects.get()
    assert (after.pk, after.title, after.head) == (group, before.title, 1)
    assert (after.epoch, before.epoch != after.epoch) == (restored.epoch, True)
    assert sorted(User.objects.values_list("username", flat=True)) == ["ann", "bob"]
    assert User.objects.get(username="ann").check_password("a long password")
    assert User.objects.create_user("zoe").pk > max(User.objects.exclude(username="zoe").values_list("pk", flat=True))
    assert restored.told.rows == verify_backup(file).rows


@database
def test_a_restore_into_a_database_with_people_needs_force(tmp_path: Path):
    people_and_a_group()
    file = tmp_path / "site.tar.gz"
    make_backup(file)
    with pytest.raises(CommandError, match=r"not empty|has the database open"):
        call_command("restore", str(file))
    assert Conversation.objects.exists()


@database
def test_a_backup_of_another_version_is_refused_in_one_sentence(tmp_path: Path, monkeypatch):
    file = tmp_path / "site.tar.gz"
    make_backup(file)
    told = verify_backup(file)
    with opened(file, tmp_path) as (folder, _):
        told.migrations[-1] = "chat.0099_of_the_future"
        archive.pack(folder, told, file, overwrite=True)
    with pytest.raises(Problem, match=r"another version of distchat: it differs in .*0099_of_the_future"):
        restore_backup(file, force=True)


@database
def test_a_backup_of_another_database_is_refused(tmp_path: Path):
    file = tmp_path / "site.tar.gz"
    make_backup(file)
    with opened(file, tmp_path) as (folder, told):
        rows, columns = told.rows, told.columns
        other = "sqlite" if told.engine == "postgresql" else "postgresql"
        wrong = Manifest(FORMAT, told.made_at, other, told.migrations, rows, columns, told.members)
        archive.pack(folder, wrong, file, overwrite=True)
    with pytest.raises(Problem):
        restore_backup(file, force=True)


@database
def test_a_backup_tells_the_settings_without_secrets(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_API_KEY", "the canary")
    monkeypatch.setenv("LOG_LEVEL", "WARNING")
    file = tmp_path / "site.tar.gz"
    make_backup(file)
    with opened(file, tmp_path) as (folder, _):
        kept = orjson.loads((folder / SETTINGS_FILE).read_bytes())
        everything = b"".join(each.read_bytes() for each in folder.iterdir())
    assert (kept["LOG_LEVEL"], kept["ASSISTANT_API_KEY"]) == ("WARNING", HIDDEN)
    assert b"the canary" not in everything


@database
def test_a_turn_that_ran_can_be_taken_by_another_node_and_memories_of_members_are_out_of_date():
    group = people_and_a_group()
    ann = User.objects.get(username="ann")
    now = timezone.now()
    Turn.objects.create(
        conversation_id=group,
        trigger=1,
        asker=ann,
        program=ann,
        status="running",
        attempt=2,
        owner="server_1/1",
        lease_until=now + timedelta(seconds=3),
        created_at=now,
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, values in new_life("another", 1000):
            cursor.execute(statement, values)
    turn = Turn.objects.get()
    assert (turn.status, turn.owner, turn.lease_until, turn.attempt) == ("queued", "", None, 2)
    assert Conversation.objects.get().members_version >= 1000
    assert User.objects.get(username="ann").access_version >= 1000


@database
def test_verify_wants_a_file():
    with pytest.raises(CommandError, match="needs the file"):
        call_command("backup", "--verify")
    with pytest.raises(CommandError, match="There is no file"):
        call_command("backup", "--verify", "/nowhere/at/all.tar.gz")
