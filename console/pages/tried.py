"""Trial of a file on a page: the submitted form, and the hub's answer."""

from base64 import b64encode
from dataclasses import dataclass
from typing import NamedTuple

from contracts.ports import IntakeReport, Native
from router.intake.profiling import Essai


@dataclass(frozen=True, slots=True)
class Sent:
    """Submitted form: a file, a typed text, or the file kept in the previous page."""

    native: Native
    dialecte: str
    profil: str

    @property
    def kept(self) -> str:
        """Return the file's bytes in base64, for a hidden form field."""
        return b64encode(self.native.body).decode()


class Tried(NamedTuple):
    """Answer of the hub to a file that was tried and not sent."""

    sent: Sent
    """Submitted form, to show again."""
    rapport: IntakeReport | None = None
    essai: Essai | None = None
    why_not: str | None = None
