from datetime import datetime
from typing import NamedTuple


class UnknownKeys(NamedTuple):
    """Requests whose API key is missing, or never belonged to a partner: how many came in the last hour,
    since when they have come, and from where."""

    number: int = 0
    """Number of such requests in the last hour."""
    since: datetime | None = None
    """Beginning of the present series. A series ends after an hour without such a request."""
    last: datetime | None = None
    address: str | None = None
    """Address from which the last such request came."""
    until: datetime | None = None
    """Moment at which a process that no longer gives signs of life last counted. None if all still count."""
