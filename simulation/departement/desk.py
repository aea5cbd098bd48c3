"""SIAO: it refers households to free places, again when a referral fails."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from contracts.base import Contrat
from contracts.reference.codes import Dispositif
from contracts.v1.alerte import AlerteEcheance, EvenementAlerte
from contracts.v1.attribution import Canal, CandidaturePresentee, CandidatureRetiree
from contracts.v1.demande import (
    DemandeActualisee,
    DemandeAnnulee,
    DemandeEvaluee,
    DemandeNonPourvue,
    DemandeRecue,
    DemandeTransferee,
    MotifNonPourvue,
)
from contracts.v1.echeance import Echeance, Etape, SuiteEcheance
from contracts.v1.menage import Menage
from contracts.v1.orientation import (
    OrientationAcceptee,
    OrientationAnnulee,
    OrientationProposee,
    OrientationRefusee,
)
from contracts.v1.place import PlaceDisponible, PlaceLiberee, PlaceOccupee, PlaceVacante
from contracts.v1.suite import AccompagnementDemande, AdmissionDirecte, EntreeConstatee, PresentationAbsence
from contracts.v1.transfert import DemandeTransfertAccepte
from simulation.departement.course import Course
from simulation.departement.setting import NEXT_TERRITORY, SIAO, Centre, Setting

OVERDUE = {Echeance.PRESENTATION: 0.7, Echeance.DECISION: 0.7, Echeance.COMMISSION: 0.5}
"""Probability that the SIAO withdraws a referral or candidacy after its last deadline stage."""
NIGHT_ENDS_H = 23.75


@dataclass(frozen=True, slots=True)
class Need:
    demande: UUID
    menage: Menage
    dispositif: Dispositif
    places: int


@dataclass
class Desk:
    """Desk of the SIAO. It knows only what the hub has delivered."""

    setting: Setting
    course: Course
    _needs: dict[UUID, Need] = field(default_factory=dict)
    _waiting: defaultdict[Dispositif, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    _free: dict[UUID, None] = field(default_factory=dict)
    """Free places, the one free for longest first."""
    _open: dict[UUID, UUID] = field(default_factory=dict)
    """Demand behind each open referral."""
    _presented: set[UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._home: Mapping[UUID, Centre] = {
            p: centre for centre in self.setting.centres for p in centre.places
        }

    def hears(self, contrat: Contrat) -> None:
        """Refer, present, transfer or close the demand that a delivery concerns."""
        match contrat:
            case DemandeRecue() | DemandeActualisee() | DemandeAnnulee():
                self._hears_of_a_demand(contrat)
            case DemandeTransfertAccepte(demande=demande):
                self._is_rid_of(demande)
            case PlaceVacante() | PlaceDisponible() | PlaceLiberee():
                self._free.setdefault(contrat.place)
                self._soon(self._home[contrat.place].dispositif)
            case PlaceOccupee() | AdmissionDirecte():
                self._free.pop(contrat.place, None)
            case OrientationAcceptee(orientation=ident) if self.course.happens(
                self.setting.rates.accompanied
            ):
                self.course.later(SIAO, self.course.at_work(0, 3), lambda: self._asks_for_help(ident))
            case EntreeConstatee(orientation=ident):
                self._needs.pop(self._open.pop(ident, ident), None)
            case OrientationRefusee(orientation=ident) | PresentationAbsence(orientation=ident):
                self._begins_again(ident)
            case AlerteEcheance() if contrat.suite is SuiteEcheance.SANS_REPONSE:
                self._begins_again(contrat.objet)
            case AlerteEcheance(etape=Etape.DEPASSEE, objet=ident, echeance=echeance):
                if self.course.happens(OVERDUE.get(echeance, 0)):
                    self.course.later(SIAO, self.course.at_work(0, 4), lambda: self._takes_back(ident))
            case EvenementAlerte() if contrat.type_evenement == OrientationProposee.TYPE:
                self._begins_again(contrat.objet)

    def close_the_night(self, day: date) -> None:
        """Schedule the end of this night, when waiting emergency demands are declared without a place."""
        at = self.course.at_hour(day, NIGHT_ENDS_H)
        self.course.later(SIAO, at, lambda: self._finds_nothing(day))

    def present(self) -> None:
        """Present a new household to a landlord chosen at random."""
        landlord = self.course.chance.choice(list(self.setting.landlords.values()))
        menage = Menage(id=self.course.new("ménage"), composition="10", adultes=1)
        ident = self.course.new("candidature")
        self._presented.add(ident)
        self._say(
            CandidaturePresentee(
                candidature=ident, menage=menage, bailleur=landlord.siret, canal=Canal.DIRECT
            )
        )

    def _hears_of_a_demand(self, contrat: DemandeRecue | DemandeActualisee | DemandeAnnulee) -> None:
        if isinstance(contrat, DemandeAnnulee):
            self._needs.pop(contrat.demande, None)
            return
        places = 2 if contrat.menage.enfants else 1
        self._needs[contrat.demande] = Need(contrat.demande, contrat.menage, contrat.dispositif, places)
        if contrat.dispositif is Dispositif.URGENCE:
            self._waits(contrat.demande)
        else:
            self.course.later(SIAO, self.course.at_work(0, 4), lambda: self._evaluates(contrat.demande))

    def _evaluates(self, demande: UUID) -> None:
        if (need := self._needs.get(demande)) is not None:
            day = self.course.today
            self._say(DemandeEvaluee(demande=demande, evaluee_le=day, preconisation=need.dispositif))
            self._waits(demande)
            if self.course.happens(self.setting.rates.transferred):
                self.course.later(SIAO, self.course.at_work(0, 5), lambda: self._gives_up(demande))

    def _gives_up(self, demande: UUID) -> None:
        if demande in self._needs:
            self._say(DemandeTransferee(demande=demande, territoire=NEXT_TERRITORY))

    def _is_rid_of(self, demande: UUID) -> None:
        self._needs.pop(demande, None)
        self._open = {referral: each for referral, each in self._open.items() if each != demande}

    def _waits(self, demande: UUID) -> None:
        need = self._needs.get(demande)
        if need is not None and demande not in self._waiting[need.dispositif]:
            self._waiting[need.dispositif].append(demande)
            self._soon(need.dispositif)

    def _soon(self, dispositif: Dispositif) -> None:
        """Schedule the next referrals: within minutes for emergency, else in office hours."""
        tonight = dispositif is Dispositif.URGENCE
        at = self.course.in_minutes(1, 10) if tonight else self.course.at_work(0, 0)
        self.course.later(SIAO, at, lambda: self._directs(dispositif))

    def _directs(self, dispositif: Dispositif) -> None:
        """Refer each waiting household to free places, oldest demands first. A family gets several of one
        shelter."""
        for demande in list(self._waiting[dispositif]):
            need = self._needs.get(demande)
            places = () if need is None else self._places_for(need)
            if need is None or places:
                self._waiting[dispositif].remove(demande)
            if need is not None and places:
                self._refers(need, places)

    def _places_for(self, need: Need) -> tuple[UUID, ...]:
        by_centre: defaultdict[str, list[UUID]] = defaultdict(list)
        for place in self._free:
            if self._home[place].dispositif is need.dispositif:
                by_centre[self._home[place].name].append(place)
                if len(by_centre[self._home[place].name]) == need.places:
                    return tuple(by_centre[self._home[place].name])
        return ()

    def _refers(self, need: Need, places: tuple[UUID, ...]) -> None:
        rates, chance = self.setting.rates, self.course.chance
        first, *others = places
        ident = self.course.new("orientation")
        said: dict[str, Any] = {
            "orientation": ident,
            "menage": need.menage,
            "demande": need.demande,
            "dispositif": need.dispositif,
        }
        self._open[ident] = need.demande
        if self.course.happens(rates.to_a_structure):
            said["structure"] = self._home[first].structure.finess
        elif self.course.happens(rates.blunders):
            said["place"] = chance.choice(list(self._home))
        else:
            said |= {"place": first, "autres_places": tuple(others)}
            for place in places:
                del self._free[place]
        self._say(OrientationProposee.model_validate(said))
        if self.course.happens(rates.taken_back):
            self.course.later(SIAO, self.course.in_minutes(5, 3000), lambda: self._takes_back(ident))

    def _begins_again(self, ident: UUID) -> None:
        demande = self._open.pop(ident, None)
        if demande is not None:
            self._waits(demande)

    def _takes_back(self, ident: UUID) -> None:
        if ident in self._open:
            self._say(OrientationAnnulee(orientation=ident))
            self._begins_again(ident)
        elif ident in self._presented:
            self._say(CandidatureRetiree(candidature=ident))

    def _asks_for_help(self, ident: UUID) -> None:
        if ident in self._open:
            siret = self.setting.operator.siret
            self._say(AccompagnementDemande(orientation=ident, operateur=siret))

    def _finds_nothing(self, day: date) -> None:
        for demande in self._waiting.pop(Dispositif.URGENCE, []):
            if demande in self._needs:
                motif = MotifNonPourvue.AUCUNE_PLACE
                self._say(DemandeNonPourvue(demande=demande, nuit_du=day, motif=motif))

    def _say(self, contrat: Contrat) -> None:
        self.course.say(SIAO, contrat)
