"""What the office can do in the database of a site; each function is a job, and answers what JSON can say."""

import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from accounts.devices import revoke_device
from accounts.models import ApiToken, AuditEntry, Device, User
from accounts.programs import ensure_assistant
from accounts.tokens import create_token, revoke_token
from chat.log.append import append_batch
from chat.log.changes import Post
from chat.log.creating import create_direct, create_group
from chat.log.memory import Memory
from chat.models import AssistantSettings, ChatSession, Conversation, Membership, Message, Turn
from chat.proof.log_reading import log_of
from chat.proof.session_work import begin_sessions, take_steps
from chat.proof.site import PASSWORD

PLAIN_PATH = re.compile(r"[\w/.@-]*")


def migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)


def enlist(names: list[str]) -> dict[str, dict[str, Any]]:
    """Users with these names, each logged in once: id and Cookie header by name."""
    User.objects.bulk_create(User(username=name, password=_hashed()) for name in names)
    users = {user.username: user for user in User.objects.filter(username__in=names)}
    return {name: {"id": users[name].pk, "cookies": _logged_in(users[name])} for name in names}


def enlist_only(names: list[str]) -> list[int]:
    """Users who do not log in; their ids."""
    User.objects.bulk_create(User(username=name, password=_hashed()) for name in names)
    return list(User.objects.filter(username__in=names).values_list("pk", flat=True))


@cache
def _hashed() -> str:
    """Hashed once: for sixty people it would take a minute."""
    return make_password(PASSWORD)


def log_in(user: int) -> str:
    return _logged_in(User.objects.get(pk=user))


