"""A doubt about what a partner declares: of what kind, since when, with which figures."""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What is wrong; the verdict calls it the same."""

    ECART = "occupation_ecart"
    """More, or fewer, are said to be lived in than can be."""
    RELEVE = "releve_perime"
    """Figures that were not given anew."""
    VACANCES = "vacances_perimees"
    """Vacant places that were not told anew."""


class Doubt(NamedTuple):
    """One of them, of one partner."""

    partner: str
    kind: Kind
    dispositif: str
    """Empty of vacancies."""
    since: datetime
    day: date
    """Of the figures; of vacancies, the last one whose word would be too old."""
    said: int
    """Places that are said to be lived in, or to be vacant."""
    known: int | None = None
    """Beside an `ECART`: places in which somebody lives, by the hub."""

    @property
    def sentence(self) -> str:
        """In French, with both figures where there are two."""
        day = f"{self.day:%d/%m/%Y}"
        match self.kind:
            case Kind.ECART:
                said = f"{self.said} place(s) occupée(s) d'après lui le {day}, {self.known} d'après le hub"
                return f"{self.partner}, {self.dispositif} : {said}, et rien n'explique l'écart"
            case Kind.RELEVE:
                return f"{self.partner}, {self.dispositif} : aucun chiffre d'occupation depuis celui du {day}"
            case Kind.VACANCES:
                return (
                    f"{self.partner} : {self.said} place(s) vacante(s) dont rien n'est redit depuis le {day}"
                )
