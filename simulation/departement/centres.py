"""Shelters: they receive, refuse, forget and lose households, and send their occupancy every working
morning."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from uuid import UUID

from contracts.base import Contrat
from contracts.reference.codes import AuteurRefus, Dispositif, MotifRefus
from contracts.v1.alerte import AlerteAnomalie, MotifAnomalie
from contracts.v1.convention import DerogationAccordee
from contracts.v1.menage import Menage
from contracts.v1.occupation import OccupationReleve
from contracts.v1.orientation import (
    OrientationAcceptee,
    OrientationAccusee,
    OrientationAnnulee,
    OrientationMiseEnAttente,
    OrientationProposee,
    OrientationRefusee,
)
from contracts.v1.place import PlaceLiberee, PlaceOccupee, PlaceVacante, RaisonOccupation
from contracts.v1.suite import AdmissionDirecte, EntreeConstatee, PresentationAbsence, SortieDeclaree
from router.domain.calendar import is_working_day
from simulation.accelerated.company import named
from simulation.departement.aide import Applicant
from simulation.departement.course import Course
from simulation.departement.setting import SIAO, STATE, Centre, Rates

NUMERO = "D-2026-1"
"""Number of each shelter's derogation."""
EVENING_H = 20.0
FIGURES_H = (8.0, 9.75)


class Way(StrEnum):
    """What may become of a referral at the shelter."""

    ARRIVAL = "arrival"
    REFUSED_BY_CENTRE = "refused by centre"
    REFUSED_BY_HOUSEHOLD = "refused by household"
    ABSENCE = "absence"
    NEVER = "never"
    TOO_LATE = "too late"
    LISTED = "listed"


