"""A site with everything that an export has to carry, and exports taken apart and put together again."""

import hashlib
import json
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.db import transaction

from accounts.models import User
from accounts.programs import ensure_assistant
from chat.log.append import append_batch
from chat.log.changes import Delete, Edit, Invite, Leave, Post, React, Remove
from chat.log.creating import create_direct, create_group
from chat.log.memory import Memory
from chat.models import AssistantSettings, Conversation, Membership, Message
from chat.ops.moving.exporting import Choice, export
from chat.wire.markdown import render

TEXTS = [
    "hello",
    "**bold** and `code`",
    "午餐 \u2028 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "a\r\nb\t\\n \"'</script>",
]
Lines = list[dict[str, Any]]


def a_site() -> int:
    """People of all kinds, a group with a past and a direct conversation; the id of the group."""
    ann, bob, eve, gone = (User.objects.create_user(name, password="secret") for name in ("ann", "bob", "eve", "gone"))
    User.objects.filter(pk=eve.pk).update(is_active=False, email="eve@example.org", theme="dark", language="zh-hans")
    assistant = ensure_assistant()
    group = create_group(ann.pk, "Lunch 午餐", [bob.pk, assistant.pk, gone.pk]).conversation
    posts = [Post(group, ann.pk, uuid4(), text, render(text)) for text in TEXTS]
    append_batch(posts, memory := Memory())
    append_batch(
        [
            Post(group, bob.pk, uuid4(), "an answer", reply_to=2),
            Edit(group, ann.pk, 2, "hello *again*", render("hello *again*")),
            Delete(group, ann.pk, 3),
            React(group, bob.pk, 4, "👍", on=True),
            React(group, gone.pk, 4, "👍", on=True),
            React(group, gone.pk, 5, "🎉", on=True),
            Invite(group, ann.pk, User.objects.create_user("dan").pk),
            Leave(group, bob.pk),
            Remove(group, ann.pk, gone.pk),
        ],
        memory,
    )
    direct = create_direct(bob.pk, ann.pk).conversation
    append_batch([Post(direct, bob.pk, uuid4(), "psst")], Memory())
    create_direct(ann.pk, eve.pk)
    Membership.objects.filter(user=ann).update(draft="not sent\nyet", muted=True)
    Membership.objects.filter(user=ann, conversation=group).update(read_seq=2)
    AssistantSettings.objects.create(conversation_id=group, instructions="Be brief.", speaks="always", summary="secret")
    gone.delete()
    return group


def exported(choice: Choice | None = None) -> bytes:
    output = BytesIO()
    export(output, choice or Choice())
    return output.getvalue()


def lines_of(content: bytes) -> Lines:
    return [json.loads(line) for line in content.splitlines(keepends=True)]


def packed(lines: Lines, *, counted: bool = True) -> bytes:
    """A file that is whole, whatever its lines say."""
    counts = {
        name: sum(line.get("type") == kind for line in lines)
        for name, kind in (
            *(("users", "user"), ("conversations", "conversation")),
            *(("memberships", "membership"), ("messages", "message")),
        )
    }
    if counted:
        lines = [line | counts if line.get("type") in ("header", "end") else line for line in lines]
    before = b"".join(json.dumps(line).encode() + b"\n" for line in lines if line.get("type") != "end")
    end = next(line for line in lines if line.get("type") == "end")
    return before + json.dumps(end | {"sha256": hashlib.sha256(before).hexdigest()}).encode() + b"\n"


def empty() -> None:
    with transaction.atomic():
        Message.objects.all().delete()
        Conversation.objects.all().delete()
        User.objects.all().delete()


def in_words(content: bytes) -> Lines:
    """The same with names instead of ids and without what belongs to a file: what two sites have in common."""
    lines = lines_of(content)
    names = {line["id"]: line["username"] for line in lines if line["type"] == "user"}
    talks: dict[int, int] = {}
    for line in lines:
        if line["type"] == "user":
            del line["id"]
        elif line["type"] == "conversation":
            talks[line["id"]] = line["id"] = len(talks)
        elif line["type"] in ("membership", "message"):
            line["conversation"] = talks[line["conversation"]]
        for key in {"user", "sender"} & set(line):
            line[key] = names[line[key]]
        if "user" in line.get("data", {}):
            line["data"]["user"] = names[line["data"]["user"]]
        if "reactions" in line:
            line["reactions"] = {emoji: [names[each] for each in who] for emoji, who in line["reactions"].items()}
        line.pop("sha256", None)
    return [line | ({"at": ""} if line["type"] == "header" else {}) for line in lines]


def everything() -> list[int]:
    return [model.objects.count() for model in (User, Conversation, Membership, Message, AssistantSettings)]
