from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from chat.ops.moving import importing
from chat.ops.moving.records import LINE_BYTES
from tests.unit.ops.moving import Lines, packed

pytestmark = pytest.mark.django_db(transaction=True)


def the(kind: str, lines: Lines, index: int = 0) -> dict[str, Any]:
    return [line for line in lines if line["type"] == kind][index]


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\x00" * 100, b"hello\n", b"[]\n", b'{"type":"user"}\n', b"\x1f\x8b\x08"]
)
def test_what_is_no_export_is_refused(refused: Callable[..., str], content: bytes):
    said = refused(content)
    assert "FILE is not an export of distchat" in said or "FILE is cut off" in said


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(CommandError, match="There is no file"):
            call_command("import_data", str(path))


def test_another_version_of_the_format_is_refused(refused: Callable[..., str], lines: Lines):
    the("header", lines)["version"] = 2
    assert "has version 2 of the format, this site reads 1" in refused(packed(lines))


def test_a_file_that_was_cut_anywhere_is_refused(refused: Callable[..., str], lines: Lines):
    content = packed(lines)
    for length in (20, len(content) // 3, len(content) // 2, content.rstrip().rindex(b"\n") + 1, len(content) - 1):
        assert "is cut off" in refused(content[:length]) or length == 20


def test_a_file_that_was_changed_is_refused(refused: Callable[..., str], lines: Lines):
    content = packed(lines)
    assert "the SHA-256 of the lines before is another one" in refused(content.replace(b"psst", b"pssT"))
    assert "nothing may follow the last line" in refused(content + content)


def test_a_line_without_an_end_is_refused_before_it_is_read(refused: Callable[..., str], lines: Lines):
    content = packed(lines).splitlines(keepends=True)
    said = refused(content[0] + b'{"type":"user","username":"' + b"a" * 100_000_000 + b'"}\n')
    assert "FILE, line 2: it is longer than 4 MiB" in said
    assert len(said) < 200
    assert LINE_BYTES < 100_000_000


def change(kind: str, index: int = 0, /, **fields: object) -> Callable[[Lines], None]:
    return lambda lines: the(kind, lines, index).update(fields)


def drop(kind: str, index: int = 0) -> Callable[[Lines], None]:
    return lambda lines: lines.remove(the(kind, lines, index))


def double(kind: str) -> Callable[[Lines], None]:
    return lambda lines: lines.insert(lines.index(the(kind, lines)), the(kind, lines))


def move(kind: str, index: int, before: str) -> Callable[[Lines], None]:
    def moving(lines: Lines) -> None:
        line = the(kind, lines, index)
        lines.remove(line)
        lines.insert(lines.index(the(before, lines)), line)

    return moving


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (change("user", id="1"), "user.id: Input should be a valid integer"),
        (change("user", id=-1), "user.id: Input should be greater than or equal to 1"),
        (change("user", id=2**60), "user.id: Input should be less than"),
        (change("user", password="x"), "user.password: Extra inputs are not permitted"),
        (change("user", is_superuser=True), "user.is_superuser: Extra inputs are not permitted"),
        (change("user", username="a\nb"), "user.username: String should match pattern"),
        (change("user", username="a" * 151), "user.username: String should have at most 150 characters"),
        (change("user", is_inactive="no"), "user.is_inactive: Input should be a valid boolean"),
        (change("user", joined_at="yesterday"), "user.joined_at: Input should be a valid datetime"),
        (change("user", joined_at="2026-01-01T00:00:00"), "user.joined_at: Input should have timezone info"),
        (change("user", joined_at="9999-01-01T00:00:00Z"), "user.joined_at: Input should be less than"),
        (change("user", type="device"), "Input tag 'device' found using 'type' does not match"),
        (change("user", type=7), "Input tag '7' found using 'type' does not match"),
        (double("user"), "this user was in the file before"),
        (drop("user"), "is not in the file"),
        (move("user", 0, "end"), "is not in the file"),
        (double("conversation"), "this conversation was in the file before"),
        (change("conversation", kind="channel"), "conversation.kind: Input should be 'direct' or 'group'"),
        (change("conversation", head=3), "goes"),
        (change("conversation", head=2**40), "the conversation before has another head than its messages"),
        (change("conversation", kind="direct"), "nobody leaves or owns a direct conversation"),
        (double("membership"), "this member was named before"),
        (drop("membership", -1), "the direct conversation before has not exactly two members"),
        (change("membership", user=10**9), "user 1000000000 is not in the file"),
        (change("membership", conversation=10**9), "it does not belong to the conversation before it"),
        (change("membership", read_seq=10**9), "it is read further than the conversation goes"),
        (change("membership", draft="\x00"), "membership.draft: String should match pattern"),
        (move("membership", 0, "end"), "it does not belong to the conversation before it"),
        (move("message", 1, "message"), "messages come in the order of their seq"),
        (drop("message", 1), "it answers a message that is not there"),
        (change("message", 1, changed_seq=1), "message: it was changed before it was posted"),
        (change("message", 1, changed_seq=11), "its changed_seq is another message's"),
        (change("message", 1, changed_seq=10**9), "it was changed after the head of its conversation"),
        (change("message", 1, text="a" * 8001), "message.text: String should have at most 8000 characters"),
        (change("message", 1, text="\x00"), "message.text: String should match pattern"),
        (change("message", 1, text=["a"]), "message.text: Input should be a valid string"),
        (change("message", 1, html="<script>"), "message.html: Extra inputs are not permitted"),
        (change("message", 1, deleted=True), "message: a deleted message says nothing"),
        (change("message", 1, client_id="1"), "message.client_id: uuid"),
        (change("message", 1, sender=10**9), "user 1000000000 is not in the file"),
        (change("message", 1, reactions={"👍": [10**9]}), "user 1000000000 is not in the file"),
        (change("message", 1, reactions={"<b>": [1]}), "message.reactions.<b>.[key]: String should match pattern"),
        (change("message", 1, kind="system"), "message: what has happened belongs to system messages"),
        (change("message", 0, data={"action": "left", "user": 10**9}), "user 1000000000 is not in the file"),
        (change("message", 0, data={"action": "renamed", "title": "\x00"}), "String should match pattern"),
        (change("message", 0, data={"action": "renamed", "title": "a" * 121}), "at most 120 characters"),
        (change("message", 0, data={"lc": 2, "type": "constructor"}), "message.data"),
    ],
)
def test_a_line_that_is_not_as_it_should_be_is_refused_with_its_number(
    refused: Callable[..., str], lines: Lines, change: Callable[[Lines], None], said: str
):
    change(lines)
    refusal = refused(packed(lines))
    assert said in refusal
    assert "FILE, line " in refusal


