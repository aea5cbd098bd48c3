"""A hub made of the pure core alone: partners, subjects as the database stores them, and one event after another."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

from pydantic_core import from_json

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
from router.store.hub_events import entry_of
from router.store.subjects import subject_of, values_of

TERRITOIRE = "01"
SIAO, CENTRE, AUTRE, BAILLEUR = "siao-01", "chrs-tilleuls", "escale", "habitat-boreal"
FINESS, AUTRE_FINESS, SIRET = "010000024", "010000032", "26010004500012"
MAINTENANT = datetime(2026, 3, 2, 18, tzinfo=UTC)
JOUR, DEMAIN = date(2026, 3, 2), date(2026, 3, 3)
RESERVATION = timedelta(hours=120)
IDS = UUID(int=2026)


def partner(ident: str, famille: Famille, **more: Any) -> Partner:
    """Return a registry entry with a mailbox for its deliveries."""
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
    """Return an id for a name. Equal names give equal ids."""
    return uuid5(IDS, name)


def menage(name: str = "ménage", **more: Any) -> Menage:
    """Return a household of one person."""
    return Menage(id=ident(name), composition="10", adultes=1, **more)


def vacance(place: UUID, **more: Any) -> PlaceVacante:
    """Return the message that a place is vacant."""
    return PlaceVacante(
        place=place, structure=FINESS, commune="01451", dispositif=Dispositif.INSERTION, **more
    )


def previsible(place: UUID) -> PlaceVacancePrevisible:
    """Return the message that a place will be vacant in April."""
    return PlaceVacancePrevisible(
        place=place, structure=FINESS, dispositif=Dispositif.INSERTION, libre_le=date(2026, 4, 1)
    )


def admission(place: UUID, **more: Any) -> AdmissionDirecte:
    """Return the message that a shelter's head admits a household without the SIAO."""
    return AdmissionDirecte(place=place, menage=menage("admis"), admission_le=JOUR, **more)


def proposition(
    orientation: UUID, place: UUID | None = None, *others: UUID, **more: Any
) -> OrientationProposee:
    """Return a referral to a place and perhaps others, or to the first shelter if no place is given."""
    where: dict[str, Any] = {"place": place, "autres_places": others} if place else {"structure": FINESS}
    values = {"dispositif": Dispositif.INSERTION, **where, **more}
    return OrientationProposee(orientation=orientation, menage=menage(f"m-{orientation}"), **values)


@dataclass
class Monde:
    """The world of the pure core: subjects by id. Only `dit` changes them."""

    registry: Registry = REGISTRE
    now: datetime = MAINTENANT
    retard: timedelta = timedelta(0)
    """Time between the acceptance of an event and its application."""
    subjects: dict[UUID, Subject] = field(default_factory=dict)
    said: int = 0
    together: bool = False
    """Whether all subjects are loaded for each event, as for a batch of events."""

    def avec(self, *partners: Partner) -> "Monde":
        """Return this world with further partners, which replace those of the same id."""
        self.registry = Registry.of([*self.registry.partners.values(), *partners])
        return self

    def dit(self, source: str, contrat: Contrat, territoire: str = TERRITOIRE) -> Effects:
        """Apply a message of a partner or of the hub, and return its effects."""
        effects = self.suites(source, contrat, territoire)
        for subject in effects.subjects:
            self.subjects[subject.id] = stored(subject)
        return effects

    def suites(self, source: str, contrat: Contrat, territoire: str = TERRITOIRE) -> Effects:
        """Return the effects that a message would have, without applying them. Fail if it makes the hub send two
        messages with one id, because the log would keep only the first."""
        self.said += 1
        event = Event(attributes(self.said, source, contrat, territoire, self.now), contrat)
        world = judging.World(self.visible(contrat), self.registry, RESERVATION)
        effects = judging.apply(event, world, self.now + self.retard)
        ids = [entry_of(event.attributes, each).attributes.id for each in effects.derived]
        assert len({*ids}) == len(ids), f"un seul serait écrit : {effects.derived}"
        return effects

    def visible(self, contrat: Contrat) -> Mapping[UUID, Subject]:
        """Return the subjects that the worker loads for a message: those concerned, and those that change with
        them."""
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
        """Return the subjects of these households, and of the households of these demands."""
        every = self.subjects.values()
        ids = {each.id for each in demands}
        tied = [*demands, *(each for each in every if getattr(each, "demande", None) in ids)]
        households = {*menages, *(getattr(each, "menage", None) for each in tied)}
        loops = [each for each in every if getattr(each, "menage", None) in households]
        answered = {getattr(each, "demande", None) for each in loops}
        return [*loops, *(each for each in every if each.id in answered)]

    def place(self, ident: UUID) -> Place:
        """Return a place in its present state."""
        place = self.subjects[ident]
        assert isinstance(place, Place)
        return place

    def orientation(self, ident: UUID) -> Orientation:
        """Return a referral in its present state."""
        referral = self.subjects[ident]
        assert isinstance(referral, Orientation)
        return referral

    def etat(self, subject: UUID) -> str:
        """Return the present state of a subject."""
        return self.subjects[subject].etat or ""

    def hub_dit(self, contrat: Contrat) -> Effects:
        """Apply an event that the hub derived, when it comes back from Kafka."""
        return self.dit(HUB, contrat)


def reservation(place: UUID, orientation: UUID) -> Monde:
    """Return a world in which a vacant place is reserved for a referral."""
    monde = Monde()
    monde.dit(CENTRE, vacance(place))
    monde.dit(SIAO, proposition(orientation, place))
    return monde


def stored(subject: Subject) -> Subject:
    """Return a subject as the database returns it: states as text, data from JSON."""
    return subject_of(row_of(subject))


def row_of(subject: Subject) -> Any:
    """Return the row in which the database keeps a subject."""
    values: Any = values_of([subject])
    return SimpleNamespace(
        id=values["states"][0],
        nature=values["natures"][0],
        etat=values["etats"][0],
        version=values["versions"][0],
        donnees=from_json(values["donnees"][0]),
        menage=values["menages"][0],
        due_at=values["dues"][0],
    )


def attributes(number: int, source: str, contrat: Contrat, territoire: str, now: datetime) -> Attributes:
    event = ident(f"événement {number}")
    return Attributes(event, contrat.TYPE, source, contrat.sujet, now, territoire, event)
