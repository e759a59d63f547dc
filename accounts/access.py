"""What an open socket proved when it was opened, and whether that still holds."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from .models import Device, User, is_valid_token

SESSION_KEY_CHARS = 40


@dataclass(frozen=True, slots=True)
class Access:
    """Either a session (key and hash) or an API token (id), and the device once it is known."""

    user_id: int
    session_key: str = ""
    session_auth_hash: str = ""
    token_id: int | None = None
    device: UUID | None = None


def access_of(session: SessionBase) -> Access | None:
    """What this session claims, unchecked; None when nobody is logged in."""
    if session.session_key is None:
        return None
    return _claim(session.session_key, {name: session.get(name) for name in (SESSION_KEY, HASH_SESSION_KEY)})


def claimed_by(row: Session) -> Access | None:
    """What this row of the session table claims, unchecked; None when nobody is logged in."""
    return _claim(row.session_key, row.get_decoded())


class Standing(Enum):
    """What became of an access: of those that ended, a new login helps only those whose device was not revoked."""

    HOLDS = "holds"
    ENDED = "ended"
    REVOKED = "revoked"


def authenticate_cookies(session_keys: Collection[str]) -> dict[str, Access]:
    """The access that each session cookie gives now; reads the database, never the cache, in at most two queries."""
    claims = _claims_of(filter(_is_session_key, session_keys))
    hashes, _ = _active_users(claims.values())
    return {key: claim for key, claim in claims.items() if _is_among(hashes.get(claim.user_id, ()), claim)}


def standings_of(accesses: Collection[Access]) -> dict[Access, Standing]:
    """Which of `accesses` still hold, in three queries however many there are.

    One holds while its user is active, its device is not revoked, and either its session is neither expired, deleted
    nor bound to an older password, or its token is neither expired nor revoked.
    """
    claims = _claims_of({access.session_key for access in accesses if access.session_key})
    hashes, tokens = _active_users(accesses)
    revoked = _revoked_devices(accesses)

    def holds(access: Access) -> bool:
        if access.user_id not in hashes:
            return False
        if access.token_id is not None:
            return (access.user_id, access.token_id) in tokens
        claim = claims.get(access.session_key)
        same = claim is not None and _proof(claim) == _proof(access)
        return same and _is_among(hashes[access.user_id], access)

    def standing(access: Access) -> Standing:
        if (access.user_id, access.device) in revoked:
            return Standing.REVOKED
        return Standing.HOLDS if holds(access) else Standing.ENDED

    return {access: standing(access) for access in accesses}


def still_allowed(accesses: Collection[Access]) -> set[Access]:
    """Those of `accesses` that still hold."""
    return {access for access, standing in standings_of(accesses).items() if standing is Standing.HOLDS}


def _claims_of(session_keys: Iterable[str]) -> dict[str, Access]:
    rows = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    claims = map(claimed_by, rows)
    return {claim.session_key: claim for claim in claims if claim is not None}


def _claim(session_key: str, data: Mapping[str, object]) -> Access | None:
    user_id, auth_hash = data.get(SESSION_KEY), data.get(HASH_SESSION_KEY)
    if not str(user_id).isdecimal() or not isinstance(auth_hash, str):
        return None
    return Access(int(str(user_id)), session_key, auth_hash)


def _active_users(accesses: Collection[Access]) -> tuple[dict[int, set[str]], set[tuple[int, int]]]:
    """The valid session hashes of each active user, and the (user, token) pairs that are valid."""
    token_ids = {access.token_id for access in accesses if access.token_id is not None}
    users = User.objects.filter(pk__in={access.user_id for access in accesses}, is_active=True).only("password")
    is_valid = Q(api_tokens__pk__in=token_ids or {0}) & is_valid_token("api_tokens__")
    users = users.annotate(live_token=FilteredRelation("api_tokens", condition=is_valid), token=F("live_token__pk"))
    hashes: dict[int, set[str]] = {}
    tokens: set[tuple[int, int]] = set()
    for user in users:
        if user.pk not in hashes:
            hashes[user.pk] = _hashes_of(user)
        if user.token is not None:
            tokens.add((user.pk, user.token))
    return hashes, tokens


def _revoked_devices(accesses: Collection[Access]) -> set[tuple[int, UUID]]:
    of_devices = [access for access in accesses if access.device is not None]
    users, uuids = {access.user_id for access in of_devices}, {access.device for access in of_devices}
    revoked = Device.objects.filter(user__in=users, uuid__in=uuids, revoked_at__isnull=False)
    return set(revoked.values_list("user_id", "uuid"))


def _proof(access: Access) -> tuple[int, str]:
    return access.user_id, access.session_auth_hash


def _hashes_of(user: User) -> set[str]:
    return {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}


def _is_among(hashes: Iterable[str], access: Access) -> bool:
    return any(constant_time_compare(access.session_auth_hash, valid) for valid in hashes)


def _is_session_key(text: str) -> bool:
    return 0 < len(text) <= SESSION_KEY_CHARS and text.isascii() and text.isalnum()
