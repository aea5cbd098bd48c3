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
    """Return (cause, fingerprint, details) of an error, without personal values. Similar errors have the same
    fingerprint. Any error but a HubError is a bug of the hub: its text is left out."""
    name = type(exc).__name__
    if isinstance(exc, HubError):
        return name, str(exc), {"message": str(exc)}
    frames = traceback.extract_tb(exc.__traceback__)[-FRAMES:]
    stack = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return BUG, f"{name} {stack[-1] if stack else ''}".strip(), {"type": name, "pile": stack}


def in_short(exc: BaseException) -> str:
    """Return the cause and the fingerprint of an error as one text, which a partner may read: « cause :
    fingerprint »."""
    cause, fingerprint, _ = cause_of(exc)
    return f"{cause} : {exc.told if isinstance(exc, HubError) else fingerprint}"


def first_of(group: BaseExceptionGroup[Exception]) -> Exception:
    """Return the first error of an exception group, also if it lies in a group within the group."""
    inner = group.exceptions[0]
    return first_of(inner) if isinstance(inner, BaseExceptionGroup) else inner
