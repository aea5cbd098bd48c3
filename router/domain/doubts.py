"""Describe doubts about the occupancy figures or the vacant places that a partner declares."""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from contracts.plurals import many


class Kind(StrEnum):
    """A reason to doubt what a partner declares. `siao-hub status` shows the value as a code."""

    ECART = "occupation_ecart"
    """The partner declares another number of occupied places than the hub counts."""
    RELEVE = "releve_perime"
    """The partner has not declared its occupancy figures anew in time."""
    VACANCES = "vacances_perimees"
    """The partner has not declared its vacant places anew in time."""


class Doubt(NamedTuple):
    """A doubt about the occupancy figures or the vacant places that one partner declares."""

    partner: str
    kind: Kind
    dispositif: str
    """Kind of offer of the places in the figures. Empty if the doubt is about vacant places."""
    since: datetime
    day: date
    """Day of the figures. If the doubt is about vacant places: the newest day whose declarations are too old
    to be relied on."""
    said: int
    """Number of places that the partner declares occupied. If the doubt is about vacant places: the number of
    these."""
    known: int | None = None
    """Number of occupied places that the hub counts, for `ECART` only."""

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
