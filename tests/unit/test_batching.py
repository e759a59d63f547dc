"""Batcher: gathers while busy, keeps the order, and keeps one waiter's trouble to itself."""

import asyncio
from collections.abc import Sequence

import pytest

from chat.batching import Batcher, Gathered
from chat.wire.errors import ChatError, ErrorCode


class Desk:
    """Handles batches, doubling numbers, one batch per permit when it is told to wait."""

    def __init__(self, *, open_door: bool = True) -> None:
        self.batches: list[list[int]] = []
        self.door = asyncio.Semaphore(1_000 if open_door else 0)
        self.answer: Sequence[int | Exception] | Exception | None = None

    async def __call__(self, items: list[int]) -> Sequence[int | Exception]:
        self.batches.append(items)
        await self.door.acquire()
        if isinstance(self.answer, Exception):
            raise self.answer
        return [item * 2 for item in items] if self.answer is None else self.answer


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_first_item_is_handled_at_once_and_alone() -> None:
    desk = Desk(open_door=False)
    batcher = Batcher(desk)
    first = batcher.submit(1)
    await settled()
    later = [batcher.submit(2), batcher.submit(3)]
    desk.door.release()
    desk.door.release()
    assert [await first, *await asyncio.gather(*later)] == [2, 4, 6]
    assert desk.batches == [[1], [2, 3]]


async def test_a_batch_holds_at_most_max_items_in_the_order_of_arrival() -> None:
    desk = Desk()
    batcher = Batcher(desk, max_items=3)
    results = await asyncio.gather(*[batcher.submit(number) for number in range(7)])
    assert results == [0, 2, 4, 6, 8, 10, 12]
    assert desk.batches == [[0, 1, 2], [3, 4, 5], [6]]


async def test_it_works_again_after_it_was_idle() -> None:
    desk = Desk()
    batcher = Batcher(desk)
    assert await batcher.submit(1) == 2
    await settled()
    assert await batcher.submit(2) == 4


async def test_beyond_max_waiting_it_is_busy_and_the_others_are_still_served() -> None:
    desk = Desk(open_door=False)
    batcher = Batcher(desk, max_waiting=2)
    taken = [batcher.submit(1)]
    await settled()
    taken += [batcher.submit(2), batcher.submit(3)]
    with pytest.raises(ChatError) as refused:
        batcher.submit(4)
    assert refused.value.code == ErrorCode.BUSY
    desk.door.release()
    desk.door.release()
    assert await asyncio.gather(*taken) == [2, 4, 6]


async def test_one_cancelled_waiter_does_not_hurt_the_others_of_its_batch() -> None:
    desk = Desk(open_door=False)
    batcher = Batcher(desk)
    waiters = [batcher.submit(number) for number in range(3)]
    await settled()
    waiters[1].cancel()
    desk.door.release()
    assert [await waiters[0], await waiters[2]] == [0, 4]


async def test_an_item_cancelled_before_its_batch_is_not_handled() -> None:
    desk = Desk()
    batcher = Batcher(desk)
    waiters = [batcher.submit(number) for number in range(3)]
    waiters[1].cancel()
    assert [await waiters[0], await waiters[2]] == [0, 4]
    assert desk.batches == [[0, 2]]


async def test_a_raising_handler_reaches_every_waiter_of_that_batch_only() -> None:
    desk = Desk(open_door=False)
    batcher = Batcher(desk, max_items=2)
    desk.answer = ValueError("full")
    waiters = [batcher.submit(number) for number in range(3)]
    desk.door.release()
    failed = await asyncio.gather(*waiters[:2], return_exceptions=True)
    desk.answer = None
    desk.door.release()
    assert [str(error) for error in failed] == ["full", "full"]
    assert await waiters[2] == 4


async def test_an_exception_as_a_result_reaches_its_own_waiter() -> None:
    desk = Desk()
    desk.answer = [1, KeyError("two"), 3]
    batcher = Batcher(desk)
    waiters = [batcher.submit(number) for number in range(3)]
    results = await asyncio.gather(*waiters, return_exceptions=True)
    assert [results[0], type(results[1]), results[2]] == [1, KeyError, 3]


async def test_a_handler_that_answers_too_few_fails_the_batch_instead_of_hanging_it() -> None:
    desk = Desk()
    desk.answer = [1]
    batcher = Batcher(desk)
    results = await asyncio.gather(batcher.submit(1), batcher.submit(2), return_exceptions=True)
    assert [str(result) for result in results] == ["2 items handled, 1 results"] * 2


async def test_close_handles_what_waits_and_takes_no_more() -> None:
    desk = Desk()
    batcher = Batcher(desk, max_items=1)
    waiters = [batcher.submit(number) for number in range(3)]
    await batcher.close()
    assert [waiter.result() for waiter in waiters] == [0, 2, 4]
    with pytest.raises(ChatError) as refused:
        batcher.submit(4)
    assert refused.value.code == ErrorCode.UNAVAILABLE


async def test_close_gives_up_on_a_handler_that_hangs_and_cancels_its_waiters() -> None:
    desk = Desk(open_door=False)
    batcher = Batcher(desk, max_items=1)
    waiters = [batcher.submit(number) for number in range(3)]
    await batcher.close(within_seconds=0.05)
    assert [waiter.cancelled() for waiter in waiters] == [True, True, True]
    assert batcher.waiting == 0


