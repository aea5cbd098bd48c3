"""Pause in the reading of a partner's source (SFTP folder, service or topic), because the hub cannot read the
source any further."""

from datetime import datetime
from typing import NamedTuple

from contracts.errors import RecordRange

ATTEMPTS = 2
"""Number of failed attempts at one position after which the hub pauses a partner's source (SFTP folder, service
or topic), until an operator of the hub decides."""


class Halt(NamedTuple):
    """Position in a partner's source at which reading failed, and the operator's decision on how to go on."""

    partner: str
    records: RecordRange
    cause: str
    """Reason, in French, why the source cannot be read at this position."""
    attempts: int
    since: datetime
    go_on_at: int | None = None
    """Offset at which the reading resumes, decided by an operator of the hub. None before the decision."""

    @property
    def is_paused(self) -> bool:
        """Tell whether the source is paused until an operator of the hub decides how to go on."""
        return self.attempts >= ATTEMPTS and self.go_on_at is None

    @property
    def sentence(self) -> str:
        """Describe in French that the reading of the partner's source pauses, where, and why. The partner is
        not named. The text cites the first offset from which the source can be read again."""
        where = f"topic {self.records.topic}, partition {self.records.partition}, offset {self.records.first}"
        return (
            f"la lecture est en pause ({where} : {self.cause}) ; "
            f"le premier offset lisible est {self.records.following}"
        )
