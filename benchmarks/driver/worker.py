"""One process full of devices; it is told what to do on stdin and answers on stdout, one JSON object per line."""

import asyncio
import gc
import json
import sys
import time
from typing import Any

from benchmarks.driver.device import Device
from benchmarks.driver.returning import HOST, ReturningDevice
from benchmarks.driver.seat import Seat
from benchmarks.driver.tally import Tally

CONNECT_SECONDS = 60.0


class Worker:
    """Connects its seats, then posts between two moments of the monotonic clock and counts between two others."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.tally = Tally()
        self._nodes = int(plan["nodes"])
        self._devices = [self._device(Seat(**seat)) for seat in plan["seats"]]
        self._senders = [device for device in self._devices if device.seat.is_sender]
        self._ends_at = 0.0

    def _device(self, seat: Seat) -> Device:
        kind = ReturningDevice if seat.comes_back else Device
        return kind(seat, self.tally, self._nodes, self._is_posting)

    async def connect(self, together: int) -> dict[str, Any]:
        """At most `together` at a time; the seconds that each took, and why the others did not."""
        gate = asyncio.Semaphore(together)
        tries = [self._connect(device, gate) for device in self._devices]
        found = await asyncio.gather(*tries, return_exceptions=True)
        for failure in found:
            if isinstance(failure, BaseException) and not isinstance(failure, OSError | TimeoutError):
                raise failure
        failures = [str(each) or type(each).__name__ for each in found if isinstance(each, BaseException)]
        return {"seconds": [each for each in found if isinstance(each, float)], "failures": failures}

    async def _connect(self, device: Device, gate: asyncio.Semaphore) -> float:
        async with gate, asyncio.timeout(CONNECT_SECONDS):
            began = time.monotonic()
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: device, HOST, device.seat.ports[0])
            await device.ready
            return time.monotonic() - began

    async def run(self, order: dict[str, Any]) -> dict[str, Any]:
        """Post from `starts_at` to `ends_at`; the figures are of `counts_at` to `ends_at`."""
        self._ends_at = order["ends_at"]
        await _until(order["starts_at"])
        if order["cut_at"]:
            asyncio.get_running_loop().call_later(order["cut_at"] - time.monotonic(), self._cut)
        posting = self._start_posting(order["window"], order["rate_per_sender"])
        await _until(order["counts_at"])
        self.tally.local.clear()
        self.tally.remote.clear()
        before = self._snapshot()
        await _until(order["ends_at"])
        after = self._snapshot()
        local, remote = dict(self.tally.local), dict(self.tally.remote)
        await asyncio.gather(*posting)
        seconds = after["at"] - before["at"]
        counted = {name: after[name] - before[name] for name in ("sent", "delivered", "cpu")}
        return {**counted, "seconds": seconds, "local": local, "remote": remote}

    def _start_posting(self, window: int, rate_per_sender: float) -> list[asyncio.Task[None]]:
        for device in self._senders:
            device.window = window
            if window:
                device.post(window)
        if window or not rate_per_sender:
            return []
        period = 1 / rate_per_sender
        count = len(self._senders)
        return [
            asyncio.create_task(self._post_steadily(device, period, place / count))
            for place, device in enumerate(self._senders)
        ]

    async def _post_steadily(self, device: Device, period: float, place: float) -> None:
        due = time.monotonic() + period * place
        while due < self._ends_at:
            await _until(due)
            device.post()
            due += period

    def totals(self) -> dict[str, Any]:
        tally = self.tally
        orders = [device.order for device in self._devices]
        return {
            "sent": tally.sent,
            "expected": tally.expected,
            "delivered": tally.delivered,
            "acknowledged": tally.acknowledged,
            "refused": tally.refused,
            "closed": tally.closed,
            "missing": sum(order.missing for order in orders),
            "doubled": sum(order.doubled for order in orders),
            "late": sum(order.late for order in orders),
        }

    def said(self) -> dict[str, int]:
        """Sender → how many it has sent."""
        return {str(device.seat.index): device.sent for device in self._senders}

    def returns(self, sent: dict[str, int]) -> list[dict[str, Any]]:
        """Of each device that comes back: when it was cut off, when it was ready again, and what went wrong."""
        by_sender = {int(sender): count for sender, count in sent.items()}
        return [
            {
                "lost_at": device.lost_at,
                "returned_at": device.returned_at,
                "lost": device.order.lost(by_sender),
                "doubled": device.order.doubled,
                "late": device.order.late,
            }
            for device in self._devices
            if isinstance(device, ReturningDevice)
        ]

    def close(self) -> None:
        for device in self._devices:
            device.close()

    def _cut(self) -> None:
        for device in self._devices:
            if isinstance(device, ReturningDevice):
                device.cut()

    def _is_posting(self) -> bool:
        return time.monotonic() < self._ends_at

    def _snapshot(self) -> dict[str, float]:
        return {
            "at": time.monotonic(),
            "cpu": time.process_time(),
            "sent": self.tally.sent,
            "delivered": self.tally.delivered,
        }

    async def obey(self, order: dict[str, Any]) -> Any:
        match order["do"]:
            case "connect":
                return await self.connect(order["together"])
            case "run":
                return await self.run(order)
            case "said":
                return self.said()
            case "returns":
                return self.returns(order["sent"])
            case _:
                return self.totals()


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))


async def main() -> None:
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    worker = Worker(json.loads(await orders.readline()))
    gc.freeze()
    while line := await orders.readline():
        print(json.dumps(await worker.obey(json.loads(line))), flush=True)
    worker.close()


if __name__ == "__main__":
    asyncio.run(main())
