"""Doubts about the occupancy or the vacant places that a partner declares."""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from contracts.plurals import many


class Kind(StrEnum):
    """Reason to doubt the figures that a partner declares. The value is a code that `siao-hub status` shows."""

    ECART = "occupation_ecart"
    """The partner declares another number of occupied places than the hub knows."""
    RELEVE = "releve_perime"
    """The occupancy figures were not renewed in time."""
    VACANCES = "vacances_perimees"
    """The vacant places were not renewed in time."""


class Doubt(NamedTuple):
    """Doubt about figures or vacancies that one partner declares."""

    partner: str
    kind: Kind
    dispositif: str
    """Empty for vacancies."""
    since: datetime
    day: date
    """Day of the figures. For vacancies, the newest day whose declarations are outdated."""
    said: int
    """Places that the partner declares occupied, or vacant."""
    known: int | None = None
    """Occupied places that the hub knows, for `ECART` only."""

    @property
    def sentence(self) -> str:
        """Describe the doubt in French. The description names neither the partner nor the kind of offer
        (`dispositif`)."""
        day = f"{self.day:%d/%m/%Y}"
        match self.kind:
            case Kind.ECART:
                said = f"{many(self.said, 'place occupée')} d'après lui le {day}, {self.known} d'après le hub"
                return f"{said}, et rien n'explique l'écart"
            case Kind.RELEVE:
                return f"aucun chiffre d'occupation depuis celui du {day}"
            case Kind.VACANCES:
                return f"{many(self.said, 'place vacante')} dont rien n'est redit depuis le {day}"
