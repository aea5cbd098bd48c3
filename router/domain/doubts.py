"""Type for doubts about the occupancy or the vacant places that a partner declares."""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from contracts.plurals import many


class Kind(StrEnum):
    """Reason to doubt the figures that a partner declares. Each value is the code of the condition that
    `siao-hub status` shows."""

    ECART = "occupation_ecart"
    """The number of occupied places that the partner declares differs from the number that the hub knows."""
    RELEVE = "releve_perime"
    """The partner did not renew its occupancy figures in time."""
    VACANCES = "vacances_perimees"
    """The partner did not renew its declarations of vacant places in time."""


class Doubt(NamedTuple):
    """Doubt about the figures that one partner declares."""

    partner: str
    kind: Kind
    dispositif: str
    """Kind of offer that the figures are about; empty for vacancies."""
    since: datetime
    day: date
    """Day for which the partner declares the figures. For a doubt about vacant places: last day on which a
    declaration is too old to count."""
    said: int
    """Number of places that the partner declares occupied, or vacant."""
    known: int | None = None
    """Number of occupied places that the hub knows, for a doubt of the kind `ECART`. None for any other doubt."""

    @property
    def sentence(self) -> str:
        """Describe the doubt in French, with the figures, and without naming the partner."""
        day = f"{self.day:%d/%m/%Y}"
        match self.kind:
            case Kind.ECART:
                said = f"{many(self.said, 'place occupée')} d'après lui le {day}, {self.known} d'après le hub"
                return f"{self.dispositif}, {said}, et rien n'explique l'écart"
            case Kind.RELEVE:
                return f"{self.dispositif}, aucun chiffre d'occupation depuis celui du {day}"
            case Kind.VACANCES:
                return f"{many(self.said, 'place vacante')} dont rien n'est redit depuis le {day}"
