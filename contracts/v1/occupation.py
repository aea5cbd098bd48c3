"""The daily figures of a group of places (duties C1 and C15)."""

from datetime import date
from typing import Annotated

from contracts.privacy import Classe
from contracts.v1.place import PlacesComptees


class OccupationReleve(PlacesComptees):
    """Numbers of places occupied, vacant and unavailable on a day."""

    DOMAINE = "occupation"
    NOM = "occupation.releve"

    releve_le: Annotated[date, Classe.C0]
