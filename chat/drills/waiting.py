"""Waiting for what a weakened or faulty node may never do: a number, also when it did not come."""

import asyncio
from collections.abc import Callable

from chat.proof.device import Device

NEVER = float("inf")


async def seconds_until(device: Device, predicate: Callable[[Device], object], patience_seconds: float) -> float:
    """How long it took until it held on the device; `NEVER` when that was not within `patience_seconds`."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    try:
        await device.wait_for(predicate, patience_seconds)
    except TimeoutError:
        return NEVER
    return clock() - begun
