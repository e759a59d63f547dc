"""From shots to a film: how long each one stays, and the file."""

import itertools
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

LONGEST_SECONDS = 1.0
"""A picture in which nothing moves stays no longer."""
VERDICT_SECONDS = 2.2
"""A verdict stays until it is read."""
LAST_SECONDS = 4.0
MOST_SECONDS = 58.0
"""A film that would be longer runs faster; the clock in it tells the time that it really was."""
VERDICTS = ("✅", "❌")


def durations(times: Sequence[float], lines: Sequence[Sequence[str]]) -> list[float]:
    """Seconds for each picture; `times` are when they were taken, `lines` what is new in the terminal of each."""
    gaps = [min(LONGEST_SECONDS, after - before) for before, after in itertools.pairwise(times)]
    wanted = [_readable(gap, new) for gap, new in zip([*gaps, LAST_SECONDS], lines, strict=True)]
    pace = min(1.0, MOST_SECONDS / sum(wanted))
    return [pace * seconds for seconds in wanted]


def _readable(seconds: float, new: Sequence[str]) -> float:
    return max(seconds, VERDICT_SECONDS) if any(line.startswith(VERDICTS) for line in new) else seconds


def write_film(path: Path, pictures: Sequence[bytes], seconds: Sequence[float]) -> None:
    """An animated WebP that repeats for ever."""
    frames = [Image.open(BytesIO(picture)).convert("RGB") for picture in pictures]
    milliseconds = [round(each * 1000) for each in seconds]
    options = {"lossless": True, "quality": 90, "method": 5, "kmax": 1000, "minimize_size": True}
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=milliseconds, loop=0, **options)
