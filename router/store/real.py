"""Condition on rows of real partners: what is said in a sandbox counts nowhere."""

from router.domain.sandbox import PREFIX


def is_real(partner: str) -> str:
    """Return the SQL condition that this expression, maybe NULL, names no partner of a sandbox."""
    return f"NOT starts_with(COALESCE({partner}, ''), '{PREFIX}')"
