"""Places where a drill may end the process, armed by the environment and free when they are not."""

import asyncio
import os
import signal

ARMED = os.environ.get("DISTCHAT_FAILPOINT", "")
"""The one armed point, as `name` or `name:N` to die at the N-th pass."""

OTHERS_SECONDS = 0.1

_name, _, _count = ARMED.partition(":")
_passes_left = int(_count or 1)


async def reach_after_others(name: str) -> None:
    """The same, once whatever else is on its way out (an acknowledgement) has left."""
    if name == _name and _passes_left == 1:
        await asyncio.sleep(OTHERS_SECONDS)
    reach(name)


def reach(name: str) -> None:
    """Die here with SIGKILL when this point is armed and its count has run down."""
    global _passes_left  # noqa: PLW0603 - one armed point per process
    if name != _name:
        return
    _passes_left -= 1
    if _passes_left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
