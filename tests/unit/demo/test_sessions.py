"""Every fact of a restored session has to be what it was."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chat.demo.sessions import Session, compare, given_session, on_the_wire
from chat.demo.verdict import Verdict

BEFORE = Session("a-session", 3, 5, datetime(2026, 1, 31, 10, 30, 45, 123_000, tzinfo=UTC))


def differences(given: Session) -> list[str]:
    verdict = Verdict("recovery")
    compare(verdict, "client_1", before=BEFORE, given=given)
    return [finding.fields["fact"] for finding in verdict.findings]


def test_an_equal_session_passes():
    assert differences(BEFORE) == []


@pytest.mark.parametrize(
    ("fact", "value"),
    [("id", "another"), ("user_id", 4), ("message_count", 4), ("last_active", datetime(2026, 1, 31, tzinfo=UTC))],
)
def test_each_differing_fact_is_reported(fact: str, value: object):
    assert differences(replace(BEFORE, **{fact: value})) == [fact]


def test_a_session_is_read_from_the_welcome():
    session = {"id": "a-session", "last_active": "2026-01-31T10:30:45.123Z", "message_count": 5}
    assert given_session({"session": session, "user": {"id": 3}}) == BEFORE
    assert BEFORE.last_active_text == "2026-01-31T10:30:45.123Z"


def test_times_are_compared_as_the_protocol_writes_them():
    assert on_the_wire(BEFORE.last_active.replace(microsecond=123_999)) == BEFORE.last_active
