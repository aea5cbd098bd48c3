"""Trial of a file on a page: the posted form, and the hub's answer."""

from base64 import b64encode
from dataclasses import dataclass
from typing import NamedTuple

from contracts.ports import IntakeReport, Native
from router.intake.profiling import Essai


@dataclass(frozen=True, slots=True)
class Sent:
    """Posted file for a dry run. The visitor chose it, typed it, or had posted it on the page before."""

    native: Native
    dialecte: str
    profil: str

    @property
    def kept(self) -> str:
        """Return the file's bytes in base64, for a hidden form field, so that the visitor can post the file
        once more."""
        return b64encode(self.native.body).decode()


class Tried(NamedTuple):
    """Result of the dry run of a file: what the hub says of the file (`rapport`, `essai`), or in French why
    there could be no dry run."""

    sent: Sent
    """File that was tried, to be shown again."""
    rapport: IntakeReport | None = None
    essai: Essai | None = None
    why_not: str | None = None