async def test_of_a_crowd_the_first_is_handled_at_once_and_the_others_together() -> None:
    desk = Desk()
    batcher = Batcher(desk, every_seconds=0.2)
    assert await batcher.submit(0) == 0
    crowd = [batcher.submit(1)]
    crowd.append(batcher.submit(2))
    for number in range(3, 10):
        crowd.append(batcher.submit(number))
        await settled()
    assert desk.batches == [[0]]
    assert await asyncio.gather(*crowd) == [2 * number for number in range(1, 10)]
    assert desk.batches == [[0], list(range(1, 10))]


async def test_who_come_one_after_the_other_wait_for_no_time_to_pass() -> None:
    desk = Desk()
    batcher = Batcher(desk, every_seconds=3600.0)
    assert [await batcher.submit(number) for number in range(5)] == [0, 2, 4, 6, 8]


async def test_a_crowd_ends_with_the_first_who_comes_alone() -> None:
    desk = Desk()
    batcher = Batcher(desk, every_seconds=0.05)
    await asyncio.gather(batcher.submit(0), batcher.submit(1))
    await batcher.submit(2)  # waits, for there might be more of them
    batcher._next_at = asyncio.get_running_loop().time() + 3600.0
    assert [await batcher.submit(number) for number in (3, 4)] == [6, 8]


async def test_a_whole_batch_waits_for_no_time_to_pass() -> None:
    desk = Desk()
    batcher = Batcher(desk, max_items=3, every_seconds=3600.0)
    await batcher.submit(0)
    crowd = [batcher.submit(number) for number in range(1, 7)]
    await asyncio.gather(*crowd)
    late = batcher.submit(7)
    await settled()
    assert desk.batches == [[0], [1, 2, 3], [4, 5, 6]]  # a crowd, of which there may be more
    assert not late.done()
    await batcher.close()


async def test_who_is_gone_before_a_paced_batch_begins_takes_nothing_from_others() -> None:
    desk = Desk()
    batcher = Batcher(desk, every_seconds=3600.0)
    await batcher.submit(0)
    gone, staying = batcher.submit(1), batcher.submit(2)
    gone.cancel()
    await settled()
    await batcher.close()
    assert staying.result() == 4
    assert desk.batches == [[0], [2]]


class SlowDesk(Desk):
    """Takes in, when its door opens, up to `rounds` times who came meanwhile."""

    def __init__(self, rounds: int = 1) -> None:
        super().__init__(open_door=False)
        self.rounds = rounds
        self.at_work: list[Gathered[int, int]] = []

    async def __call__(self, items: Gathered[int, int]) -> Sequence[int | Exception]:  # type: ignore[override]
        self.at_work.append(items)
        await self.door.acquire()
        for _ in range(self.rounds):
            await asyncio.to_thread(items.take_latecomers)
        self.batches.append(list(items))
        if isinstance(self.answer, Exception):
            raise self.answer
        return [item * 2 for item in items]


async def test_latecomers_join_the_batch_in_hand_and_get_their_own_results() -> None:
    desk = SlowDesk()
    batcher = Batcher(desk)
    waiters = [batcher.submit(1)]
    await settled()
    waiters += [batcher.submit(2), batcher.submit(3), batcher.submit(4)]
    waiters[2].cancel()
    desk.door.release()
    assert [await waiters[0], await waiters[1], await waiters[3]] == [2, 4, 8]
    assert desk.batches == [[1, 2, 4]]
    assert batcher.waiting == 0


async def test_latecomers_join_only_as_far_as_there_is_room() -> None:
    desk = SlowDesk(rounds=3)
    batcher = Batcher(desk, max_items=3)
    waiters = [batcher.submit(0)]
    await settled()
    waiters += [batcher.submit(number) for number in range(1, 6)]
    desk.door.release()
    desk.door.release()
    assert await asyncio.gather(*waiters) == [0, 2, 4, 6, 8, 10]
    assert desk.batches == [[0, 1, 2], [3, 4, 5]]


async def test_what_a_batch_raises_reaches_its_latecomers_too() -> None:
    desk = SlowDesk()
    desk.answer = ValueError("full")
    batcher = Batcher(desk)
    waiters = [batcher.submit(1)]
    await settled()
    waiters.append(batcher.submit(2))
    desk.door.release()
    failed = await asyncio.gather(*waiters, return_exceptions=True)
    assert [str(error) for error in failed] == ["full", "full"]


async def test_nobody_joins_a_batch_that_was_given_up() -> None:
    """A thread that hangs in the database goes on after its waiters were told so; it must not take others with it."""
    desk = Desk(open_door=False)
    abandoned: list[Gathered[int, int]] = []

    async def give_up(items: Gathered[int, int]) -> Sequence[int | Exception]:
        if abandoned:
            return await desk(items)
        abandoned.append(items)
        raise TimeoutError

    batcher = Batcher(give_up)
    with pytest.raises(TimeoutError):
        await batcher.submit(1)
    second = batcher.submit(2)
    await settled()
    third = batcher.submit(3)
    assert await asyncio.to_thread(abandoned[0].take_latecomers) == []
    assert abandoned[0] == [1]
    desk.door.release()
    desk.door.release()
    assert [await second, await third] == [4, 6]


async def test_latecomers_of_a_batch_that_is_cancelled_are_cancelled_with_it() -> None:
    desk = SlowDesk()
    batcher = Batcher(desk)
    waiters = [batcher.submit(1)]
    await settled()
    waiters.append(batcher.submit(2))
    assert desk.at_work[0].take_latecomers() == [2]
    waiters.append(batcher.submit(3))
    await batcher.close(within_seconds=0.05)
    assert [waiter.cancelled() for waiter in waiters] == [True, True, True]
