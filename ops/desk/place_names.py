"""Names by which a SIAO and the managers of places speak of these places. Pure."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts.frozen import replace
from contracts.plurals import enumerated, inflected
from contracts.reference.communes import town
from router.domain.partners import Registry
from router.domain.subjects import Place

TAIL_DIGITS = 6
"""Number of digits of the hub's id that stand for the name of a place with a secret address."""
_NUMBER = re.compile(r"(\d+)", re.ASCII)
HIDDEN = "adresse protégée"


def opened(place: Place, registry: Registry) -> Place:
    """Return a place as another partner than its manager may see it: without structure and commune if its address is
    secret, or has become so since the place was described."""
    manager = registry.get(place.gestionnaire)
    is_open = manager is not None and place.structure is not None and not manager.protects(place.structure)
    return place if is_open else replace(place, structure=None, commune=None)


def tail_of(place: UUID) -> str:
    """Return the end of the hub's id of a place, which stands for the place's name."""
    return f"…{str(place)[-TAIL_DIGITS:]}"


def _numbered(name: str) -> list[str | int]:
    """Return the sort key of a name, by which A-9 stands before A-10."""
    return [int(part) if odd % 2 else part for odd, part in enumerate(_NUMBER.split(name))]


def located(places: Sequence[Place], names: Mapping[UUID, str]) -> str:
    """Return, in French, the names of places and their towns, as in «places 12 et 14, Bourg-en-Bresse»; empty without
    places."""
    if not places:
        return ""
    towns = dict.fromkeys(town(place.commune) if place.commune else HIDDEN for place in places)
    called = enumerated(sorted((names[place.id] for place in places), key=_numbered))
    return f"{inflected(len(places), 'place')} {called}, {enumerated([*towns])}"
