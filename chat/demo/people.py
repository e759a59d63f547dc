"""The demo's own users in the database, and nothing but them: made, given a fresh password, and cleared up after."""

from collections.abc import Sequence

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.crypto import get_random_string

from accounts.models import Device, User
from chat.demo.trouble import Trouble
from chat.models import ChatSession, Conversation, Membership, Message

MARK = "@demo.distchat.invalid"
"""The end of the e-mail address by which the demo knows its users (RFC 2606: nobody can have such an address)."""

PASSWORD_CHARS = 12


class People:
    """Everyone of a run shares one random password, hashed once: a hundred hashes would take a minute."""

    def __init__(self) -> None:
        self.password = get_random_string(PASSWORD_CHARS)
        self.names: list[str] = []
        self._encoded = ""

    def enlist(self, usernames: Sequence[str]) -> dict[str, int]:
        """See to it that these users exist and have the password; returns their ids by name. Raises Trouble."""
        self._encoded = self._encoded or make_password(self.password)
        with transaction.atomic():
            _require_ours(usernames)
            known = set(User.objects.filter(username__in=usernames).values_list("username", flat=True))
            User.objects.bulk_create(self._new_user(name) for name in usernames if name not in known)
            User.objects.filter(username__in=usernames).update(password=self._encoded, is_active=True)
        self.names += [name for name in usernames if name not in self.names]
        return dict(User.objects.filter(username__in=usernames).values_list("username", "pk"))

    def _new_user(self, username: str) -> User:
        return User(username=username, email=username + MARK, password=self._encoded)


def clear_former_runs() -> None:
    """Delete what only demo users have taken part in: their conversations among themselves or with the assistant,
    sessions and devices.
    """
    ours = User.objects.filter(email__endswith=MARK)
    with transaction.atomic():
        shared = Membership.objects.exclude(user__in=ours).exclude(user__is_program=True).values("conversation")
        conversations = Conversation.objects.filter(memberships__user__in=ours).exclude(pk__in=shared)
        doomed = list(conversations.values_list("pk", flat=True).distinct())
        Message.objects.filter(conversation__in=doomed).delete()
        Conversation.objects.filter(pk__in=doomed).delete()
        ChatSession.objects.filter(user__in=ours).delete()
        Device.objects.filter(user__in=ours, revoked_at=None).delete()


def _require_ours(usernames: Sequence[str]) -> None:
    stranger = User.objects.filter(username__in=usernames).exclude(email__endswith=MARK).first()
    if stranger is not None:
        raise Trouble("name_taken", name=stranger.username)
