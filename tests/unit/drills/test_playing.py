"""How a drill is played, whatever becomes of it."""

import gc
from typing import Any

import pytest

from chat.drills.criterion import exactly
from chat.drills.drill import Drill
from chat.drills.playing import play
from chat.drills.scale import SHORT

LOOKED = exactly("whether garbage was looked for", 0)


@pytest.mark.parametrize("breaks", [None, ValueError("of the system"), KeyError("of the drill")])
async def test_garbage_is_not_looked_for_while_a_drill_measures_and_is_afterwards(breaks: Exception | None):
    async def run(scene: Any) -> None:
        scene.measure(LOOKED, float(gc.isenabled()))
        if breaks is not None:
            raise breaks

    drill = Drill("made_up", "nothing", (LOOKED,), run, is_judged=False)
    measured: Any = None
    try:
        measured = await play(drill, None, None, SHORT)  # type: ignore[arg-type]  # it needs neither
    except KeyError:
        assert isinstance(breaks, KeyError)
    else:
        assert measured.measured == {LOOKED: 0.0}
        assert measured.passed is (breaks is None)
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
