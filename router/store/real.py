"""Make the SQL condition that leaves out the partners in sandboxes."""

from router.domain.sandbox import PREFIX


def is_real(partner: str) -> str:
    """Return an SQL condition that is false for partners in a sandbox, and true for all others. `partner` is an
    SQL expression for the partner's id."""
    return f"NOT starts_with(COALESCE({partner}, ''), '{PREFIX}')"
