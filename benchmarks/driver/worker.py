"""One process full of devices; it is told what to do on stdin and answers on stdout, one JSON object per line."""

import asyncio
import gc
import json
import sys
import time
from typing import Any

from benchmarks.driver.device import Device, Seat
from benchmarks.driver.tally import Tally

HOST = "127.0.0.1"
CONNECT_TOGETHER = 20
CONNECT_SECONDS = 60.0


class Worker:
    """Connects its seats, then posts between two moments of the monotonic clock and counts between two others."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.tally = Tally()
        self._window = int(plan["window"])
        self._rate_per_sender = float(plan["rate_per_sender"])
        self._nodes = int(plan["nodes"])
        seats = [Seat(**seat) for seat in plan["seats"]]
        self._devices = [Device(seat, self.tally, self._nodes, self._is_posting) for seat in seats]
        self._senders = [device for device in self._devices if device.seat.is_sender]
        self._ends_at = 0.0
        self._counted: dict[str, int] = {}

    async def connect(self) -> dict[str, Any]:
        together = asyncio.Semaphore(CONNECT_TOGETHER)
        async with asyncio.timeout(CONNECT_SECONDS):
            await asyncio.gather(*(self._connect(device, together) for device in self._devices))
        return {"ready": len(self._devices)}

    async def _connect(self, device: Device, together: asyncio.Semaphore) -> None:
        async with together:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: device, HOST, device.seat.port)
            await device.ready

    async def run(self, starts_at: float, counts_at: float, ends_at: float) -> dict[str, Any]:
        """Post from `starts_at` to `ends_at`; the figures are of `counts_at` to `ends_at`."""
        self._ends_at = ends_at
        await _until(starts_at)
        posting = [asyncio.create_task(self._post_steadily(device)) for device in self._senders if not self._window]
        for number, device in enumerate(self._senders if self._window else ()):
            device.window = self._window
            device.post(self._window)
            if number % 10 == 9:
                await asyncio.sleep(0)
        await _until(counts_at)
        self.tally.local.clear()
        self.tally.remote.clear()
        before = self._snapshot()
        await _until(ends_at)
        after = self._snapshot()
        local, remote = dict(self.tally.local), dict(self.tally.remote)
        await asyncio.gather(*posting)
        seconds = after["at"] - before["at"]
        counted = {name: after[name] - before[name] for name in ("sent", "delivered", "cpu")}
        return {**counted, "seconds": seconds, "local": local, "remote": remote}

    def totals(self) -> dict[str, Any]:
        tally = self.tally
        return {
            "sent": tally.sent,
            "delivered": tally.delivered,
            "acknowledged": tally.acknowledged,
            "refused": tally.refused,
            "closed": tally.closed,
            "missing": sum(device.order.missing for device in self._devices),
            "doubled": sum(device.order.doubled for device in self._devices),
        }

    def close(self) -> None:
        for device in self._devices:
            device.close()

    async def _post_steadily(self, device: Device) -> None:
        if not self._rate_per_sender:
            return
        period = 1 / self._rate_per_sender
        place = self._senders.index(device) / len(self._senders)
        due = time.monotonic() + period * place
        while due < self._ends_at:
            await _until(due)
            device.post()
            due += period

    def _is_posting(self) -> bool:
        return time.monotonic() < self._ends_at

    def _snapshot(self) -> dict[str, float]:
        return {
            "at": time.monotonic(),
            "cpu": time.process_time(),
            "sent": self.tally.sent,
            "delivered": self.tally.delivered,
        }


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))


async def main() -> None:
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    worker = Worker(json.loads(await orders.readline()))
    gc.freeze()
    while line := await orders.readline():
        order = json.loads(line)
        if order["do"] == "connect":
            answer = await worker.connect()
        elif order["do"] == "run":
            answer = await worker.run(order["starts_at"], order["counts_at"], order["ends_at"])
        else:
            answer = worker.totals()
        print(json.dumps(answer), flush=True)
    worker.close()


if __name__ == "__main__":
    asyncio.run(main())
