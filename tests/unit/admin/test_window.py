"""The window of the newest rows: what is in it, and what a day in the search means."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.admin import window
from accounts.admin.window import last_key_until
from accounts.audit import Actor, record
from accounts.models import AuditEntry, User
from chat.models import ChatSession, Conversation, Message

pytestmark = pytest.mark.django_db
BEGAN = datetime(2025, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create(username="ann", password="!x")


def talk(sender: User, days: list[int], *, title: str = "talk") -> Conversation:
    """A message on each of these days; every third id and seq is missing."""
    conversation = Conversation.objects.create(kind="group", title=title)
    last = Message.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    numbers = [number for number in range(1, 2 * len(days) + 1) if number % 3][: len(days)]
    for number, day in zip(numbers, days, strict=True):
        place = {"id": last + number, "seq": number, "changed_seq": number}
        Message.objects.create(
            conversation=conversation, sender=sender, text=f"day {day}", at=BEGAN + day * DAY, **place
        )
    return conversation


def found(staff: Client, search: str) -> list[str]:
    rows = staff.get("/admin/chat/message/", {"q": search}).context["cl"].result_list
    return [row.text for row in rows]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
def test_the_last_number_until_a_time_is_what_a_scan_would_find(ann: User, count: int):
    conversation = talk(ann, sorted((day * 7) % 20 for day in range(count)))
    talk(ann, [30] * 5, title="another")
    for key, place in (("seq", {"conversation_id": conversation.pk}), ("id", {})):
        for day in range(-1, 32):
            at = BEGAN + day * DAY
            until = Message.objects.filter(at__lte=at, **place).order_by(key).values_list(key, flat=True).last()
            after = Message.objects.filter(at__gt=at, **place).order_by(key).values_list(key, flat=True).first()
            last = last_key_until(Message, key, at, **place)
            assert until is None or last >= until, (key, day)
            assert after is None or last < after, (key, day)


def test_it_takes_one_query(ann: User):
    talk(ann, list(range(50)))
    with CaptureQueriesContext(connection) as captured:
        last_key_until(Message, "id", BEGAN + 20 * DAY)
    assert len(captured) == 1


def test_messages_until_a_day_of_a_conversation_or_a_person(staff: Client, ann: User):
    bob = User.objects.create(username="bob")
    mine, other = talk(ann, [0, 1, 2]), talk(bob, [0, 5], title="other")
    assert found(staff, f"in:{mine.pk} before:2025-01-02") == ["day 1", "day 0"]
    assert found(staff, f"in:{mine.pk} day before:2025-01-01") == ["day 0"]
    assert found(staff, f"in:{other.pk} from:ann") == []
    assert found(staff, "from:bob") == ["day 5", "day 0"]
    assert found(staff, "from:nobody") == []
    assert found(staff, f"in:{other.pk + 99}") == []


def test_only_the_newest_are_looked_through(staff: Client, ann: User, monkeypatch: pytest.MonkeyPatch):
    conversation = talk(ann, list(range(10)))
    monkeypatch.setattr(window, "MOST_COUNTED", 3)
    monkeypatch.setattr("chat.admin.messages.MOST_COUNTED", 3)
    seqs = list(Message.objects.order_by("seq").values_list("seq", flat=True))
    newest = [f"day {seqs.index(seq)}" for seq in reversed(seqs) if seq > seqs[-1] - 3]
    assert found(staff, "day") == found(staff, f"in:{conversation.pk} day") == newest
    assert found(staff, "from:ann") == ["day 9", "day 8", "day 7"]
    assert found(staff, "from:ann before:2025-01-05") == ["day 4", "day 3", "day 2"]


def test_the_audit_log_is_searched_by_person_target_and_day(staff: Client, ann: User):
    boss = User.objects.create(username="boss")
    for number in range(3):
        record(Actor(boss.pk, "boss", "10.0.0.1"), AuditEntry.What.CHANGED, ann if number else boss)
    path = "/admin/accounts/auditentry/"

    def count(search: str) -> int:
        return int(staff.get(path, {"q": search}).context["cl"].result_count)

    wanted = {"": 3, "from:boss": 3, "from:ann": 0, f"of:accounts.user:{ann.pk}": 2, "ann": 2, "10.0.0.1": 3}
    wanted |= {"before:2020-01-01": 0, "before:2999-01-01": 3, "of:x": 0, "of:a:b:c": 0}
    assert {search: count(search) for search in wanted} == wanted
    assert staff.get(f"/admin/accounts/user/{ann.pk}/history/").url == f"{path}?q=of%3Aaccounts.user%3A{ann.pk}"
    session = ChatSession.objects.create(user=ann, started_at=BEGAN, last_active_at=BEGAN)
    assert staff.get(f"/admin/chat/chatsession/{session.pk}/history/").url == f"{path}?q=of%3Aaccounts.user%3A{ann.pk}"
