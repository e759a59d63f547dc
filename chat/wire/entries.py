"""The parts that answers are made of: people, devices, sessions, conversations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chat.wire.shapes import Event, iso, keyed, uuid_text, without_none


def user(user_id: int, *, username: str, name: str) -> Event:
    """Someone, as others see them."""
    return {"id": user_id, "username": username, "name": name}


def member(
    user_id: int,
    *,
    username: str,
    name: str,
    read_seq: int,
    online: bool,
    role: str = "member",
    program: bool = False,
    built_in: bool = False,
) -> Event:
    """Someone in a conversation; the role is only named when it is "owner", a program only when it is one.

    `built_in` is only there for a program that no language model thinks for.
    """
    said = {"id": user_id, "username": username, "name": name, "read_seq": read_seq, "online": online}
    named = None if role == "member" else role
    return {**said, **without_none(role=named, program=program or None, built_in=built_in or None)}


def device_identity(device_id: UUID | str, *, name: str) -> Event:
    """The device that said hello, as the server knows it."""
    return {"id": uuid_text(device_id), "name": name}


def session(
    session_id: UUID | str,
    *,
    restored: bool,
    source: str,
    last_active: datetime | None,
    message_count: int,
    open_conversation: int | None = None,
    cursors: Mapping[int, Mapping[str, Any]] | None = None,
) -> Event:
    """What came back; `source` is "checkpoint", "log" or "new", `cursors` what the server last knew of this device."""
    return without_none(
        id=uuid_text(session_id),
        restored=restored,
        source=source,
        message_count=message_count,
        open_conversation=open_conversation,
        cursors=None if cursors is None else keyed(cursors),
    ) | {"last_active": None if last_active is None else iso(last_active)}


def conversation_entry(
    conversation_id: int,
    *,
    kind: str,
    title: str,
    epoch: str,
    head: int,
    read_seq: int,
    unread: int,
    draft: str,
    member_count: int,
    members: Sequence[Mapping[str, Any]],
    resume: str,
    muted: bool = False,
) -> Event:
    """A conversation and what the user has in it; `resume` is "replay" or "snapshot", `members` the first 50.

    `muted` is left out when it is false.
    """
    said: Event = {
        "id": conversation_id,
        "kind": kind,
        "title": title,
        "epoch": epoch,
        "head": head,
        "read_seq": read_seq,
        "unread": unread,
        "draft": draft,
        "member_count": member_count,
        "members": list(members),
        "resume": resume,
    }
    return {**said, "muted": True} if muted else said


def preferences(*, language: str, theme: str) -> Event:
    """How a user wants to see the pages; what is as in the beginning is left out."""
    return without_none(language=language or None, theme=None if theme == "system" else theme)
