"""Every setting of distchat; what the environment or `.env` may change is listed in settings_table.py."""

import socket
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF
from redis.backoff import NoBackoff
from redis.retry import Retry

from distchat_site.logs import configure_structlog, logging_config
from distchat_site.production import refuse_unsafe_start
from distchat_site.settings_table import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
environment = Environment(BASE_DIR / ".env")

# Who may reach us

DEBUG = environment.flag("DEBUG")
SECRET_KEY = environment.text("SECRET_KEY")
ALLOWED_HOSTS = environment.list("ALLOWED_HOSTS")
refuse_unsafe_start(debug=DEBUG, secret_key=SECRET_KEY, allowed_hosts=ALLOWED_HOSTS)
CSRF_TRUSTED_ORIGINS = environment.list("CSRF_TRUSTED_ORIGINS")
DISTCHAT_ORIGINS = environment.list("DISTCHAT_ORIGINS")

# What is installed

INSTALLED_APPS = [
    "daphne",
    "distchat_site",
    "accounts",
    "chat",
    "accounts.admin_app.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    # Before all that may answer by itself: a redirect to HTTPS, a file, a refused host.
    "distchat_site.headers.policy_headers",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.preferences.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "distchat_site.urls"
ASGI_APPLICATION = "distchat_site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "accounts.preferences.theme",
            ],
        },
    },
]

# Where things are kept

(VAR_DIR / "static").mkdir(parents=True, exist_ok=True)
DATABASES: dict[str, dict[str, Any]] = {"default": environment.database("DATABASE_URL", root=BASE_DIR)}
DATABASES["default"]["CONN_MAX_AGE"] = 0
"""Requests come on changing threads; the threads of chat.database keep connections of their own."""
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["ENGINE"] = "distchat_site.sqlite"
    # IMMEDIATE: a deferred transaction that turns from reading to writing fails at once with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 5,
        # Python would keep 128 prepared statements for each connection. Most of ours name as many rows as there were
        # just then, so that few are met again, and each takes tens of KB: a third of what an idle socket costs.
        "cached_statements": 12,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL;"
            f"PRAGMA synchronous={environment.text('SQLITE_SYNCHRONOUS')};"
            "PRAGMA foreign_keys=ON;"
        ),
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["OPTIONS"] = {**DATABASES["default"].get("OPTIONS", {}), "connect_timeout": 5, "pool": False}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URLS = environment.list("REDIS_URL")
"""Redis hosts of the channel layer, one shard each; the first one also keeps presence and checkpoints."""

REDIS_PREFIX = environment.word("REDIS_PREFIX")
"""Sites with databases of their own have users and conversations of the same numbers; each needs its own."""

CHANNEL_SECRET = environment.list("CHANNEL_SECRET")

REDIS_HOST_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 3,
    "health_check_interval": 5,
    "socket_keepalive": True,
    "socket_keepalive_options": {
        socket.TCP_KEEPIDLE: 5,
        socket.TCP_KEEPINTVL: 1,
        socket.TCP_KEEPCNT: 3,
        socket.TCP_USER_TIMEOUT: 8000,
    },
}
"""Seconds, and milliseconds for TCP_USER_TIMEOUT: how soon a silent partition to Redis is noticed."""

if REDIS_URLS:
    CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "chat.fanout.layer.HardenedPubSubLayer",
            "CONFIG": {
                "hosts": [{"address": url, **REDIS_HOST_OPTIONS} for url in REDIS_URLS],
                "prefix": REDIS_PREFIX,
                "symmetric_encryption_keys": CHANNEL_SECRET or None,
            },
        }
    }
    CACHES: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "accounts.cache.SteadyCache",
            "LOCATION": REDIS_URLS[0],
            "KEY_PREFIX": REDIS_PREFIX,
            # The short time-out is what a page pays for finding out that Redis is away.
            "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "retry": Retry(NoBackoff(), 0)},
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "chat.fanout.memory.MemoryLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Who you are

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
"""Without a cache: what has ended is nowhere good for another minute, and who can write to Redis is nobody else."""
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = "strict"
"""Signing up with somebody's e-mail address works, instead of telling that somebody here has it."""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
"""For e-mail addresses: with one of their own, thieves of a session would have the password reset."""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "login": f"{environment.number('DISTCHAT_LOGINS_PER_MINUTE')}/m/ip",
    "signup": f"{environment.number('DISTCHAT_LOGINS_PER_MINUTE')}/m/ip",
    "choice": "120/m/user",
}
"""Over allauth's own, which limit failed logins per account and address, and password resets.

"choice" is for chat.preferences.
"""

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "distchat"
MFA_TOTP_TOLERANCE = 1
"""A code of the step before or after is good too: phones' clocks differ by seconds."""
MFA_ALLOW_UNVERIFIED_EMAIL = True
"""E-mail addresses are optional here and not verified at sign-up."""
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
"""Without HTTPS browsers offer passkeys on localhost alone."""

ADMIN_REQUIRES_SECOND_FACTOR = environment.flag("ADMIN_REQUIRES_SECOND_FACTOR")

TRUST_PROXY = environment.flag("DISTCHAT_TRUST_PROXY")
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if TRUST_PROXY else 0

globals().update(environment.mail("EMAIL_URL"))
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL")

# What the browser may do

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
"""The nonce is for the import map, which cannot be a file of its own."""

SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
"""Our scripts read the token from the page."""
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

IS_HTTPS = environment.flag("DISTCHAT_HTTPS") and not DEBUG
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
LANGUAGE_COOKIE_SECURE = IS_HTTPS
SECURE_HSTS_SECONDS = environment.number("DISTCHAT_HSTS_SECONDS") if IS_HTTPS else 0
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
"""Whether all other hosts of the domain speak HTTPS, and for ever, is not for this site to promise."""
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# How it looks

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
if not DEBUG or environment.flag("STATIC_COLLECTED"):
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "distchat_site.static_files.StaticFiles"},
    }
    SERVESTATIC_AUTOREFRESH = SERVESTATIC_USE_FINDERS = False

# How this node runs

NODE_NAME = environment.text("DISTCHAT_NODE")
"""What this node calls itself on the wire, in presence and in logs."""

DISTCHAT_POSTS_PER_10S = environment.number("DISTCHAT_POSTS_PER_10S")
DISTCHAT_COMMANDS_PER_10S = environment.number("DISTCHAT_COMMANDS_PER_10S")

METRICS_TOKEN = environment.text("METRICS_TOKEN")
RETENTION_DAYS = environment.number("RETENTION_DAYS")

ASSISTANT_RUNS = environment.word("ASSISTANT_RUNS")
ASSISTANT_MODEL = environment.text("ASSISTANT_MODEL")
ASSISTANT_BASE_URL = environment.text("ASSISTANT_BASE_URL")
ASSISTANT_API_KEY = environment.text("ASSISTANT_API_KEY")
ASSISTANT_TURNS_PER_HOUR = environment.number("ASSISTANT_TURNS_PER_HOUR")
ASSISTANT_TOKENS_PER_DAY = environment.number("ASSISTANT_TOKENS_PER_DAY")

configure_structlog(NODE_NAME)
LOGGING = logging_config(level=environment.text("LOG_LEVEL"), style=environment.text("LOG_FORMAT"), node=NODE_NAME)
