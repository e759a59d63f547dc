"""Places where a drill may end the process, armed by the environment and free when they are not."""

import os
import signal

ARMED = os.environ.get("DISTCHAT_FAILPOINT", "")
"""The one armed point, as `name` or `name:N` to die at the N-th pass."""

_name, _, _count = ARMED.partition(":")
_passes_left = int(_count or 1)


def reach(name: str) -> None:
    """Die here with SIGKILL when this point is armed and its count has run down."""
    global _passes_left  # noqa: PLW0603 - one armed point per process
    if name != _name:
        return
    _passes_left -= 1
    if _passes_left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
