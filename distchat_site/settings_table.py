"""Every setting that the environment or `.env` may give: one table, from which settings.py reads."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import environ
from django.core.exceptions import ImproperlyConfigured

Kind = Literal["text", "word", "flag", "number", "list", "database"]

DEVELOPMENT_KEY = "development-only-key-never-use-it-in-production"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable; `default` is written as it would be in the environment."""

    name: str
    kind: Kind
    default: str
    meaning: str


TABLE = (
    Setting("DEBUG", "flag", "true", "Development: error pages show details. Set it to false in production."),
    Setting("SECRET_KEY", "text", DEVELOPMENT_KEY, "Signs cookies and tokens; 50 random characters in production."),
    Setting("ALLOWED_HOSTS", "list", ",".join(LOCAL_HOSTS), "Host names of this site; no wildcard in production."),
    Setting("CSRF_TRUSTED_ORIGINS", "list", "", "Origins, with scheme, whose forms are accepted, besides our own."),
    Setting("DISTCHAT_ORIGINS", "list", "", "Origins, with scheme, that may open a WebSocket, besides our own."),
    Setting("DISTCHAT_HTTPS", "flag", "true", "In production, redirect to HTTPS, send HSTS and mark cookies secure."),
    Setting(
        "DISTCHAT_HSTS_SECONDS",
        "number",
        "31536000",
        "How long browsers shall insist on HTTPS for this host name; 0 while you try it out.",
    ),
    Setting("DISTCHAT_TRUST_PROXY", "flag", "false", "Believe X-Forwarded-*: only behind a proxy that overwrites it."),
    Setting(
        "STATIC_COLLECTED",
        "flag",
        "false",
        "With DEBUG too, serve what collectstatic has collected: small and kept by browsers, but as old as it is.",
    ),
    Setting(
        "DATABASE_URL",
        "database",
        "sqlite:///var/distchat.sqlite3",
        "SQLite file or postgres://user:password@host/name.",
    ),
    Setting("SQLITE_SYNCHRONOUS", "text", "NORMAL", "NORMAL survives the death of processes, FULL also loss of power."),
    Setting(
        "REDIS_URL",
        "list",
        "",
        "Redis of the channel layer, one per shard; the first keeps sessions too. Empty: one process.",
    ),
    Setting("REDIS_PREFIX", "word", "distchat", "Begins all names in Redis; sites that share a Redis need one each."),
    Setting(
        "CHANNEL_SECRET",
        "list",
        "",
        "Keys that encrypt what people write on its way through Redis; the first encrypts, all decrypt.",
    ),
    Setting("DISTCHAT_NODE", "text", "server_1", "What this node calls itself on the wire, in presence and in logs."),
    Setting("DISTCHAT_POSTS_PER_10S", "number", "50", "Messages that one user may post in 10 seconds, on all devices."),
    Setting("DISTCHAT_COMMANDS_PER_10S", "number", "500", "Commands of any kind from one connection in 10 seconds."),
    Setting("DISTCHAT_LOGINS_PER_MINUTE", "number", "30", "Attempts to log in that one address may make in a minute."),
    Setting("RETENTION_DAYS", "number", "0", "Older messages are cleared by `manage.py prune`; 0: kept for ever."),
    Setting("ADMIN_REQUIRES_SECOND_FACTOR", "flag", "false", "Staff without a second factor must set one up first."),
    Setting("ASSISTANT_RUNS", "word", "nodes", "Where the assistant's turns run: nodes, workers or nowhere."),
    Setting("ASSISTANT_MODEL", "text", "builtin", "builtin, or provider:model, as openai:gpt-5-mini."),
    Setting("ASSISTANT_BASE_URL", "text", "", "Address of an OpenAI-compatible server; empty: the provider's own."),
    Setting("ASSISTANT_API_KEY", "text", "", "The key for it; empty: the provider's own variable is read."),
    Setting("ASSISTANT_TURNS_PER_HOUR", "number", "120", "Answers that one user, or one conversation, may ask for."),
    Setting("ASSISTANT_TOKENS_PER_DAY", "number", "1000000", "Tokens that one user, or one conversation, may use."),
    Setting("EMAIL_URL", "text", "consolemail://", "consolemail://, or smtp+tls://user:password@host:587."),
    Setting("DEFAULT_FROM_EMAIL", "text", "distchat <distchat@localhost>", "Sender of the mail that resets passwords."),
    Setting("METRICS_TOKEN", "text", "", "Bearer token for /metrics; empty: it is shown to this machine alone."),
    Setting("DISTCHAT_FAILPOINT", "text", "", "For fault drills alone: the place at which this node ends itself."),
    Setting("LOG_LEVEL", "text", "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Setting("LOG_FORMAT", "text", "console", "console for people, json for machines."),
)


class Environment:
    """Reads the settings of `table`, each by the name and kind of its row; another name or kind is a KeyError."""

    def __init__(self, dotenv: Path, table: Iterable[Setting] = TABLE) -> None:
        self._rows = {(row.kind, row.name): row for row in table}
        self._env = environ.Env()
        self._env.read_env(dotenv)

    def text(self, name: str) -> str:
        return str(self._env.str(name, default=self._rows["text", name].default))

    def word(self, name: str) -> str:
        """Raises ImproperlyConfigured unless it is made of letters, digits, `_` and `-`."""
        found = str(self._env.str(name, default=self._rows["word", name].default))
        if not re.fullmatch(r"[A-Za-z0-9_-]+", found):
            raise ImproperlyConfigured(f"{name} is {found!r}; use letters, digits, _ and - only.")
        return found

    def flag(self, name: str) -> bool:
        return bool(self._env.bool(name, default=self._rows["flag", name].default == "true"))

    def number(self, name: str) -> int:
        return int(self._env.int(name, default=int(self._rows["number", name].default)))

    def list(self, name: str) -> list[str]:
        default = self._rows["list", name].default
        return [str(item).strip() for item in self._env.list(name, default=default.split(",")) if str(item).strip()]

    def database(self, name: str, *, root: Path) -> dict[str, object]:
        """Django's dict for the database; a relative SQLite path starts at `root`, wherever the command is run."""
        found = dict(self._env.db_url(name, default=self._rows["database", name].default))
        if found["ENGINE"] == "django.db.backends.sqlite3" and found["NAME"] != ":memory:":
            found["NAME"] = str(root / str(found["NAME"]))
        return found

    def mail(self, name: str) -> dict[str, object]:
        return dict(self._env.email_url(name, default=self._rows["text", name].default))


def as_dotenv(table: Iterable[Setting] = TABLE) -> str:
    """The text of `.env.example`: every setting with its meaning, commented out at its default."""
    rows = [f"# {row.meaning}\n#{row.name}={row.default}\n" for row in table]
    return "# Copy this file to .env and change what you need; the environment has the last word.\n\n" + "\n".join(rows)


def as_markdown(table: Iterable[Setting] = TABLE) -> str:
    """The settings as the table that docs/operations.md shows."""
    rows = [
        f"| `{row.name}` | {row.kind} | {f'`{row.default}`' if row.default else '(empty)'} | {row.meaning} |"
        for row in table
    ]
    return "\n".join(["| name | kind | default | meaning |", "| --- | --- | --- | --- |", *rows]) + "\n"
