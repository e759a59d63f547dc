"""Settings for tests: those of the site with their defaults; only REDIS_URL and DATABASE_URL may come from outside."""

import os

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from distchat_site.settings_table import TABLE

for row in TABLE:  # before the site's settings are read, so that a developer's .env reaches no test
    if row.name in {"REDIS_URL", "DATABASE_URL"}:
        os.environ.setdefault(row.name, row.default)
    else:
        os.environ[row.name] = row.default

from distchat_site.settings import *  # noqa: E402, F403


class QuickHasher(PBKDF2PasswordHasher):
    """One round instead of a million; a node with the site's own settings still accepts these passwords."""

    iterations = 1


PASSWORD_HASHERS = ["tests.settings.QuickHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in ("default", "sessions")
}
