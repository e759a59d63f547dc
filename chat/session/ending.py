"""The end of a background task that may be inside a library which swallows a cancellation."""

import asyncio

AGAIN_SECONDS = 0.5


async def end_task(task: asyncio.Task[None] | None) -> None:
    """Cancel a task until it has ended; what it raised is dropped."""
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=AGAIN_SECONDS)
