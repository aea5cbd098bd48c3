"""What follows from an event: new states, derived events, a delivery. Pure; time comes in as `now`.

Only the clear half of a contract is read here: the rules never need what is sealed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.envelope import Attributes
from contracts.errors import Unroutable
from contracts.reference.codes import Dispositif, motif_permis
from contracts.v1 import place as offre
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit, EvenementAlerte, MotifAnomalie
from contracts.v1.attribution import CandidaturePresentee, EvenementCandidature
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import EvenementOrientation, OrientationProposee, OrientationRefusee
from contracts.v1.suite import AdmissionDirecte, SortieDeclaree
from router.domain import routing
from router.domain.jour import day_in
from router.domain.partners import HUB as HUB
from router.domain.partners import Registry
from router.domain.rulebooks import candidature, orientation, place
from router.domain.rulebooks.book import Anomalie, Applied, Ignored, Machine
from router.domain.subjects import Subject


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
    recipients: tuple[str, ...] = ()
    outcome: tuple[str, str] | None = None
    """(`sans_effet` or `anomalie`, reason) when the event was not applied; what is only noted may remain of it."""


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
            today = day_in(event.attributes.territoire, now)
            return _answer(event, orientation.MACHINE, orientation.evenement(contrat, today), world)
        case CandidaturePresentee():
            return _present(event, contrat, world)
        case EvenementCandidature():
            return _answer(event, candidature.MACHINE, candidature.evenement(contrat), world)
        case AdmissionDirecte():
            return _admit_directly(event, contrat, world)
        case offre.PlaceReservee():
            return _told_reserved(event, contrat, world)
        case offre.EvenementPlace():
            return _move_place(event, contrat, world)
        case offre.GroupePlacesModifie():
            return _forward(event, world)
        case EvenementAlerte():
            return _alert(event, contrat, world)
        case LivraisonRemise():
            return _received(contrat, world)
    raise Unroutable(f"aucune règle pour {contrat.TYPE}")


def _move_place(event: Event, contrat: offre.EvenementPlace, world: World) -> Effects:
    known = world.subjects.get(contrat.place)
    if refused := _not_heard(event, known, world):
        return refused
    held = known or place.unknown(contrat.place, event.attributes.source)
    move = place.evenement(contrat, held, event.attributes.source == HUB)
    moved = place.befall(held, move, orientation=_inhabitant(contrat, held), libre_le=_leaves_on(contrat))
    if not isinstance(moved, Subject):
        return _not_applied(event, moved, known)
    stamped = _stamped(event, moved)
    if moved.version == held.version:
        return _unchanged("place_reservee", held, stamped)
    return _forward(event, world, stamped)


def _inhabitant(contrat: offre.EvenementPlace, held: Subject) -> UUID | None:
    """The referral by which a place is occupied: as the manager says, else the one it was held for."""
    if not isinstance(contrat, offre.PlaceOccupee):
        return None
    return contrat.orientation or held.uuid("orientation")


def _leaves_on(contrat: Contrat) -> date | None:
    """The day on which an occupant will have left, where a message tells it."""
    match contrat:
        case offre.PlaceVacancePrevisible():
            return contrat.libre_le
        case SortieDeclaree():
            return contrat.sortie_le
    return None


def _admit_directly(event: Event, contrat: AdmissionDirecte, world: World) -> Effects:
    """A household admitted without the SIAO: a fact, told and counted whatever it breaks (duty C2)."""
    known = world.subjects.get(contrat.place)
    if refused := _not_heard(event, known, world):
        return refused
    held = known or place.unknown(contrat.place, event.attributes.source)
    moved = place.befall(held, place.Evenement.OCCUPER)
    alerts: list[Contrat] = []
    if contrat.derogation is None:
        alerts.append(_alert_of(event, MotifAnomalie.SANS_DEROGATION, known))
    if held.etat == place.Etat.RESERVEE and (loser := held.uuid("orientation")):
        alerts.append(_conflict_of(event, loser, Nature.ORIENTATION, held))
    told = _forward(event, world, _stamped(event, moved if isinstance(moved, Subject) else held))
    return replace(told, derived=tuple(alerts))


def _told_reserved(event: Event, contrat: offre.PlaceReservee, world: World) -> Effects:
    """Told, and nothing more: a reservation comes from a referral."""
    known = world.subjects.get(contrat.place)
    if known is None:
        return _anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    return _not_heard(event, known, world) or replace(_forward(event, world, known), subjects=())


def _propose(event: Event, contrat: OrientationProposee, world: World, now: datetime) -> Effects:
    if not_opened := _not_opened(event, world):
        return not_opened
    wanted = world.subjects.get(contrat.place) if contrat.place else None
    if contrat.place is not None and wanted is None:
        return _anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    until = now + world.reservation
    reserved = wanted and place.befall(
        wanted, place.Evenement.RESERVER, orientation=contrat.orientation, until=until
    )
    if wanted and not isinstance(reserved, Subject):
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
    return replace(effects, subjects=(referral, reserved)) if isinstance(reserved, Subject) else effects


def _present(event: Event, contrat: CandidaturePresentee, world: World) -> Effects:
    if not_opened := _not_opened(event, world):
        return not_opened
    landlord = _manager(contrat.bailleur, world.registry)
    if landlord is None:
        raise Unroutable("aucun partenaire du registre n'a ce SIRET de bailleur")
    candidacy = _opened(event, candidature.Etat.PRESENTEE, contrat.menage.id, landlord)
    return _forward(event, world, candidacy)


def _not_opened(event: Event, world: World) -> Effects | None:
    """Why a referral or candidacy is not opened: its sender may not, or it is known."""
    contrat, source = event.contrat, event.attributes.source
    known = world.subjects.get(contrat.sujet)
    anothers = known is not None and known.text(routing.Role.EMETTEUR) != source
    if anothers or not routing.may_say(contrat, source, None, world.registry):
        return _anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    if known is None:
        return None
    if _is_older(event, known):
        return _OLDER
    return _unchanged("deja_connu", known, _stamped(event, known))


def _opened(event: Event, etat: StrEnum, menage: UUID, recipient: str, **donnees: str | None) -> Subject:
    """A new referral or candidacy: who sent it, who owes the answer."""
    contrat = event.contrat
    parties = {"emetteur": event.attributes.source, "destinataire": recipient}
    opened = Subject(
        contrat.sujet, contrat.NATURE, etat, version=1, menage=menage, donnees={**parties, **donnees}
    )
    return _stamped(event, opened)


def _answer(event: Event, machine: Machine, move: StrEnum, world: World) -> Effects:
    """An event of a referral or candidacy that exists: only those may speak who have a part in it."""
    contrat = event.contrat
    known = world.subjects.get(contrat.sujet)
    if known is None or known.nature is not contrat.NATURE:
        return _anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    if refused := _not_heard(event, known, world):
        return refused
    if isinstance(contrat, OrientationRefusee) and not _may_refuse(contrat, known):
        return _anomaly(event, MotifAnomalie.RESSOURCES_EN_URGENCE, known)
    verdict = machine.move(known.etat, move)
    if not isinstance(verdict, Applied):
        return _not_applied(event, verdict, known)
    moved = _stamped(event, known.moved(verdict.etat))
    named, follows = known.uuid("place"), FOLLOWS.get(move)
    held = world.subjects.get(named) if named else None
    if held is None or follows is None:
        return _forward(event, world, moved)
    if lost := _lost_place(follows, moved.id, held):
        return _anomaly(event, lost, known)
    return _follow_place(_forward(event, world, moved), moved.id, held, follows, _leaves_on(contrat))


def _may_refuse(contrat: OrientationRefusee, known: Subject) -> bool:
    dispositif = known.text("dispositif")
    return dispositif is None or motif_permis(contrat.motif, Dispositif(dispositif))


FOLLOWS: Mapping[StrEnum, place.Evenement] = {
    orientation.Evenement.ACCEPTER: place.Evenement.PROMETTRE,
    orientation.Evenement.ADMETTRE: place.Evenement.PROMETTRE,
    orientation.Evenement.ENTRER: place.Evenement.OCCUPER,
    orientation.Evenement.PREVOIR_LA_SORTIE: place.Evenement.VACANCE_PREVISIBLE,
    orientation.Evenement.SORTIR: place.Evenement.LIBERER,
    orientation.Evenement.REFUSER_STRUCTURE: place.Evenement.RENDRE,
    orientation.Evenement.REFUSER_PERSONNE: place.Evenement.RENDRE,
    orientation.Evenement.ABSENCE: place.Evenement.RENDRE,
    orientation.Evenement.ANNULER: place.Evenement.RENDRE,
}
"""What an event of a referral does to its place; any other leaves it alone."""


def _lost_place(follows: place.Evenement, referral: UUID, held: Subject) -> MotifAnomalie | None:
    """Why a household can no longer have its place. One that was released meanwhile is a new offer to decide;
    an arrival is a fact, unless the place is another household's by now."""
    holder, arrives = held.uuid("orientation"), follows is place.Evenement.OCCUPER
    wants = arrives or follows is place.Evenement.PROMETTRE
    if not wants or holder == referral or (arrives and holder is None):
        return None
    return _taken(held)


