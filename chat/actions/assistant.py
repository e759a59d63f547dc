"""What the assistant says, and what its members can ask of it: stop, and answer again."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.access import Access
from chat.actions.services import Services
from chat.log import changes, turns
from chat.log.fence import require_access
from chat.log.outcome import Appended
from chat.models import AssistantSettings, Conversation, Membership, Message, Turn
from chat.queries import require_member
from chat.wire import codec, events
from chat.wire.errors import ChatError, ErrorCode
from chat.wire.markdown import render

INSTRUCTION_CHARS = 2_000


async def answer(
    services: Services,
    program: int,
    *,
    turn: UUID,
    attempt: int,
    conversation: int,
    text: str,
    seen: int,
    reply_to: int | None,
    replaces: int | None,
    tokens: int,
) -> Appended:
    """End a turn with its answer, once. Raises CONFLICT when this attempt may not speak, NOT_FOUND out of it."""
    change = changes.Answer(
        conversation,
        program,
        turn,
        text,
        render(text),
        reply_to,
        turn=turn,
        attempt=attempt,
        seen=seen,
        replaces=replaces,
        tokens=tokens,
    )
    return await services.log.append(change)


def tell(services: Services, conversation: int, event: bytes) -> None:
    """Show everyone in a conversation how an answer comes along; may be lost, and is said again."""
    services.fanout.pass_on(conversation, event)


async def stop_turn(
    services: Services, user_id: int, *, conversation: int, turn: UUID, access: Access | None = None
) -> None:
    """End a turn; what it has said stays. Raises NOT_FOUND, FORBIDDEN, or CONFLICT when it has ended by itself."""
    attempt, heard = services.fanout.heard(conversation, turn)
    stopped = await services.log.append(changes.Stop(conversation, user_id, turn, attempt, heard, access=access))
    tell_stopped(services, stopped, conversation=conversation, turn=turn, attempt=attempt)


def tell_stopped(services: Services, stopped: Appended, *, conversation: int, turn: UUID, attempt: int) -> None:
    """Show everyone that a turn was stopped, and where what it had said is."""
    seq = None if stopped.committed is None else stopped.seq
    end = events.assistant(
        conversation, turn=turn, attempt=max(1, attempt), state="cancelled", reason="stopped", seq=seq
    )
    tell(services, conversation, codec.encode(end))


async def ask_again(
    services: Services, user_id: int, *, conversation: int, seq: int, access: Access | None = None
) -> UUID:
    """Have the answer at `seq`, or to the question at `seq`, given again, in the place of the old one if there is one.

    Raises NOT_FOUND, FORBIDDEN, CONFLICT, LIMIT, AccessEnded.
    """
    turn = await services.database.write(_ask_again, user_id, conversation, seq, access)
    services.asked(conversation)
    return turn


@dataclass(frozen=True, slots=True)
class Chosen:
    """How the assistant behaves in a conversation; an empty `speaks` is the default of its kind."""

    speaks: str
    policy: str
    instructions: str


async def choose_assistant(services: Services, user_id: int, *, conversation: int, fields: Mapping[str, str]) -> Chosen:
    """Change some of it. Raises NOT_FOUND, FORBIDDEN for all but owners of a group, BAD_COMMAND, TOO_LONG."""
    return await services.database.write(_choose, user_id, conversation, fields)


def chosen_for(user_id: int, conversation: int) -> Chosen:
    """What is chosen, for a member. Raises NOT_FOUND."""
    require_member(user_id, conversation)
    chosen = turns.settings_of(conversation)
    return Chosen(chosen.speaks, chosen.policy, chosen.instructions)


def _choose(user_id: int, conversation: int, fields: Mapping[str, str]) -> Chosen:
    with transaction.atomic():
        require_member(user_id, conversation)
        membership = Membership.objects.select_related("conversation").get(
            conversation_id=conversation, user_id=user_id
        )
        is_group = membership.conversation.kind == Conversation.Kind.GROUP
        if is_group and membership.role != Membership.Role.OWNER:
            raise ChatError(ErrorCode.FORBIDDEN, "Only an owner of the group may choose this.")
        _require_sense(fields)
        AssistantSettings.objects.update_or_create(conversation_id=conversation, defaults=dict(fields))
    return chosen_for(user_id, conversation)


def _require_sense(fields: Mapping[str, str]) -> None:
    if fields.get("speaks", "") not in ["", *AssistantSettings.Speaks.values]:
        raise ChatError(ErrorCode.BAD_COMMAND, "speaks: empty, always, mentioned or never.")
    if fields.get("policy", "queue") not in AssistantSettings.Policy.values:
        raise ChatError(ErrorCode.BAD_COMMAND, "policy: queue, interrupt, steer or reject.")
    if "\0" in fields.get("instructions", ""):
        raise ChatError(ErrorCode.BAD_COMMAND, "instructions: U+0000 cannot be kept.")
    if len(fields.get("instructions", "")) > INSTRUCTION_CHARS:
        raise ChatError(ErrorCode.TOO_LONG, f"At most {INSTRUCTION_CHARS} characters of instructions.")


def _ask_again(user_id: int, conversation: int, seq: int, access: Access | None) -> UUID:
    with transaction.atomic():
        require_access(access)
        require_member(user_id, conversation)
        asked = _turns_at(conversation, seq)
        if not asked or not Message.objects.filter(conversation_id=conversation, seq=seq, deleted=False).exists():
            raise ChatError(ErrorCode.NOT_FOUND, "There is no such answer.")
        _require_right(user_id, asked)
        latest = asked[0]
        if latest.status in Turn.ACTIVE:
            raise ChatError(ErrorCode.CONFLICT, "It is being answered again.")
        again = Turn(
            conversation_id=conversation,
            trigger=latest.trigger,
            regeneration=latest.regeneration + 1,
            asker_id=user_id,
            program_id=latest.program_id,
        )
        turns.begin(again, turns.Policy.QUEUE, timezone.now())
        if again.reason:
            raise ChatError(ErrorCode.LIMIT, "Too many answers were asked for; try again later.")
        return again.pk


def _turns_at(conversation: int, seq: int) -> list[Turn]:
    """All turns for the question at `seq`, or for the one that the answer at `seq` belongs to; the latest first."""
    rows = Turn.objects.filter(conversation_id=conversation)
    found = rows.filter(Q(answer_seq=seq) | Q(trigger=seq)).values_list("trigger", flat=True).first()
    return [] if found is None else list(rows.filter(trigger=found).order_by("-regeneration"))


def _require_right(user_id: int, asked: list[Turn]) -> None:
    """Whoever asked, and in a group its owners."""
    if any(turn.asker_id == user_id for turn in asked):
        return
    role = Membership.objects.filter(conversation_id=asked[0].conversation_id, user_id=user_id).values_list(
        "role", flat=True
    )
    if role.first() != Membership.Role.OWNER:
        raise ChatError(ErrorCode.FORBIDDEN, "Only whoever asked, or an owner of the group, may do this.")
