"""Choose free places that suit a household: one place, or several together."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from contracts.partner import Partner
from contracts.reference.codes import Dispositif
from contracts.reference.communes import is_there
from ops.desk.place_names import by_number
from router.domain.subjects import Place

MOST = 50
"""Maximum size of a household, in people, for which several places are combined."""


def beds_of(decrite: Mapping[str, Any]) -> int:
    """Return how many people can live in a place with the description `decrite`; 1 if the description does
    not say."""
    return int(decrite.get("capacite") or 1)


class Offre(NamedTuple):
    """A free place, with its newest description."""

    place: Place
    gestionnaire: Partner
    decrite: Mapping[str, Any]
    """Unencrypted fields, such as `accessible`, `compositions` and `capacite`."""
    perimee: date | None = None
    """Day of the place's last news, if that is too old to count on the place; else None."""

    @property
    def beds(self) -> int:
        return beds_of(self.decrite)


class Filtre(NamedTuple):
    """Search criteria for places. An empty criterion matches all places."""

    commune: str = ""
    """Beginning of a commune's name or INSEE code; two digits select a département."""
    dispositif: str = ""
    composition: str = ""
    accessible: bool = False
    le: date | None = None
    """Day on which the household arrives."""
    lits: int = 0
    """Smallest number of people that the place must house."""

    def names(self, place: Place) -> bool:
        """Return whether a place lies in the wanted commune and is of the wanted kind of offer."""
        return is_there(self.commune, place.commune) and (
            not self.dispositif or place.dispositif == self.dispositif
        )

    def suits(self, offre: Offre) -> bool:
        """Return whether a place matches the criteria. A place that does not say which compositions it receives
        is open to all."""
        place, said = offre.place, offre.decrite
        received = said.get("compositions") or ()
        return (
            self.names(place)
            and (not self.composition or not received or self.composition in received)
            and offre.beds >= self.lits
            and (not self.accessible or said.get("accessible") is True)
            and (place.libre_le is None or self.le is None or place.libre_le <= self.le)
        )


class Groupe(NamedTuple):
    """Free places of one manager, structure, commune and kind of offer. If a household is too large for one
    place, one referral can give it several places of the group."""

    gestionnaire: Partner
    structure: str | None
    commune: str | None
    dispositif: Dispositif | None
    offres: Sequence[Offre]

    @property
    def beds(self) -> int:
        """Return how many people can live in the places of the group together."""
        return sum(offre.beds for offre in self.offres)

    def by_day(self) -> list[tuple[date | None, list[Offre]]]:
        """Return the places by the day from which they are free. None stands for now, and comes first. Places
        whose last news is too old come last; they are grouped by the day of this news as well."""
        days = groupby(self.offres, key=lambda each: (each.place.libre_le, each.perimee))
        return [(day, list(offres)) for (day, _), offres in days]


def grouped(
    offres: Iterable[Offre], names: Mapping[UUID, str] = MappingProxyType({}), wanted: str = ""
) -> list[Groupe]:
    """Group places by manager, structure, commune and kind of offer. Groups with the kind of offer `wanted`
    come first, then larger groups. In a group, places that are free sooner come first; places free on the
    same day are sorted by the number in their name. Places whose last news is too old come last. `names` has
    the name of each place, by its id."""
    found: dict[tuple[str, str, str, str], list[Offre]] = {}
    for offre in offres:
        place = offre.place
        key = (offre.gestionnaire.id, place.structure or "", place.commune or "", str(place.dispositif))
        found.setdefault(key, []).append(offre)
    groups = [
        Groupe(
            same[0].gestionnaire,
            *_of(same[0].place),
            sorted(same, key=lambda each: (_soonest(each), by_number(names.get(each.place.id, "")))),
        )
        for same in found.values()
    ]
    return sorted(
        groups, key=lambda group: (group.dispositif != wanted, -len(group.offres), group.gestionnaire.nom)
    )


def enough(groups: Sequence[Groupe], size: int) -> list[UUID]:
    """Choose places of one group in which `size` people can live together: a single place if possible, else
    those with the fewest beds in total. Within a group, places free later are chosen only if those free
    sooner do not suffice. Places whose last news is too old are never chosen. Return the places' ids; an
    empty list if no group has enough beds, or if `size` exceeds 50 (`MOST`)."""
    if size > MOST:
        return []
    sure = ([offre for offre in group.offres if offre.perimee is None] for group in groups)
    found = [together for offres in sure if (together := _together(offres, size))]
    return min(found, key=lambda each: each[0], default=((False, 0), []))[1]


def _together(offres: Sequence[Offre], size: int) -> tuple[tuple[bool, int], list[UUID]] | None:
    """Choose places among `offres` for a household of `size` people: one place if possible, else several; the
    fewest beds in total. Places that are free later are not considered if those free sooner suffice. Return a
    sort key (whether several places are needed, then the number of beds) and the places' ids. Return None if
    there are too few beds."""
    fewest: dict[int, list[UUID]] = {0: []}
    for _, same_day in groupby(sorted(offres, key=_soonest), key=_soonest):
        for offre in sorted(same_day, key=lambda each: -each.beds):
            for housed, chosen in list(fewest.items()):
                more = housed + offre.beds
                if housed < size and (more not in fewest or len(chosen) + 1 < len(fewest[more])):
                    fewest[more] = [*chosen, offre.place.id]
        if suffice := [(len(chosen) > 1, beds) for beds, chosen in fewest.items() if beds >= size]:
            best = min(suffice)
            return best, fewest[best[1]]
    return None


def _of(place: Place) -> tuple[str | None, str | None, Dispositif | None]:
    return place.structure, place.commune, place.dispositif


def _soonest(offre: Offre) -> tuple[bool, bool, date]:
    free, old = offre.place.libre_le, offre.perimee
    return old is not None, free is not None, free or old or date.min
