"""Describe halts. The hub stops reading a partner's Kafka topic before records that it cannot read, until an
operator says from where the reading goes on."""

from datetime import datetime
from typing import NamedTuple

from contracts.errors import RecordRange

ATTEMPTS = 2
"""Number of failed attempts to read the same records after which the reading is paused until an operator
decides."""


class Halt(NamedTuple):
    """A halt in the reading of a partner's topic: which records cannot be read, and why. From the failed
    attempt number `ATTEMPTS` on, the reading waits for an operator. Once an operator has decided, the halt
    also says at which offset the reading goes on."""

    partner: str
    records: RecordRange
    cause: str
    """Reason why the records cannot be read, in French."""
    attempts: int
    since: datetime
    go_on_at: int | None = None
    """Offset at which reading resumes, once an operator has decided."""

    @property
    def is_paused(self) -> bool:
        """Tell whether the reading of the topic waits for an operator's decision."""
        return self.attempts >= ATTEMPTS and self.go_on_at is None

    @property
    def sentence(self) -> str:
        """Describe the pause in French, with the first offset after the unreadable records. The description
        does not name the partner."""
        where = f"topic {self.records.topic}, partition {self.records.partition}, offset {self.records.first}"
        return (
            f"la lecture est en pause ({where} : {self.cause}) ; "
            f"le premier offset lisible est {self.records.following}"
        )
