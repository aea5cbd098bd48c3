"""Privacy classes of contract fields and of code values.

A field declares its class: `nom: Annotated[str | None, Classe.C2] = None`. Fields above C1 travel encrypted.
They have a default, because a contract must validate even without them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Classe(IntEnum):
    """Privacy class of a value; C4 is the most sensitive class. `router/domain/matrix.toml` says which types of
    partner may read which classes."""

    C0 = 0  # the offer: places and structures
    C1 = 1  # the need, pseudonymous: composition, age bands, type, sector
    C2 = 2  # identity, contact, numéro unique
    C3 = 3  # social situation, resources, administrative status
    C4 = 4  # health, violence, justice, asylum


LAST_CLEAR_CLASS = Classe.C1


class DuHub(StrEnum):
    """Annotation of a field that the hub fills in. A value that a partner writes there is ignored."""

    DIT = "dit"
    """Recipients see the field."""
    NOTE = "note"
    """Recipients do not see the field. Only the dialect of SI-SIAO shows some such fields to the SIAO."""


@dataclass(frozen=True, slots=True)
class ValeursSensibles:
    """Annotation of a field whose values are codes. It is for fields of which some codes have a higher
    privacy class than the field itself."""

    classes: Mapping[str, Classe]
    """Class of each code that has a higher class than the field."""
    valeur_large: str
    """Code that a recipient gets in place of the true code, if it may not read the class of the true code."""


@dataclass(frozen=True, slots=True)
class Protegeable:
    """Annotation of a field that has class C4 if its message is about a place for victims of violence."""


PROTEGEABLE = Protegeable()