def _follow_place(
    effects: Effects, referral: UUID, held: Subject, follows: place.Evenement, libre_le: date | None
) -> Effects:
    """The place of a referral follows it: kept once promised, occupied on arrival, free again at the end."""
    move = place.given_up(held) if follows is place.Evenement.RENDRE else follows
    moved = place.befall(held, move, orientation=referral, libre_le=libre_le)
    mine = move is place.Evenement.OCCUPER or place.party(held, move) == referral
    if not mine or not isinstance(moved, Subject):
        return effects
    free = moved.etat == place.Etat.DISPONIBLE
    news = (offre.PlaceDisponible(place=moved.id, version=moved.version),) if free else ()
    return replace(effects, subjects=(*effects.subjects, moved), derived=news)


def _not_heard(event: Event, known: Subject | None, world: World) -> Effects | None:
    """What follows where the sender may not say this of a subject, or says what is older."""
    if not _may_say(event, known, world.registry):
        return _anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    return _OLDER if _is_older(event, known) else None


def _may_say(event: Event, known: Subject | None, registry: Registry) -> bool:
    """As the table says; of a place also the hub, and anybody who first speaks of it."""
    contrat, source = event.contrat, event.attributes.source
    if contrat.NATURE is Nature.PLACE and (known is None or source == HUB):
        return True
    return routing.may_say(contrat, source, known, registry)


