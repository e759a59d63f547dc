"""The people and conversations of the log's tests."""

from tests.unit.log.conftest import ann, append, bob, carol, direct, eve, group, memory

__all__ = ["ann", "append", "bob", "carol", "direct", "eve", "group", "memory"]
