import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from chat.models import Membership
from chat.ops.moving.exporting import Choice, export_to_file
from chat.ops.moving.records import LINE
from chat.ops.problem import Problem
from tests.unit.ops.moving import a_site, everything, exported, lines_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_line_is_one_that_an_import_reads():
    a_site()
    content = exported()
    kinds = [LINE.validate_json(line).type for line in content.splitlines(keepends=True)]
    assert list(dict.fromkeys(kinds)) == ["header", "user", "conversation", "membership", "message", "end"]


def test_nothing_secret_leaves():
    a_site()
    User.objects.filter(username="ann").update(password="the canary", is_superuser=True)
    content = exported()
    assert b"canary" not in content
    assert b"secret" not in content
    assert b"superuser" not in content


def test_header_and_last_line_tell_what_there_is():
    a_site()
    content = exported()
    header, *_, end = lines_of(content)
    users, talks, parts, messages, _ = everything()
    counts = {"users": users, "conversations": talks, "memberships": parts, "messages": messages}
    at = header.pop("at")
    assert datetime.fromisoformat(at) <= datetime.now(UTC)
    told = {"type": "header", "format": "distchat-export", "version": 1, "site": "localhost", "distchat": "0.1.0"}
    assert header == told | counts
    before = content[: content.rstrip().rindex(b"\n") + 1]
    assert end == {"type": "end", **counts, "sha256": hashlib.sha256(before).hexdigest()}


def test_one_conversation_leaves_with_its_people():
    group = a_site()
    User.objects.create_user("stranger")
    lines = lines_of(exported(Choice((group,))))
    assert [line["id"] for line in lines if line["type"] == "conversation"] == [group]
    assert sorted(line["username"] for line in lines if line["type"] == "user") == ["ann", "assistant", "bob", "dan"]
    assert {line["conversation"] for line in lines if line["type"] == "message"} == {group}


def test_who_asks_for_their_own_data_gets_nobody_elses_drafts_and_addresses(file: Path):
    group = a_site()
    User.objects.filter(username="ann").update(email="ann@example.org")
    Membership.objects.filter(user__username="bob").update(draft="the canary", muted=True)
    call_command("export_data", str(file), "--user", "bob")
    lines = lines_of(file.read_bytes())
    talks = [line["id"] for line in lines if line["type"] == "conversation"]
    assert group not in talks  # bob has left
    assert len(talks) == 1
    assert sorted(line["username"] for line in lines if line["type"] == "user") == ["ann", "bob"]
    assert b"ann@example.org" not in file.read_bytes()
    assert b"not sent" not in file.read_bytes()
    assert [line["draft"] for line in lines if "draft" in line] == ["the canary"]


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--user", "nobody"], "no user 'nobody'"), (["--conversation", "999999"], "conversation 999999")],
)
def test_what_does_not_exist_cannot_leave(file: Path, options: list[str], said: str):
    with pytest.raises(CommandError, match=f"There is {'' if 'no user' in said else 'no '}{said}"):
        call_command("export_data", str(file), *options)
    assert not file.exists()


def test_an_export_replaces_a_file_only_when_it_is_told_to(file: Path):
    file.write_bytes(b"precious")
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_data", str(file))
    assert file.read_bytes() == b"precious"
    call_command("export_data", str(file), "--force")
    assert lines_of(file.read_bytes())[0]["type"] == "header"
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_export_that_fails_leaves_no_file(tmp_path: Path):
    with pytest.raises(Problem, match="cannot be written"):
        export_to_file(tmp_path / "nowhere" / "file", Choice())
    assert list(tmp_path.iterdir()) == []
