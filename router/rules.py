"""What follows from an event: new states, derived events, a delivery. Pure; time comes in as `now`.

Only the clear half of a contract is read here: the rules never need what is sealed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.envelope import Attributes
from contracts.errors import Unroutable
from contracts.reference.codes import Dispositif, motif_permis
from contracts.v1 import place as offre
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit, EvenementAlerte, MotifAnomalie
from contracts.v1.attribution import CandidaturePresentee, CandidatureRetiree, EvenementCandidature
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import (
    EvenementOrientation,
    OrientationAnnulee,
    OrientationProposee,
    OrientationRefusee,
)
from contracts.v1.suite import AdmissionDirecte
from router import routing
from router.machines import candidature, orientation, place
from router.machines.book import Anomalie, Applied, Ignored, Machine
from router.partners import Registry
from router.subjects import Subject

HUB = "siao-hub"
"""Source of the events that the hub derives."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event as the rules see it: attributes and the clear half."""

    attributes: Attributes
    contrat: Contrat


@dataclass(frozen=True, slots=True)
class Effects:
    """What should happen; nothing has happened yet."""

    subjects: tuple[Subject, ...] = ()
    derived: tuple[Contrat, ...] = ()
    recipient: str | None = None
    outcome: tuple[str, str] | None = None
    """(`sans_effet` or `anomalie`, reason) when the event was not applied."""


@dataclass(frozen=True, slots=True)
class World:
    """What the rules may look at."""

    subjects: Mapping[UUID, Subject]
    registry: Registry
    reservation: timedelta


def concerned(contrat: Contrat) -> Iterator[UUID]:
    """Subjects that an event reads or changes, its own first."""
    yield contrat.sujet
    if isinstance(contrat, OrientationProposee) and contrat.place is not None:
        yield contrat.place


def apply(event: Event, world: World, now: datetime) -> Effects:
    """Judge one event. Raises Unroutable when it is legal but nobody is there to receive it."""
    contrat = event.contrat
    match contrat:
        case OrientationProposee():
            return _propose(event, contrat, world, now)
        case EvenementOrientation():
            return _answer(event, orientation.MACHINE, orientation.evenement(contrat), world)
        case CandidaturePresentee():
            return _present(event, contrat, world)
        case EvenementCandidature():
            return _answer(event, candidature.MACHINE, candidature.evenement(contrat), world)
        case offre.PlaceReservee() | offre.GroupePlacesModifie() | AdmissionDirecte() | EvenementAlerte():
            return _forward(event, world)
        case offre.EvenementPlace():
            return _move_place(event, contrat, world)
        case LivraisonRemise():
            return _received(contrat, world)
    raise Unroutable(f"aucune règle pour {contrat.TYPE}")


def _move_place(event: Event, contrat: offre.EvenementPlace, world: World) -> Effects:
    known = world.subjects.get(contrat.place)
    owner = known.text("gestionnaire") if known else event.attributes.source
    if event.attributes.source not in (owner, HUB):
        return _anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    if known and _is_older(event, known, routing.Role.EMETTEUR):
        return Effects(outcome=("sans_effet", "plus_ancien"))
    verdict = place.MACHINE.move(known.etat if known else None, place.EVENEMENTS[type(contrat)])
    if isinstance(verdict, Anomalie):
        return _anomaly(event, verdict.motif, known)
    if isinstance(verdict, Ignored):
        return Effects(outcome=("sans_effet", verdict.reason))
    if verdict.etat is place.Etat.RESERVEE:
        return Effects(outcome=("sans_effet", "place_reservee"))
    base = known or Subject(contrat.place, Nature.PLACE, verdict.etat)
    data = {"gestionnaire": owner, "orientation": _held_for(contrat, verdict.etat, known)}
    moved = base.moved(verdict.etat, donnees={**data, **_version(event, routing.Role.EMETTEUR)})
    return _forward(event, world, moved)


def _held_for(contrat: offre.EvenementPlace, etat: StrEnum, known: Subject | None) -> str | None:
    """The referral whose household is in the place, or about to be; a place that is free has none."""
    if isinstance(contrat, offre.PlaceOccupee) and contrat.orientation is not None:
        return str(contrat.orientation)
    stays = etat in (place.Etat.OCCUPEE, place.Etat.A_LIBERER)
    return known.text("orientation") if known and stays else None


