"""Encrypts what people wrote before a checkpoint leaves for Redis, and decrypts it when it comes back."""

import base64
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.redis.ashallow import AsyncShallowRedisSaver

WRITTEN_BY_PEOPLE = ("drafts", "window")
"""The parts of a session's state that hold words; the others are numbers, ids and times."""
JSON_START = "{"
"""What is not encrypted begins with it, and no token of Fernet does."""


class Seal:
    """The first of `keys` encrypts, all of them decrypt, as those of the channel layer do."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_as_fernet_key(key)) for key in keys])

    def close(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, text: str) -> str:
        """What was stored before there was a key is taken as it is. Raises InvalidToken for an unknown key."""
        return text if text.startswith(JSON_START) else self._fernet.decrypt(text).decode()


class SealedSaver(AsyncShallowRedisSaver):
    """LangGraph's saver with `seal` between it and Redis."""

    def __init__(self, seal: Seal, **options: Any) -> None:
        super().__init__(**options)
        self._seal = seal

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        stored: RunnableConfig = await super().aput(
            config, _with_words(checkpoint, self._seal.close), metadata, new_versions
        )
        return stored

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        found: CheckpointTuple | None = await super().aget_tuple(config)
        return found and found._replace(checkpoint=_with_words(found.checkpoint, self._seal.open))


def _with_words(checkpoint: Checkpoint, change: Callable[[str], str]) -> Checkpoint:
    values: dict[str, Any] = checkpoint["channel_values"]
    words = {name: change(values[name]) for name in WRITTEN_BY_PEOPLE if isinstance(values.get(name), str)}
    return {**checkpoint, "channel_values": {**values, **words}}


def _as_fernet_key(key: str) -> bytes:
    return base64.urlsafe_b64encode(sha256(key.encode()).digest())
