"""Rows of partners that are real: what was said in a sandbox counts nowhere."""

from router.domain.sandbox import PREFIX


def is_real(partner: str) -> str:
    """SQL: whether this expression, maybe NULL, names no partner of a sandbox."""
    return f"NOT starts_with(COALESCE({partner}, ''), '{PREFIX}')"
