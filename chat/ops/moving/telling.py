"""Which devices are told of the conversations that an import has brought."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from chat.fanout.messages import UserEvent
from chat.receivers import Word, tell_from_outside

ONE_BY_ONE = 20
"""Who gets more conversations at once is asked to come back: `welcome` brings all of them."""


def tell_devices(news: Iterable[tuple[int, int]]) -> None:
    """`news` are users and conversations that they are new in, user by user."""
    tell_from_outside(words(news))


def words(news: Iterable[tuple[int, int]]) -> Iterator[Word]:
    """What is said of whom."""
    for user, pairs in groupby(news, itemgetter(0)):
        talks = [talk for _, talk in pairs]
        if len(talks) > ONE_BY_ONE:
            yield user, UserEvent.DISCONNECT, 0
        else:
            yield from ((user, UserEvent.JOINED, talk) for talk in talks)
