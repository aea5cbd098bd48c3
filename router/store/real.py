"""SQL condition that leaves out partners in a sandbox, which do not count outside it."""

from router.domain.sandbox import PREFIX


def is_real(partner: str) -> str:
    """Return an SQL condition that is true unless `partner`, an SQL expression that may be NULL, names a
    partner of a sandbox."""
    return f"NOT starts_with(COALESCE({partner}, ''), '{PREFIX}')"
