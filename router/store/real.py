"""Condition that leaves out rows of partners in a sandbox: they do not count outside it."""

from router.domain.sandbox import PREFIX


def is_real(partner: str) -> str:
    """Return an SQL condition: `partner`, an SQL expression that may be NULL, names no partner of a sandbox."""
    return f"NOT starts_with(COALESCE({partner}, ''), '{PREFIX}')"
