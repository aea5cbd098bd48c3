"""A file that somebody tries: what the form brought, and what came of it."""

from base64 import b64encode
from dataclasses import dataclass
from typing import NamedTuple

from contracts.ports import IntakeReport, Native
from router.intake.profiling import Essai


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form brings: a file, or what was typed, or the file that the page before kept."""

    native: Native
    dialecte: str
    profil: str

    @property
    def kept(self) -> str:
        """Its bytes, for the form to send them back: nothing of them stays here."""
        return b64encode(self.native.body).decode()


class Tried(NamedTuple):
    """A file that somebody tried."""

    sent: Sent
    """What the form brought: it shows it again."""
    rapport: IntakeReport | None = None
    essai: Essai | None = None
    why_not: str | None = None
