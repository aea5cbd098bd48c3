"""Condition on rows of real partners: rows of a sandbox do not count outside it."""

from router.domain.sandbox import PREFIX


def is_real(partner: str) -> str:
    """Return the SQL condition that this expression, which may be NULL, does not name a partner of a sandbox."""
    return f"NOT starts_with(COALESCE({partner}, ''), '{PREFIX}')"
