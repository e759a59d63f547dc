"""Tells nodes with different lists of Redis hosts apart: they would talk past each other."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

DEFAULT_PORT = 6379
SAME_MACHINE = {"localhost", "::1"}


def fingerprint_of(hosts: Sequence[Mapping[str, Any]]) -> str:
    """16 hex digits of the hosts' places in their order (a group's shard depends on it), without any password."""
    return hashlib.sha256("\n".join(map(_place_of, hosts)).encode()).hexdigest()[:16]


def _place_of(host: Mapping[str, Any]) -> str:
    if "master_name" in host:
        return f"sentinel {host['master_name']} {host.get('db', 0)}"
    if "path" in host:
        return f"unix {host['path']}"
    if "address" not in host:
        return _tcp(str(host.get("host", "127.0.0.1")), int(host.get("port", DEFAULT_PORT)))
    address = urlsplit(str(host["address"]))
    if address.scheme == "unix":
        return f"unix {address.path}"
    return _tcp(address.hostname or "127.0.0.1", address.port or DEFAULT_PORT)


def _tcp(name: str, port: int) -> str:
    # databases are left out: pub/sub does not know them
    return f"{'127.0.0.1' if name in SAME_MACHINE else name.lower()}:{port}"
