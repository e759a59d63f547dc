"""A report says what it is about, and nothing that lies in its place is taken for one."""

import orjson
import pytest

from chat.ops.cluster.report import REPORT_BYTES, memory_bytes, read_report
from tests.unit.ops.cluster.made import LIFE, OTHER_LIFE, report

GOOD = orjson.loads(report().encoded())


def test_a_report_is_read_as_it_was_written():
    said = report(connections=3, loop_lag_seconds=0.25, messages=7, memory_bytes=None, degraded=("layer",))
    assert read_report(said.encoded(), life=LIFE) == said


def test_a_report_is_small():
    assert len(report().encoded()) < 1500


def test_what_a_newer_version_adds_is_passed_over():
    newer = {**GOOD, "mood": "good", "gauges": {**GOOD["gauges"], "more": 1}}
    assert read_report(orjson.dumps(newer), life=LIFE) == report()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b"{}",
        b'{"name": "server_1"',
        orjson.dumps(GOOD)[:-1],
        orjson.dumps({**GOOD, "name": ""}),
        orjson.dumps({**GOOD, "name": "x" * 65}),
        orjson.dumps({**GOOD, "name": "server\n1"}),
        orjson.dumps({**GOOD, "name": "server\u202e1"}),
        orjson.dumps({**GOOD, "name": 7}),
        orjson.dumps({**GOOD, "state": "dancing"}),
        orjson.dumps({**GOOD, "degraded": ["<script>"]}),
        orjson.dumps({**GOOD, "degraded": ["x"] * 9}),
        orjson.dumps({**GOOD, "at": -1}),
        orjson.dumps({**GOOD, "at": "1"}),
        orjson.dumps({**GOOD, "gauges": {**GOOD["gauges"], "connections": 2**53}}),
        orjson.dumps({**GOOD, "gauges": {**GOOD["gauges"], "connections": 1.5}}),
        orjson.dumps({**GOOD, "gauges": {**GOOD["gauges"], "connections": None}}),
        orjson.dumps({**GOOD, "counters": {}}),
        orjson.dumps(GOOD).replace(b'"at":10.0', b'"at":NaN'),
        orjson.dumps(GOOD).replace(b'"at":10.0', b'"at":1e999'),
        orjson.dumps({**GOOD, "more": "x" * REPORT_BYTES}),
        b"[" * REPORT_BYTES,
    ],
    ids=range(25),
)
def test_what_is_no_report_is_none(raw: bytes):
    assert read_report(raw, life=LIFE) is None


def test_a_report_of_another_life_is_none():
    assert read_report(report().encoded(), life=OTHER_LIFE) is None


def test_memory_is_that_of_this_process():
    found = memory_bytes()
    assert found is None or 10_000_000 < found < 10_000_000_000
