"""The admin of conversations, messages and sessions: fast to browse; what the log holds is read-only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .models import ChatSession, Conversation, Membership, Message

MEMBERS_PER_PAGE = 100


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the log and the session service write: an edit here would reach no device."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


class MembershipInline(admin.TabularInline):
    """The first members; who is in is decided by the log, so nothing is edited here."""

    model = Membership
    fields = ["user", "role", "joined_at", "left_at", "read_seq"]
    ordering = ["pk"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """A formset filters what it gets, so the bound is a list of ids and not a slice."""
        conversation = request.resolver_match.kwargs["object_id"]
        of_conversation = Membership.objects.filter(conversation=conversation).order_by("pk")
        first = list(of_conversation.values_list("pk", flat=True)[:MEMBERS_PER_PAGE])
        return super().get_queryset(request).filter(pk__in=first).select_related("user")

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "kind", "member_count", "head", "created_at"]
    list_filter = ["kind"]
    search_fields = ["title", "=id"]
    date_hierarchy = "created_at"
    inlines = [MembershipInline]


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "conversation", "sender", "kind", "text_start", "at", "edited_at", "deleted"]
    list_filter = ["kind", "deleted"]
    list_select_related = ["conversation", "sender"]
    search_fields = ["=conversation__id", "=sender__username", "text"]
    ordering = ["-pk"]

    @admin.display(description=_("text"))
    def text_start(self, message: Message) -> str:
        return message.text[:80]


@admin.register(ChatSession)
class ChatSessionAdmin(ReadOnlyAdmin):
    list_display = ["session_id", "user", "message_count", "started_at", "last_active_at", "open_conversation"]
    list_select_related = ["user"]
    search_fields = ["=session_id", "user__username"]
    date_hierarchy = "last_active_at"
    ordering = ["-last_active_at"]
