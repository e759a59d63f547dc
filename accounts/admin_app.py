"""Registers the admin with this site's own face and door."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    """In place of "django.contrib.admin" among the installed applications."""

    default_site = "accounts.admin_site.StaffSite"
