"""A superuser who is signed in to the admin."""

import pytest
from django.test import Client

from accounts.models import User
from tests.unit.admin.rows import signed_in


@pytest.fixture
def staff(db: None) -> Client:
    return signed_in(User.objects.create_superuser("root", password="!x"))
