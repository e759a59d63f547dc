"""What a device of the benchmark puts on the wire is what a server expects."""

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from benchmarks.driver.wording import (
    MARK,
    STAMP,
    STAMP_BYTES,
    client_id_of,
    frames_in,
    handshake,
    masked_frame,
    sender_mark,
    text_of,
)
from chat.wire.markdown import render


def parsed(data: bytes) -> Frame:
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    parsing = Frame.parse(reader.read_exact, mask=True)
    with pytest.raises(StopIteration) as done:
        next(parsing)
    return done.value.value


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_a_masked_frame_is_read_by_a_server_as_the_text_that_it_was(size):
    frame = parsed(masked_frame(b"x" * size))

    assert (frame.opcode, frame.data) == (Opcode.TEXT, b"x" * size)


def test_a_text_carries_its_sender_number_and_time():
    text = text_of(17, 42, 123456789, 100).encode()

    assert [tuple(map(int, found)) for found in STAMP.findall(text)] == [(17, 42, 123456789)]
    assert len(text) == pytest.approx(100, abs=1)
    assert text.startswith(sender_mark(17))
    assert text.count(MARK) == 1


def test_no_stamp_is_longer_than_the_tail_that_is_kept():
    assert len(STAMP.search(text_of(9999, 99999999, 10**18, 100).encode()).group()) == STAMP_BYTES


def test_a_text_is_plain_so_that_every_delivery_has_the_same_size():
    assert render(text_of(1, 2, 3, 100)) == ""


def test_client_ids_differ_by_sender_and_by_number():
    ids = {client_id_of(sender, number) for sender in range(5) for number in range(5)}

    assert len(ids) == 25


def test_the_handshake_names_path_host_and_headers():
    lines = handshake(9000, "/ws/", {"Cookie": "sessionid=a"}).decode().split("\r\n")

    assert lines[:2] == ["GET /ws/ HTTP/1.1", "Host: 127.0.0.1:9000"]
    assert "Cookie: sessionid=a" in lines
    assert lines[-2:] == ["", ""]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_the_frames_of_a_server_are_taken_apart(size):
    frame = Frame(Opcode.TEXT, b"x" * size).serialize(mask=False)

    assert frames_in(frame + b"\x89\x01a" + frame[:1]) == ([(1, b"x" * size), (9, b"a")], frame[:1])


def test_headers_may_name_the_port():
    assert "Origin: http://127.0.0.1:9000" in handshake(9000, "/", {"Origin": "http://127.0.0.1:{port}"}).decode()
