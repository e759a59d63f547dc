"""What the columns of the chat are called for staff, in their language.

Set here and not in the models: nobody but the admin shows these names, and migrations need not know them.
"""

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from chat.models import ChatSession, Conversation, Membership, Message, Reminder, Turn

MODELS: dict[type[Model], tuple[object, object]] = {
    Conversation: (_("conversation"), _("conversations")),
    Membership: (_("member"), _("members")),
    Message: (_("message"), _("messages")),
    ChatSession: (_("chat session"), _("chat sessions")),
    Turn: (_("answer of the assistant"), _("answers of the assistant")),
    Reminder: (_("reminder"), _("reminders")),
}

FIELDS = {
    "answer_seq": _("place of the answer"),
    "at": _("when"),
    "attachments": _("attachments"),
    "attempt": _("attempt"),
    "created_at": _("created"),
    "data": _("data"),
    "deleted": _("deleted"),
    "due_at": _("due"),
    "edited_at": _("edited"),
    "ended_at": _("ended"),
    "epoch": _("life of the log"),
    "joined_at": _("joined"),
    "kind": _("kind"),
    "last_active_at": _("last active"),
    "lease_until": _("held until"),
    "left_at": _("left"),
    "muted": _("muted"),
    "owner": _("worked on by"),
    "read_seq": _("read up to"),
    "reason": _("reason"),
    "regeneration": _("asked again"),
    "reply_to": _("answers"),
    "role": _("role"),
    "said_at": _("said"),
    "seq": _("place"),
    "session_id": _("session"),
    "started_at": _("began"),
    "status": _("status"),
    "text": _("text"),
    "title": _("title"),
    "tokens": _("tokens"),
    "trigger": _("place of the question"),
}


def name_columns() -> None:
    """Called once, when the admin is loaded."""
    for model, (one, many) in MODELS.items():
        model._meta.verbose_name, model._meta.verbose_name_plural = one, many  # type: ignore[assignment]  # lazy texts
        for field in model._meta.fields:
            field.verbose_name = FIELDS.get(field.name, field.verbose_name)  # type: ignore[assignment]
