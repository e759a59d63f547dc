from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from chat.log.append import append_batch
from chat.log.changes import Post
from chat.log.creating import create_direct
from chat.log.memory import Memory
from chat.log.reading import read_after
from chat.models import Conversation, Membership, Message
from chat.ops.moving.exporting import Choice
from chat.ops.moving.importing import NOBODY, import_file
from chat.wire.markdown import render
from tests.unit.ops.moving import a_site, empty, everything, exported, in_words, lines_of, packed

pytestmark = pytest.mark.django_db(transaction=True)


# The way round


def test_people_and_conversations_arrive_as_they_left(file: Path):
    a_site()
    before = exported()
    file.write_bytes(before)
    epochs = set(Conversation.objects.values_list("epoch", flat=True))
    html = list(Message.objects.order_by("at", "seq").values_list("html", flat=True))
    counts = Conversation.objects.order_by("created_at").values_list("member_count", flat=True)
    member_counts = [len(Conversation.objects.none()), *counts]
    empty()
    call_command("import_data", str(file))
    assert in_words(exported()) == in_words(before)
    assert epochs.isdisjoint(Conversation.objects.values_list("epoch", flat=True))
    assert list(Message.objects.order_by("at", "seq").values_list("html", flat=True)) == html
    after = Conversation.objects.order_by("created_at").values_list("member_count", flat=True)
    assert [0, *after] == member_counts
    assert not User.objects.get(username="ann").has_usable_password()


def test_what_a_deleted_user_did_names_nobody(file: Path):
    a_site()
    file.write_bytes(exported())
    empty()
    import_file(file)
    left = [each.data for each in Message.objects.filter(kind="system") if each.data["action"] in ("left", "removed")]
    assert [each["user"] == NOBODY for each in left] == [False, True]
    reactions = Message.objects.get(conversation__kind="group", seq=4).reactions
    assert reactions == {"👍": [User.objects.get(username="bob").pk]}


def test_a_log_that_arrived_goes_on_and_is_replayed_without_gaps(file: Path):
    a_site()
    file.write_bytes(exported())
    empty()
    import_file(file)
    talk = Conversation.objects.get(kind="group")
    ann = User.objects.get(username="ann")
    (said,) = append_batch([Post(talk.pk, ann.pk, uuid4(), "after")], Memory())
    assert said.seq == talk.head + 1
    tail = read_after(talk.pk, 0, 500)
    assert (tail.covered, tail.more) == (talk.head + 1, False)


@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=60),
        max_size=8,
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_arrives(file: Path, texts: list[str]):
    empty()
    ann, bob = (User.objects.create_user(name) for name in ("ann", "bob"))
    direct = create_direct(ann.pk, bob.pk).conversation
    append_batch([Post(direct, ann.pk, uuid4(), text, render(text)) for text in texts], Memory())
    before = exported()
    file.write_bytes(before)
    empty()
    import_file(file)
    assert in_words(exported()) == in_words(before)
    assert list(Message.objects.order_by("seq").values_list("text", flat=True)) == texts


# Into a site with people


def test_people_are_found_by_their_names_and_stay_as_they_are(file: Path):
    a_site()
    file.write_bytes(exported())
    empty()
    ann = User.objects.create_user("Ann", password="her own", display_name="Anna", email="anna@example.org")
    assistant = User.objects.create(username="assistant2", is_program=True)
    User.objects.create_user("other")
    import_file(file)
    ann.refresh_from_db()
    assert (ann.check_password("her own"), ann.display_name, ann.email) == (True, "Anna", "anna@example.org")
    names = ["Ann", "assistant2", "bob", "dan", "eve", "other"]
    assert sorted(User.objects.values_list("username", flat=True)) == names
    group = Conversation.objects.get(kind="group")
    assert group.title == "Lunch 午餐"
    assert {ann.pk, assistant.pk} < set(group.memberships.values_list("user", flat=True))


def test_an_import_comes_once(file: Path, refused: Callable[..., str]):
    a_site()
    content = exported()
    said = refused(content)
    assert "this conversation is here already; nothing was written. Next: add --skip-existing" in said
    before = everything()
    call_command("import_data", str(file), "--skip-existing")
    assert everything() == before


def test_conversations_that_are_here_can_be_left_out(file: Path):
    group = a_site()
    file.write_bytes(exported())
    Message.objects.filter(conversation=group).delete()
    Conversation.objects.filter(pk=group).delete()
    call_command("import_data", str(file), "--skip-existing")
    assert in_words(exported(Choice((Conversation.objects.get(kind="group").pk,)))) == in_words(
        packed([line for line in lines_of(file.read_bytes()) if _is_of(group, line)])
    )
    assert Message.objects.filter(text="psst").count() == 1


def _is_of(group: int, line: dict[str, Any]) -> bool:
    mine = {"message": "conversation", "membership": "conversation", "conversation": "id"}
    if line["type"] == "user":
        return line["username"] != "eve"
    return line["type"] in ("header", "end") or line[mine[line["type"]]] == group


def test_a_direct_conversation_in_which_nobody_said_anything_takes_over_what_was_said_elsewhere(file: Path):
    a_site()
    file.write_bytes(exported())
    empty()
    bob, ann = (User.objects.create_user(name) for name in ("bob", "ann"))
    pair = create_direct(ann.pk, bob.pk).conversation
    epoch = Conversation.objects.get(pk=pair).epoch
    import_file(file)
    assert list(Message.objects.filter(conversation=pair).values_list("text", flat=True)) == ["psst"]
    talk = Conversation.objects.get(pk=pair)
    assert (talk.head, talk.member_count, talk.epoch != epoch) == (1, 2, True)
    assert Membership.objects.get(conversation=pair, user=ann).draft == "not sent\nyet"


def test_a_program_is_never_taken_for_a_person(file: Path, refused: Callable[..., str]):
    a_site()
    content = exported()
    empty()
    User.objects.create_user("assistant")
    assert "assistant is a program on one site and a person on the other" in refused(content)


def test_two_people_never_become_one(refused: Callable[..., str]):
    User.objects.create_user("ann")
    User.objects.create_user("ANN")
    content = exported()
    empty()
    User.objects.create_user("Ann")
    assert "two users of the file would be Ann here" in refused(content)


def test_a_rehearsal_writes_nothing(file: Path, capsys: pytest.CaptureFixture[str]):
    a_site()
    file.write_bytes(exported())
    empty()
    call_command("import_data", str(file), "--dry-run")
    assert everything() == [0, 0, 0, 0, 0]
    assert capsys.readouterr().out.startswith("Would import 3 of 3 conversations; of 5 users 0 were here.")
