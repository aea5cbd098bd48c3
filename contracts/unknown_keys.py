"""Refused requests without an API key, or with a key that never belonged to a partner."""

from datetime import datetime
from typing import NamedTuple


class UnknownKeys(NamedTuple):
    """Requests without an API key, or with a key that never belonged to a partner, as seen by one process or by
    all processes together."""

    number: int = 0
    """Number of such requests in the last hour."""
    since: datetime | None = None
    """Moment at which the present series of such requests began, perhaps days ago. A series ends after an hour
    without such a request. None if there was no such request in the last hour."""
    last: datetime | None = None
    address: str | None = None
    """Address from which the last such request came. None if there was no such request in the last hour."""