def _version(event: Event, role: routing.Role) -> Mapping[str, int]:
    """What a sender's own version leaves in a subject."""
    version = event.contrat.version
    return {} if version is None or event.attributes.source == HUB else {f"version_{role}": version}


def _is_older(event: Event, known: Subject, role: routing.Role) -> bool:
    """A lower version of the sender is older; an event of the hub holds only for the version it saw."""
    version = event.contrat.version
    if version is None:
        return False
    if event.attributes.source == HUB:
        return version != known.version
    seen = known.donnees.get(f"version_{role}")
    return isinstance(seen, int) and version < seen


def _propose(event: Event, contrat: OrientationProposee, world: World, now: datetime) -> Effects:
    if contrat.orientation in world.subjects:
        return Effects(outcome=("sans_effet", "deja_connu"))
    wanted = world.subjects.get(contrat.place) if contrat.place else None
    if contrat.place is not None and wanted is None:
        return _anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    if wanted is not None and not isinstance(
        place.MACHINE.move(wanted.etat, place.Evenement.RESERVER), Applied
    ):
        return _conflict(event, wanted)
    manager = wanted.text("gestionnaire") if wanted else _recipient_of(contrat, world.registry)
    if manager is None:
        raise Unroutable("aucun partenaire du registre ne gère cette structure")
    referral = _opened(
        event,
        orientation.Etat.PROPOSEE,
        contrat.menage.id,
        manager,
        place=str(contrat.place) if contrat.place else None,
        dispositif=contrat.dispositif,
    )
    effects = _forward(event, world, referral)
    if wanted is None:
        return effects
    reserved = wanted.moved(
        place.Etat.RESERVEE,
        due_at=now + world.reservation,
        donnees={"orientation": str(contrat.orientation)},
    )
    return replace(effects, subjects=(referral, reserved))


def _present(event: Event, contrat: CandidaturePresentee, world: World) -> Effects:
    if contrat.candidature in world.subjects:
        return Effects(outcome=("sans_effet", "deja_connu"))
    landlord = _manager(contrat.bailleur, world.registry)
    if landlord is None:
        raise Unroutable("aucun partenaire du registre n'a ce SIRET de bailleur")
    candidacy = _opened(event, candidature.Etat.PRESENTEE, contrat.menage.id, landlord)
    return _forward(event, world, candidacy)


def _opened(event: Event, etat: StrEnum, menage: UUID, recipient: str, **donnees: str | None) -> Subject:
    """A new referral or candidacy: who sent it, who owes the answer."""
    contrat = event.contrat
    parties = {"emetteur": event.attributes.source, "destinataire": recipient}
    return Subject(
        contrat.sujet,
        contrat.NATURE,
        etat,
        version=1,
        menage=menage,
        donnees={**parties, **donnees, "version_emetteur": contrat.version},
    )


def _answer(event: Event, machine: Machine, move: StrEnum, world: World) -> Effects:
    """An event of a referral or candidacy that exists: only its two parties may speak."""
    contrat = event.contrat
    known = world.subjects.get(contrat.sujet)
    if known is None or known.nature is not contrat.NATURE:
        return _anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    role = _speaker(contrat)
    if event.attributes.source != known.text(role):
        return _anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    if _is_older(event, known, role):
        return Effects(outcome=("sans_effet", "plus_ancien"))
    if isinstance(contrat, OrientationRefusee) and not _may_refuse(contrat, known):
        return _anomaly(event, MotifAnomalie.RESSOURCES_EN_URGENCE, known)
    verdict = machine.move(known.etat, move)
    if isinstance(verdict, Anomalie):
        return _anomaly(event, verdict.motif, known)
    if isinstance(verdict, Ignored):
        return Effects(outcome=("sans_effet", verdict.reason))
    moved = known.moved(verdict.etat, donnees=_version(event, role))
    named = known.uuid("place")
    held = world.subjects.get(named) if named else None
    if held is None or moved.etat == known.etat:
        return _forward(event, world, moved)
    if lost := _lost_place(moved, held):
        return _anomaly(event, lost, known)
    return _follow_place(_forward(event, world, moved), moved, held)


def _speaker(contrat: Contrat) -> routing.Role:
    """Who may say this: the SIAO takes back what it sent, the recipient answers."""
    withdrawn = isinstance(contrat, OrientationAnnulee | CandidatureRetiree)
    return routing.Role.EMETTEUR if withdrawn else routing.Role.DESTINATAIRE


