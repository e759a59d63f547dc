"""Structured logs to stderr: one line per event, never with what people wrote or what lets them in."""

import logging
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

WITHHELD = frozenset(
    {"authorization", "body", "cookie", "cookies", "draft", "html", "password", "sessionid", "text", "token"}
)

SECRETS = re.compile(r"(password/reset/key/|confirm-email/)[^/\s\"'?]+|\bdct_[\w-]{8,}")
"""What opens a door and may stand in an address or a text: keys of mailed links (but for their page) and API tokens."""
QUIET = {
    "django.security.DisallowedHost": "CRITICAL",  # a traceback for each scanner that knocks; the access log has it
    "langgraph.checkpoint.redis": "ERROR",  # tracebacks of outages, which Checkpoints tells
    "websockets": "WARNING",  # the client of demo and tests tells every connection
}
"""Loggers that say more than one wants to read, and from which level on they are heard."""


def mask(_logger: WrappedLogger, _method: str, line: str) -> str:
    """Cut secrets out of a finished line, whoever wrote it, tracebacks included."""
    return SECRETS.sub(lambda found: (found[1] or "") + "[withheld]", line)


def withhold(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the values of keys that could hold a message or a secret."""
    return {key: "[withheld]" if key.lower() in WITHHELD else value for key, value in event.items()}


def configure_structlog(node: str) -> None:
    """Send structlog through the standard library, so that Django, Daphne and we share one format."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(node),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logging_config(*, level: str, style: str, node: str) -> dict[str, Any]:
    """Django's LOGGING; `style` is "console" or "json"."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _shared(node),
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(style), mask],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "filters": {"refusals": {"()": "django.utils.log.CallbackFilter", "callback": _is_short}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "daphne": {"handlers": [], "propagate": True},
            "django.request": {"filters": ["refusals"]},
            **{name: {"level": level} for name, level in QUIET.items()},
        },
    }


def _is_short(record: logging.LogRecord) -> bool:
    """A visitor who was refused is one line; a traceback is for our own mistakes."""
    if record.levelno < logging.ERROR:
        record.exc_info = None
    return True


def _rendering(style: str) -> list[Processor]:
    if style == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]


def _shared(node: str) -> list[Processor]:
    def name_node(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["node"] = node
        return event

    return [
        structlog.contextvars.merge_contextvars,
        name_node,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        withhold,
    ]
