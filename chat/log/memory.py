"""What the writer of a node remembers from one transaction to the next, each checked by a number before it is used."""

from chat.log.fence import AccessMemory
from chat.log.members import MemberMemory


class Memory:
    """Who may write at all, and who is in which conversation. Owned by the writer thread."""

    def __init__(self) -> None:
        self.accesses = AccessMemory()
        self.members = MemberMemory()

    def forget(self) -> None:
        """After a transaction that was rolled back, with which part of it may have gone."""
        self.accesses = AccessMemory()
        self.members.forget_all()
