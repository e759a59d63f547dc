"""The only way into the log: changes gather into batches, and each batch is one transaction."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

from django.db import InterfaceError, OperationalError, transaction

from chat import failpoints
from chat.batching import Batcher, Gathered
from chat.database import Database
from chat.histogram import QUICK_SECONDS, Histogram
from chat.log.apply import apply
from chat.log.batch import Batch, Prepared
from chat.log.changes import Change
from chat.log.memory import Memory
from chat.log.outcome import Appended, Outcome
from chat.wire.committed import Committed
from chat.wire.errors import ChatError, ErrorCode

BATCH_CHANGES = 500

Result = Appended | ChatError

logger = logging.getLogger(__name__)


class Log:
    """Appends changes for one node; `on_committed` is given what each transaction committed, in order.

    Counts what it commits: `changes` by their class, `commit_seconds` from handing a batch to the writer to its end.
    """

    def __init__(self, database: Database, on_committed: Callable[[list[Committed]], None]) -> None:
        self._database = database
        self._on_committed = on_committed
        self._memory = Memory()
        self.changes: Counter[type[Change]] = Counter()
        self.commit_seconds = Histogram(QUICK_SECONDS)
        self._batcher: Batcher[Change, Appended] = Batcher(self._append, max_items=BATCH_CHANGES)

    def append(self, change: Change) -> "asyncio.Future[Appended]":
        """The place of `change`, once it is committed; ChatError where it is refused or the database is away."""
        return self._batcher.submit(change)

    @property
    def waiting(self) -> int:
        """How many changes wait for their transaction."""
        return self._batcher.waiting

    async def close(self) -> None:
        """Commit what is waiting, then accept nothing more."""
        await self._batcher.close()

    async def _append(self, changes: Gathered[Change, Appended]) -> Sequence[Result]:
        began = time.perf_counter()
        results = await self._database.write(append_batch, changes, self._memory, changes.take_latecomers)
        self.commit_seconds.observe(time.perf_counter() - began)
        failpoints.reach("after_commit")
        committed = [result.committed for result in results if isinstance(result, Appended) and result.committed]
        if committed:
            self._on_committed(committed)
            self.changes.update(
                type(change) for change, result in zip(changes, results, strict=True) if _is_new(result)
            )
        return results


def _is_new(result: Result) -> bool:
    return isinstance(result, Appended) and not result.duplicate


def append_batch(
    changes: Sequence[Change], memory: Memory, take_latecomers: Callable[[], Sequence[Change]] = tuple
) -> list[Result]:
    """Append all of `changes` in one transaction; when one of them breaks it, each in its own.

    `take_latecomers` is asked once the transaction has its turn: it adds to `changes` what came meanwhile, and returns
    it. While SQLite's one writer serves other nodes, that is as much again, which would wait for one more round.

    Raises OperationalError, with nothing or some of the changes committed, when the database cannot go on; running it
    again is safe: what is in the log already is answered as a repeat.
    """
    try:
        return _append_together(changes, memory, take_latecomers)
    except (OperationalError, InterfaceError):
        memory.forget()
        raise
    except Exception:  # noqa: BLE001 - whatever it is, it must not take the neighbours with it
        memory.forget()
        return [_append_alone(change, memory) for change in changes]


def _append_together(
    changes: Sequence[Change], memory: Memory, take_latecomers: Callable[[], Sequence[Change]] = tuple
) -> list[Result]:
    prepared = Prepared(changes)
    with transaction.atomic():
        prepared.add(take_latecomers())
        batch = Batch(prepared, memory)
        outcomes = [_apply(batch, change) for change in changes]
        batch.store()
    return [each.appended() if isinstance(each, Outcome) else each for each in outcomes]


def _append_alone(change: Change, memory: Memory) -> Result:
    try:
        return _append_together([change], memory)[0]
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("a change that the log cannot take", extra={"change": type(change).__name__})
        memory.forget()
        return ChatError(ErrorCode.INTERNAL, "The log could not take this change.")


def _apply(batch: Batch, change: Change) -> Outcome | ChatError:
    try:
        return apply(batch, change)
    except ChatError as refusal:
        return refusal
