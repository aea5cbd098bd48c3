"""Privacy classes of contract fields and of code values.

A field declares its class as a marker: `nom: Annotated[str | None, Classe.C2] = None`. Fields above C1 are sealed
on the bus, hence absent from the clear half: each has a default, so that a contract validates without them. A code
list may declare that some of its *values* are more sensitive than the field (`ValeursSensibles`): the clear half
then carries a wider value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Classe(IntEnum):
    """Sensitivity of a value. The classes that each family of partners may read are data
    (`router/domain/matrix.toml`)."""

    C0 = 0  # the offer
    C1 = 1  # the need, pseudonymous: composition, age bands, type, sector
    C2 = 2  # identity, contact, numéro unique
    C3 = 3  # social situation, resources, administrative status
    C4 = 4  # health, violence, justice, asylum


LAST_CLEAR_CLASS = Classe.C1


class DuHub(StrEnum):
    """Markers of a field that the hub fills in: no partner is asked for it, and none is read."""

    DIT = "dit"
    """Told to whoever receives the message."""
    NOTE = "note"
    """Noted for the hub itself."""


@dataclass(frozen=True, slots=True)
class ValeursSensibles:
    """Marker of a code field, some of whose values belong to a higher class than the field. A reader without
    that class sees `valeur_large` in place of such a value."""

    classes: Mapping[str, Classe]
    valeur_large: str


@dataclass(frozen=True, slots=True)
class Protegeable:
    """Marker of a field that becomes C4 if its contract is about a place for victims of violence
    (`protegee`)."""


PROTEGEABLE = Protegeable()