def _may_refuse(contrat: OrientationRefusee, known: Subject) -> bool:
    dispositif = known.text("dispositif")
    return dispositif is None or motif_permis(contrat.motif, Dispositif(dispositif))


def _lost_place(referral: Subject, held: Subject) -> MotifAnomalie | None:
    """Why a household can no longer have its place. One that was released meanwhile is a new offer to decide;
    an arrival is a fact, unless the place is another household's by now."""
    arrives = referral.etat == orientation.Etat.ENTREE
    holder = held.uuid("orientation")
    if holder == referral.id or (arrives and holder is None):
        return None
    return _taken(held) if arrives or referral.etat in orientation.PROMISES else None


def _follow_place(effects: Effects, referral: Subject, held: Subject) -> Effects:
    """The place of a referral follows it: kept once promised, occupied on arrival, free again at the end."""
    mine = held.uuid("orientation") == referral.id
    if referral.etat == orientation.Etat.ENTREE:
        if isinstance(place.MACHINE.move(held.etat, place.Evenement.OCCUPER), Applied):
            occupied = held.moved(place.Etat.OCCUPEE, donnees={"orientation": str(referral.id)})
            return replace(effects, subjects=(*effects.subjects, occupied))
    elif mine and referral.etat in orientation.PROMISES and held.etat == place.Etat.RESERVEE:
        kept = held.moved(place.Etat.RESERVEE, due_at=None)
        return replace(effects, subjects=(*effects.subjects, kept))
    elif mine and held.etat in _LEFT.get(referral.etat, ()):
        free = held.moved(place.Etat.DISPONIBLE, donnees={"orientation": None})
        news = offre.PlaceDisponible(place=free.id, version=free.version)
        return replace(effects, subjects=(*effects.subjects, free), derived=(*effects.derived, news))
    return effects


_LEFT: Mapping[str, tuple[place.Etat, ...]] = {
    **dict.fromkeys(orientation.FINIES_SANS_ENTREE, (place.Etat.RESERVEE,)),
    orientation.Etat.SORTIE: (place.Etat.OCCUPEE, place.Etat.A_LIBERER),
}
"""How a referral ends, and the states of its place in which that frees it."""


def _received(contrat: LivraisonRemise, world: World) -> Effects:
    known = world.subjects.get(contrat.objet)
    if known is None or "remise_le" in known.donnees:
        return Effects(outcome=("sans_effet", "deja_connu"))
    return Effects(
        subjects=(
            known.moved(
                known.etat, due_at=known.due_at, donnees={"remise_le": contrat.remise_le.isoformat()}
            ),
        )
    )


def _forward(event: Event, world: World, subject: Subject | None = None) -> Effects:
    recipient = routing.recipient(event.contrat, event.attributes.territoire, subject, world.registry)
    return Effects(subjects=(subject,) if subject else (), recipient=recipient)


def _anomaly(event: Event, motif: MotifAnomalie, known: Subject | None) -> Effects:
    alert = AlerteAnomalie(
        objet=event.contrat.sujet,
        nature=event.contrat.NATURE,
        evenement=event.attributes.id,
        type_evenement=event.contrat.TYPE,
        motif=motif,
        etat=known.etat if known else None,
    )
    return Effects(derived=(alert,), outcome=("anomalie", motif))


def _conflict(event: Event, wanted: Subject) -> Effects:
    motif = _taken(wanted)
    alert = AlerteConflit(
        objet=event.contrat.sujet,
        nature=event.contrat.NATURE,
        evenement=event.attributes.id,
        type_evenement=event.contrat.TYPE,
        motif=motif,
        place=wanted.id,
    )
    return Effects(derived=(alert,), outcome=("anomalie", motif))


def _taken(wanted: Subject) -> MotifAnomalie:
    reserved = wanted.etat == place.Etat.RESERVEE
    return MotifAnomalie.PLACE_DEJA_RESERVEE if reserved else MotifAnomalie.PLACE_NON_DISPONIBLE


def _recipient_of(contrat: OrientationProposee, registry: Registry) -> str | None:
    """Who manages the structure: as noted at intake, or known only since."""
    return contrat.gestionnaire or _manager(contrat.structure, registry)


def _manager(structure: str | None, registry: Registry) -> str | None:
    partner = registry.manager_of(structure) if structure else None
    return partner.id if partner else None
