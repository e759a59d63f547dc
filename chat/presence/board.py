"""The port of presence: a board that all nodes share, on which each pins the devices that it holds.

A node writes under the name of its *incarnation*, a new id for every life of a node. An incarnation that has not
beaten for `dead_after_seconds` is dead for ever: a node that was frozen or cut off comes back under a new one. So
whoever clears away what a dead incarnation left can never hurt a living node, and several may do it at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

Info = Mapping[str, str | int | float | bool | None]
"""What a node says about itself on the cluster page; goes through JSON."""


class BoardUnavailable(Exception):
    """The board did not answer within its time-out; what was asked may or may not have been done."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """How often presence looks, and for how long silence is believed to be life."""

    beat_seconds: float = 2.0
    dead_after_seconds: float = 6.0  # three beats; + one look + one time-out stays below the promised 10 s
    gather_hints_seconds: float = 0.1
    recheck_seconds: float = 30.0  # every watched user is looked up again this often, whatever was missed
    refresh_seconds: float = 300.0  # every local device is pinned again this often
    keep_seconds: int = 900  # what nobody refreshes is dropped by the board itself; three refreshes


class Home(NamedTuple):
    """Where a device is: held by one incarnation of one node."""

    incarnation: str
    device: str
    node: str
    since_ms: int  # Unix time by the clock of the node


class Moved(NamedTuple):
    """What an arrival or a departure did to its user, and whether the writing incarnation still counts as alive."""

    was_online: bool
    is_online: bool
    is_alive: bool


@dataclass(frozen=True, slots=True)
class Card:
    """What a node pins beside its beat."""

    name: str
    connections: int
    info: Info = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NodeBeat:
    """A living node as the cluster page shows it."""

    name: str
    incarnation: str
    connections: int
    last_beat: datetime  # UTC, by the clock of the board
    info: Info = field(default_factory=dict)


class Look(NamedTuple):
    """Who is there: `is_known` says whether the incarnation that beats was still alive; if not, it stays dead."""

    is_known: bool
    alive: frozenset[str]
    dead: frozenset[str]


class Board(Protocol):
    """Every method raises BoardUnavailable, and nothing else, when the board cannot be reached."""

    async def join(self, incarnation: str, card: Card) -> Look:
        """Begin a life: the first beat of a new incarnation."""

    async def beat(self, incarnation: str, card: Card) -> Look:
        """Go on living. Costs the same however many devices the node holds."""

    async def retire(self, incarnation: str) -> None:
        """Be dead at once."""

    async def reap(self, incarnation: str) -> bool:
        """Clear some of what a dead incarnation left; True when nothing is left or it is not dead."""

    async def pin(self, homes: Sequence[tuple[int, Home]]) -> None:
        """Say again where these devices of these users are; all of one incarnation."""

    async def arrive(self, user_id: int, home: Home) -> Moved:
        """Say that the device is here; a dead incarnation says nothing any more, and learns that it is dead."""

    async def depart(self, user_id: int, home: Home) -> Moved:
        """Take away what this incarnation said about the device, and nothing that another one said."""

    async def homes(self, user_ids: Iterable[int], *, asking: str | None = None) -> dict[int, list[Home]]:
        """The homes of those users who are online, by living incarnations only.

        BoardUnavailable also when `asking` is not one of these: then the board has forgotten more than that.
        """

    async def users_on(self, incarnation: str) -> set[int]:
        """Everyone with a home of this incarnation, and perhaps some who have none any more."""

    async def nodes(self) -> list[NodeBeat]:
        """The living ones, in any order."""

    async def close(self) -> None:
        """Let go of connections."""
