"""Conversations and who is in them: who is a member is decided by the log, so nothing is edited here."""

from django.contrib import admin
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.asked import HELP, asked_in, of_whom_and_where
from accounts.admin.links import link_to, link_to_list, links_to_lists
from accounts.admin.pages import ReadOnlyAdmin
from chat.models import Conversation, Membership

MEMBERS_PER_PAGE = 100


class MembershipInline(admin.TabularInline):
    """The first members."""

    model = Membership
    fields = readonly_fields = ["member", "role", "joined_at", "left_at", "read_seq"]
    ordering = ["pk"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """A formset filters what it gets, so the bound is a list of ids and not a slice."""
        conversation = request.resolver_match.kwargs["object_id"]
        of_conversation = Membership.objects.filter(conversation=conversation).order_by("pk")
        first = list(of_conversation.values_list("pk", flat=True)[:MEMBERS_PER_PAGE])
        return super().get_queryset(request).filter(pk__in=first).select_related("user")

    def has_view_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return bool(request.user.has_perm("chat.view_conversation"))

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    @admin.display(description=_("user"))
    def member(self, membership: Membership) -> str:
        return link_to(membership.user)


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "kind", "members", "changes", "created_at"]
    list_filter = ["kind", "created_at"]
    search_fields = ["title", "=id"]
    ordering = ["-pk"]
    fields = ["title", "kind", "members", "changes", "links", "epoch", "created_at"]
    inlines = [MembershipInline]

    @admin.display(description=_("members"), ordering="member_count")
    def members(self, conversation: Conversation) -> SafeString:
        return link_to_list("chat.membership", f"in:{conversation.pk}", intcomma(conversation.member_count))

    @admin.display(description=_("changes"), ordering="head")
    def changes(self, conversation: Conversation) -> SafeString:
        return link_to_list("chat.message", f"in:{conversation.pk}", intcomma(conversation.head))

    @admin.display(description=_("see also"))
    def links(self, conversation: Conversation) -> SafeString:
        query = f"in:{conversation.pk}"
        return links_to_lists(
            ("chat.message", query, _("Messages")),
            ("chat.membership", query, _("Members")),
            ("chat.turn", query, _("Answers of the assistant")),
            ("chat.reminder", query, _("Reminders")),
        )


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "place", "member", "role", "joined_at", "left_at", "read_seq", "muted"]
    list_filter = [("left_at", admin.EmptyFieldListFilter)]
    list_select_related = ["conversation", "user"]
    search_fields = ["user__username"]
    search_help_text = HELP
    ordering = ["-pk"]
    fields = ["place", "member", "role", "joined_at", "left_at", "read_seq", "muted"]
    sortable_by: list[str] = []

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Membership], search_term: str
    ) -> tuple[QuerySet[Membership], bool]:
        asked = asked_in(search_term)
        rows = of_whom_and_where(queryset, asked, "user")
        return (rows.filter(user__username=asked.words) if asked.words else rows), False

    @admin.display(description=_("conversation"))
    def place(self, membership: Membership) -> str:
        return link_to(membership.conversation)

    @admin.display(description=_("user"))
    def member(self, membership: Membership) -> str:
        return link_to(membership.user)
