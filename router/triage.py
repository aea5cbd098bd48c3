"""Classify errors by their cause, and by a fingerprint that similar errors share. Neither has personal values."""

import traceback
from collections.abc import Mapping
from typing import Any

from contracts.errors import HubError

BUG = "bug"
"""Cause of an error that is a bug of the hub."""
FORGED = "falsifie"
"""Cause of a forged record."""
FRAMES = 6
"""Number of stack frames in the details of a bug: the innermost frames."""


def cause_of(exc: BaseException) -> tuple[str, str, Mapping[str, Any]]:
    """Return the cause, the fingerprint and the details of an error, without personal values. Similar errors have
    the same fingerprint. Any error that is no HubError is a bug of the hub: its text is left out."""
    name = type(exc).__name__
    if isinstance(exc, HubError):
        return name, str(exc), {"message": str(exc)}
    frames = traceback.extract_tb(exc.__traceback__)[-FRAMES:]
    stack = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return BUG, f"{name} {stack[-1] if stack else ''}".strip(), {"type": name, "pile": stack}


def in_short(exc: BaseException) -> str:
    """Describe an error in a text that a partner may read: « cause : text ». For a HubError, the text is what a
    partner may be told (`told`). For a bug of the hub, the text is the fingerprint."""
    cause, fingerprint, _ = cause_of(exc)
    return f"{cause} : {exc.told if isinstance(exc, HubError) else fingerprint}"


def first_of(group: BaseExceptionGroup[Exception]) -> Exception:
    """Return the first error of an exception group. If the first member is itself a group, return the first error
    of that group."""
    inner = group.exceptions[0]
    return first_of(inner) if isinstance(inner, BaseExceptionGroup) else inner
