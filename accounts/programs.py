"""Users that are programs: the assistant, who is a member like any other and cannot log in."""

from itertools import chain, count

from django.db import IntegrityError, transaction

from accounts.models import User

NAME = "assistant"


def ensure_assistant() -> User:
    """The assistant's user, made at the first call; where a person has its name, it takes another one."""
    while True:
        found = User.objects.filter(is_program=True).order_by("pk").first()
        if found is not None:
            return found
        names = chain([NAME], (f"{NAME}{number}" for number in count(2)))
        free = next(name for name in names if not User.objects.filter(username__iexact=name).exists())
        user = User(username=free, display_name="Assistant", is_program=True)
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save(force_insert=True)
        except IntegrityError:  # another node was first
            continue
