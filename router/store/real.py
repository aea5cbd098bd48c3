"""SQL condition that leaves out partners in a sandbox."""

from router.domain.sandbox import PREFIX


def is_real(partner: str) -> str:
    """Return an SQL condition that is false if the SQL expression `partner` is a partner of a sandbox."""
    return f"NOT starts_with(COALESCE({partner}, ''), '{PREFIX}')"
