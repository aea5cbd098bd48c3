"""A source that cannot be read on: where, since when, why."""

from datetime import datetime
from typing import NamedTuple

from contracts.errors import Place

ATTEMPTS = 2
"""Reads of one place that fail before the source is left alone until somebody decides."""


class Halt(NamedTuple):
    """Of one partner's source."""

    partner: str
    place: Place
    cause: str
    """In French."""
    attempts: int
    since: datetime
    go_on_at: int | None = None
    """The offset from which somebody lets it be read on; None while nobody has."""

    @property
    def is_paused(self) -> bool:
        """Whether it is read no more until somebody decides."""
        return self.attempts >= ATTEMPTS and self.go_on_at is None

    @property
    def sentence(self) -> str:
        """In French, with the offset that lets it go on."""
        where = f"topic {self.place.topic}, partition {self.place.partition}, offset {self.place.first}"
        return (
            f"{self.partner} : la lecture est en pause ({where} : {self.cause}) ; "
            f"le premier offset lisible est {self.place.following}"
        )