@dataclass
class Shelter:
    """Shelter. It knows who lives in its places, and nothing of the hub's records."""

    centre: Centre
    rates: Rates
    course: Course
    _lived_in: set[UUID] = field(default_factory=set)
    _kept: dict[UUID, tuple[UUID, ...]] = field(default_factory=dict)
    """Places of each referral that is open or whose household lives there."""
    _withdrawn: set[UUID] = field(default_factory=set)
    _people: dict[UUID, Menage] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._applicant = Applicant(self.centre, self.rates, self.course)

    @property
    def name(self) -> str:
        return self.centre.name

    @property
    def _is_emergency(self) -> bool:
        return self.centre.dispositif is Dispositif.URGENCE

    def begin(self) -> None:
        """Send the state of every place on the first day, and schedule the departures."""
        for who in (self.name, SIAO, STATE):
            self.course.say(who, self._derogation)
        for place in self.centre.places:
            if self.course.happens(self.rates.vacant):
                self._say(self._vacant(place))
            else:
                self._lived_in.add(place)
                self._say(PlaceOccupee(place=place))
                least, most = self._stay
                leaves = self.course.today + timedelta(
                    days=self.course.chance.randint(1, (least + most) // 2)
                )
                self._on(leaves, partial(self._vacates, place))

    @property
    def _derogation(self) -> DerogationAccordee:
        """Derogation that the shelter, the SIAO and the State sign: two places at a time, for three years."""
        first = self.course.today.replace(month=1, day=1)
        return DerogationAccordee(
            derogation=named(f"derogation {self.name}"),
            numero=NUMERO,
            structure=self.centre.structure.finess,
            quota=2,
            du=first,
            au=first.replace(year=first.year + 3),
        )

    def give_figures(self, day: date) -> None:
        """Schedule the figures of a working morning, and sometimes an admission without the SIAO."""
        if is_working_day(self.course.territoire, day) and not self.course.is_away(self.name):
            at = self.course.at_hour(day, self.course.chance.uniform(*FIGURES_H))
            self.course.later(self.name, at, lambda: self._say(self._figures(day)))
        if self.course.happens(self.rates.direct):
            at = self.course.at_hour(day, self.course.chance.uniform(17, 23))
            self.course.later(self.name, at, self._receives_directly)

    def hears(self, contrat: Contrat) -> None:
        """React to a referral, its withdrawal, or an alert.

        A shelter that is away misses referrals for good.
        """
        match contrat:
            case OrientationProposee() if not self.course.is_away(self.name):
                self._kept[contrat.orientation] = contrat.places
                self._people[contrat.orientation] = contrat.menage
                self._considers(contrat.orientation)
            case AlerteAnomalie(motif=MotifAnomalie.OCCUPEE_SANS_ORIENTATION, objet=place):
                if not self.course.happens(self.rates.unexplained):
                    at = self.course.in_minutes(10, 600)
                    self.course.later(self.name, at, lambda: self._explains(place))
            case OrientationAnnulee(orientation=ident) | AlerteAnomalie(objet=ident):
                self._withdrawn.add(ident)
                self._kept.pop(ident, None)
            case _:
                self._applicant.hears(contrat)

    def _considers(self, ident: UUID) -> None:
        rates = self.rates
        shares = {
            Way.REFUSED_BY_CENTRE: rates.refused_by_centre,
            Way.REFUSED_BY_HOUSEHOLD: rates.refused_by_household,
            Way.ABSENCE: rates.absent,
            Way.NEVER: rates.never_answered,
            Way.TOO_LATE: rates.answered_too_late,
            Way.LISTED: 0.0 if self._is_emergency else rates.put_on_a_list,
        }
        shares[Way.ARRIVAL] = 1 - sum(shares.values())
        (way,) = self.course.chance.choices(list(shares), list(shares.values()))
        if way is Way.NEVER:
            return
        if not self._is_emergency:
            self._then(self.course.at_work(0, 1), ident, self._acknowledges)
        self._then(self._decides_at(way), ident, lambda each: self._answers(each, way))

    def _decides_at(self, way: Way) -> datetime:
        late = way is Way.TOO_LATE
        if self._is_emergency:
            return self.course.in_minutes(40, 90) if late else self.course.in_minutes(3, 25)
        return self.course.at_work(11, 15) if late else self.course.at_work(1, 6)

    def _answers(self, ident: UUID, way: Way) -> None:
        match way:
            case Way.REFUSED_BY_CENTRE:
                self._refuses(ident, AuteurRefus.STRUCTURE, MotifRefus.COMPOSITION_INADAPTEE)
            case Way.REFUSED_BY_HOUSEHOLD:
                self._refuses(ident, AuteurRefus.PERSONNE, MotifRefus.LOCALISATION)
            case Way.LISTED:
                self._say(OrientationMiseEnAttente(orientation=ident))
                at = self.course.at_work(5, 28)
                self._then(at, ident, lambda each: self._accepts(each, comes=True))
            case _:
                self._accepts(ident, comes=way is not Way.ABSENCE)

    def _refuses(self, ident: UUID, auteur: AuteurRefus, motif: MotifRefus) -> None:
        self._kept.pop(ident, None)
        self._say(OrientationRefusee(orientation=ident, auteur=auteur, motif=motif))

    def _acknowledges(self, ident: UUID) -> None:
        self._say(OrientationAccusee(orientation=ident))

    def _accepts(self, ident: UUID, *, comes: bool) -> None:
        if self._is_emergency and comes and self.course.happens(0.5):
            return self._arrives(ident)  # with the 115, a household calls and arrives on the same evening
        days = 0 if self._is_emergency else self.course.chance.randint(1, 5)
        day = self.course.today + timedelta(days=days)
        self._say(OrientationAcceptee(orientation=ident, accueil_le=day))
        if comes:
            hour = self.course.chance.uniform(10, 19)
            at = self.course.at_hour(day, hour) if days else self.course.in_minutes(30, 150)
            self._then(at, ident, self._arrives)
        elif not self.course.happens(self.rates.absence_untold):
            self._then(self.course.at_hour(day, EVENING_H), ident, self._waited_in_vain)

    def _waited_in_vain(self, ident: UUID) -> None:
        self._kept.pop(ident, None)
        self._say(PresentationAbsence(orientation=ident, constatee_le=self.course.today))

    def _arrives(self, ident: UUID) -> None:
        self._lived_in.update(self._kept.get(ident, ()))
        self._say(EntreeConstatee(orientation=ident, entree_le=self.course.today))
        self._applicant.asks(ident, self._people[ident])
        leaves = self.course.today + timedelta(days=self.course.chance.randint(*self._stay))
        if self.course.happens(0.2):
            self._on(leaves - timedelta(days=2), lambda: self._leaves(ident, leaves))
        self._on(leaves, lambda: self._leaves(ident, self.course.today))

    def _leaves(self, ident: UUID, day: date) -> None:
        if day <= self.course.today:
            self._lived_in.difference_update(self._kept.pop(ident, ()))
        self._say(SortieDeclaree(orientation=ident, sortie_le=day))

    def _receives_directly(self) -> None:
        taken = {*self._lived_in, *(place for places in self._kept.values() for place in places)}
        free = [place for place in self.centre.places if place not in taken]
        if not free or self.course.is_away(self.name):
            return
        place = self.course.chance.choice(free)
        self._lived_in.add(place)
        if self.course.happens(self.rates.untitled_at_first):
            self._say(PlaceOccupee(place=place))
        else:
            self._admits(place)
        leaves = self.course.today + timedelta(days=self.course.chance.randint(*self._stay))
        self._on(leaves, lambda: self._vacates(place))

    def _admits(self, place: UUID) -> None:
        menage = Menage(id=self.course.new("ménage"), composition="10", adultes=1)
        under = {"derogation": NUMERO, "acte": self._derogation.sujet} if self.course.happens(0.5) else {}
        self._say(AdmissionDirecte(place=place, menage=menage, admission_le=self.course.today, **under))

    def _explains(self, place: UUID) -> None:
        if self.course.happens(0.5):
            self._admits(place)
        else:
            self._say(PlaceOccupee(place=place, raison=RaisonOccupation.MOUVEMENT_INTERNE))

    def _vacates(self, place: UUID) -> None:
        self._lived_in.discard(place)
        self._say(PlaceLiberee(place=place))

    def _figures(self, day: date) -> OccupationReleve:
        number = len(self.centre.places)
        return OccupationReleve(
            groupe=named(f"groupe {self.name}"),
            structure=self.centre.structure.finess,
            dispositif=self.centre.dispositif,
            capacite=number,
            occupees=len(self._lived_in),
            vacantes=number - len(self._lived_in),
            indisponibles=0,
            releve_le=day,
        )

    def _vacant(self, place: UUID) -> PlaceVacante:
        structure = self.centre.structure
        return PlaceVacante(
            place=place,
            structure=structure.finess,
            commune=structure.commune,
            dispositif=self.centre.dispositif,
        )

    @property
    def _stay(self) -> tuple[int, int]:
        return self.rates.nights if self._is_emergency else self.rates.stay

    def _on(self, day: date, act: Callable[[], None]) -> None:
        at = self.course.at_hour(day, self.course.chance.uniform(8, 16))
        self.course.later(self.name, at, act)

    def _then(self, at: datetime, ident: UUID, act: Callable[[UUID], None]) -> None:
        """Schedule an act about a referral, without effect after a withdrawal."""
        self.course.later(self.name, at, lambda: None if ident in self._withdrawn else act(ident))

    def _say(self, contrat: Contrat) -> None:
        self.course.say(self.name, contrat)
