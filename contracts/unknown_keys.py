"""Refused requests with an API key that never was a partner's, or with none."""

from datetime import datetime
from typing import NamedTuple


class UnknownKeys(NamedTuple):
    """Requests with an API key that never was a partner's, or with none, as one process or all of them saw them."""

    number: int = 0
    """Number of these requests in the last hour."""
    since: datetime | None = None
    """Moment of the first of these requests. It is set anew by the first one after an hour without any, so it
    may be days ago. None if there was none in the last hour."""
    last: datetime | None = None
