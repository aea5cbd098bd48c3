"""Make records for the social observation, which is anonymous statistics on households' pathways (duty C12 of
`docs/obligations.md`).

Each step of a pathway gives one record, made from unencrypted fields only. A département gets no records if
no partner there keeps these statistics.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Event, derived_id
from contracts.partner import Famille
from contracts.reference.codes import TRANCHES_MINEURES, Dispositif, TrancheAge
from contracts.reference.territoires import departement_of
from contracts.v1.attribution import BailSigne
from contracts.v1.menage import Menage
from contracts.v1.observation import Etape, ObservationEnregistrement
from contracts.v1.suite import AdmissionDirecte, EntreeConstatee, SortieDeclaree
from router.domain.calendar import day_in
from router.domain.location import said_in
from router.domain.rulebooks import candidature, demande, orientation
from router.domain.rules.direct_admissions import is_known
from router.domain.rules.effects import Effects, World
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
"""Step of a household that is recorded, by type of subject and new state. There is one other step: an
admission without the SIAO that opens no stay is recorded as an arrival."""


def observed(effects: Effects, event: Event, world: World) -> Effects:
    """Add an anonymous statistical record to the effects for each step that the event makes in a household's
    pathway, such as a referral or an arrival (`ETAPES`)."""
    records = tuple(_records(effects, event, world))
    return effects.with_news(*records) if records else effects


def _records(effects: Effects, event: Event, world: World) -> Iterator[Contrat]:
    stay = any(isinstance(subject, Orientation) for subject in effects.subjects)
    for subject in effects.subjects:
        known = world.subjects.get(subject.id)
        moved = known is None or known.etat != subject.etat
        etape = ETAPES.get(type(subject), {}).get(subject.etat) if moved else None
        if etape is not None and isinstance(subject, Envoi):
            household = _household(subject, world)
        elif isinstance(subject, Place) and isinstance(event.contrat, AdmissionDirecte) and not stay:
            if isinstance(known, Place) and is_known(event.contrat, known):
                continue
            etape, household = Etape.ENTREE, event.contrat.menage.id
        else:
            continue
        if (departement := _observed_in(event, subject, world)) is not None:
            yield _record(event, etape, departement, subject, household)


def _observed_in(event: Event, subject: Subject, world: World) -> str | None:
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
    """Return the id of the household that a demand, referral or candidacy is about. For a referral of a known
    demand, this is the household's id in the demand: in the referral, the SIAO may have sent another id for
    the same household."""
    demand = (
        world.subjects.get(subject.demande) if isinstance(subject, Orientation) and subject.demande else None
    )
    return demand.menage if isinstance(demand, Demande) else subject.menage


def _dossiers(subject: Subject) -> tuple[UUID | None, UUID | None]:
    match subject:
        case Demande(id=demand):
            return demand, None
        case Orientation(id=referral, demande=demand):
            return demand, referral
    return None, None


def _code(household: UUID, ident: UUID) -> UUID:
    """Return the id that replaces `ident` in the statistics. Partners cannot compute it, because only the hub
    knows the id `household`."""
    return derived_id(household, "observation", str(ident))


def _day(event: Event) -> date:
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
    bands = (person.tranche_age for person in menage.personnes)
    return next((band for band in bands if band and band not in TRANCHES_MINEURES), None)


def _dispositif(contrat: Contrat, subject: Subject) -> Dispositif | None:
    if isinstance(subject, Candidature):
        return Dispositif.LOGEMENT
    dispositif: Dispositif | None = getattr(contrat, "dispositif", None) or getattr(
        subject, "dispositif", None
    )
    return dispositif
