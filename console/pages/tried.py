"""Hold the dry run of a file that a visitor posted: the posted form, and the hub's answer."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contracts.ports import IntakeReport, Native, Rejet
from router.intake.profiling import Essai


@dataclass(frozen=True, slots=True)
class Sent:
    """File that a visitor posts for a dry run. The visitor chose a file, typed its text, or posts the same file
    as before."""

    native: Native
    dialecte: str
    profil: str

    @property
    def kept(self) -> str:
        """Return the file's bytes in base64, for a hidden form field, so that the visitor can post the file
        once more."""
        return b64encode(self.native.body).decode()


class Tried(NamedTuple):
    """Result of a dry run of a file that a visitor posted: the hub's report (`rapport`) and a preview of the
    file (`essai`). Both are None if no dry run was possible; `why_not` says why, in French."""

    sent: Sent
    """File that was tried, to be shown again."""
    rapport: IntakeReport | None = None
    essai: Essai | None = None
    why_not: str | None = None

    @property
    def rejets(self) -> Sequence[Rejet]:
        """Return the rejections of the dry run; none if there was no dry run."""
        return self.rapport.rejets if self.rapport else ()
