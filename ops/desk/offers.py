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
"""Largest household for which several places are combined."""


def beds_of(decrite: Mapping[str, Any]) -> int:
    """Return how many people a place houses; 1 if unknown."""
    return int(decrite.get("capacite") or 1)


class Offre(NamedTuple):
    """Free place, with its manager and its last description."""

    place: Place
    gestionnaire: Partner
    decrite: Mapping[str, Any]
    """Unencrypted fields of the place's description, such as accessible, compositions, capacite."""

    @property
    def beds(self) -> int:
        return beds_of(self.decrite)


class Filtre(NamedTuple):
    """Search criteria for places. An empty criterion matches all."""

    commune: str = ""
    """Beginning of a commune's name or code; two digits for a département."""
    dispositif: str = ""
    composition: str = ""
    accessible: bool = False
    le: date | None = None
    """Day on which the household arrives."""

    def names(self, place: Place) -> bool:
        """Return whether a place has the commune and kind of offer in the criteria."""
        return is_there(self.commune, place.commune) and (
            not self.dispositif or place.dispositif == self.dispositif
        )

    def suits(self, offre: Offre) -> bool:
        """Return whether a place meets the criteria. A place that does not say whom it receives is open to
        all."""
        place, said = offre.place, offre.decrite
        received = said.get("compositions") or ()
        return (
            self.names(place)
            and (not self.composition or not received or self.composition in received)
            and (not self.accessible or said.get("accessible") is True)
            and (place.libre_le is None or self.le is None or place.libre_le <= self.le)
        )


class Groupe(NamedTuple):
    """Free places of one structure and one kind, to several of which a family can be referred."""

    gestionnaire: Partner
    structure: str | None
    commune: str | None
    dispositif: Dispositif | None
    offres: Sequence[Offre]


def grouped(offres: Iterable[Offre], wanted: str = "") -> list[Groupe]:
    """Return the places in groups by manager, structure and kind. The groups of the kind `wanted` come first,
    then the largest."""
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
    """Return places of one group that together house exactly `size` people: as few places as possible, and
    free as soon as possible. Return an empty list if there are none, or for more than `MOST` people."""
    if size > MOST:
        return []
    return next((found for group in groups if (found := _together(group.offres, size))), [])


def _together(offres: Sequence[Offre], size: int) -> list[UUID]:
    """Return places that together house exactly `size` people, the soonest free and as few as possible; empty
    if there are none."""
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
