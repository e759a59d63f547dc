"""Subscriptions: a name counts as confirmed only when nothing that was asked later can still change it."""

from chat.fanout.subscriptions import Subscriptions


def asked_for(*names: str) -> Subscriptions:
    subscriptions = Subscriptions()
    for name in names:
        subscriptions.want(name)
    assert subscriptions.take_requests() == (sorted(names), [])
    return subscriptions


def test_what_is_wanted_is_asked_for_once() -> None:
    subscriptions = asked_for("a", "b")
    subscriptions.want("a")
    assert subscriptions.take_requests() == ([], [])


def test_an_answer_confirms() -> None:
    subscriptions = asked_for("a", "b")
    assert subscriptions.answer("a") is True
    assert subscriptions.confirmed == {"a"}


def test_an_answer_to_an_older_request_does_not_confirm() -> None:
    subscriptions = asked_for("a")
    subscriptions.unwant("a")
    assert subscriptions.take_requests() == ([], ["a"])
    subscriptions.want("a")
    assert subscriptions.take_requests() == (["a"], [])
    assert [subscriptions.answer("a") for _ in range(3)] == [False, False, True]


def test_a_name_that_is_wanted_again_before_redis_was_told_stays_confirmed() -> None:
    subscriptions = asked_for("a")
    subscriptions.unwant("a")
    assert subscriptions.answer("a") is True
    subscriptions.want("a")
    assert subscriptions.take_requests() == ([], [])
    assert subscriptions.confirmed == {"a"}


def test_a_name_that_is_no_longer_wanted_is_not_confirmed_once_redis_was_told() -> None:
    subscriptions = asked_for("a")
    subscriptions.answer("a")
    subscriptions.unwant("a")
    assert subscriptions.take_requests() == ([], ["a"])
    assert subscriptions.confirmed == set()
    assert subscriptions.answer("a") is False


def test_after_a_loss_everything_wanted_is_asked_for_and_a_resync_is_due_when_all_is_back() -> None:
    subscriptions = asked_for("a", "b")
    subscriptions.answer("a")
    subscriptions.answer("b")
    assert subscriptions.take_resync() is False
    subscriptions.lose_all()
    subscriptions.want("c")
    assert subscriptions.take_requests() == (["a", "b", "c"], [])
    resyncs = []
    for name in ("a", "b", "c"):
        subscriptions.answer(name)
        resyncs.append(subscriptions.take_resync())
    assert resyncs == [False, True, False]


def test_a_resync_does_not_wait_for_what_is_no_longer_wanted() -> None:
    subscriptions = asked_for("a", "b")
    subscriptions.answer("a")
    subscriptions.answer("b")
    subscriptions.lose_all()
    subscriptions.take_requests()
    subscriptions.answer("a")
    subscriptions.unwant("b")
    assert subscriptions.take_resync() is True


def test_a_loss_before_anything_was_confirmed_is_none() -> None:
    subscriptions = asked_for("a")
    subscriptions.lose_all()
    subscriptions.take_requests()
    subscriptions.answer("a")
    assert subscriptions.take_resync() is False


def test_a_name_that_came_too_late_for_its_caller_is_a_resync() -> None:
    subscriptions = asked_for("a")
    subscriptions.miss("a")
    assert subscriptions.take_resync() is False
    subscriptions.answer("a")
    assert subscriptions.take_resync() is True
