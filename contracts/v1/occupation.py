"""The daily figures of a group of places (duties C1 and C15)."""

from datetime import date
from typing import Annotated

from contracts.privacy import Classe
from contracts.v1.place import PlacesComptees


class OccupationReleve(PlacesComptees):
    """How many places were occupied, vacant and unavailable that day."""

    DOMAINE = "occupation"
    NOM = "occupation.releve"

    releve_le: Annotated[date, Classe.C0]
