"""Runs turns on one node: takes what waits, holds the lease, and lets go of what is no longer its own."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langgraph.errors import GraphRecursionError

from chat import failpoints
from chat.actions import assistant as acting
from chat.actions.services import Services
from chat.assistant import turns
from chat.assistant.counts import TurnCounts
from chat.assistant.graph import Thinking, text_of, turn_graph
from chat.assistant.models import ModelMissing, chat_model
from chat.assistant.occasion import Occasion
from chat.assistant.speaking import LeaseLost, Speech, event_of
from chat.assistant.trouble import ModelTrouble, trouble_of
from chat.assistant.turns import BEAT_SECONDS, LEASE_SECONDS, Claim
from chat.ending import end_tasks
from chat.wire.errors import ChatError, ErrorCode

TURNS_AT_ONCE = 8
POLL_SECONDS = 0.5
THINKING_SECONDS = 180.0
"""An attempt that takes longer has failed."""

logger = logging.getLogger(__name__)


class Runner:
    """One for each node; `owner` names this life of it. Without `takes_turns` it only tells what becomes of them.
    What was asked for elsewhere it takes up after `grace`.

    `_near` are conversations where it is up to this node to begin a turn. `_running` maps a turn to the task that works
    on it, `_speeches` to what it says: both until that task has ended.
    """

    def __init__(
        self,
        services: Services,
        *,
        owner: str,
        takes_turns: bool = True,
        grace: timedelta = timedelta(0),
        new_model: Callable[[str], BaseChatModel] = chat_model,
    ) -> None:
        self._services = services
        self._owner = owner
        self._takes_turns = takes_turns
        self._grace = grace
        self._new_model = new_model
        self.counts = TurnCounts()
        self._waking = asyncio.Event()
        self._asked: set[int] = set()
        self._near: set[int] = set()
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._speeches: dict[UUID, Speech] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._serve(), name="assistant")

    async def stop(self) -> None:
        """End all work here; other nodes take it up at once."""
        running = list(self._running.values())
        await end_tasks(self._task, *running)
        if running:
            try:
                await self._services.database.write_behind(turns.hand_over, self._owner)
            except ChatError:
                logger.warning("the turns of this node are taken up when their lease ends")

    @property
    def running(self) -> int:
        return len(self._running)

    def asked(self, conversation: int) -> None:
        """Something has become of a message for the assistant there."""
        self._asked.add(conversation)
        self._wake(conversation)

    def say_whole(self, conversation: int) -> None:
        """Somebody has come late to the answers that are given there."""
        for speech in self._speeches.values():
            if speech.claim.conversation == conversation and not speech.is_late:
                speech.restate()

    async def _serve(self) -> None:
        while True:
            try:
                if self._takes_turns:
                    await self._take()
                await self._announce()
            except ChatError:
                pass  # the database is away: nothing is lost, and the next round looks again
            except Exception:
                logger.exception("a round of the assistant failed")
            await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._waking.wait()
        except TimeoutError:
            pass
        self._waking.clear()

    async def _announce(self) -> None:
        """Tell the askers what became of theirs."""
        while self._asked:
            conversation = self._asked.pop()
            latest = await self._services.database.read(turns.latest_in, conversation)
            for standing in reversed(latest):
                if standing.turn not in self._running or standing.status not in turns.Turn.ACTIVE:
                    acting.tell(self._services, conversation, event_of(standing))

    async def _take(self) -> None:
        free = TURNS_AT_ONCE - len(self._running)
        if free <= 0:
            return
        near, self._near = self._near, set()
        for claim in await self._services.database.write_behind(turns.claim, self._owner, free, self._grace, near):
            task = asyncio.create_task(self._run(claim), name=f"turn {claim.turn}")
            self._running[claim.turn] = task
            task.add_done_callback(lambda _, claim=claim: self._ended(claim))

    def _ended(self, claim: Claim) -> None:
        self._running.pop(claim.turn, None)
        self._speeches.pop(claim.turn, None)
        self._wake(claim.conversation)  # the next one there waits

    def _wake(self, conversation: int) -> None:
        self._near.add(conversation)
        self._waking.set()

    async def _run(self, claim: Claim) -> None:
        speech = Speech(claim, self._tell, claim.attempt, time.monotonic() + LEASE_SECONDS)
        self._speeches[claim.turn] = speech
        work = asyncio.create_task(self._answer(speech), name=f"answer {claim.turn}")
        try:
            await self._hold(speech, work)
        finally:
            await end_tasks(work)
        if not work.cancelled() and (error := work.exception()) is not None and not isinstance(error, LeaseLost):
            logger.error("a turn failed", exc_info=error)
            await self._give_up(speech, "model")
        await self._tell_end(speech)

    async def _hold(self, speech: Speech, work: "asyncio.Task[None]") -> None:
        """Renew the lease, and say again what was said, until the work is done or no longer ours."""
        while True:
            await asyncio.wait({work}, timeout=BEAT_SECONDS)
            if work.done() or speech.is_late:
                return
            began, attempt = time.monotonic(), speech.attempt
            try:
                async with asyncio.timeout(LEASE_SECONDS):
                    is_ours = await self._services.database.write_behind(
                        turns.renew, speech.claim.turn, attempt, speech.text
                    )
            except (ChatError, TimeoutError):
                continue
            if is_ours:
                speech.renewed(began)
                speech.restate()
            elif attempt == speech.attempt:
                return

    async def _answer(self, speech: Speech) -> None:
        """Think and answer, again where the model has failed, until the attempts are used up."""
        while True:
            try:
                thought = await self._think(speech)
                await self._say(speech, thought)
                return
            except ModelTrouble as trouble:
                logger.warning("the model failed: %s", trouble)
                await asyncio.sleep(trouble.retry_after_seconds)
            except ChatError as error:
                if error.code is not ErrorCode.CONFLICT:
                    await self._give_up(speech, "removed")
                    return
            if not await self._begin_again(speech):
                return

    async def _think(self, speech: Speech) -> Thinking:
        speech.think()
        failpoints.reach("turn_begun")
        occasion = Occasion(self._services.database, speech.claim, self._new_model, self.counts.tool_calls)
        try:
            async with asyncio.timeout(THINKING_SECONDS):
                thought = await _streamed(occasion, speech)
        except (ModelMissing, GraphRecursionError) as error:
            raise ModelTrouble(str(error)) from error
        except (ChatError, LeaseLost):
            raise
        except Exception as error:
            raise trouble_of(error) from error
        if not thought.get("answer"):
            raise ModelTrouble("the model said nothing")
        return thought

    async def _say(self, speech: Speech, thought: Thinking) -> None:
        speech.flush()
        speech.check()
        failpoints.reach("turn_thought")
        claim = speech.claim
        await acting.answer(
            self._services,
            claim.program,
            turn=claim.turn,
            attempt=speech.attempt,
            conversation=claim.conversation,
            text=thought["answer"],
            seen=thought["seen"],
            reply_to=claim.trigger,
            replaces=claim.replaces,
            tokens=thought["tokens"],
        )
        self.counts.tokens += thought["tokens"]

    async def _begin_again(self, speech: Speech) -> bool:
        again = await self._services.database.write_behind(turns.try_again, speech.claim.turn, speech.attempt)
        if again is None:
            await self._give_up(speech, "attempts")
            return False
        speech.attempt = again
        self.counts.retries += 1
        return True

    async def _give_up(self, speech: Speech, reason: str) -> None:
        await self._services.database.write_behind(turns.fail, speech.claim.turn, speech.attempt, reason)

    async def _tell_end(self, speech: Speech) -> None:
        """The state in which the turn is now, as the database says; another owner speaks for one that goes on."""
        for standing in await self._services.database.read(turns.standing, [speech.claim.turn]):
            if standing.status not in turns.Turn.ACTIVE:
                self._tell(standing.conversation, event_of(standing))
                self.counts.end(speech, standing)

    def _tell(self, conversation: int, event: bytes) -> None:
        acting.tell(self._services, conversation, event)


async def _streamed(occasion: Occasion, speech: Speech) -> Thinking:
    """Run the graph, and say what it says as it says it."""
    result: Thinking = {}
    async for mode, part in _parts(occasion):
        speech.check()
        if mode == "values":
            result = part
            continue
        chunk, about = part
        if about.get("langgraph_node") != "think" or not isinstance(chunk, AIMessageChunk):
            continue
        if chunk.tool_call_chunks or chunk.tool_calls:
            name = next((call["name"] for call in chunk.tool_calls if call["name"]), None)
            speech.think(name)
        elif text := text_of(chunk):
            speech.add(text)
    return result


def _parts(occasion: Occasion) -> AsyncIterator[tuple[str, Any]]:
    parts: Any = turn_graph().astream(
        {}, context=occasion, stream_mode=["messages", "values"], config={"callbacks": []}
    )
    return parts
