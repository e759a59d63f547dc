"""Daphne's access log as one of our own: structured, with the node, and without what lets people in."""

import sys
from datetime import datetime
from typing import Any

import structlog
from daphne.access import AccessLogGenerator

logger = structlog.get_logger("daphne.access")


class AccessLog(AccessLogGenerator):
    """Takes the place of Daphne's when the application is loaded; with `--access-log FILE` it writes there."""

    def write_entry(
        self,
        host: str,
        date: datetime,
        request: str,
        status: int | None = None,
        length: int | None = None,
        ident: str | None = None,
        user: str | None = None,
    ) -> None:
        """`request` is "GET /path?query", or "WSCONNECT /path"; a query may hold anything and is left out."""
        visited = request.partition("?")[0]
        if self.stream is not sys.stdout:
            super().write_entry(host, date, visited, status, length, ident, user)
        elif not visited.startswith("WSCONNECTING"):  # what becomes of it follows
            logger.info(visited, client=host, **_known(status=status, bytes=length))


def _known(**found: Any) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}
