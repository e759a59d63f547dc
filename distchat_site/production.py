"""What must never be so on a server that others reach, and the refusal to start while it is."""

import sys
from collections.abc import Sequence
from ipaddress import ip_address

from django.core.exceptions import ImproperlyConfigured

from distchat_site.settings_table import DEVELOPMENT_KEY

SHORTEST_KEY = 50
"""Django's own measure of a strong key (check security.W009)."""


AT_HOME = (".localhost", ".local", ".lan", ".internal", ".home.arpa", ".test")
"""Ends of names that no public name has (RFC 6761, RFC 6762, RFC 8375, and what routers give out)."""


def production_faults(*, debug: bool, secret_key: str, allowed_hosts: Sequence[str]) -> list[str]:
    """A sentence with the fix for each fault; none in development."""
    if debug:
        public = [host for host in allowed_hosts if is_public(host)]
        return [f"DEBUG is true, and ALLOWED_HOSTS names {public[0]}: set DEBUG to false."] if public else []
    faults = []
    if secret_key == DEVELOPMENT_KEY or len(secret_key) < SHORTEST_KEY:
        faults.append(f"SECRET_KEY is the development key or too short: set {SHORTEST_KEY} random characters or more.")
    if not allowed_hosts or any(host.startswith(("*", ".")) for host in allowed_hosts):
        faults.append("ALLOWED_HOSTS is empty or has a wildcard: name the hosts that this site answers to.")
    return faults


def is_public(host: str) -> bool:
    """Whether this name of ALLOWED_HOSTS may be one that the Internet reaches; a lone "*" says nothing about that."""
    name = host.strip("[].").lower()
    try:
        return ip_address(name).is_global
    except ValueError:
        return "." in name and not name.endswith(AT_HOME)


def refuse_unsafe_start(*, debug: bool, secret_key: str, allowed_hosts: Sequence[str]) -> None:
    """Raise ImproperlyConfigured with all faults; not for `doctor`, which has to load the settings that it explains."""
    faults = production_faults(debug=debug, secret_key=secret_key, allowed_hosts=allowed_hosts)
    if faults and sys.argv[1:2] != ["doctor"]:
        kind = "Development (DEBUG is true)" if debug else "Production (DEBUG is false)"
        raise ImproperlyConfigured(f"{kind} refuses to start. " + " ".join(faults))
