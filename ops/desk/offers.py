"""The SIAO's day: free places that suit a household, and the referral of a household to them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from contracts.errors import InvalidContract
from contracts.partner import Partner
from contracts.ports import View
from contracts.reference.codes import Dispositif
from contracts.v1.demande import DemandeDecrite
from contracts.v1.menage import Menage
from contracts.v1.orientation import MAX_AUTRES_PLACES, OrientationProposee
from router.domain.subjects import Demande, Place

NUMBERS = 10**12
"""Bound of the numbers that the desk gives to referrals: above those of any real software."""
NOBODY = (
    "cette demande ne nomme pas les personnes du ménage : complétez-la avec le partenaire qui l'a apportée, puis "
    "orientez-le"
)


class Offre(NamedTuple):
    """A free place, as last described."""

    place: Place
    gestionnaire: Partner
    decrite: Mapping[str, Any]
    """Its clear description: accessible, compositions, capacite…"""


class Filtre(NamedTuple):
    """Criteria for places; an empty one matches all."""

    commune: str = ""
    """The beginning of a commune's code: a département, or a commune."""
    dispositif: str = ""
    composition: str = ""
    accessible: bool = False
    le: date | None = None
    """The day on which the household comes."""

    def names(self, place: Place) -> bool:
        """Return whether a place lies where these criteria say, and is of the kind that they name."""
        there = (place.commune or "").startswith(self.commune)
        return there and (not self.dispositif or place.dispositif == self.dispositif)

    def suits(self, offre: Offre) -> bool:
        """Return whether a place meets these criteria. A place that does not say whom it receives receives all."""
        place, said = offre.place, offre.decrite
        received = said.get("compositions") or ()
        return (
            self.names(place)
            and (not self.composition or not received or self.composition in received)
            and (not self.accessible or said.get("accessible") is True)
            and (place.libre_le is None or self.le is None or place.libre_le <= self.le)
        )


class Groupe(NamedTuple):
    """Free places of one manager, one structure and one kind: a family is referred to several of them together."""

    gestionnaire: Partner
    structure: str | None
    commune: str | None
    dispositif: Dispositif | None
    offres: Sequence[Offre]


def grouped(offres: Iterable[Offre]) -> list[Groupe]:
    """Return places by manager, structure and kind, those with most places first."""
    found: dict[tuple[str, str, str, str], list[Offre]] = {}
    for offre in offres:
        place = offre.place
        key = (offre.gestionnaire.id, place.structure or "", place.commune or "", str(place.dispositif))
        found.setdefault(key, []).append(offre)
    groups = [
        Groupe(same[0].gestionnaire, *_of(same[0].place), sorted(same, key=_soonest))
        for same in found.values()
    ]
    return sorted(groups, key=lambda group: (-len(group.offres), group.gestionnaire.nom))


def _of(place: Place) -> tuple[str | None, str | None, Dispositif | None]:
    return place.structure, place.commune, place.dispositif


def _soonest(offre: Offre) -> tuple[bool, date]:
    free = offre.place.libre_le
    return free is not None, free or date.min


class Referral(NamedTuple):
    """A referral of the SIAO, and the names under which it sends it."""

    contrat: OrientationProposee
    view: View


def refer(
    siao: Partner,
    demande: Demande,
    described: DemandeDecrite | None,
    places: Sequence[Place],
    names: Mapping[UUID, str],
    key: UUID,
    presentation_le: date | None,
) -> Referral:
    """Return the referral of a demand's household to some places of one manager. Its number comes from the key of the
    form: sent twice, it is one referral. Raises InvalidContract, in French."""
    if described is None or not described.menage.personnes:
        raise InvalidContract(NOBODY)
    if not 0 < len(places) <= 1 + MAX_AUTRES_PLACES:
        raise InvalidContract(f"choisissez de 1 à {1 + MAX_AUTRES_PLACES} places")
    ours, number = uuid4(), str(key.int % NUMBERS + NUMBERS)
    menage = described.menage
    known = names.get(menage.id, "")
    called = known if known.isdigit() else number  # SI-SIAO knows a household by a number alone
    said = OrientationProposee(
        orientation=ours,
        menage=menage,
        demande=demande.id,
        place=places[0].id,
        autres_places=tuple(place.id for place in places[1:]),
        dispositif=places[0].dispositif or described.dispositif,
        presentation_le=presentation_le,
    )
    return Referral(said, View(siao, {ours: number, menage.id: called}))


def needed(menage: Menage | None) -> int:
    """Return how many places a household needs where a place is one person's bed."""
    return 1 if menage is None else menage.adultes + menage.enfants
