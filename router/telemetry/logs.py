"""Write the technical log of a process to standard error, as JSON lines. Each line has the time, the role and
ids, never a personal value.

The module `events` lists the types of the hub's own lines. A line that comes from a library has the constant
text of the library's message, without the arguments.
"""

import logging
import os
import sys
import time
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

from router.settings import LogLevel
from router.telemetry.repeats import Repeats
from router.triage import cause_of

logger = structlog.get_logger()
FIRST = ("timestamp", "level", "role", "pid", "event")
"""Fields at the beginning of every log line, in this order."""


def configure_logs(role: str, level: LogLevel) -> None:
    """Write this process's technical log as JSON lines from now on, each with the `role` of the process. The
    log gets the hub's own lines of `level` or graver, the warnings and errors of libraries, and the error
    that ends the process."""
    ids = {"role": role, "pid": os.getpid()}

    def in_order(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        whole = {**line, **ids}
        return {name: whole.pop(name) for name in FIRST} | whole

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            in_order,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        # One write for each line. `print` makes two, which could mix the lines of processes that share a file.
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _crashed


class _Libraries(logging.Handler):
    """Log handler for libraries. It writes the same text at most once a minute. Each line says how often the
    text has come since the line before."""

    def __init__(self) -> None:
        super().__init__()
        self._repeats = Repeats()

    def emit(self, record: logging.LogRecord) -> None:
        text = str(record.msg).partition("\n")[0]  # later lines may contain values
        if record.name == "py.warnings":
            text = "avertissement de Python"  # its text already contains the arguments
        times = self._repeats.times((record.name, text), time.monotonic())
        if times:
            exc = record.exc_info[1] if record.exc_info else None
            crash = {} if exc is None else {"where": cause_of(exc)[1]}
            level = max(record.levelno, logging.WARNING)
            logger.log(level, "library", library=record.name, text=text, times=times, **crash)


def _crashed(_: type[BaseException], exc: BaseException, __: TracebackType | None) -> None:
    """Log the error that ends this process, without its text, which may contain personal values."""
    cause, fingerprint, detail = cause_of(exc)
    logger.critical("process.crashed", cause=cause, where=fingerprint, stack=detail.get("pile", ()))
