"""SQL condition that leaves out the partners in sandboxes."""

from router.domain.sandbox import PREFIX


def is_real(partner: str) -> str:
    """Return an SQL condition that is true unless the SQL expression `partner` is the id of a partner in a
    sandbox."""
    return f"NOT starts_with(COALESCE({partner}, ''), '{PREFIX}')"
