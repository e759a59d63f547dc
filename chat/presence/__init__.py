"""Which devices are online anywhere: kept per device, forgotten by itself when a node dies."""

from chat.presence.board import NodeBeat, Tempo
from chat.presence.service import Presence

__all__ = ["NodeBeat", "Presence", "Tempo"]
