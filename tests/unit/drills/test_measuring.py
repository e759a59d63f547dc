"""Numbers from a history that was made up."""

from chat.drills.measuring import answer_seconds, closes, delivery_seconds, ready_seconds
from chat.drills.plot import svg_of
from chat.drills.timeline import timeline_of
from chat.proof.history import History, Line


def received(at: float, device: str, act: str) -> Line:
    return Line(at, device, "received", conversation=1, act=act, via="live")


TALK = History(
    [
        Line(10.0, "ann", "post", act="a"),
        Line(10.2, "ann", "resend", act="a"),
        Line(10.5, "ann", "ok", act="a"),
        received(10.4, "ann", "a"),
        received(11.0, "bob", "a"),
        received(12.0, "bob", "a"),
        Line(20.0, "bob", "post", act="b"),
        received(20.25, "ann", "b"),
        Line(21.0, "bob", "ok", act="b"),
    ]
)


def test_a_delivery_takes_from_the_first_send_to_the_first_receipt_elsewhere():
    assert delivery_seconds(TALK, 0, 100) == [1.0, 0.25]
    assert delivery_seconds(TALK, 15, 100) == [0.25]


def test_an_answer_takes_from_the_first_send_to_the_first_acknowledgement():
    assert answer_seconds(TALK, 0, 100) == [0.5, 1.0]


def test_a_device_is_back_when_everything_it_resumed_has_caught_up():
    lines = [
        Line(1.0, "ann", "closed", seq=1006),
        Line(1.5, "ann", "connected"),
        *(Line(1.5, "ann", "resume", conversation=number) for number in (1, 2)),
        Line(1.75, "ann", "caught_up", conversation=1),
        Line(2.0, "ann", "caught_up", conversation=2),
        Line(2.0, "bob", "closed", seq=1012, via="restart"),
    ]

    assert ready_seconds(History(lines), 0) == [1.0, float("inf")]
    assert closes(History(lines), 0) == [("ann", 1006, ""), ("bob", 1012, "restart")]


def test_a_picture_shows_steps_faults_and_no_markup_of_a_name():
    timeline = timeline_of(TALK, [(12.0, 14.0, "a <fault>")])

    picture = svg_of("what & when", timeline)

    assert [(step.at, step.half, step.count) for step in timeline.steps] == [(0.0, 1.0, 1), (10.0, 0.25, 1)]
    assert timeline.marks == [(2.0, 4.0, "a <fault>")]
    assert "a &lt;fault&gt;" in picture
    assert "what &amp; when" in picture
    assert picture.count("<polyline") == 2
