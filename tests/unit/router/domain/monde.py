"""A hub of the pure core alone: partners, subjects kept as the database would, and events one after another."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from pydantic_core import from_json, to_json

from contracts.base import Contrat
from contracts.envelope import HUB, Attributes, Event
from contracts.partner import Famille, Partner, SortieBoite
from contracts.reference.codes import Dispositif
from contracts.v1.menage import Menage
from contracts.v1.orientation import OrientationProposee
from contracts.v1.place import PlaceVacancePrevisible, PlaceVacante
from contracts.v1.suite import AdmissionDirecte
from router.domain import judging
from router.domain.partners import Registry
from router.domain.rules.effects import Effects
from router.domain.subjects import Orientation, Place, Subject
from router.store.subjects import row_of, subject_of

TERRITOIRE = "01"
SIAO, CENTRE, AUTRE, BAILLEUR = "siao-01", "chrs-tilleuls", "escale", "habitat-boreal"
FINESS, AUTRE_FINESS, SIRET = "010000024", "010000032", "26010004500012"
MAINTENANT = datetime(2026, 3, 2, 18, tzinfo=UTC)
JOUR, DEMAIN = date(2026, 3, 2), date(2026, 3, 3)
RESERVATION = timedelta(hours=120)
IDS = UUID(int=2026)


def partner(ident: str, famille: Famille, **more: Any) -> Partner:
    """An entry with a mailbox as its way out."""
    usual = {"territoire": TERRITOIRE, "dialecte_sortant": "si_siao_json", "sortie": SortieBoite()}
    return Partner(id=ident, nom=ident, famille=famille, **{**usual, **more})


REGISTRE = Registry.of(
    [
        partner(SIAO, Famille.SIAO),
        partner(CENTRE, Famille.HEBERGEMENT, structures=(FINESS,)),
        partner(AUTRE, Famille.HEBERGEMENT, structures=(AUTRE_FINESS,)),
        partner(BAILLEUR, Famille.BAILLEUR, structures=(SIRET,)),
    ]
)


def ident(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(IDS, name)


def menage(name: str = "ménage", **more: Any) -> Menage:
    """A household of one."""
    return Menage(id=ident(name), composition="10", adultes=1, **more)


def vacance(place: UUID, **more: Any) -> PlaceVacante:
    """A vacancy of a place."""
    return PlaceVacante(
        place=place, structure=FINESS, commune="01451", dispositif=Dispositif.INSERTION, **more
    )


def previsible(place: UUID) -> PlaceVacancePrevisible:
    """A place that will be vacant in April."""
    return PlaceVacancePrevisible(
        place=place, structure=FINESS, dispositif=Dispositif.INSERTION, libre_le=date(2026, 4, 1)
    )


def admission(place: UUID, **more: Any) -> AdmissionDirecte:
    """A household that the head of a centre takes in without the SIAO."""
    return AdmissionDirecte(place=place, menage=menage("admis"), admission_le=JOUR, **more)


def proposition(
    orientation: UUID, place: UUID | None = None, *others: UUID, **more: Any
) -> OrientationProposee:
    """A referral to a place and perhaps others, or to the first shelter."""
    where: dict[str, Any] = {"place": place, "autres_places": others} if place else {"structure": FINESS}
    values = {"dispositif": Dispositif.INSERTION, **where, **more}
    return OrientationProposee(orientation=orientation, menage=menage(f"m-{orientation}"), **values)


@dataclass
class Monde:
    """Subjects by id; `dit` is the only way to change them."""

    registry: Registry = REGISTRE
    now: datetime = MAINTENANT
    retard: timedelta = timedelta(0)
    """How long after its acceptance an event is applied."""
    subjects: dict[UUID, Subject] = field(default_factory=dict)
    said: int = 0
    together: bool = False
    """Whether a batch of events has brought every subject into one world."""

    def avec(self, *partners: Partner) -> "Monde":
        """This world, with these partners too, or in place of those of the same names."""
        self.registry = Registry.of([*self.registry.partners.values(), *partners])
        return self

    def dit(self, source: str, contrat: Contrat, territoire: str = TERRITOIRE) -> Effects:
        """What follows when a partner, or the hub, says something; it has followed when this returns."""
        effects = self.suites(source, contrat, territoire)
        for subject in effects.subjects:
            self.subjects[subject.id] = stored(subject)
        return effects

    def suites(self, source: str, contrat: Contrat, territoire: str = TERRITOIRE) -> Effects:
        """What would follow; nothing does."""
        self.said += 1
        event = Event(attributes(self.said, source, contrat, territoire, self.now), contrat)
        world = judging.World(self.visible(contrat), self.registry, RESERVATION)
        return judging.apply(event, world, self.now + self.retard)

    def visible(self, contrat: Contrat) -> Mapping[UUID, Subject]:
        """The subjects that the worker loads for an event: those concerned, and those that move with them."""
        if self.together:
            return dict(self.subjects)
        own = [self.subjects[i] for i in judging.concerned(contrat) if i in self.subjects]
        linked: list[Subject] = []
        for subject in (beside := list(own)):
            linked += (found := [self.subjects[i] for i in subject.linked if i in self.subjects])
            beside += found
        if judging.changes_hands(contrat) or judging.recomposed(contrat):
            linked += self.loops(own, judging.recomposed(contrat))
        if judging.dwellings_at_stake([contrat], self.subjects):
            linked += self.subjects.values()
        return {subject.id: subject for subject in (*own, *linked)}

    def loops(self, demands: Sequence[Subject], menages: Collection[UUID]) -> Sequence[Subject]:
        """What is known of these households, and of those of these demands."""
        every = self.subjects.values()
        ids = {each.id for each in demands}
        tied = [*demands, *(each for each in every if getattr(each, "demande", None) in ids)]
        households = {*menages, *(getattr(each, "menage", None) for each in tied)}
        loops = [each for each in every if getattr(each, "menage", None) in households]
        answered = {getattr(each, "demande", None) for each in loops}
        return [*loops, *(each for each in every if each.id in answered)]

    def place(self, ident: UUID) -> Place:
        """A place, as it stands."""
        place = self.subjects[ident]
        assert isinstance(place, Place)
        return place

    def orientation(self, ident: UUID) -> Orientation:
        """A referral, as it stands."""
        referral = self.subjects[ident]
        assert isinstance(referral, Orientation)
        return referral

    def etat(self, subject: UUID) -> str:
        """Where a subject stands."""
        return self.subjects[subject].etat or ""

    def hub_dit(self, contrat: Contrat) -> Effects:
        """An event that the hub derived comes round."""
        return self.dit(HUB, contrat)


def reservation(place: UUID, orientation: UUID) -> Monde:
    """A vacant place is held for a referral."""
    monde = Monde()
    monde.dit(CENTRE, vacance(place))
    monde.dit(SIAO, proposition(orientation, place))
    return monde


def stored(subject: Subject) -> Subject:
    """A subject as the database gives it back: states are text, data is JSON."""
    row = row_of(subject)
    return subject_of(row._replace(donnees=from_json(to_json(row.donnees))))


def attributes(number: int, source: str, contrat: Contrat, territoire: str, now: datetime) -> Attributes:
    event = ident(f"événement {number}")
    return Attributes(event, contrat.TYPE, source, contrat.sujet, now, territoire, event)
