"""A task that was asked to end does end, whatever it is in the middle of."""

import asyncio

import pytest

from chat import ending


async def deaf_once() -> None:
    try:
        await asyncio.sleep(300)
    except asyncio.CancelledError:
        await asyncio.sleep(300)


async def angry() -> None:
    try:
        await asyncio.sleep(300)
    finally:
        raise ValueError("ended badly")


async def test_a_task_that_swallows_a_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ending, "AGAIN_SECONDS", 0.01)
    tasks = [asyncio.create_task(work()) for work in (deaf_once, deaf_once)]
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await ending.end_tasks(*tasks)
    assert [task.cancelled() for task in tasks] == [True, True]


async def test_what_a_task_raises_at_its_end_and_what_is_no_task_do_no_harm():
    task, done = asyncio.create_task(angry()), asyncio.create_task(asyncio.sleep(0))
    await done
    await ending.end_tasks(task, None, done)
    assert isinstance(task.exception(), ValueError)


async def test_ending_tasks_can_itself_be_cancelled():
    task = asyncio.create_task(deaf_once())
    await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await ending.end_tasks(task)
    await ending.end_tasks(task)
    assert task.cancelled()
