"""What must never be so on a server that others reach, and the refusal to start while it is."""

import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

from distchat_site.settings_table import DEVELOPMENT_KEY

SHORTEST_KEY = 50
"""Django's own measure of a strong key (check security.W009)."""


def production_faults(*, debug: bool, secret_key: str, allowed_hosts: Sequence[str]) -> list[str]:
    """A sentence with the fix for each fault; none in development."""
    if debug:
        return []
    faults = []
    if secret_key == DEVELOPMENT_KEY or len(secret_key) < SHORTEST_KEY:
        faults.append(f"SECRET_KEY is the development key or too short: set {SHORTEST_KEY} random characters or more.")
    if not allowed_hosts or any(host == "*" or host.startswith("*") for host in allowed_hosts):
        faults.append("ALLOWED_HOSTS is empty or has a wildcard: name the hosts that this site answers to.")
    return faults


def refuse_unsafe_start(*, debug: bool, secret_key: str, allowed_hosts: Sequence[str]) -> None:
    """Raise ImproperlyConfigured with all faults; not for `doctor`, which has to load the settings that it explains."""
    faults = production_faults(debug=debug, secret_key=secret_key, allowed_hosts=allowed_hosts)
    if faults and sys.argv[1:2] != ["doctor"]:
        raise ImproperlyConfigured("Production (DEBUG is false) refuses to start. " + " ".join(faults))
