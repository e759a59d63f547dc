"""A scenario whose devices were shown anything but everything, once, in order, fails."""

import pytest

from chat.demo.judging import delivery_of, posts_received
from chat.demo.scenarios.consistency import judge_history
from chat.demo.verdict import Verdict
from chat.proof.history import History, Line
from tests.unit.demo.runs import CONVERSATION, DEVICES, add, good_history, place_of, received


def judged(history: History, *, sent: int = 4) -> Verdict:
    verdict = Verdict("consistency")
    judge_history(verdict, history, CONVERSATION, DEVICES, sent=sent)
    return verdict


def keys_of(verdict: Verdict) -> list[str]:
    return [finding.key for finding in verdict.findings]


def test_a_good_run_passes_with_exact_numbers():
    verdict = judged(good_history())
    assert verdict.findings == []
    assert verdict.numbers == {
        "sent": 4,
        "delivered": 12,
        "received_from_others": 8,
        "lost": 0,
        "doubled": 0,
        "reordered": 0,
        "p50_ms": 10.0,
        "p99_ms": 10.0,
    }


def test_one_lost_message_on_one_device_fails_and_names_the_device():
    history = good_history()
    del history.lines[place_of(history, "client_3", 2)]
    verdict = judged(history)
    assert keys_of(verdict) == ["lost", "delivered_wrong"]
    assert verdict.findings[0].text("en") == "missing deliveries: 1, on client_3 (1)"


def test_a_message_that_comes_twice_fails():
    history = good_history()
    add(history, received("client_2", 1))
    assert keys_of(judged(history)) == ["doubled"]


def test_two_messages_in_the_wrong_order_fail():
    history = good_history()
    first, second = place_of(history, "client_1", 0), place_of(history, "client_1", 1)
    history.lines[first], history.lines[second] = history.lines[second], history.lines[first]
    assert keys_of(judged(history)) == ["reordered"]


def test_a_message_that_nobody_posted_fails():
    history = good_history()
    add(history, received("client_1", 9))
    assert keys_of(judged(history)) == ["strange"]


def test_a_post_without_an_answer_does_not_count_as_sent():
    history = good_history()
    history.lines = [line for line in history.lines if (line.what, line.act) != ("ok", "act-3")]
    assert keys_of(judged(history)) == ["sent_wrong", "delivered_wrong"]


def test_what_happens_in_other_conversations_is_not_counted():
    history = good_history()
    add(history, Line(60.0, "client_1", "received", CONVERSATION + 1, 2, 2, "foreign", "text"))
    add(history, Line(60.0, "client_1", "post", CONVERSATION + 1, act="foreign", text="text"))
    assert judged(history).findings == []


def test_the_time_is_taken_from_the_first_send_to_every_other_device():
    delivery = delivery_of(good_history(), CONVERSATION, DEVICES)
    assert delivery.latencies == pytest.approx([0.01] * 8)


def test_what_a_device_was_shown_since_a_moment_leaves_out_system_messages_and_the_past():
    history = good_history()
    since = place_of(history, "client_1", 2)
    assert [line.act for line in posts_received(history, "client_1", CONVERSATION, since=since)] == ["act-2", "act-3"]
    assert len(posts_received(history, "client_1", CONVERSATION)) == 4
