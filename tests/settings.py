"""Settings for tests: those of the site with their defaults; the environment may change them, `.env` may not."""

import os

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from distchat_site.settings_table import TABLE

for row in TABLE:  # before the site's settings are read, so that a developer's .env reaches no test
    os.environ.setdefault(row.name, row.default)

from distchat_site.settings import *  # noqa: E402, F403


class QuickHasher(PBKDF2PasswordHasher):
    """One round instead of a million; a node with the site's own settings still accepts these passwords."""

    iterations = 1


PASSWORD_HASHERS = ["tests.settings.QuickHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
