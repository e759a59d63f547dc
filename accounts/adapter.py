"""What this site does otherwise than django-allauth."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failed attempts are counted by account alone.

        The stock key begins with the Host header, of which whoever sends it chooses port, capitals and, on a site with
        several names, the name: each choice would start a new count.
        """
        return str(credentials.get("email", credentials.get("username", ""))).lower()
