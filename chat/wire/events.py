"""What a node says: one plain function per answer and event, each returning a dict ready for `encode`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from orjson import Fragment

from chat.wire import entries, limits
from chat.wire.errors import ChatError
from chat.wire.markdown import escape
from chat.wire.shapes import Event, iso, keyed, uuid_text, without_none

Body = Mapping[str, Any] | bytes
"""A `message` event, as a dict or already encoded."""


# Answers


def ok(
    ref: int | None,
    *,
    conversation: int | None = None,
    seq: int | None = None,
    changed_seq: int | None = None,
    duplicate: bool | None = None,
) -> Event:
    """It is done and committed; what does not apply is left out."""
    return without_none(
        type="ok", ref=ref, conversation=conversation, seq=seq, changed_seq=changed_seq, duplicate=duplicate
    )


def error(reason: ChatError, *, ref: int | None = None) -> Event:
    """It was not done, and why."""
    return without_none(
        type="error",
        ref=ref,
        code=str(reason.code),
        retryable=reason.retryable,
        retry_after_ms=reason.retry_after_ms,
        detail=reason.detail,
    )


def pong(ref: int | None, *, heads: Mapping[int, int]) -> Event:
    """The node is there; `heads` says how far each of the user's conversations has got."""
    return without_none(type="pong", ref=ref, heads=keyed(heads))


def page(ref: int | None, *, messages: Sequence[Body], has_more: bool, has_newer: bool | None = None) -> Event:
    """Messages by ascending `seq`; `has_more` older ones, and with `around` whether there are newer ones."""
    return without_none(
        type="page", ref=ref, messages=[_embedded(body) for body in messages], has_more=has_more, has_newer=has_newer
    )


def members_page(ref: int | None, *, conversation: int, members: Sequence[Mapping[str, Any]], has_more: bool) -> Event:
    """Members (`entries.member`) by ascending user id."""
    return without_none(type="members", ref=ref, conversation=conversation, members=list(members), has_more=has_more)


def welcome(
    ref: int | None,
    *,
    node: str,
    user: Mapping[str, Any],
    device: Mapping[str, Any],
    session: Mapping[str, Any],
    conversations: Sequence[Mapping[str, Any]],
    posts_per_10s: int = limits.POSTS_PER_10S,
    preferences: Mapping[str, Any] | None = None,
) -> Event:
    """The answer to `hello`; its parts come from `chat.wire.entries`."""
    return without_none(
        type="welcome",
        ref=ref,
        node=node,
        user=dict(user),
        device=dict(device),
        session=dict(session),
        heartbeat_seconds=limits.HEARTBEAT_SECONDS,
        limits={
            "frame_bytes": limits.FRAME_BYTES,
            "text_chars": limits.TEXT_CHARS,
            "posts_per_10s": posts_per_10s,
        },
        conversations=list(conversations),
        preferences=None if preferences is None else dict(preferences),
    )


# The log


