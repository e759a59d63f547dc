"""The admin of users, devices and API tokens; whatever ends somebody's access goes the same way as elsewhere."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .devices import revoke_device
from .models import ApiToken, Device, User
from .tokens import revoke_token


class RecordAdmin(admin.ModelAdmin):
    """Rows that staff look at and revoke, but neither write nor erase by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(User)
class PeopleAdmin(UserAdmin):
    list_display = ["username", "display_name", "email", "is_active", "is_staff", "last_login", "date_joined"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    search_fields = ["username", "display_name", "email"]
    date_hierarchy = "date_joined"
    show_full_result_count = False
    actions = ["deactivate"]
    fieldsets = [*UserAdmin.fieldsets[:1], (None, {"fields": ["display_name"]}), *UserAdmin.fieldsets[1:]]

    @admin.action(description=_("Deactivate: sessions and sockets end"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset.filter(is_active=True).exclude(pk=request.user.pk):
            user.is_active = False
            user.save(update_fields=["is_active"])


@admin.register(Device)
class DeviceAdmin(RecordAdmin):
    list_display = ["__str__", "user", "platform", "address", "last_seen_at", "revoked_at"]
    list_filter = ["platform", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["name", "user__username", "uuid"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    exclude = ["session_key"]
    readonly_fields = ["user", "uuid", "platform", "address", "created_at", "last_seen_at", "revoked_at"]
    actions = ["revoke"]

    @admin.action(description=_("Revoke the selected devices"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        for device in queryset.select_related("user"):
            revoke_device(device.user, device)


@admin.register(ApiToken)
class ApiTokenAdmin(RecordAdmin):
    list_display = ["name", "prefix", "user", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["name", "prefix", "user__username"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    readonly_fields = ["user", "prefix", "created_at", "last_used_at", "expires_at", "revoked_at"]
    actions = ["revoke"]

    @admin.action(description=_("Revoke the selected tokens"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            revoke_token(token)
