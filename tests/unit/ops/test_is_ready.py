import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from chat.ops.is_ready import main
from chat.ops.ports import free_port


class Door(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response({"/readyz": 200, "/busy": 503}[self.path])
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_only_a_node_that_answers_200_is_ready(port: int):
    assert main(["--port", str(port)]) == 0
    assert main(["--port", str(port), "--path", "/busy"]) == 1
    assert main(["--port", str(free_port())]) == 1


def test_what_speaks_no_http_is_not_ready():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: listener.accept()[0].close())
        thread.start()
        assert main(["--port", str(listener.getsockname()[1])]) == 1
        thread.join()


def test_it_waits_for_a_node_that_is_about_to_start():
    port = free_port()
    server = HTTPServer(("127.0.0.1", port), Door, bind_and_activate=False)

    def start() -> None:
        time.sleep(0.4)
        server.server_bind()
        server.server_activate()
        server.serve_forever()

    thread = threading.Thread(target=start)
    thread.start()
    try:
        assert main(["--port", str(port), "--wait", "20"]) == 0
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
