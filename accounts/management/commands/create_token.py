"""`manage.py create_token USERNAME NAME`: a new API token, printed once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.tokens import create_token


class Command(BaseCommand):
    help = "Creates an API token for a user and prints it. It cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("name", help="What the token is for, for example the name of the bot.")

    def handle(self, *args: Any, **options: Any) -> str:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['username']!r}. Sign up first, or use `createsuperuser`.")
        return create_token(user, options["name"])
