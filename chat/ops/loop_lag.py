"""How late the event loop is: the first thing to know about a node that answers slowly."""

import asyncio

INTERVAL_SECONDS = 0.25
FORGETTING = 0.9


class LoopLag:
    """The worst lateness of late, in seconds; old peaks fade by a tenth each quarter of a second."""

    def __init__(self) -> None:
        self.seconds = 0.0

    async def measure(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(INTERVAL_SECONDS)
            late = loop.time() - before - INTERVAL_SECONDS
            self.seconds = max(late, self.seconds * FORGETTING)