@pytest.mark.parametrize("where", ["header", "end"])
def test_counts_that_are_not_true_are_refused(refused: Callable[..., str], lines: Lines, where: str):
    the(where, lines)["messages"] += 1
    assert "the counts are others" in refused(packed(lines, counted=False))


def test_a_repeated_client_id_is_refused(refused: Callable[..., str], lines: Lines):
    the("message", lines, 2)["client_id"] = the("message", lines, 1)["client_id"]
    assert "its client_id was in the file before" in refused(packed(lines))


def test_the_line_that_is_named_is_the_bad_one(refused: Callable[..., str], lines: Lines):
    number = lines.index(the("message", lines, 2)) + 1
    the("message", lines, 2)["at"] = "now"
    assert f"FILE, line {number}: message.at: " in refused(packed(lines))


def test_what_somebody_wrote_is_not_in_the_refusal(refused: Callable[..., str], lines: Lines):
    the("message", lines, 1)["text"] = "canary\x00"
    assert "canary" not in refused(packed(lines))


def test_a_site_that_changes_while_a_file_is_checked_gets_nothing(
    file: Path, lines: Lines, monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str]
):
    """Ann signs up between the check and the writing."""
    write = importing._write
    User.objects.create_user("somebody")

    def late(*arguments: Any) -> None:
        User.objects.filter(username="somebody").update(username="ann")
        write(*arguments)

    monkeypatch.setattr(importing, "_write", late)
    assert "The site has changed meanwhile; nothing was written." in refused(packed(lines))
