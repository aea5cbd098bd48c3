"""Classify errors by cause and by a fingerprint that similar errors share, without personal values."""

import traceback
from collections.abc import Mapping
from typing import Any

from contracts.errors import HubError

BUG = "bug"
"""Cause of an error that is a bug of the hub."""
FORGED = "falsifie"
"""Cause of a forged record."""
FRAMES = 6
"""Innermost stack frames in the details of a bug."""


def cause_of(exc: BaseException) -> tuple[str, str, Mapping[str, Any]]:
    """Return (cause, fingerprint, details) of an error. Similar errors have the same fingerprint.

    The message of a HubError is both its fingerprint and its details. The fingerprint of a bug is its type
    and its place in the code, its details are its type and its stack. The text of a bug's error is never
    included, because it may contain personal values.
    """
    name = type(exc).__name__
    if isinstance(exc, HubError):
        return name, str(exc), {"message": str(exc)}
    frames = traceback.extract_tb(exc.__traceback__)[-FRAMES:]
    stack = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return BUG, f"{name} {stack[-1] if stack else ''}".strip(), {"type": name, "pile": stack}


def in_short(exc: BaseException) -> str:
    """Return cause and fingerprint of an error as one text."""
    cause, fingerprint, _ = cause_of(exc)
    return f"{cause} : {fingerprint}"


def first_of(group: BaseExceptionGroup[Exception]) -> Exception:
    """Return the first error in a group, which may contain groups."""
    inner = group.exceptions[0]
    return first_of(inner) if isinstance(inner, BaseExceptionGroup) else inner
