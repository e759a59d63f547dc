"""Daphne's access log as one of our own: structured, with the node, and without what lets people in."""

import re
import sys
from datetime import datetime
from typing import Any

import structlog
from daphne.access import AccessLogGenerator

logger = structlog.get_logger("daphne.access")

RESET_KEY = re.compile(r"(/password/reset/key/).*")
"""Lets in whoever has it (allauth has it in the path)."""
ALL_IS_WELL = {(f"GET {path}", 200) for path in ("/healthz", "/readyz", "/metrics")}
"""What supervisors hear, as often as once a second."""


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
        visited = RESET_KEY.sub(r"\1...", request.partition("?")[0])
        if self.stream is not sys.stdout:
            super().write_entry(host, date, visited, status, length, ident, user)
        elif not visited.startswith("WSCONNECTING ") and (visited, status) not in ALL_IS_WELL:
            logger.info(visited, client=host, **_known(status=status, bytes=length))


def _known(**found: Any) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}
