"""What the log keeps: conversations, who is in them, and one row per message in its latest state."""

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


def new_epoch() -> str:
    """A name for the life of a log that no earlier life had."""
    return secrets.token_hex(4)


class Conversation(models.Model):
    """Members and one ordered log; `head` is the position of its latest change.

    `members_version` grows with every change of the membership, so that nodes may remember who is in.
    """

    class Kind(models.TextChoices):
        DIRECT = "direct"
        GROUP = "group"

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


class Membership(models.Model):
    """One user in one conversation; it stays, with `left_at`, when the user leaves."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MEMBER = "member"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(db_index=True)
    left_at = models.DateTimeField(null=True, blank=True, db_index=True)
    read_seq = models.BigIntegerField(default=0)
    draft = models.TextField(blank=True)
    muted = models.BooleanField(default=False, db_default=False)
    updated_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"


class Message(models.Model):
    """One message in its latest state; `seq` is its place, `changed_seq` the position of its latest change."""

    class Kind(models.TextChoices):
        TEXT = "text"
        SYSTEM = "system"

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
