"""`manage.py create_token USERNAME NAME`: a new API token, printed once."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.tokens import create_token

MOST_DAYS = 36_500
NAME_CHARS = ApiToken._meta.get_field("name").max_length


class Command(BaseCommand):
    help = "Creates an API token for a user and prints it. It cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("name", help="What the token is for, for example the name of the bot.")
        parser.add_argument("--days", type=int, help="How long it is valid; default: until it is revoked.")

    def handle(self, *args: Any, **options: Any) -> str:
        name: str = options["name"].strip()
        if not 1 <= len(name) <= NAME_CHARS or not name.isprintable():
            raise CommandError(f"A name is a line of 1 to {NAME_CHARS} characters.")
        expires_at = _expiry(options["days"])
        try:
            return create_token(_user(options["username"]), name, expires_at=expires_at)
        except OperationalError as error:
            raise CommandError("The database does not answer. Next: ./manage.py doctor") from error


def _user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username!r}. Sign up first, or use `createsuperuser`.")
    if not user.is_active:
        raise CommandError(f"{username} is deactivated: a token would let nobody in.")
    if user.is_program:
        raise CommandError(f"{username} is the server's own program, in whose name nobody else speaks.")
    return user


def _expiry(days: int | None) -> datetime | None:
    if days is None:
        return None
    if not 1 <= days <= MOST_DAYS:
        raise CommandError(f"Days are a number from 1 to {MOST_DAYS}, not {days}.")
    return timezone.now() + timedelta(days=days)
