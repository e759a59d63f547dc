"""What a node has heard of the answers in a conversation, for whoever comes late."""

from typing import Any

import orjson

from chat.fanout.answers import MARK, Answers, Taken
from chat.wire import codec, events


def said(text: str = "", **more: Any) -> bytes:
    return codec.encode(
        events.assistant(7, **{"turn": "t1", "attempt": 1, "state": "streaming", "trigger": 3, "text": text, **more})
    )


def whole(answers: Answers) -> list[tuple[str, int, str, int, str]]:
    found = [orjson.loads(each) for each in answers.whole()]
    return [(each["turn"], each["attempt"], each["state"], each["offset"], each["text"]) for each in found]


def test_the_events_are_known_by_their_beginning():
    assert said().startswith(MARK)


def test_pieces_are_one_text_for_whoever_comes_late():
    answers = Answers()
    for piece, offset in (("😀 a", 0), ("b", 3), ("c", 4)):
        assert answers.take(said(piece, offset=offset)) is Taken.NEWS
    assert whole(answers) == [("t1", 1, "streaming", 0, "😀 abc")]
    assert answers.heard("t1") == (1, "😀 abc")
    assert answers.heard("t2") == (0, "")


def test_a_piece_beyond_what_was_heard_fits_for_nobody():
    answers = Answers()
    assert answers.take(said("late", offset=4)) is Taken.LACKING
    assert whole(answers) == []
    assert answers.take(said("At noon")) is Taken.NEWS
    assert answers.take(said("!", offset=9)) is Taken.LACKING
    assert answers.heard("t1") == (1, "At noon")


def test_a_higher_attempt_begins_anew_and_a_lower_one_counts_no_more():
    answers = Answers()
    answers.take(said("first"))
    assert answers.take(said("x", attempt=2, offset=5)) is Taken.LACKING
    answers.take(said(attempt=2, state="thinking"))
    assert answers.take(said("first and more")) is Taken.LATE
    assert whole(answers) == [("t1", 2, "thinking", 0, "")]


def test_what_is_over_is_not_told_and_does_not_come_back():
    answers = Answers()
    answers.take(said("all"))
    assert answers.take(said(state="done", seq=4)) is Taken.NEWS
    assert [answers.take(each) for each in (said("late"), said("r", offset=9), said(state="done"))] == [Taken.LATE] * 3
    assert whole(answers) == []


def test_a_failure_is_told_until_something_newer_is():
    answers = Answers()
    answers.take(said(state="failed", reason="attempts"))
    answers.take(said(turn="t0", trigger=1, state="done"))
    answers.take(said(state="failed", reason="attempts"))
    assert whole(answers) == [("t1", 1, "failed", 0, "")]
    answers.take(said(turn="t2", state="thinking"))
    answers.take(said(state="failed", reason="attempts"))
    assert whole(answers) == [("t2", 1, "thinking", 0, "")]
