"""Privacy classes of contract fields and of code values.

A field declares its class by an annotation: `nom: Annotated[str | None, Classe.C2] = None`. Fields above C1
travel encrypted and have a default, so that a contract validates without them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Classe(IntEnum):
    """Privacy class of a value. C4 is the most sensitive. `router/domain/matrix.toml` says which type of
    partner may read which class."""

    C0 = 0  # the offer: places and structures
    C1 = 1  # the need, pseudonymous: composition, age bands, type, sector
    C2 = 2  # identity, contact, numéro unique
    C3 = 3  # social situation, resources, administrative status
    C4 = 4  # health, violence, justice, asylum


LAST_CLEAR_CLASS = Classe.C1


class DuHub(StrEnum):
    """Annotation of a field that the hub fills in. What a partner writes in such a field is ignored."""

    DIT = "dit"
    """Annotation of a field that the hub fills in and that recipients see."""
    NOTE = "note"
    """Annotation of a field that the hub fills in and that no recipient sees."""


@dataclass(frozen=True, slots=True)
class ValeursSensibles:
    """Annotation of a field with a code, if some codes reveal more than the others: they have a higher
    privacy class than the field. A recipient that may not read that class sees the code `valeur_large` in
    their place."""

    classes: Mapping[str, Classe]
    valeur_large: str


@dataclass(frozen=True, slots=True)
class Protegeable:
    """Annotation of a field that gets the privacy class C4 (most secret) if its contract is about a place for
    victims of violence (`protegee`)."""


PROTEGEABLE = Protegeable()
