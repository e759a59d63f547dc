"""The admin of conversations, messages, sessions and the assistant: fast to browse; what the log holds is read-only."""

from . import conversations, labels, messages, sessions, turns

labels.name_columns()

__all__ = ["conversations", "messages", "sessions", "turns"]
