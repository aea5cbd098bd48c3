"""Rules for a referral: a SIAO proposes a household to a place or a structure. The module also has the rule
book of referrals, with their states and what each message changes."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.errors import Unroutable
from contracts.frozen import replace
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.echeance import Echeance, SuiteEcheance
from contracts.v1.orientation import (
    OrientationAcceptee,
    OrientationAccusee,
    OrientationAnnulee,
    OrientationMiseEnAttente,
    OrientationPreadmissionPlanifiee,
    OrientationProposee,
    OrientationRefusee,
)
from contracts.v1.suite import (
    AccompagnementDemande,
    AccompagnementRepondu,
    AccompagnementSansContact,
    AdmissionPrononcee,
    EntreeConstatee,
    PresentationAbsence,
    SejourProlonge,
    SortieDeclaree,
)
from router.domain import location
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.rulebooks import place
from router.domain.rulebooks.book import Book, ByContent
from router.domain.rulebooks.orientation import REFUS, Etat, Evenement, refus, sortie
from router.domain.rules import abroad
from router.domain.rules.admissibility import first_state, stamped
from router.domain.rules.alerts import anomaly, conflict, why_unavailable
from router.domain.rules.demand_of_referral import with_demand
from router.domain.rules.effects import Effects, World, forward
from router.domain.rules.envois import move_envoi
from router.domain.rules.place_memory import place_after
from router.domain.rules.reserved import for_the_state
from router.domain.subjects import Orientation, Place
from router.domain.tonight import taken

PROPOSER = Evenement.PROPOSER
DECIDES = "accepter ou refuser"
ARRIVES = "dire si le ménage est arrivé, ou absent"


def propose(event: Event, world: World, now: datetime) -> Effects:
    """Create a referral and reserve all its places. If one of the places cannot be reserved, nothing is
    applied, and the SIAO is alerted. A referral to a structure names no place, and reserves none. If the
    message names no day of arrival, the household is expected on the first day on which all places are
    free. Raises Unroutable if nobody manages the structure, or if the manager receives no deliveries."""
    contrat = event.contrat
    assert isinstance(contrat, OrientationProposee)
    etat = first_state(event, Orientation.MACHINE, PROPOSER, world)
    if isinstance(etat, Effects):
        return etat
    if not contrat.places:
        return _to_structure(event, contrat, etat, world)
    held = _held(event, contrat, world, now + world.reservation)
    if isinstance(held, Effects):
        return held
    free_from = max((each.libre_le for each in held if each.libre_le), default=None)
    referral = _referral(event, contrat, etat, held[0].gestionnaire)
    referral = replace(referral, presentation_le=contrat.presentation_le or free_from)
    structure = world.registry.open_structure(held[0].structure)
    referral = replace(referral, structure=structure, commune=held[0].commune)
    news: tuple[Contrat, ...] = tuple(each for place in held for each in taken(event, place, world.registry))
    news += (*for_the_state(event, referral, held, world), *abroad.reservation_notices(event, held, world))
    effects = replace(forward(event, world, referral), subjects=(referral, *held), derived=news)
    return with_demand(effects, event, referral, PROPOSER, world)


def _to_structure(event: Event, contrat: OrientationProposee, etat: StrEnum, world: World) -> Effects:
    manager = _addressee(contrat, world.registry)
    other = location.other_siao_of_structure(event.source, contrat, manager, world.registry)
    if abroad.is_forbidden(event, other, world):
        return anomaly(event, MotifAnomalie.AUTRE_SIAO, None)
    referral = _referral(event, contrat, etat, manager)
    referral = replace(referral, structure=location.open_structure(contrat, world.registry))
    effects = forward(event, world, referral).with_news(*abroad.referral_notice(event, referral, other))
    return with_demand(effects, event, referral, PROPOSER, world)


def _held(
    event: Event, contrat: OrientationProposee, world: World, until: datetime
) -> Sequence[Place] | Effects:
    wanted = [world.subjects.get(ident) for ident in contrat.places]
    held: list[Place] = []
    for each in wanted:
        if not isinstance(each, Place):
            return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
        if abroad.is_forbidden(event, location.other_siao(event.source, each, world.registry), world):
            return conflict(event, each, MotifAnomalie.AUTRE_SIAO)
        reserved = place_after(each, place.Evenement.RESERVER, orientation=contrat.orientation, until=until)
        if not isinstance(reserved, Place) or _comes_too_soon(contrat, each):
            return conflict(event, each, why_unavailable(each))
        if held and each.gestionnaire != held[0].gestionnaire:
            return conflict(event, each, MotifAnomalie.AUTRE_GESTIONNAIRE)
        held.append(reserved)
    return held


def _comes_too_soon(contrat: OrientationProposee, wanted: Place) -> bool:
    day, free = contrat.presentation_le, wanted.libre_le
    return day is not None and free is not None and day < free


def _referral(event: Event, contrat: OrientationProposee, etat: StrEnum, manager: str) -> Orientation:
    referral = Orientation(
        id=contrat.sujet,
        etat=Etat(etat),
        version=1,
        emetteur=event.source,
        destinataire=manager,
        menage=contrat.menage.id,
        place=contrat.place,
        autres_places=contrat.autres_places,
        demande=contrat.demande,
        presentation_le=contrat.presentation_le,
        dispositif=contrat.dispositif,
    )
    return stamped(event, referral)


def _addressee(contrat: OrientationProposee, registry: Registry) -> str:
    """Return the id of the partner that manages the structure of a referral. Raises Unroutable if no partner
    manages it. The text of the error does not name the structure, because its address may be secret."""
    manager = contrat.gestionnaire or _manager(contrat.structure, registry)
    if manager is None:
        raise Unroutable("aucun partenaire du registre ne gère la structure que nomme cette orientation")
    return manager


def _manager(structure: str | None, registry: Registry) -> str | None:
    partner = registry.manager_of(structure) if structure else None
    return partner.id if partner else None


BOOK = Book(
    subject=Orientation,
    moves={
        OrientationProposee: Evenement.PROPOSER,
        OrientationAccusee: Evenement.ACCUSER,
        OrientationMiseEnAttente: Evenement.METTRE_EN_ATTENTE,
        OrientationPreadmissionPlanifiee: Evenement.PREADMISSION,
        OrientationAcceptee: Evenement.ACCEPTER,
        OrientationRefusee: ByContent(refus, REFUS),
        OrientationAnnulee: Evenement.ANNULER,
        AdmissionPrononcee: Evenement.ADMETTRE,
        EntreeConstatee: Evenement.ENTRER,
        PresentationAbsence: Evenement.ABSENCE,
        SejourProlonge: Evenement.PROLONGER,
        SortieDeclaree: ByContent(sortie, {"": Evenement.SORTIR}),
        AccompagnementDemande: Evenement.ACCOMPAGNER,
        AccompagnementRepondu: Evenement.ACCOMPAGNER,
        AccompagnementSansContact: Evenement.ACCOMPAGNER,
    },
    openers={PROPOSER: propose},
    mover=move_envoi,
    expected={
        Etat.PROPOSEE: (Party.DESTINATAIRE, f"dire qu'elle est lue, puis {DECIDES}"),
        Etat.ACCUSEE: (Party.DESTINATAIRE, DECIDES),
        Etat.EN_ATTENTE: (Party.DESTINATAIRE, DECIDES),
        Etat.PREADMISSION: (Party.DESTINATAIRE, f"dire le résultat de la préadmission : {DECIDES}"),
        Etat.ACCEPTEE: (Party.DESTINATAIRE, ARRIVES),
        Etat.ADMISE: (Party.DESTINATAIRE, ARRIVES),
        Etat.ENTREE: (Party.DESTINATAIRE, "déclarer la sortie, le jour venu"),
    },
    beside={Echeance.ACCOMPAGNEMENT: "répondre à la demande d'accompagnement"},
    informing=(Evenement.ACCOMPAGNER,),
    silence={SuiteEcheance.SANS_REPONSE: Evenement.CONSTATER_LE_SILENCE},
)
