"""A socket that was let in and has not said hello yet: whatever ends the login in between ends it, too."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from chat.proof.door import origin_of
from chat.proof.site import Person
from chat.proof.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENDINGS: dict[str, Callable[[Stage, Person], Any]] = {
    "logged out": lambda stage, person: stage.site.office.do("log_out_everywhere", person.id),
    "a new password": lambda stage, person: stage.site.office.do("set_password", person.id),
    "deactivated": lambda stage, person: stage.site.office.do("deactivate", person.id),
    "run out": lambda stage, person: stage.site.office.do("expire_sessions", person.id),
    "token revoked": lambda stage, person: stage.site.office.do("end_tokens", person.id),
}


async def say_hello_after(stage: Stage, headers: dict[str, str], end: Callable[[], Any]) -> tuple[int, list[str]]:
    """The close code and the types of all events, when `end` happens between the handshake and the hello."""
    url = stage.url(1)
    async with connect(url, additional_headers={"Origin": origin_of(url), **headers}, proxy=None) as socket:
        await socket.send('{"type":"ping","ref":1}')
        heard = orjson.loads(await socket.recv())
        assert [event["code"] for event in heard] == ["not_ready"]
        end()
        await socket.send(orjson.dumps({"type": "hello", "ref": 2, "device": str(uuid4())}).decode())
        heard = []
        try:
            async with asyncio.timeout(15):
                while True:
                    heard += orjson.loads(await socket.recv())
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006, [event["type"] for event in heard]


@pytest.mark.parametrize("ending", ENDINGS)
async def test_what_ended_before_the_hello_gets_no_welcome(stage: Stage, ending: str):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    stage.site.office.do("fill", group, bob.id, ["a secret"])
    token = stage.site.office.do("token", ann.id)
    by_token = {"Authorization": f"Bearer {token}"}
    headers = by_token if ending == "token revoked" else {"Cookie": ann.cookies}

    code, heard = await say_hello_after(stage, headers, lambda: ENDINGS[ending](stage, ann))

    assert (code, heard) == (4401, ["bye"])
