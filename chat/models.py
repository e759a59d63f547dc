"""What is kept in SQL: conversations, members, one row per message in its latest state, and the assistant's turns."""

import secrets
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _


def new_epoch() -> str:
    """A name for the life of a log that no earlier life had."""
    return secrets.token_hex(4)


class Conversation(models.Model):
    """Members and one ordered log; `head` is the position of its latest change.

    `members_version` grows with every change of the membership, so that nodes may remember who is in.
    """

    class Kind(models.TextChoices):
        DIRECT = "direct", _("Direct")
        GROUP = "group", _("Group")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    title = models.CharField(max_length=120, blank=True)
    direct_key = models.CharField(max_length=48, null=True, blank=True, unique=True, editable=False)
    epoch = models.CharField(max_length=32, default=new_epoch, editable=False)
    head = models.BigIntegerField(default=0, editable=False)
    member_count = models.PositiveIntegerField(default=0, editable=False)
    members_version = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title or f"{self.kind} {self.pk}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def first_of_each_user(self, *order: str, most: int) -> Self:
        """At most `most` rows of each user, the first ones in this order, themselves in no order."""
        place = Window(RowNumber(), partition_by="user_id", order_by=order)
        return self.model.objects.filter(pk__in=self.annotate(place=place).filter(place__lte=most).values("pk"))


class Membership(models.Model):
    """One user in one conversation; it stays, with `left_at`, when the user leaves."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        MEMBER = "member", _("Member")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(db_index=True)
    left_at = models.DateTimeField(null=True, blank=True, db_index=True)
    read_seq = models.BigIntegerField(default=0)
    draft = models.TextField(blank=True)
    muted = models.BooleanField(default=False, db_default=False)
    updated_at = models.DateTimeField(db_index=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"


class Message(models.Model):
    """One message in its latest state; `seq` is its place, `changed_seq` the position of its latest change."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        SYSTEM = "system", _("System")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.BigIntegerField()
    changed_seq = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.TEXT)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    client_id = models.UUIDField(default=uuid.uuid4)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True, help_text="Sanitised; empty when it would equal the escaped text.")
    data = models.JSONField(null=True, blank=True, help_text="What a system message says.")
    reply_to = models.BigIntegerField(null=True, blank=True, help_text="The seq of the message that this one answers.")
    reactions = models.JSONField(default=dict, blank=True, help_text="Emoji to the ids of the users who reacted.")
    attachments = models.JSONField(default=list, blank=True)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_place"),
            models.UniqueConstraint(fields=["conversation", "changed_seq"], name="message_position"),
            models.UniqueConstraint(fields=["client_id", "sender"], name="message_once"),
            models.CheckConstraint(condition=Q(changed_seq__gte=models.F("seq")), name="changed_after_posted"),
        ]
        indexes = [models.Index(fields=["sender", "id"], name="messages_of_sender")]

    def __str__(self) -> str:
        return f"{self.conversation_id}:{self.seq}"


class ChatSession(models.Model):
    """The anchor of a user's session in SQL: what no loss of Redis may take away.

    `message_count` covers the user's messages up to the id `counted_to`; newer ones are counted from the log.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_session")
    session_id = models.UUIDField(default=uuid.uuid4, unique=True)
    started_at = models.DateTimeField()
    last_active_at = models.DateTimeField()
    open_conversation = models.BigIntegerField(null=True, blank=True)
    message_count = models.BigIntegerField(default=0)
    counted_to = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.session_id)


class AssistantSettings(models.Model):
    """How the assistant behaves in one conversation; without a row, by the defaults.

    `summary` is what it remembers of the messages up to the seq `summary_to`, which no longer fit into its context.
    """

    class Speaks(models.TextChoices):
        MENTIONED = "mentioned"
        ALWAYS = "always"
        NEVER = "never"

    class Policy(models.TextChoices):
        QUEUE = "queue"
        INTERRUPT = "interrupt"
        STEER = "steer"
        REJECT = "reject"

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="assistant")
    instructions = models.TextField(blank=True)
    model = models.CharField(max_length=80, blank=True, help_text="Empty: the model of the site.")
    speaks = models.CharField(
        max_length=10, choices=Speaks.choices, blank=True, help_text="Empty: always in direct conversations."
    )
    policy = models.CharField(max_length=10, choices=Policy.choices, default=Policy.QUEUE)
    summary = models.TextField(blank=True, editable=False)
    summary_to = models.BigIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return f"assistant in {self.conversation_id}"


class Turn(models.Model):
    """One answer of the assistant to the message at seq `trigger`; `regeneration` counts the times it was asked again.

    `owner` works on it until `lease_until`, by the database's clock; `attempt` fences what earlier owners may still
    say. `text` is what the current attempt has said so far, kept for whoever comes late.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    ACTIVE = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns", db_index=False)
    trigger = models.BigIntegerField()
    regeneration = models.PositiveSmallIntegerField(default=0)
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    program = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.QUEUED)
    reason = models.CharField(max_length=24, blank=True, help_text="Why it ended without an answer.")
    steered_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="steering")
    attempt = models.PositiveIntegerField(default=0)
    owner = models.CharField(max_length=80, blank=True, help_text="A node and its life.")
    lease_until = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)
    tokens = models.PositiveIntegerField(default=0)
    answer_seq = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "trigger", "regeneration"], name="turn_once"),
            models.UniqueConstraint(fields=["conversation"], condition=Q(status="running"), name="one_turn_at_a_time"),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="turns_active", condition=Q(status__in=["queued", "running"])),
            models.Index(fields=["asker", "created_at"], name="turns_of_asker"),
            models.Index(fields=["conversation", "answer_seq"], name="turn_of_answer"),
        ]

    def __str__(self) -> str:
        return f"answer to {self.conversation_id}:{self.trigger}"


class ToolCall(models.Model):
    """What a tool gave in a turn: a later attempt that makes the same call gets the same result, and acts only once."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="tool_calls", db_index=False)
    step = models.PositiveSmallIntegerField()
    call = models.CharField(max_length=64, help_text="A digest of the tool's name and arguments.")
    result = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["turn", "step", "call"], name="tool_call_once")]

    def __str__(self) -> str:
        return f"{self.turn_id}/{self.step}"


class Reminder(models.Model):
    """Something that the assistant says at a time; its id is the `client_id` of the message, so it is said once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="reminders", db_index=False)
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    program = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    text = models.TextField()
    due_at = models.DateTimeField()
    said_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="reminders_due", condition=Q(said_at=None))]

    def __str__(self) -> str:
        return f"reminder in {self.conversation_id}"


class ClusterNode(models.Model):
    """A node, as permissions, the admin and the audit log name it. There is no table: nodes report to a board."""

    name = models.CharField(_("name"), max_length=64, primary_key=True)

    class Meta:
        managed = False
        default_permissions = ("view", "change")
        permissions = [("announce_clusternode", "Can tell all devices an announcement")]
        verbose_name = _("node")
        verbose_name_plural = _("cluster")

    def __str__(self) -> str:
        return self.name
