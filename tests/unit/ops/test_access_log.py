import io
import sys
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from chat.ops.access_log import AccessLog

AT = datetime(2026, 1, 31, tzinfo=UTC)


def told(request: str, status: int = 200) -> list[str]:
    with capture_logs() as lines:
        AccessLog(sys.stdout).write_entry("127.0.0.1:4711", AT, request, status, 17)
    return [line["event"] for line in lines]


@pytest.mark.parametrize(
    ("request_line", "shown"),
    [
        ("GET /c/7/", ["GET /c/7/"]),
        ("GET /c/7/?token=secret", ["GET /c/7/"]),
        ("GET /accounts/password/reset/key/7-secret/", ["GET /accounts/password/reset/key/..."]),
        ("POST /accounts/password/reset/key/7-secret/?next=/", ["POST /accounts/password/reset/key/..."]),
        ("WSCONNECT /ws/", ["WSCONNECT /ws/"]),
        *((line, []) for line in ("WSCONNECTING /ws/", "GET /healthz", "GET /readyz", "GET /metrics")),
    ],
)
def test_nothing_that_lets_people_in_is_written_and_nothing_that_is_asked_every_second(
    request_line: str, shown: list[str]
):
    assert told(request_line) == shown


def test_a_node_that_is_not_ready_and_a_stranger_at_the_metrics_are_written_down():
    assert told("GET /readyz", 503) == ["GET /readyz"]
    assert told("GET /metrics", 401) == ["GET /metrics"]


def test_a_file_of_its_own_shows_no_more():
    stream = io.StringIO()
    AccessLog(stream).write_entry("127.0.0.1:4711", AT, "GET /accounts/password/reset/key/7-secret/?a=b", 200, 17)
    assert '"GET /accounts/password/reset/key/..." 200 17' in stream.getvalue()
