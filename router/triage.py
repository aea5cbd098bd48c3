"""Classify errors by cause and fingerprint, with details that contain no personal values. Similar errors
have the same fingerprint."""

import traceback
from collections.abc import Mapping
from typing import Any

from contracts.errors import HubError

BUG = "bug"
"""Name of the cause of an error that is a bug of the hub, such as in a row of quarantine."""
FORGED = "falsifie"
"""Cause in quarantine rows for forged Kafka records: records that the hub did not write, or that were changed
later."""
FRAMES = 6
"""Number of stack frames that the details of a bug contain, counted from the innermost."""


def cause_of(exc: BaseException) -> tuple[str, str, Mapping[str, Any]]:
    """Return (cause, fingerprint, details) of an error.

    The details of a HubError are its message. Any other error is a bug: its details are its type and its
    stack, never its text, which may contain personal values.
    """
    name = type(exc).__name__
    if isinstance(exc, HubError):
        return name, str(exc), {"message": str(exc)}
    frames = traceback.extract_tb(exc.__traceback__)[-FRAMES:]
    stack = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return BUG, f"{name} {stack[-1] if stack else ''}".strip(), {"type": name, "pile": stack}


def in_short(exc: BaseException) -> str:
    """Return the cause and the fingerprint of an error as one text, to be stored or shown."""
    cause, fingerprint, _ = cause_of(exc)
    return f"{cause} : {fingerprint}"


def first_of(group: BaseExceptionGroup[Exception]) -> Exception:
    """Return the first error in a group of exceptions, which may contain further groups."""
    inner = group.exceptions[0]
    return first_of(inner) if isinstance(inner, BaseExceptionGroup) else inner
