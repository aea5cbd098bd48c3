"""Trial of a file on a page: the posted form, and the hub's answer."""

from base64 import b64encode
from dataclasses import dataclass
from typing import NamedTuple

from contracts.ports import IntakeReport, Native
from router.intake.profiling import Essai


@dataclass(frozen=True, slots=True)
class Sent:
    """Posted file to try: chosen, typed, or kept by the previous page."""

    native: Native
    dialecte: str
    profil: str

    @property
    def kept(self) -> str:
        """Return the bytes in base64, for the hidden field that keeps them."""
        return b64encode(self.native.body).decode()


class Tried(NamedTuple):
    """The hub's answer, or in French why the file could not be tried."""

    sent: Sent
    """File that was tried, to be shown again."""
    rapport: IntakeReport | None = None
    essai: Essai | None = None
    why_not: str | None = None
