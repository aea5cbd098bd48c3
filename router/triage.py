"""Classify an error by cause and fingerprint, with details that contain no values. Equal errors have the same
fingerprint."""

import traceback
from collections.abc import Mapping
from typing import Any

from contracts.errors import HubError

BUG = "bug"
"""Cause of errors that are bugs of the hub."""
FORGED = "falsifie"
"""Cause of records on Kafka that the hub did not write, or that were changed."""
FRAMES = 6
"""Number of stack frames, from the innermost, in the details of a bug."""


def cause_of(exc: BaseException) -> tuple[str, str, Mapping[str, Any]]:
    """Return (cause, fingerprint, details) of an error.

    The details of a HubError are its message. Those of any other error, which is a bug, are its type and
    stack, never its text.
    """
    name = type(exc).__name__
    if isinstance(exc, HubError):
        return name, str(exc), {"message": str(exc)}
    frames = traceback.extract_tb(exc.__traceback__)[-FRAMES:]
    stack = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return BUG, f"{name} {stack[-1] if stack else ''}".strip(), {"type": name, "pile": stack}


def in_short(exc: BaseException) -> str:
    """Return cause and fingerprint of an error as one text, to be stored or shown. Equal errors have the same
    fingerprint."""
    cause, fingerprint, _ = cause_of(exc)
    return f"{cause} : {fingerprint}"


def first_of(group: BaseExceptionGroup[Exception]) -> Exception:
    """Return the first error in a group of exceptions, which may contain further groups."""
    inner = group.exceptions[0]
    return first_of(inner) if isinstance(inner, BaseExceptionGroup) else inner
