"""Fills an empty database as a site does in years: a few long conversations, and very many short ones."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Count, Max, Model, QuerySet
from django.utils import timezone

from accounts.models import ApiToken, AuditEntry, Device, User
from chat.models import ChatSession, Conversation, Membership, Message, Reminder, Turn

BATCH = 5_000
SHARES = (0.3, 0.1, 0.05)
"""Of all messages, in the longest conversations."""
MEMBERS = 4
DEVICES = 2
AUDITED = 10
TURNS = 2
"""For each user."""
WORDS = ("the", "five", "boxing", "wizards", "jump", "quickly", "while", "今天", "天气", "很好", "we", "talk")
RARE = "needle"
"""In one message of ten thousand, from the first one on."""
NOW = timezone.now()
SPAN = timedelta(days=1000)


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows there shall be."""

    messages: int = 1_000_000
    users: int = 10_000
    conversations: int = 10_000


def fill(size: Size) -> None:
    """Every table that the admin shows. The first user is a superuser, and wrote half of the longest conversation."""
    chance = random.Random(5)
    _store(User, (_user(number) for number in range(size.users)))
    users = list(User.objects.order_by("pk").values_list("pk", flat=True))
    _store(Conversation, (_conversation(number) for number in range(size.conversations)))
    conversations = list(Conversation.objects.order_by("pk").values_list("pk", flat=True))
    members = [chance.sample(users, MEMBERS - 1) for _ in conversations]
    members[0] = users[: MEMBERS - 1]
    _store(Membership, _memberships(conversations, members))
    lengths = _lengths(size)
    _store(Message, _messages(chance, conversations, members, lengths))
    for conversation, length in zip(conversations, lengths, strict=True):
        Conversation.objects.filter(pk=conversation).update(head=length, member_count=MEMBERS - 1)
    _fill_people(users)
    asked = [(conversation, people[0]) for conversation, people in zip(conversations, members, strict=True)]
    _store(Turn, (_turn(number, *asked[number % len(asked)]) for number in range(TURNS * size.users)))
    _store(Reminder, (_reminder(*each) for each in asked))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _fill_people(users: list[int]) -> None:
    _store(Device, (Device(user_id=pk, name=f"Firefox {number}") for pk in users for number in range(DEVICES)))
    _store(ApiToken, (ApiToken(user_id=pk, name="bot", digest=f"{pk:064}", prefix="dc_1234") for pk in users))
    _store(EmailAddress, (EmailAddress(user_id=pk, email=f"person{pk}@example.com") for pk in users))
    _store(Group, (Group(name=f"group {number}") for number in range(100)))
    _store(ChatSession, _sessions(users))
    _store(AuditEntry, (_entry(number, users[0]) for number in range(AUDITED * len(users))))


def _store(model: type[Model], rows: Iterator[Model]) -> None:
    """In batches; by a query set of Django's own, since the audit log's would refuse."""
    QuerySet(model).bulk_create(rows, batch_size=BATCH)


def _user(number: int) -> User:
    names = {"username": f"person{number}", "display_name": f"Person {number}", "email": f"person{number}@example.com"}
    return User(**names, password="!x", is_staff=number == 0, is_superuser=number == 0)


def _conversation(number: int) -> Conversation:
    return Conversation(kind="group", title=f"Group {number}")


def _memberships(conversations: list[int], members: list[list[int]]) -> Iterator[Membership]:
    for conversation, people in zip(conversations, members, strict=True):
        for user in people:
            yield Membership(conversation_id=conversation, user_id=user, joined_at=NOW - SPAN, updated_at=NOW)


def _lengths(size: Size) -> list[int]:
    long = [int(size.messages * share) for share in SHARES]
    rest, others = size.messages - sum(long), size.conversations - len(long)
    return [*long, *(rest // others + (number < rest % others) for number in range(others))]


def _messages(
    chance: random.Random, conversations: list[int], members: list[list[int]], lengths: list[int]
) -> Iterator[Message]:
    """In the order of time, all conversations mixed."""
    order = [place for place, length in enumerate(lengths) for _ in range(length)]
    chance.shuffle(order)
    seqs = [0] * len(conversations)
    for number, place in enumerate(order):
        seqs[place] += 1
        people = members[place]
        yield Message(
            conversation_id=conversations[place],
            seq=seqs[place],
            changed_seq=seqs[place],
            sender_id=people[0] if number % 2 else people[number % len(people)],
            client_id=UUID(int=number),
            text=" ".join([*chance.choices(WORDS, k=15), *([RARE] if number % 10_000 == 0 else [])]),
            at=NOW - SPAN * (1 - number / len(order)),
        )


def _sessions(users: list[int]) -> Iterator[ChatSession]:
    counts: dict[int, Any] = {
        row["sender"]: row for row in Message.objects.values("sender").annotate(count=Count("pk"), last=Max("pk"))
    }
    for user in users:
        said = counts.get(user, {"count": 0, "last": 0})
        times = {"started_at": NOW - SPAN, "last_active_at": NOW - timedelta(minutes=user)}
        yield ChatSession(user_id=user, message_count=said["count"], counted_to=said["last"], **times)


def _entry(number: int, who: int) -> AuditEntry:
    target = {"kind": "accounts.user", "object_id": str(number), "label": f"Person {number}"}
    return AuditEntry(who="person0", who_id=who, what="changed", address="10.0.0.1", **target)


def _turn(number: int, conversation: int, user: int) -> Turn:
    at = NOW - timedelta(minutes=number)
    asked = {"conversation_id": conversation, "asker_id": user, "program_id": user}
    return Turn(**asked, trigger=number, status="done" if number % 50 else "failed", created_at=at, ended_at=at)


def _reminder(conversation: int, user: int) -> Reminder:
    return Reminder(conversation_id=conversation, asker_id=user, program_id=user, text="lunch", due_at=NOW, said_at=NOW)
