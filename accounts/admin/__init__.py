"""The admin of users, devices, API tokens and the audit log."""

from . import audit, people  # noqa: F401 - they register what they show
