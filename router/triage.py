"""How an error is filed: its cause, its fingerprint, and a detail without values."""

import traceback
from collections.abc import Mapping
from typing import Any

from contracts.errors import HubError

BUG = "bug"
"""Cause of what is our own fault."""
FORGED = "falsifie"
"""Cause of a record of the bus that the hub did not write so."""
FRAMES = 6
"""Innermost frames kept of a bug's stack."""


def cause_of(exc: BaseException) -> tuple[str, str, Mapping[str, Any]]:
    """(cause, fingerprint, detail). A HubError speaks for itself; of a bug, type and stack, never its text."""
    name = type(exc).__name__
    if isinstance(exc, HubError):
        return name, str(exc), {"message": str(exc)}
    frames = traceback.extract_tb(exc.__traceback__)[-FRAMES:]
    stack = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return BUG, f"{name} {stack[-1] if stack else ''}".strip(), {"type": name, "pile": stack}


def in_short(exc: BaseException) -> str:
    """Cause and fingerprint, for a column."""
    cause, fingerprint, _ = cause_of(exc)
    return f"{cause} : {fingerprint}"


def first_of(group: BaseExceptionGroup[Exception]) -> Exception:
    """What went wrong first, however deep; the others of a group are mostly its consequence."""
    inner = group.exceptions[0]
    return first_of(inner) if isinstance(inner, BaseExceptionGroup) else inner
