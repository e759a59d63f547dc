"""What staff ask of nodes, signed: whoever can only write to Redis can neither drain a node nor speak to everybody."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from django.core.signing import BadSignature, Signer
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chat.wire import codec, events
from chat.wire.limits import ANNOUNCEMENT_CHARS

What = Literal["drain", "undrain"]
Said = TypeVar("Said", bound=BaseModel)


class _Said(BaseModel):
    """`issued_ms`, by the clock of the board, says which of two came later."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    issued_ms: Annotated[int, Field(ge=0)]


class Order(_Said):
    """For one life of a node."""

    life: str
    what: What


class Announcement(_Said):
    """For all devices until a time (Unix ms); without text, the one of this id is taken back."""

    id: UUID
    text: Annotated[str, Field(max_length=ANNOUNCEMENT_CHARS)]
    until_ms: Annotated[int, Field(ge=0)]

    @property
    def until(self) -> datetime:
        return datetime.fromtimestamp(self.until_ms / 1000, UTC)

    @property
    def event(self) -> bytes:
        """What devices are told, encoded."""
        until = self.until if self.text else None
        return codec.encode(events.announcement(self.id, text=self.text, until=until))

    def taken_back(self, *, issued_ms: int) -> "Announcement":
        """What takes its place on the board, for as long as it would have lasted."""
        return self.model_copy(update={"text": "", "issued_ms": issued_ms})


@dataclass(frozen=True, slots=True)
class Seal:
    """Signs and reads one kind of what is said; one kind never passes for the other."""

    salt: str

    def sign(self, said: BaseModel) -> bytes:
        return Signer(salt=self.salt).sign(said.model_dump_json()).encode()

    def read(self, kind: type[Said], raw: bytes | None) -> Said | None:
        """None for what is not there, not signed by a node of this site, or not of this kind."""
        try:
            return kind.model_validate_json(Signer(salt=self.salt).unsign((raw or b"").decode()))
        except (BadSignature, ValidationError, UnicodeDecodeError):
            return None


ORDERS = Seal("distchat.cluster.order")
ANNOUNCEMENTS = Seal("distchat.cluster.announcement")
