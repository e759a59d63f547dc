"""Which TCP ports of the loopback are free."""

import random
import socket

SERVER_PORTS = range(10_000, 30_000)
"""Below the ports that systems give to connections (Linux: `ip_local_port_range`, from 32768): a server that is ended
and started again finds its port free, and no client that looks for it there meanwhile connects to itself."""
ATTEMPTS = 200


def free_port() -> int:
    """A port that was free a moment ago; another process may still take it first."""
    chance = random.SystemRandom()  # not the shared generator, which a test may have seeded
    for _ in range(ATTEMPTS):
        port = chance.choice(SERVER_PORTS)
        if is_free(port):
            return port
    raise OSError(f"no free port between {SERVER_PORTS[0]} and {SERVER_PORTS[-1]}")


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:`port` now."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