def _is_older(event: Event, known: Subject | None) -> bool:
    """A lower version of the sender is older; an event of the hub holds only for the version it saw."""
    version, source = event.contrat.version, event.attributes.source
    if source == HUB:
        return known is None or version != known.version
    seen = known.donnees.get(f"version_{source}") if known else None
    return version is not None and isinstance(seen, int) and version < seen


def _stamped(event: Event, subject: Subject) -> Subject:
    """With the sender's version: what is older is known for that, even behind a message without effect."""
    version, source = event.contrat.version, event.attributes.source
    return subject if version is None or source == HUB else subject.noted(**{f"version_{source}": version})


_OLDER = Effects(outcome=("sans_effet", "plus_ancien"))


def _not_applied(event: Event, verdict: Ignored | Anomalie, known: Subject | None) -> Effects:
    if isinstance(verdict, Anomalie):
        return _anomaly(event, verdict.motif, known)
    return _unchanged(verdict.reason, known, known and _stamped(event, known))


def _unchanged(reason: str, known: Subject | None, noted: Subject | None) -> Effects:
    return Effects(subjects=(noted,) if noted and noted != known else (), outcome=("sans_effet", reason))


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


def _alert(event: Event, contrat: EvenementAlerte, world: World) -> Effects:
    """To the SIAO, and to who sent what it is about."""
    told = _forward(event, world).recipients
    also = routing.alerted(contrat.emetteur, world.registry)
    return Effects(recipients=tuple(dict.fromkeys((*told, *also))))


def _forward(event: Event, world: World, subject: Subject | None = None) -> Effects:
    a = event.attributes
    recipient = routing.recipient(event.contrat, a.source, a.territoire, subject, world.registry)
    return Effects(subjects=(subject,) if subject else (), recipients=(recipient,) if recipient else ())


def _anomaly(event: Event, motif: MotifAnomalie, known: Subject | None) -> Effects:
    return Effects(derived=(_alert_of(event, motif, known),), outcome=("anomalie", motif))


def _conflict(event: Event, wanted: Subject) -> Effects:
    alert = _conflict_of(event, event.contrat.sujet, event.contrat.NATURE, wanted)
    return Effects(derived=(alert,), outcome=("anomalie", alert.motif))


def _alert_of(event: Event, motif: MotifAnomalie, known: Subject | None) -> AlerteAnomalie:
    """A sender without business with a subject does not learn where it stands."""
    told = known is not None and motif is not MotifAnomalie.EMETTEUR_INATTENDU
    return AlerteAnomalie(
        objet=event.contrat.sujet,
        nature=event.contrat.NATURE,
        evenement=event.attributes.id,
        type_evenement=event.contrat.TYPE,
        emetteur=event.attributes.source,
        motif=motif,
        etat=known.etat if known and told else None,
    )


def _conflict_of(event: Event, objet: UUID, nature: Nature, wanted: Subject) -> AlerteConflit:
    """That a referral does not get its place."""
    return AlerteConflit(
        objet=objet,
        nature=nature,
        evenement=event.attributes.id,
        type_evenement=event.contrat.TYPE,
        emetteur=event.attributes.source,
        motif=_taken(wanted),
        place=wanted.id,
    )


def _taken(wanted: Subject) -> MotifAnomalie:
    reserved = wanted.etat == place.Etat.RESERVEE
    return MotifAnomalie.PLACE_DEJA_RESERVEE if reserved else MotifAnomalie.PLACE_NON_DISPONIBLE


def _recipient_of(contrat: OrientationProposee, registry: Registry) -> str | None:
    """Who manages the structure: as noted at intake, or known only since."""
    return contrat.gestionnaire or _manager(contrat.structure, registry)


def _manager(structure: str | None, registry: Registry) -> str | None:
    partner = registry.manager_of(structure) if structure else None
    return partner.id if partner else None
