"""Structured logs: one JSON line per step, control characters escaped, no secret and no whole event in any of them."""

import logging
import sys
from typing import Any

import structlog

_SECRET_KEYS = ("secret", "token", "password", "authorization", "signature", "api_key", "cookie")


def _hide_secrets(_logger: Any, _name: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for key in line:
        if any(word in key.lower() for word in _SECRET_KEYS):
            line[key] = "(hidden)"
    return line


def set_up_logs(level: str = "INFO", *, for_people: bool = False) -> None:
    """Send our lines to standard error: JSON by default, coloured text with `for_people`.

    Libraries log at WARNING and above only: Bolt prints whole bodies and signatures at INFO when a signature is bad.
    """
    steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _hide_secrets,
        structlog.processors.format_exc_info,
    ]
    renderer: Any = structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*steps, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*steps, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines carry `room=name`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(room=name)
    return logger
