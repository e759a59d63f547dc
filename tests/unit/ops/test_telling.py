from chat.fanout.messages import UserEvent
from chat.ops.moving.telling import ONE_BY_ONE, words


def test_who_is_new_in_some_conversations_hears_of_each():
    assert list(words([(1, 7), (1, 8), (2, 7)])) == [
        (1, UserEvent.JOINED, 7),
        (1, UserEvent.JOINED, 8),
        (2, UserEvent.JOINED, 7),
    ]


def test_who_is_new_in_many_is_asked_to_come_back():
    many = [(1, talk) for talk in range(1, ONE_BY_ONE + 2)]
    assert list(words([*many, (2, 1)])) == [(1, UserEvent.DISCONNECT, 0), (2, UserEvent.JOINED, 1)]
    assert len(list(words(many[:-1]))) == ONE_BY_ONE
