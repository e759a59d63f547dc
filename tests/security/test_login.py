"""Guessing who is here and what their passwords are: the same answer, the same work, and soon no answer at all."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.programs import ensure_assistant
from tests.settings import QuickHasher
from tests.unit.accounts.people import NEW_PASSWORD, PASSWORD

pytestmark = pytest.mark.django_db

WRONG = "not the password"
ALLOWED_FAILURES = 5


class CountingHasher(QuickHasher):
    """Notes every time that it hashes: what takes the time in which somebody could tell two answers apart."""

    hashed: list[str] = []

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        self.hashed.append(password)
        return str(super().encode(password, salt, iterations))


@pytest.fixture
def hashed(settings: Settings) -> Iterator[list[str]]:
    """What was hashed, and how often."""
    settings.PASSWORD_HASHERS = ["tests.security.test_login.CountingHasher"]
    CountingHasher.hashed.clear()
    yield CountingHasher.hashed
    CountingHasher.hashed.clear()


def disable(user: User) -> None:
    user.is_active = False
    user.save()


def shown(answer: HttpResponse) -> tuple[int, str]:
    """What an answer shows, but for the tokens of its forms and what was typed."""
    return answer.status_code, re.sub(r'value="[^"]*"', "", answer.content.decode())


def log_in(name: str, password: str = WRONG, **extra: str) -> HttpResponse:
    return Client().post("/accounts/login/", {"login": name, "password": password}, **extra)


def gets_in(name: str, password: str = PASSWORD, **extra: str) -> bool:
    return log_in(name, password, **extra).status_code == 302


# Enumeration


def test_unknown_known_and_disabled_users_get_the_same_answer_for_the_same_work(
    hashed: list[str], ann: User, bob: User
):
    disable(bob)
    program = ensure_assistant()
    hashed.clear()
    told = {}
    for name in ("nobody", "ann", "ANN", "bob", program.username):
        answer = log_in(name)
        told[name] = (shown(answer), len(hashed))
        hashed.clear()

    assert told == dict.fromkeys(told, told["nobody"])
    assert told["nobody"][1] > 0


def test_a_reset_answers_and_mails_the_same_for_unknown_known_and_disabled_users(ann: User, bob: User):
    disable(bob)
    told = set()
    for address in ("nobody@example.com", "ann@example.com", "bob@example.com"):
        mail.outbox.clear()
        answer = Client().post("/accounts/password/reset/", {"email": address}, follow=True)
        told.add((shown(answer), len(mail.outbox), mail.outbox[0].to == [address]))

    assert len(told) == 1


def test_a_reset_of_a_disabled_user_is_none(bob: User):
    disable(bob)
    Client().post("/accounts/password/reset/", {"email": "bob@example.com"})
    assert "/password/reset/key/" not in mail.outbox[0].body


def sign_up(name: str, email: str, password: str = NEW_PASSWORD) -> HttpResponse:
    fields = {"username": name, "email": email, "password1": password, "password2": password}
    return Client().post("/accounts/signup/", fields)


def test_signing_up_does_not_tell_whether_an_address_is_known(ann: User):
    known, unknown = sign_up("carol", "ann@example.com"), sign_up("david", "nobody@example.com")

    assert (known.status_code, known.url, shown(known)) == (unknown.status_code, unknown.url, shown(unknown))


def test_who_signs_up_with_somebodys_address_gets_nothing_of_theirs(ann: User):
    sign_up("mallory", "ann@example.com")
    Client().post("/accounts/password/reset/", {"email": "ann@example.com"})

    assert {message.to[0] for message in mail.outbox} == {"ann@example.com"}
    assert gets_in("ann")


def test_adding_an_address_does_not_tell_whether_somebody_has_it(ann: User, bob: User):
    told = []
    for address in ("bob@example.com", "nobody@example.com"):
        client = Client()
        client.post("/accounts/login/", {"login": "ann", "password": PASSWORD})
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        answer = client.post("/accounts/email/", {"action_add": "", "email": address})
        told.append((answer.status_code, answer.headers.get("Location")))

    assert told[0] == told[1]


# Throttling


def test_an_account_is_closed_to_guesses_whatever_address_they_come_from(ann: User):
    for attempt in range(ALLOWED_FAILURES):
        log_in("ann", REMOTE_ADDR=f"192.0.2.{attempt}")

    assert not gets_in("ann", REMOTE_ADDR="192.0.2.200")


VARIATIONS: dict[str, Callable[[int], tuple[str, dict[str, str]]]] = {
    "ports": lambda attempt: ("ann", {"HTTP_HOST": f"testserver:{8000 + attempt}"}),
    "capitals of the host": lambda attempt: (
        "ann",
        {"HTTP_HOST": "testserver"[:attempt].upper() + "testserver"[attempt:]},
    ),
    "names of the site": lambda attempt: ("ann", {"HTTP_HOST": f"name{attempt}.example"}),
    "capitals of the user": lambda attempt: ("aNn" if attempt % 2 else "anN", {}),
    "spaces around the user": lambda attempt: (" " * attempt + "ann" + "\u3000" * attempt, {}),
    "the tail of X-Forwarded-For": lambda attempt: ("ann", {"HTTP_X_FORWARDED_FOR": f"192.0.2.{attempt}"}),
    "an answer in another language": lambda attempt: ("ann", {"HTTP_ACCEPT_LANGUAGE": f"zh-hans;q=0.{attempt}"}),
}


@pytest.mark.parametrize("what", VARIATIONS)
def test_no_variation_begins_a_new_count_of_guesses(ann: User, settings: Settings, what: str):
    settings.ALLOWED_HOSTS = ["testserver", ".example"]
    for attempt in range(ALLOWED_FAILURES):
        name, extra = VARIATIONS[what](attempt)
        log_in(name, REMOTE_ADDR=f"192.0.2.{attempt}", **extra)
    name, extra = VARIATIONS[what](ALLOWED_FAILURES)

    assert not gets_in(name, REMOTE_ADDR="192.0.2.200", **extra)


def test_guesses_of_one_account_leave_the_others_open(ann: User, bob: User):
    for attempt in range(2 * ALLOWED_FAILURES):
        log_in("ann", REMOTE_ADDR=f"192.0.2.{attempt}")

    assert gets_in("bob", REMOTE_ADDR="192.0.2.1")


def test_an_address_is_closed_to_guesses_whatever_accounts_they_are_for(ann: User):
    for attempt in range(10):
        log_in(f"nobody{attempt}", REMOTE_ADDR="192.0.2.1")

    assert not gets_in("ann", REMOTE_ADDR="192.0.2.1")
    assert gets_in("ann", REMOTE_ADDR="192.0.2.2")


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
@pytest.mark.parametrize(("proxies", "told"), [(0, "203.0.113.{}"), (1, "203.0.113.{}, 192.0.2.1")])
def test_what_a_client_says_of_its_address_is_not_believed(settings: Settings, path: str, proxies: int, told: str):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    settings.ACCOUNT_RATE_LIMITS = dict.fromkeys(("login", "signup", "reset_password"), "3/m/ip")
    codes = [
        Client()
        .post(path, {"email": "x@example.com"}, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=told.format(i))
        .status_code
        for i in range(5)
    ]

    assert codes[-2:] == [429, 429]


def test_behind_a_trusted_proxy_each_client_has_its_own_count(settings: Settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    codes = [
        log_in("nobody", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=f"192.0.2.{i}").status_code for i in range(5)
    ]

    assert codes == [200] * 5


def test_the_address_of_a_reset_is_mailed_a_few_times_only(ann: User):
    for attempt in range(9):
        Client().post("/accounts/password/reset/", {"email": "ann@example.com"}, REMOTE_ADDR=f"192.0.2.{attempt}")

    assert len(mail.outbox) == 5


def test_the_login_of_the_administration_is_the_throttled_one(ann: User):
    User.objects.update(is_staff=True, is_superuser=True)
    client = Client()
    page = client.get("/admin/login/?next=/admin/")
    assert (page.status_code, page.url) == (302, "/accounts/login/?next=%2Fadmin%2F")
    client.post("/admin/login/", {"username": "ann", "password": PASSWORD, "next": "/admin/"})
    assert client.get("/admin/").status_code == 302
    assert get_user_model().objects.get().last_login is None
