"""Try a file on a page, without effect. The types here hold the posted form and the hub's answer."""

from base64 import b64encode
from dataclasses import dataclass
from typing import NamedTuple

from contracts.ports import IntakeReport, Native
from router.intake.profiling import Essai


@dataclass(frozen=True, slots=True)
class Sent:
    """Posted form with a file to try: a chosen file, a typed text, or the file that the previous page kept."""

    native: Native
    dialecte: str
    profil: str

    @property
    def kept(self) -> str:
        """Return the file's bytes in base64, for the hidden field in which a page keeps the file."""
        return b64encode(self.native.body).decode()


class Tried(NamedTuple):
    """Result of trying a file without effect: the hub's answer, or French words that say why the file could not
    be tried."""

    sent: Sent
    """Posted form, which the page shows again."""
    rapport: IntakeReport | None = None
    essai: Essai | None = None
    why_not: str | None = None
