"""Trial of a file, as pages show it: the content of the form, and the result."""

from base64 import b64encode
from dataclasses import dataclass
from typing import NamedTuple

from contracts.ports import IntakeReport, Native
from router.intake.profiling import Essai


@dataclass(frozen=True, slots=True)
class Sent:
    """The content of a form: a file, a typed text, or the file that the previous page kept."""

    native: Native
    dialecte: str
    profil: str

    @property
    def kept(self) -> str:
        """The file's bytes in base64, for a hidden field of the form, which sends them back: the hub stores
        nothing."""
        return b64encode(self.native.body).decode()


class Tried(NamedTuple):
    """Answer that the hub would give to a file if it were sent now. The file is not kept."""

    sent: Sent
    """The content of the form, to be shown again."""
    rapport: IntakeReport | None = None
    essai: Essai | None = None
    why_not: str | None = None
