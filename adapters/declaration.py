"""What a dialect declares of itself: its types of partner, its messages and its formats."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from contracts.base import Contrat
from contracts.partner import Famille
from contracts.ports import Adapter

JEU = "jeu"
"""Format of a delivery that is a set of files."""
MEDIA_TYPES: Mapping[str, str] = {
    "cloudevents.json": "application/cloudevents+json",
    "csv": "text/csv",
    "json": "application/json",
    JEU: "text/plain",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
}


class Statut(StrEnum):
    """Origin of a dialect's format. The format is that of some partners' real software, or real in part, or
    assumed by the hub."""

    REEL = "réel"
    EN_PARTIE = "réel en partie"
    """Format that is real for some operations only. The dialect's page says for which."""
    PROFIL_SUPPOSE = "profil supposé"


@dataclass(frozen=True, slots=True)
class Declaration:
    """Description of a dialect, for the registry and the documentation: which types of partner use it, which
    messages it reads and writes, in which formats."""

    nom: str
    familles: tuple[Famille, ...]
    lit: tuple[type[Contrat], ...]
    ecrit: tuple[type[Contrat], ...]
    formats_lus: tuple[str, ...]
    formats_ecrits: tuple[str, ...]
    lit_plusieurs: bool
    ecrit_au_plus: int
    """Limit on the events in one call of `encode`; 0 if the dialect writes nothing."""
    statut: Statut = Statut.PROFIL_SUPPOSE


class Dialecte(Adapter, Protocol):
    """Adapter (`decode`, `encode`) with its description (`DECLARATION`). A module that defines these three
    names is a dialect."""

    @property
    def DECLARATION(self) -> Declaration:
        """Return the description of this dialect."""
        ...


def cannot_carry(declaration: Declaration, contrats: Iterable[type[Contrat]]) -> list[str]:
    """Return the short names of the contracts in `contrats` that the dialect cannot write."""
    return [contrat.NOM for contrat in contrats if contrat not in declaration.ecrit]


def as_data(declaration: Declaration) -> dict[str, object]:
    """Return the description of a dialect as a dictionary of texts, numbers and lists, ready for JSON."""
    return {
        "dialecte": declaration.nom,
        "statut": str(declaration.statut),
        "familles": [str(famille) for famille in declaration.familles],
        "lit": [contrat.NOM for contrat in declaration.lit],
        "formats_lus": list(declaration.formats_lus),
        "lit_plusieurs": declaration.lit_plusieurs,
        "ecrit": [contrat.NOM for contrat in declaration.ecrit],
        "formats_ecrits": list(declaration.formats_ecrits),
        "ecrit_au_plus": declaration.ecrit_au_plus,
    }
