"""Name places as their managers and a SIAO know them."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts.frozen import replace
from contracts.plurals import enumerated, inflected
from contracts.reference.communes import town
from ops.desk.numbers import reference_of
from router.domain.partners import Registry
from router.domain.subjects import Place

_NUMBER = re.compile(r"(\d+)", re.ASCII)
HIDDEN = "adresse protégée"


def opened(place: Place, registry: Registry) -> Place:
    """Return a place as partners other than its manager may see it: without structure and commune if its
    address is secret."""
    manager = registry.get(place.gestionnaire)
    is_open = manager is not None and place.structure is not None and not manager.protects(place.structure)
    return place if is_open else replace(place, structure=None, commune=None)


def tail_of(place: UUID) -> str:
    """Return the last digits of a place's id, which people see in place of a secret name."""
    return f"…{reference_of(place)}"


def by_number(name: str) -> list[str | int]:
    """Return a key that sorts names by the numbers in them, so that A-9 comes before A-10."""
    return [int(part) if odd % 2 else part for odd, part in enumerate(_NUMBER.split(name))]


def located(places: Sequence[Place], names: Mapping[UUID, str]) -> str:
    """Return places and their towns in French, such as «places 12 et 14, Bourg-en-Bresse»; an empty text
    without places."""
    if not places:
        return ""
    towns = dict.fromkeys(town(place.commune) if place.commune else HIDDEN for place in places)
    called = enumerated(sorted((names[place.id] for place in places), key=by_number))
    return f"{inflected(len(places), 'place')} {called}, {enumerated([*towns])}"
