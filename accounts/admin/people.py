"""Users, their devices and API tokens; whatever ends somebody's access goes the same way as elsewhere."""

import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401 - registers what is taken out below
from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts import staff
from accounts.models import ApiToken, Device, User

from .confirmation import confirmed
from .links import link_to, links_to_lists
from .pages import ReadOnlyAdmin, StaffAdmin

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")

for _model in (Group, EmailAddress, Authenticator, UserSession):
    # Without an audit; the pages of the last two show secrets and keys of sessions, and the actions below do more.
    admin.site.unregister(_model)


@admin.register(Group)
class RolesAdmin(StaffAdmin, GroupAdmin):
    """Groups of permissions, given by superusers as all rights are."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(EmailAddress)
class AddressAdmin(StaffAdmin, EmailAddressAdmin):
    """Whoever gets mail at an address may set a new password: superusers give addresses, and nobody gives theirs."""

    list_select_related = ["user"]
    actions: list[str] = []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: EmailAddress | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or _may_touch(request, obj.user))

    def has_delete_permission(self, request: HttpRequest, obj: EmailAddress | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or _may_touch(request, obj.user))

    def get_readonly_fields(self, request: HttpRequest, obj: EmailAddress | None = None) -> list[str]:
        return [] if obj is None else ["user"]


@admin.register(User)
class PeopleAdmin(StaffAdmin, UserAdmin):
    list_display = ["username", "display_name", "email", "is_active", "has_second_factor", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser", "is_program", "date_joined"]
    search_fields = ["username", "display_name", "email"]
    actions = ["disable", "enable", "end_sessions", "reset_second_factor"]
    autocomplete_fields = ["groups"]
    filter_horizontal = ["user_permissions"]
    fieldsets = [
        *UserAdmin.fieldsets[:1],
        (None, {"fields": ["display_name", "has_second_factor", "links"]}),
        *UserAdmin.fieldsets[1:],
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
        rows: QuerySet[User] = super().get_queryset(request).annotate(with_factor=Exists(factors))
        return rows

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Actions disable; rights are given by superusers, and nobody takes their own."""
        shown = ["has_second_factor", "links", "is_active", "last_login", "date_joined"]
        may_give = request.user.is_superuser and (obj is None or obj.pk != request.user.pk)
        return shown if may_give else [*shown, *RIGHTS]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never: what they said stays with the others, and whoever is disabled is out."""
        return False

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's
        with transaction.atomic():  # the password and what is audited of it
            return super().user_change_password(request, id, form_url)

    @admin.display(description=_("second factor"), boolean=True)
    def has_second_factor(self, user: User) -> bool:
        return bool(getattr(user, "with_factor", False))

    @admin.display(description=_("see also"))
    def links(self, user: User) -> SafeString | str:
        if user.pk is None:
            return "–"
        return links_to_lists(
            ("accounts.device", user.username, _("Devices")),
            ("accounts.apitoken", user.username, _("API tokens")),
        )

    @admin.action(description=_("Disable: sessions and sockets end"), permissions=["change"])
    @confirmed(_("Disable these users? They are logged out everywhere at once, and cannot log in."))
    def disable(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.perform(request, queryset, staff.disable_user)

    @admin.action(description=_("Enable: they can log in again"), permissions=["change"])
    @confirmed(_("Let these users log in again? API tokens that were not revoked work again, too."))
    def enable(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.perform(request, queryset, staff.enable_user)

    @admin.action(description=_("End all sessions"), permissions=["change"])
    @confirmed(_("Log these users out everywhere?"))
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.perform(request, queryset, staff.end_all_sessions)

    @admin.action(description=_("Reset the second factor"), permissions=["change"])
    @confirmed(_("Forget the authenticator apps, passkeys and recovery codes of these users, and log them out?"))
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.perform(request, queryset, staff.reset_second_factor)


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "owner", "platform", "address", "last_seen_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter), "last_seen_at"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username", "uuid"]
    ordering = ["-pk"]
    fields = ["owner", "name", "uuid", "platform", "address", "created_at", "last_seen_at", "revoked_at"]
    actions = ["revoke"]

    def description_of(self, row: Device) -> str:
        return f"{row} · {row.user}"

    @admin.display(description=_("user"), ordering="user__username")
    def owner(self, device: Device) -> str:
        return link_to(device.user)

    @admin.action(description=_("Revoke the selected devices"), permissions=["act"])
    @confirmed(_("Throw these devices out? They are logged out, and cannot come back as the same device."))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        self.perform(request, queryset, staff.revoke_device_of)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ["name", "prefix", "owner", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter), "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["name", "prefix", "user__username"]
    ordering = ["-pk"]
    fields = ["owner", "name", "prefix", "created_at", "last_used_at", "expires_at", "revoked_at"]
    actions = ["revoke"]

    def description_of(self, row: ApiToken) -> str:
        return f"{row} · {row.user}"

    @admin.display(description=_("user"), ordering="user__username")
    def owner(self, token: ApiToken) -> str:
        return link_to(token.user)

    @admin.action(description=_("Revoke the selected tokens"), permissions=["act"])
    @confirmed(_("Revoke these tokens? Programs that use them are shut out at once."))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        self.perform(request, queryset, staff.revoke_token_of)


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    """By a form: a new address or password of somebody who may do more would be a way to do it, too."""
    if user is None or request.user.is_superuser or user.pk == request.user.pk:
        return True
    return not (user.is_staff or user.is_superuser)