def message(
    *,
    conversation: int,
    seq: int,
    changed_seq: int,
    id: int,  # noqa: A002  # named like the field
    kind: str,
    sender_id: int,
    sender_name: str,
    client_id: UUID | str,
    text: str,
    html: str,
    at: datetime,
    edited_at: datetime | None = None,
    deleted: bool = False,
    reply_to: int | None = None,
    reactions: Mapping[str, Sequence[int]] | None = None,
    attachments: Sequence[Mapping[str, Any]] | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """One message in its latest state; a field that holds its default is left out, since bytes are what fan-out costs.

    A deleted message keeps its place, sender and times and loses all that it said.
    """
    said: Event = {
        "type": "message",
        "conversation": conversation,
        "seq": seq,
        "changed_seq": changed_seq,
        "id": id,
        "kind": kind,
        "sender": {"id": sender_id, "name": sender_name},
        "client_id": uuid_text(client_id),
        "at": iso(at),
    }
    if edited_at is not None:
        said["edited_at"] = iso(edited_at)
    if reply_to is not None:
        said["reply_to"] = reply_to
    if deleted:
        said["deleted"] = True
        return said
    if text:
        said["text"] = text
    if html and html != escape(text):
        said["html"] = html
    if reactions:
        said["reactions"] = reactions
    if attachments:
        said["attachments"] = attachments
    if data:
        said["data"] = data
    return said


def caught_up(conversation: int, *, epoch: str, seq: int) -> Event:
    """The device now holds everything up to the position `seq`."""
    return {"type": "caught_up", "conversation": conversation, "epoch": epoch, "seq": seq}


# What concerns people and devices


def read(conversation: int, *, user: int, seq: int) -> Event:
    """The user has seen everything up to `seq`."""
    return {"type": "read", "conversation": conversation, "user": user, "seq": seq}


def draft(conversation: int, *, text: str, device: UUID | str | None = None) -> Event:
    """Another device of the same user has changed the draft; which one is not known when word of it was lost."""
    named = None if device is None else uuid_text(device)
    return without_none(type="draft", conversation=conversation, text=text, device=named)


def typing(conversation: int, *, user: int, on: bool) -> Event:
    """Another member is writing, or has stopped."""
    return {"type": "typing", "conversation": conversation, "user": user, "on": on}


def presence(user: int, *, online: bool) -> Event:
    """The first device of a user has come, or the last has gone."""
    return {"type": "presence", "user": user, "online": online}


def delivered(conversation: int, *, user: int, seq: int) -> Event:
    """A device of the user has processed everything up to `seq`."""
    return {"type": "delivered", "conversation": conversation, "user": user, "seq": seq}


def conversation(conversation: int, *, entry: Mapping[str, Any] | None) -> Event:
    """The user has become a member (with the entry, as in `welcome`), or stopped being one (without)."""
    said: Event = {"type": "conversation", "conversation": conversation, "state": "left"}
    return said if entry is None else {**said, "state": "joined", "entry": dict(entry)}


def conversation_changed(conversation: int, *, read_seq: int, unread: int, muted: bool) -> Event:
    """The user has muted the conversation or not, or marked messages as unread: a read position that may go back."""
    said: Event = {"type": "conversation", "conversation": conversation, "state": "changed"}
    return {**said, "read_seq": read_seq, "unread": unread, "muted": muted}


def preferences(*, language: str, theme: str) -> Event:
    """The user has chosen a language and a theme, perhaps on another device."""
    return {"type": "preferences", **entries.preferences(language=language, theme=theme)}


def device(device_id: UUID | str, *, name: str, state: str) -> Event:
    """One of the user's own devices is now "online", "offline" or "revoked"."""
    return {"type": "device", "device": uuid_text(device_id), "name": name, "state": state}


def announcement(announcement_id: UUID | str, *, text: str, until: datetime | None) -> Event:
    """What staff tell everybody until a time; without text and time it is taken back."""
    at = None if until is None else iso(until)
    return without_none(type="announcement", id=uuid_text(announcement_id), text=text or None, until=at)


def assistant(
    conversation: int,
    *,
    turn: UUID | str,
    attempt: int,
    state: str,
    offset: int = 0,
    text: str = "",
    trigger: int | None = None,
    asker: int | None = None,
    step: str | None = None,
    reason: str | None = None,
    seq: int | None = None,
) -> Event:
    """A piece of an answer; `text` belongs at `offset` (in code points) of this attempt's text.

    `trigger` is the seq that is answered; `asker` the user who asked, left out of mere pieces; `step` the tool that is
    used while it thinks; `reason` why it ended without an answer, or waits; `seq` the place of what was said for good.
    """
    said = without_none(
        type="assistant",
        conversation=conversation,
        turn=str(turn),
        attempt=attempt,
        state=state,
        trigger=trigger,
        asker=asker,
    )
    return {**said, "offset": offset, "text": text, **without_none(step=step, reason=reason, seq=seq)}


def bye(reason: str, *, reconnect_after_ms: int | None = None) -> Event:
    """The last event before a close; without a time to reconnect after, do not come back by yourself."""
    return without_none(type="bye", reason=reason, reconnect_after_ms=reconnect_after_ms)


def _embedded(body: Body) -> Mapping[str, Any] | Fragment:
    return Fragment(body) if isinstance(body, bytes) else body
