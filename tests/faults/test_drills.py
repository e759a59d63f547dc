"""Every drill is played in its short form by a test, and has to fail on nodes that are weakened."""

import os
import re
from pathlib import Path

import pytest

from chat.drills.playing import is_noticed
from chat.drills.scale import SHORT
from chat.drills.table import NAMES, drill_named
from chat.ops.redis_server import RedisServer
from chat.proof.site import Site

HERE = Path(__file__).parent
QUICK_CONTROLS = ("publish_lost",)
"""Played with every run of the tests; the others with DISTCHAT_ALL_CONTROLS=1, and by `run_drills --full`."""

ELSEWHERE = {
    "malformed": ("from chat.drills.made_up import", "integration/test_bad_input.py"),
    "authorisation": ("from chat.proof.every_command import", "integration/test_isolation.py"),
    "revocation": ("def put_out", "integration/test_door.py"),
    "checkpoints": ("from chat.proof.damage import", "contracts/session/test_loss.py"),
    "long_sessions": ("test_three_hundred_folds", "contracts/session/test_loss.py"),
    "assistant_fails": ("from chat.drills.talk import", "faults/test_the_speaker_dies.py"),
}
"""Drills whose short form was there before them, in tests that share their parts."""


def test_every_drill_has_its_short_form_among_the_tests():
    played = [name for file in HERE.glob("test_*.py") for name in re.findall(r'rehearse\("(\w+)"', file.read_text())]

    assert sorted([*played, *ELSEWHERE]) == sorted(NAMES)
    for shared, file in ELSEWHERE.values():
        assert shared in (HERE.parent / file).read_text()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [name for name in NAMES if drill_named(name).control])
async def test_the_control_is_reported_as_failing(name: str, own_site: Site, own_redis: RedisServer):
    if name not in QUICK_CONTROLS and not os.environ.get("DISTCHAT_ALL_CONTROLS"):
        pytest.skip("NOT CONTROLLED HERE: set DISTCHAT_ALL_CONTROLS=1, or run `manage.py run_drills --full`")

    noticed, outcome = await is_noticed(drill_named(name), own_site, own_redis, SHORT)

    assert not outcome.passed
    assert noticed, outcome.failures
