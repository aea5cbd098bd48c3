from datetime import datetime
from typing import NamedTuple


class UnknownKeys(NamedTuple):
    """Count of the requests of the last hour whose API key was missing, or never belonged to a partner: how
    many came, since when, and from where."""

    number: int = 0
    """Number of such requests in the last hour."""
    since: datetime | None = None
    """Beginning of the present series. A series ends after an hour without such a request."""
    last: datetime | None = None
    address: str | None = None
    """Address from which the last such request came."""
    until: datetime | None = None
    """Moment of the last count by a process that no longer gives signs of life. Later requests to this
    process are missing here. None if all processes still count."""
