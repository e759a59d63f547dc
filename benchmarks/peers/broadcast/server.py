"""One node of the plainest design: a `websockets` server, JSON, and one Redis pub/sub channel for everything.

Nothing is stored and nothing is acknowledged. Clients connect to /ws/<room>.
"""

import asyncio
import os
import signal
from http import HTTPStatus

import orjson
from redis.asyncio import Redis
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.http11 import Request, Response

CHANNEL = "chat"
MOST_CONNECTIONS = 10_000  # every client that speaks at this moment holds one; redis-py alone would stop at a hundred
rooms: dict[str, set[ServerConnection]] = {}
"""Room → the connections of this node that are in it."""


async def talk(redis: Redis, connection: ServerConnection) -> None:
    room = _room_of(connection)
    rooms.setdefault(room, set()).add(connection)
    try:
        async for frame in connection:
            said = orjson.loads(frame)
            await redis.publish(CHANNEL, orjson.dumps({"room": room, "text": said["text"]}))
    finally:
        rooms[room].discard(connection)


async def listen(redis: Redis) -> None:
    async with redis.pubsub() as pubsub:
        await pubsub.subscribe(CHANNEL)
        async for message in pubsub.listen():
            if message["type"] == "message":
                event = orjson.loads(message["data"])
                broadcast(rooms.get(event["room"], ()), orjson.dumps(event).decode())


def health(connection: ServerConnection, request: Request) -> Response | None:
    return connection.respond(HTTPStatus.OK, "ready\n") if request.path == "/readyz" else None


async def main() -> None:
    redis = Redis.from_url(os.environ["REDIS_URL"], max_connections=MOST_CONNECTIONS)
    listening = asyncio.create_task(listen(redis))
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    port = int(os.environ["PORT"])
    async with serve(
        lambda connection: talk(redis, connection),
        "127.0.0.1",
        port,
        process_request=health,
        compression=None,
    ):
        await stopped.wait()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await redis.aclose()


def _room_of(connection: ServerConnection) -> str:
    assert connection.request is not None
    return connection.request.path.rpartition("/")[2]


if __name__ == "__main__":
    asyncio.run(main())
