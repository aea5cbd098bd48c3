"""Free places that suit a household. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from contracts.partner import Partner
from contracts.reference.codes import Dispositif
from contracts.reference.communes import is_there
from router.domain.subjects import Place

MOST = 50
"""Largest household for which several places are combined, in people."""


class Offre(NamedTuple):
    """Free place, as last described."""

    place: Place
    gestionnaire: Partner
    decrite: Mapping[str, Any]
    """Unsealed part of the place's description: accessible, compositions, capacite…"""

    @property
    def beds(self) -> int:
        """Return how many people the place houses; one if its description does not say."""
        return int(self.decrite.get("capacite") or 1)


class Filtre(NamedTuple):
    """Criteria for places. An empty criterion matches all."""

    commune: str = ""
    """Beginning of a commune's name, or of its code: a département."""
    dispositif: str = ""
    composition: str = ""
    accessible: bool = False
    le: date | None = None
    """Day on which the household comes."""

    def names(self, place: Place) -> bool:
        """Tell whether a place is in the commune, and of the kind of offer, that these criteria ask for."""
        return is_there(self.commune, place.commune) and (
            not self.dispositif or place.dispositif == self.dispositif
        )

    def suits(self, offre: Offre) -> bool:
        """Tell whether a place meets these criteria. A place whose description does not say whom it receives
        counts as open to all."""
        place, said = offre.place, offre.decrite
        received = said.get("compositions") or ()
        return (
            self.names(place)
            and (not self.composition or not received or self.composition in received)
            and (not self.accessible or said.get("accessible") is True)
            and (place.libre_le is None or self.le is None or place.libre_le <= self.le)
        )


class Groupe(NamedTuple):
    """Free places of one manager, one structure and one kind. A family can be referred to several of them together."""

    gestionnaire: Partner
    structure: str | None
    commune: str | None
    dispositif: Dispositif | None
    offres: Sequence[Offre]


def grouped(offres: Iterable[Offre], wanted: str = "") -> list[Groupe]:
    """Return places grouped by manager, structure and kind. Groups of the `wanted` kind come first, then the
    largest."""
    found: dict[tuple[str, str, str, str], list[Offre]] = {}
    for offre in offres:
        place = offre.place
        key = (offre.gestionnaire.id, place.structure or "", place.commune or "", str(place.dispositif))
        found.setdefault(key, []).append(offre)
    groups = [
        Groupe(same[0].gestionnaire, *_of(same[0].place), sorted(same, key=_soonest))
        for same in found.values()
    ]
    return sorted(
        groups, key=lambda group: (group.dispositif != wanted, -len(group.offres), group.gestionnaire.nom)
    )


def enough(groups: Sequence[Groupe], size: int) -> list[UUID]:
    """Return the places that house exactly `size` people, from the first group that has such places. The places are the
    soonest free, then the fewest, so that a family is parted as little as possible. Empty if no group has any, or above
    `MOST` people."""
    if size > MOST:
        return []
    return next((found for group in groups if (found := _together(group.offres, size))), [])


def _together(offres: Sequence[Offre], size: int) -> list[UUID]:
    """Return the places, soonest free and then fewest, that together house exactly `size` people; empty if
    there are none. For each number of people only the fewest places are remembered, so that the work grows
    only with places times people."""
    fewest: dict[int, list[UUID]] = {0: []}
    for _, same_day in groupby(sorted(offres, key=_soonest), key=_soonest):
        for offre in sorted(same_day, key=lambda each: -each.beds):
            for housed, chosen in list(fewest.items()):
                more = housed + offre.beds
                if more <= size and (more not in fewest or len(chosen) + 1 < len(fewest[more])):
                    fewest[more] = [*chosen, offre.place.id]
        if size in fewest:
            return fewest[size]
    return []


def _of(place: Place) -> tuple[str | None, str | None, Dispositif | None]:
    return place.structure, place.commune, place.dispositif


def _soonest(offre: Offre) -> tuple[bool, date]:
    free = offre.place.libre_le
    return free is not None, free or date.min
