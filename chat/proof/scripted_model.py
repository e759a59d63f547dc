"""A server on loopback that speaks OpenAI's protocol and follows a script: slow, cut, garbled, busy, or good."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

GOOD = "The answer is forty-two, as it always was."
HALF = "The answer is"
TYPE = "text/event-stream"


class ScriptedModel:
    """Each request takes the next line of the script, and the last one again and again; `asked` keeps the requests.

    "held" says HALF and then nothing more until `may_go_on` is set.
    """

    def __init__(self, script: Sequence[str]) -> None:
        self._script = list(script)
        self.asked: list[dict[str, Any]] = []
        self.port = 0
        self.may_go_on = asyncio.Event()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "ASSISTANT_MODEL": "openai:scripted",
            "ASSISTANT_BASE_URL": f"http://127.0.0.1:{self.port}/v1",
            "ASSISTANT_API_KEY": "a key for nobody",
        }

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                self.asked.append(await _request(reader))
                act = self._script.pop(0) if len(self._script) > 1 else self._script[0]
                if not await self._act(act, writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _act(self, act: str, writer: asyncio.StreamWriter) -> bool:
        """Play one line; whether the connection stays."""
        if act == "busy":
            await _reply(writer, "429 Too Many Requests", b'{"error":{"message":"slow down"}}', "Retry-After: 0.2\r\n")
        elif act == "broken":
            await _reply(writer, "500 Internal Server Error", b"<h1>oops</h1>")
        elif act == "garbage":
            await _reply(writer, "200 OK", b"data: {not json\n\n", f"Content-Type: {TYPE}\r\n")
        elif act == "empty":
            await _reply(writer, "200 OK", b"data: [DONE]\n\n", f"Content-Type: {TYPE}\r\n")
        elif act == "cut":
            await _stream(writer, ["Half of ", "an ans"])
            return False
        elif act == "held":
            await _stream(writer, [HALF])
            await self.may_go_on.wait()
            await _more(writer, GOOD.removeprefix(HALF))
        elif act == "tool":
            await _stream(writer, [], call={"name": "list_members", "arguments": "{}"})
            await _end(writer)
        elif act == "secret tool":
            await _stream(writer, [], call={"name": "read_other_conversation", "arguments": '{"id": 1}'})
            await _end(writer)
        else:
            await _stream(writer, GOOD.split(" "), pause_seconds=0.3 if act == "slow" else 0.0)
            await _end(writer)
        return True


@asynccontextmanager
async def scripted_model(*script: str) -> AsyncIterator[ScriptedModel]:
    model = ScriptedModel(script)
    server = await asyncio.start_server(model.answer, "127.0.0.1", 0)
    model.port = server.sockets[0].getsockname()[1]
    try:
        yield model
    finally:
        server.close()


async def _request(reader: asyncio.StreamReader) -> dict[str, Any]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin1").lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    body: dict[str, Any] = json.loads(await reader.readexactly(length))
    return body


async def _reply(writer: asyncio.StreamWriter, status: str, body: bytes, headers: str = "") -> None:
    writer.write(f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    await writer.drain()


async def _stream(
    writer: asyncio.StreamWriter,
    words: Sequence[str],
    *,
    pause_seconds: float = 0.0,
    call: dict[str, str] | None = None,
) -> None:
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    if call:
        _event(
            writer,
            {"role": "assistant", "tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": call}]},
        )
    for number, word in enumerate(words):
        _event(writer, {"role": "assistant", "content": f" {word}" if number else word})
        await writer.drain()
        await asyncio.sleep(pause_seconds)
    await writer.drain()


async def _more(writer: asyncio.StreamWriter, text: str) -> None:
    _event(writer, {"content": text})
    await _end(writer)


async def _end(writer: asyncio.StreamWriter) -> None:
    _event(writer, {}, finish="stop")
    _chunk(writer, b"data: [DONE]\n\n")
    _chunk(writer, b"")
    await writer.drain()


def _event(writer: asyncio.StreamWriter, delta: dict[str, Any], finish: str | None = None) -> None:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    event = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [choice]}
    _chunk(writer, b"data: " + json.dumps(event).encode() + b"\n\n")


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
