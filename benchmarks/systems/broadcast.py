"""The seeds' design: `websockets` servers and one Redis pub/sub channel, at its best (`websockets.broadcast`)."""

import sys
from collections.abc import Sequence
from importlib.metadata import version

from benchmarks.driver.seat import Seat
from benchmarks.systems.peer import Peer


class Broadcast(Peer):
    """Nothing is stored, nothing is checked, nobody logs in."""

    name = "seeds"
    title = "websockets + one Redis channel"
    does = "three `websockets` servers, `broadcast()`, orjson, one Redis pub/sub channel"
    lacks = "store, acknowledge, number, check, log in"

    @classmethod
    def versions(cls) -> dict[str, str]:
        return {"websockets": version("websockets")}

    def command(self, number: int, port: int) -> Sequence[str]:
        return [sys.executable, "-m", "benchmarks.peers.broadcast.server"]

    def seat(self, index: int) -> Seat:
        return self.seat_at(index, path=f"/ws/{self.workload.room_of(index)}", post='{"text":"{text}"}')
