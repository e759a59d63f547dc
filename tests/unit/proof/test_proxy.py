"""The bad network, between a client and an echo server."""

import asyncio

import pytest

from chat.proof.proxy import Direction, Proxy
from tests.unit.proof.far_end import soon


@pytest.fixture
async def proxy():
    handlers: set[asyncio.Task[None]] = set()

    async def echo(reader, writer):
        handlers.add(asyncio.current_task())
        try:
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with Proxy(*server.sockets[0].getsockname()[:2]) as proxy:
        yield proxy
    server.close()
    await asyncio.gather(*handlers, return_exceptions=True)


@pytest.fixture
async def client(proxy):
    reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
    yield reader, writer
    writer.transport.abort()


async def _echo(client, text: bytes = b"hello") -> bytes:
    reader, writer = client
    writer.write(text)
    return await asyncio.wait_for(reader.readexactly(len(text)), 10)


async def _is_silent(reader: asyncio.StreamReader, seconds: float = 0.15) -> bool:
    try:
        await asyncio.wait_for(reader.read(1), seconds)
    except TimeoutError:
        return True
    return False


async def test_everything_passes_unchanged_and_in_order(proxy, client):
    text = bytes(range(256)) * 8000
    assert await _echo(client, text) == text
    assert (proxy.sent, proxy.swallowed) == (2 * len(text), 0)


async def test_a_delay_holds_every_piece_back_and_keeps_the_order(proxy, client):
    proxy.delay(0.05, jitter=0.04)
    clock = asyncio.get_running_loop().time
    began = clock()
    for number in range(20):
        client[1].write(f"{number:04d}".encode())
        await asyncio.sleep(0.002)
    got = await asyncio.wait_for(client[0].readexactly(80), 10)
    assert got == b"".join(f"{number:04d}".encode() for number in range(20))
    assert clock() - began >= 0.02


async def test_a_freeze_keeps_the_bytes_for_later(proxy, client):
    assert await _echo(client) == b"hello"
    proxy.freeze()
    client[1].write(b"later")
    assert await _is_silent(client[0])
    proxy.heal()
    assert await asyncio.wait_for(client[0].readexactly(5), 10) == b"later"


async def test_new_connections_wait_through_a_freeze(proxy):
    proxy.freeze()
    reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
    writer.write(b"hello")
    assert await _is_silent(reader)
    proxy.heal()
    assert await asyncio.wait_for(reader.readexactly(5), 10) == b"hello"
    writer.close()


async def test_a_cut_resets_what_is_open_and_welcomes_the_next(proxy, client):
    assert await _echo(client) == b"hello"
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(client[0].read(1), 10)
    again = await asyncio.open_connection(proxy.host, proxy.port)
    assert await _echo(again) == b"hello"
    again[1].close()


async def test_a_refusing_proxy_resets_new_connections_until_it_heals(proxy):
    proxy.refuse()
    reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(1), 10)
    writer.close()
    proxy.heal()
    again = await asyncio.open_connection(proxy.host, proxy.port)
    assert await _echo(again) == b"hello"
    again[1].close()


async def test_swallowed_bytes_are_gone_and_the_sender_never_knows(proxy, client):
    assert await _echo(client) == b"hello"
    proxy.swallow()
    client[1].write(b"x" * 100_000)
    await asyncio.wait_for(client[1].drain(), 10)
    await soon(lambda: proxy.swallowed == 100_000)
    assert await _is_silent(client[0])


async def test_swallowing_one_direction_leaves_the_other(proxy, client):
    assert await _echo(client) == b"hello"
    proxy.swallow(Direction.DOWN)
    before = proxy.sent
    client[1].write(b"there")
    await soon(lambda: proxy.swallowed == 5)
    assert proxy.sent - before == 5
    assert await _is_silent(client[0])


async def test_new_connections_of_a_partition_are_accepted_and_silent(proxy):
    proxy.swallow()
    reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
    writer.write(b"hello")
    await soon(lambda: proxy.swallowed == 5)
    assert await _is_silent(reader)
    writer.close()


async def test_healing_a_partition_resets_only_connections_with_holes(proxy, client):
    spared = await asyncio.open_connection(proxy.host, proxy.port)
    assert await _echo(spared) == b"hello"
    proxy.swallow()
    client[1].write(b"lost")
    await soon(lambda: proxy.swallowed == 4)
    proxy.heal()
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(client[0].read(1), 10)
    assert await _echo(spared) == b"hello"
    spared[1].close()


async def test_stopping_is_quiet_with_connections_open(proxy, client):
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    assert await _echo(client) == b"hello"
    proxy.freeze()
    client[1].write(b"stuck")
    await asyncio.sleep(0.05)
    await proxy.stop()
    assert (complaints, proxy.connections) == ([], 0)


async def test_an_end_of_file_travels_through(proxy, client):
    assert await _echo(client) == b"hello"
    client[1].write_eof()
    assert await asyncio.wait_for(client[0].read(), 10) == b""
    await soon(lambda: proxy.connections == 0)


async def test_a_target_that_does_not_answer_resets_the_client(unused_tcp_port):
    async with Proxy("127.0.0.1", unused_tcp_port) as proxy:
        reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(1), 10)
        writer.close()
