"""The LangGraph session of each user: what comes back when a device does, on any node."""

from chat.session.acts import Acked, Connected, Drafted, Left, Opened, Posted, Read
from chat.session.service import Restored, SessionService

__all__ = ["Acked", "Connected", "Drafted", "Left", "Opened", "Posted", "Read", "Restored", "SessionService"]
