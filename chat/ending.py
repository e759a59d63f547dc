"""The end of background tasks, some of which may be inside code that swallows a cancellation."""

import asyncio
from typing import Any

AGAIN_SECONDS = 0.5


async def end_tasks(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancel until all have ended; what they raised is dropped, and None is no task.

    Once is not enough: `asyncio.TaskGroup` before Python 3.13 drops a cancellation that comes while it aborts because
    one of its tasks has failed, and raises only the failure; some libraries do the like.
    """
    given = [task for task in tasks if task is not None]
    running = {task for task in given if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN_SECONDS)
    await asyncio.gather(*given, return_exceptions=True)
