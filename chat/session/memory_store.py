"""Checkpoints in the memory of one process: for one node without Redis, and for tests."""

from collections.abc import Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.memory import InMemorySaver

from chat.session.graph import thread_of

MOST_SESSIONS = 10_000

BlobKey = tuple[str, str, str, str | int | float]
"""(thread, namespace, channel, version), as LangGraph's saver names what it stores."""


class LatestOnlySaver(InMemorySaver):
    """LangGraph's saver keeps every checkpoint for ever; this one keeps the latest of the most recent sessions."""

    def __init__(self) -> None:
        super().__init__()
        self._live: dict[str, set[BlobKey]] = {}

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        saved = super().put(config, checkpoint, metadata, new_versions)
        self._keep_only(str(config["configurable"]["thread_id"]), checkpoint)
        if len(self.storage) > MOST_SESSIONS:
            self.delete_thread(next(iter(self.storage)))
        return saved

    def delete_thread(self, thread_id: str) -> None:
        self.storage.pop(thread_id, None)
        for key in self._live.pop(thread_id, ()):
            self.blobs.pop(key, None)

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """A session has no half-done steps to come back to."""

    def _keep_only(self, thread_id: str, checkpoint: Checkpoint) -> None:
        saved = self.storage[thread_id][""]
        for old_id in [saved_id for saved_id in saved if saved_id != checkpoint["id"]]:
            del saved[old_id]
        live = {(thread_id, "", channel, version) for channel, version in checkpoint["channel_versions"].items()}
        for key in self._live.get(thread_id, set()) - live:
            self.blobs.pop(key, None)
        self._live[thread_id] = live


class MemoryStore:
    """The twin of `RedisStore`; several services of one process may share it, as nodes share a Redis."""

    kind = "memory"

    def __init__(self) -> None:
        self.saver = LatestOnlySaver()
        self._claimed: set[int] = set()

    async def open(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""

    async def claim(self, user_id: int) -> bool:
        if user_id in self._claimed:
            return False
        self._claimed.add(user_id)
        return True

    async def release(self, user_id: int) -> None:
        self._claimed.discard(user_id)

    async def delete(self, user_id: int) -> None:
        self.saver.delete_thread(str(thread_of(user_id)["configurable"]["thread_id"]))

    async def sizes(self) -> tuple[int, int]:
        """(sessions, bytes)."""
        return len(self.saver.storage), sum(len(data) for _, data in self.saver.blobs.values())
