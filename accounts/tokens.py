"""API tokens: how a program, rather than a browser, proves whose it is."""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from .access import Access
from .models import ApiToken, User
from .signals import announce_access_change

TOKEN_BYTES = 32
TOKEN_START = "dct_"  # noqa: S105 - what every token starts with, so that a leaked one is recognised
PREFIX_CHARS = 10
TEXT_CHARS = len(TOKEN_START) + len(secrets.token_urlsafe(TOKEN_BYTES))
USE_NOTED_EVERY = timedelta(minutes=1)


def create_token(user: User, name: str, *, expires_at: datetime | None = None) -> str:
    """Make a token and return its text, which cannot be read again."""
    text = TOKEN_START + secrets.token_urlsafe(TOKEN_BYTES)
    ApiToken.objects.create(
        user=user, name=name, digest=_digest(text), prefix=text[:PREFIX_CHARS], expires_at=expires_at
    )
    return text


def authenticate_tokens(texts: Collection[str]) -> dict[str, Access]:
    """The access that each bearer token gives now; one query, and a write at most once a minute.

    The look-up is by digest of a random 256-bit secret, so its timing tells nothing about any token.
    """
    asked = {_digest(text): text for text in texts if len(text) == TEXT_CHARS}
    tokens = list(ApiToken.objects.valid().filter(digest__in=asked, user__is_active=True))
    _note_use(tokens)
    return {asked[token.digest]: Access(token.user_id, token_id=token.pk) for token in tokens}


def revoke_token(token: ApiToken) -> None:
    """End a token for good; its open sockets are re-validated."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            announce_access_change(token.user_id)


def _note_use(tokens: Iterable[ApiToken]) -> None:
    now = timezone.now()
    long_ago = now - USE_NOTED_EVERY
    unnoted = [each.pk for each in tokens if each.last_used_at is None or each.last_used_at < long_ago]
    if unnoted:
        ApiToken.objects.filter(pk__in=unnoted).update(last_used_at=now)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()
