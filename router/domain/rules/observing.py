"""What the social observation is told of an event: a record for each step of a pathway that it is (duty C12).

Made only where a partner of the observation listens, and of the clear half alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import derived_id
from contracts.partner import Famille
from contracts.reference.codes import TRANCHES_MINEURES, Dispositif, TrancheAge
from contracts.reference.territoires import departement_of
from contracts.v1.attribution import BailSigne
from contracts.v1.menage import Menage
from contracts.v1.observation import Etape, ObservationEnregistrement
from contracts.v1.suite import AdmissionDirecte, EntreeConstatee, SortieDeclaree
from router.domain.calendar import day_in
from router.domain.routing import said_in
from router.domain.rulebooks import candidature, demande, orientation
from router.domain.rules.effects import Effects, Event, World
from router.domain.subjects import Candidature, Demande, Envoi, Orientation, Place, Subject
from router.domain.territories import Lieu

ETAPES: Mapping[type[Subject], Mapping[StrEnum | None, Etape]] = {
    Demande: {demande.Etat.RECUE: Etape.DEMANDE},
    Orientation: {
        orientation.Etat.PROPOSEE: Etape.ORIENTATION,
        orientation.Etat.ACCEPTEE: Etape.ACCEPTATION,
        orientation.Etat.REFUS_STRUCTURE: Etape.REFUS_STRUCTURE,
        orientation.Etat.REFUS_PERSONNE: Etape.REFUS_PERSONNE,
        orientation.Etat.ENTREE: Etape.ENTREE,
        orientation.Etat.SORTIE: Etape.SORTIE,
    },
    Candidature: {candidature.Etat.BAIL_SIGNE: Etape.RELOGEMENT},
}
"""The step that reaching a state is; any other state is none."""


def observed(effects: Effects, event: Event, world: World) -> Effects:
    """The same effects, and the records of what was observed in them."""
    records = tuple(_records(effects, event, world))
    return replace(effects, derived=(*effects.derived, *records)) if records else effects


def _records(effects: Effects, event: Event, world: World) -> Iterator[Contrat]:
    for subject in effects.subjects:
        departement = _observed_in(event, subject, world)
        if departement is None:
            continue
        known = world.subjects.get(subject.id)
        moved = known is None or known.etat != subject.etat
        etape = ETAPES.get(type(subject), {}).get(subject.etat) if moved else None
        if etape is not None and isinstance(subject, Envoi):
            yield _record(event, etape, departement, subject, _household(subject, world))
        elif isinstance(subject, Place) and isinstance(event.contrat, AdmissionDirecte):
            yield _record(event, Etape.ENTREE, departement, subject, event.contrat.menage.id)


def _observed_in(event: Event, subject: Subject, world: World) -> str | None:
    """The département in which a subject moves; None where nobody observes it."""
    territoire = said_in(event.source, event.attributes.territoire, subject, world.registry)
    lieu = Lieu(territoire, departement_of(territoire))
    return lieu.departement if world.registry.listeners(Famille.BDOS, lieu) else None


def _record(
    event: Event, etape: Etape, departement: str, subject: Subject, household: UUID
) -> ObservationEnregistrement:
    described = getattr(event.contrat, "menage", None)
    menage = described if isinstance(described, Menage) else None
    demand, referral = _dossiers(subject)
    return ObservationEnregistrement(
        observation=_code(household, derived_id(event.attributes.id, "observation", etape)),
        departement=departement,
        pseudonyme=_code(household, household),
        etape=etape,
        le=_day(event),
        composition=menage.composition if menage else None,
        tranche_age=_age_band(menage) if menage else None,
        dispositif=_dispositif(event.contrat, subject),
        code_demande=_code(household, demand) if demand else None,
        code_orientation=_code(household, referral) if referral else None,
        admission_directe=isinstance(event.contrat, AdmissionDirecte),
    )


def _household(subject: Envoi, world: World) -> UUID:
    """That of the demand, where one is known: the SIAO may know its household under another id than who brought it."""
    demand = (
        world.subjects.get(subject.demande) if isinstance(subject, Orientation) and subject.demande else None
    )
    return demand.menage if isinstance(demand, Demande) else subject.menage


def _dossiers(subject: Subject) -> tuple[UUID | None, UUID | None]:
    """The demand and the referral of a step, of those that it has."""
    match subject:
        case Demande(id=demand):
            return demand, None
        case Orientation(id=referral, demande=demand):
            return demand, referral
    return None, None


def _code(household: UUID, ident: UUID) -> UUID:
    """What the observation calls a thing of a household. The household's id, which the hub shows to no partner, is
    needed to make it; a partner that knows its own referral, or the event that made a step, cannot."""
    return derived_id(household, "observation", str(ident))


def _day(event: Event) -> date:
    """The day of a step: as told, else on which the hub was told of it."""
    match event.contrat:
        case (
            EntreeConstatee(entree_le=day)
            | SortieDeclaree(sortie_le=day)
            | AdmissionDirecte(admission_le=day)
            | BailSigne(signature_le=day)
        ):
            return day
    return day_in(event.attributes.territoire, event.attributes.time)


def _age_band(menage: Menage) -> TrancheAge | None:
    """Of the first adult whose band is told in clear."""
    told = (person.tranche_age for person in menage.personnes)
    return next((band for band in told if band and band not in TRANCHES_MINEURES), None)


def _dispositif(contrat: Contrat, subject: Subject) -> Dispositif | None:
    """What kind of offer a step is about, where it is told."""
    if isinstance(subject, Candidature):
        return Dispositif.LOGEMENT
    told: Dispositif | None = getattr(contrat, "dispositif", None) or getattr(subject, "dispositif", None)
    return told