def _logged_in(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def assistant() -> int:
    """The id of the assistant's user."""
    return ensure_assistant().pk


def turns_of(conversation: int) -> list[dict[str, Any]]:
    """Every turn of a conversation in the order in which they began; `node` is who works on it."""
    rows = Turn.objects.filter(conversation_id=conversation).order_by("created_at", "trigger")
    return [
        {"id": str(row.pk), "status": row.status, "attempt": row.attempt, "node": row.owner.partition("/")[0]}
        for row in rows
    ]


def choose_policy(conversation: int, policy: str) -> None:
    AssistantSettings.objects.update_or_create(conversation_id=conversation, defaults={"policy": policy})


def hire(user: int) -> None:
    """Make somebody a superuser."""
    User.objects.filter(pk=user).update(is_staff=True, is_superuser=True)


def pk_of(kind: str, values: dict[str, Any]) -> str:
    """The id of the newest row of a model that has these values."""
    row = apps.get_model(kind).objects.filter(**values).order_by("pk").last()
    assert row is not None, f"no {kind} with {values}"
    return str(row.pk)


def execute(statement: str) -> None:
    """As somebody does who has the password of the database."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def audited(who: int) -> list[list[str]]:
    """[what, kind, id, address] of all that somebody of the staff did, in its order."""
    rows = AuditEntry.objects.filter(who_id=who).order_by("pk")
    return [list(row) for row in rows.values_list("what", "kind", "object_id", "address")]


def expire_sessions(user: int) -> None:
    """As when their time has come."""
    for row in Session.objects.all():
        if row.get_decoded().get(SESSION_KEY) == str(user):
            Session.objects.filter(pk=row.pk).update(expire_date=timezone.now())


def log_out_everywhere(user: int) -> None:
    """As the page of active sessions does it, one after the other."""
    for row in Session.objects.all():
        if row.get_decoded().get(SESSION_KEY) == str(user):
            SessionStore(row.session_key).flush()


def set_password(user: int) -> None:
    found = User.objects.get(pk=user)
    found.set_password(uuid4().hex)
    found.save()


def deactivate(user: int) -> None:
    found = User.objects.get(pk=user)
    found.is_active = False
    found.save()


def deactivate_silently(user: int) -> None:
    """As a statement in SQL would do it: nothing is told to anybody."""
    User.objects.filter(pk=user).update(is_active=False)


def pages(number: int) -> list[str]:
    """The path of every page there is, with `number` wherever one has to be named."""
    return sorted(set(_paths(get_resolver(), "/", number)))


def _paths(resolver: URLResolver, prefix: str, number: int) -> Iterator[str]:
    for each in resolver.url_patterns:
        route = prefix + _filled(str(each.pattern), number)
        if isinstance(each, URLResolver):
            yield from _paths(each, route, number)
        elif PLAIN_PATH.fullmatch(route):
            yield route


def _filled(route: str, number: int) -> str:
    """A route of `path()` or a regular expression with its parameters replaced."""
    named = re.sub(r"<uuid:\w+>", str(UUID(int=number)), route)
    named = re.sub(r"<[^>]*>|\(\?P<\w+>[^)]*\)|\([^)]*\)", str(number), named)
    return named.strip("^$").replace("\\Z", "").replace("\\/", "/")


def revoke(user: int, device: str) -> None:
    revoke_device(User.objects.get(pk=user), Device.objects.get(user_id=user, uuid=UUID(device)))


def revoke_unheard(user: int, device: str) -> None:
    """As when the word that follows the commit is lost."""
    with transaction.atomic():
        revoke(user, device)
        transaction.get_connection().run_on_commit.clear()


def make_staff(user: int, permissions: Sequence[str] = ()) -> None:
    """With the right to enter the admin, and just these permissions, as "view_clusternode"."""
    User.objects.filter(pk=user).update(is_staff=True)
    User.objects.get(pk=user).user_permissions.set(Permission.objects.filter(codename__in=permissions))


def audit_of(kind: str, after: int = 0) -> list[dict[str, Any]]:
    """Who did what with things of this kind, the latest last; later than the entry `after`."""
    rows = AuditEntry.objects.filter(kind=kind, pk__gt=after).order_by("pk")
    return [
        {"id": row.pk, "who": row.who, "what": row.what, "on": row.object_id, "details": row.details} for row in rows
    ]


def token(user: int) -> str:
    return create_token(User.objects.get(pk=user), "test")


def end_tokens(user: int) -> None:
    for each in ApiToken.objects.filter(user_id=user):
        revoke_token(each)


def group(owner: int, members: list[int], title: str) -> int:
    return create_group(owner, title, members).conversation


def direct(user: int, other: int) -> int:
    return create_direct(user, other).conversation


def fill(conversation: int, user: int, texts: list[str]) -> int:
    """Post all of these; returns the head."""
    memory = Memory()
    for start in range(0, len(texts), 200):
        append_batch([Post(conversation, user, uuid4(), text) for text in texts[start : start + 200]], memory)
    return Conversation.objects.get(pk=conversation).head


def heads(conversations: list[int]) -> dict[str, int]:
    rows = Conversation.objects.filter(pk__in=conversations).values_list("pk", "head")
    return {str(pk): head for pk, head in rows}


def members_of(conversation: int) -> list[int]:
    rows = Membership.objects.filter(conversation_id=conversation, left_at=None).order_by("user_id")
    return list(rows.values_list("user_id", flat=True))


def begin_new_epoch(conversation: int) -> None:
    Conversation.objects.filter(pk=conversation).update(epoch=uuid4().hex[:8])


def forget_session(user: int) -> None:
    ChatSession.objects.filter(user_id=user).delete()


def age(conversation: int, up_to: int, days: int) -> None:
    """As if the messages up to this seq had been posted so long ago."""
    rows = Message.objects.filter(conversation_id=conversation, seq__lte=up_to)
    rows.update(at=timezone.now() - timedelta(days=days))


def let_go() -> None:
    """Hold no connection to the database until the next job."""
    connection.close()


def text_bytes() -> int:
    """How much all messages say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(SUM(LENGTH(text)), 0) FROM chat_message")
        return int(cursor.fetchone()[0])


JOBS: dict[str, Callable[..., Any]] = {
    job.__name__: job
    for job in (
        *(
            migrate,
            enlist,
            enlist_only,
            log_in,
            hire,
            pk_of,
            audited,
            execute,
            expire_sessions,
            log_out_everywhere,
            deactivate_silently,
            set_password,
            deactivate,
            revoke,
            revoke_unheard,
            token,
            make_staff,
            audit_of,
            end_tokens,
            pages,
        ),
        *(group, direct, fill, log_of, heads, members_of, turns_of, assistant, choose_policy),
        *(begin_new_epoch, forget_session, text_bytes, let_go, age, take_steps, begin_sessions),
    )
}


def serve() -> None:
    """One JSON line [job, arguments] in, one JSON line out, until the end of the input."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        name, arguments = orjson.loads(line)
        try:
            answer = {"result": JOBS[name](*arguments)}
        except Exception:  # noqa: BLE001 - whatever it is, the test wants to know
            answer = {"failure": traceback.format_exc()}
        answers.write(orjson.dumps(answer).decode() + "\n")
        answers.flush()
