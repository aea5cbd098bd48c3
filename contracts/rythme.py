"""Part of a registry entry: the partner's rhythm (when its messages are expected), and its closed days."""

from datetime import date, time
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from contracts.entry import Table


class Jour(StrEnum):
    LUNDI = "lundi"
    MARDI = "mardi"
    MERCREDI = "mercredi"
    JEUDI = "jeudi"
    VENDREDI = "vendredi"
    SAMEDI = "samedi"
    DIMANCHE = "dimanche"


class Rythme(Table):
    """Rhythm agreed with a partner; without any days, no messages are expected. If no rhythm is agreed, the hub
    learns the partner's rhythm from past messages."""

    jours: tuple[Jour, ...]
    avant: Annotated[tuple[time, ...], Field(max_length=24)]
    """Hours by which messages are expected. By the first hour, one message must have come since midnight. By
    each later hour, one must have come since the hour before it."""
    feries: bool = False
    """Whether messages are also expected on public holidays."""

    @model_validator(mode="after")
    def _coherent(self) -> "Rythme":
        if bool(self.jours) is not bool(self.avant):
            raise ValueError(
                "« rythme » : donnez des jours et des heures (`avant`), ou ni les uns ni les autres"
            )
        if list(self.avant) != sorted(set(self.avant)):
            raise ValueError("« rythme.avant » : les heures vont dans leur ordre, chacune une fois")
        return self


class Releve(Table):
    """Days and hours at which a partner is sent its whole list of households ready for housing."""

    jours: Annotated[tuple[Jour, ...], Field(min_length=1)]
    heures: Annotated[tuple[time, ...], Field(min_length=1, max_length=24)]


class Fermeture(Table):
    """Days on which a partner is closed, from `du` to `au`, both included."""

    du: date
    au: date

    @model_validator(mode="after")
    def _coherent(self) -> "Fermeture":
        if self.au < self.du:
            raise ValueError(
                f"« fermetures » : l'une finit le {self.au}, avant de commencer le {self.du} ; "
                "corrigez l'une des dates"
            )
        return self
