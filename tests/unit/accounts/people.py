"""Passwords, sessions and accesses that the tests of accounts share."""

from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

from accounts.access import Access, access_of, authenticate_cookies
from accounts.devices import Sight, note_devices
from accounts.models import Device, User
from accounts.tokens import authenticate_tokens

PASSWORD = "correct horse battery"
NEW_PASSWORD = "staple of the stable"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def session_of(user: User) -> SessionBase:
    """A logged-in session as Django would have saved it."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = MODEL_BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session


def access_to(user: User) -> Access:
    access = access_of(session_of(user))
    assert access is not None
    return access


def authenticate_cookie(session_key: str) -> Access | None:
    return authenticate_cookies([session_key]).get(session_key)


def authenticate_token(text: str) -> Access | None:
    return authenticate_tokens([text]).get(text)


def register_device(user: User, uuid: UUID, **told: str) -> Device:
    """As `hello` does it."""
    sight = Sight(user.pk, uuid, **told)
    return note_devices([sight])[sight]
