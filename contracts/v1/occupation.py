"""Message with the daily figures of a group of places."""

from datetime import date
from typing import Annotated

from contracts.privacy import Classe
from contracts.v1.place import PlacesComptees


class OccupationReleve(PlacesComptees):
    """Message with the numbers of occupied, vacant and unavailable places of a group on one day."""

    DOMAINE = "occupation"
    NOM = "occupation.releve"

    releve_le: Annotated[date, Classe.C0]
