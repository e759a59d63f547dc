"""`python -m chat.ops.is_ready`: whether the node on this machine takes devices, for supervisors that wait for it."""

import argparse
import http.client
import sys
import time

POLL_SECONDS = 0.2
ANSWER_SECONDS = 5.0


def is_ready(host: str, port: int, path: str) -> bool:
    """Whether it answers 200 there now."""
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(words: list[str] | None = None) -> int:
    """The exit code: 0 when it is ready, at once or within `--wait` seconds."""
    parser = argparse.ArgumentParser(prog="python -m chat.ops.is_ready", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--path", default="/readyz")
    parser.add_argument("--wait", type=float, default=0.0, metavar="SECONDS", help="go on asking for so long")
    options = parser.parse_args(words)
    deadline = time.monotonic() + options.wait
    while not (found := is_ready(options.host, options.port, options.path)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
