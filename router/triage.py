"""Classify an error by cause and fingerprint, with a detail without values. Equal errors have one
fingerprint."""

import traceback
from collections.abc import Mapping
from typing import Any

from contracts.errors import HubError

BUG = "bug"
"""Cause of errors that are bugs of the hub."""
FORGED = "falsifie"
"""Cause of a bus record that the hub did not write, or that was changed."""
FRAMES = 6
"""Number of innermost stack frames that the detail of a bug lists."""


def cause_of(exc: BaseException) -> tuple[str, str, Mapping[str, Any]]:
    """Return (cause, fingerprint, detail) of an error.

    The detail of a HubError is its message. That of any other error, a bug, is its type and stack, never its
    text.
    """
    name = type(exc).__name__
    if isinstance(exc, HubError):
        return name, str(exc), {"message": str(exc)}
    frames = traceback.extract_tb(exc.__traceback__)[-FRAMES:]
    stack = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return BUG, f"{name} {stack[-1] if stack else ''}".strip(), {"type": name, "pile": stack}


def in_short(exc: BaseException) -> str:
    """Return cause and fingerprint of an error as one text, for a database column."""
    cause, fingerprint, _ = cause_of(exc)
    return f"{cause} : {fingerprint}"


def first_of(group: BaseExceptionGroup[Exception]) -> Exception:
    """Return the first error of a group of exceptions, however deeply nested."""
    inner = group.exceptions[0]
    return first_of(inner) if isinstance(inner, BaseExceptionGroup) else inner
