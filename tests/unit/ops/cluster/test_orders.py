"""What staff say to nodes is believed with a signature of this site alone."""

from uuid import UUID

import pytest
from django.core.signing import Signer

from chat.ops.cluster.orders import ANNOUNCEMENTS, ORDERS, Announcement, Order, Seal
from tests.unit.ops.cluster.made import LIFE

DRAIN = Order(issued_ms=7, life=LIFE, what="drain")
ID = UUID("8d1f6f2e-3f0b-4d52-8a3c-5b1f6f0e9c77")
SAID = Announcement(issued_ms=7, id=ID, text="Zwölf Uhr: 重启 <b>&", until_ms=1_769_860_800_000)


def test_what_was_signed_is_read():
    assert ORDERS.read(Order, ORDERS.sign(DRAIN)) == DRAIN
    assert ANNOUNCEMENTS.read(Announcement, ANNOUNCEMENTS.sign(SAID)) == SAID


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"",
        b"\xff",
        DRAIN.model_dump_json().encode(),
        ORDERS.sign(DRAIN)[:-1],
        ORDERS.sign(DRAIN).replace(b'"drain"', b'"undrain"'),
        Seal("another").sign(DRAIN),
        Signer(key="another site", salt=ORDERS.salt).sign(DRAIN.model_dump_json()).encode(),
        Signer(salt=ORDERS.salt).sign('{"issued_ms":7,"life":"x","what":"dance"}').encode(),
        ANNOUNCEMENTS.sign(SAID),
    ],
    ids=["nothing", "empty", "bytes", "unsigned", "cut", "altered", "salt", "key", "unknown", "another kind"],
)
def test_nothing_else_is(raw: bytes | None):
    assert ORDERS.read(Order, raw) is None


def test_the_longest_announcement_fits_on_the_board():
    longest = SAID.model_copy(update={"text": "重" * 500})
    assert len(ANNOUNCEMENTS.sign(longest)) < 8 * 1024


def test_an_announcement_that_is_taken_back_says_so():
    back = SAID.taken_back(issued_ms=9)
    assert (back.id, back.until_ms, back.issued_ms) == (ID, SAID.until_ms, 9)
    assert (
        SAID.event
        == (
            '{"type":"announcement","id":"8d1f6f2e-3f0b-4d52-8a3c-5b1f6f0e9c77","text":"Zwölf Uhr: 重启 <b>&",'
            '"until":"2026-01-31T12:00:00.000Z"}'
        ).encode()
    )
    assert back.event == b'{"type":"announcement","id":"8d1f6f2e-3f0b-4d52-8a3c-5b1f6f0e9c77"}'
