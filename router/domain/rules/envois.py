"""Rules for messages about a demand, a referral, a candidacy or another request that the hub knows
already. Such a message may also change the places, the demand or the household of the request."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.frozen import replace
from contracts.reference.codes import motif_permis
from contracts.sealed import clear_half
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.demande import EvaluationDemandee
from contracts.v1.menage import Menage
from contracts.v1.orientation import OrientationAcceptee, OrientationPreadmissionPlanifiee, OrientationRefusee
from contracts.v1.place import PlaceDisponible
from contracts.v1.suite import (
    AccompagnementDemande,
    AccompagnementRepondu,
    AdmissionPrononcee,
    EntreeConstatee,
    SortieDeclaree,
)
from router.domain import routing
from router.domain.partners import Registry
from router.domain.rulebooks import orientation, place
from router.domain.rulebooks.machine import Anomalie, Ignored
from router.domain.rules.admissibility import inadmissible, not_applied, stamped
from router.domain.rules.alerts import anomaly, why_unavailable
from router.domain.rules.demand_of_referral import with_demand
from router.domain.rules.effects import Effects, World, forward
from router.domain.rules.evaluations import asked_by, evaluation_noted
from router.domain.rules.household_of_candidacy import with_ready
from router.domain.rules.offers import offered
from router.domain.rules.place_memory import explained, given_up, is_explained_by, place_after, referral_of
from router.domain.subjects import Candidature, Demande, Envoi, Orientation, Place
from router.domain.tonight import taken

INTERVIEW_WITHIN = timedelta(days=60)
"""Longest time from a message to the interview that the message announces. Without this limit, a mistyped
year could keep a referral and its place for years."""


def move_envoi(event: Event, move: StrEnum, world: World) -> Effects:
    """Apply a message about a request that one partner has sent to another, such as a referral or a
    candidacy. `move`: the transition that the message makes in the request. If a rule forbids the message,
    the request keeps its state, and the SIAO is alerted. This is so, for example, if the sender may not send
    the message, or if the request's state forbids the transition."""
    known = world.subject_of(event)
    if not isinstance(known, Envoi) or known.NATURE is not event.contrat.NATURE:
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    if refused := inadmissible(event, known, world):
        return refused
    if not _may_refuse(event.contrat, known):
        return anomaly(event, MotifAnomalie.RESSOURCES_EN_URGENCE, known)
    after = known.MACHINE.move(known.etat, move)
    if isinstance(after, Ignored):
        return _said_again(event, move, after, known, world)
    if isinstance(after, Anomalie):
        return not_applied(event, _late(after, known), known)
    if asks_nobody(event.source, event.contrat, known, world.registry):
        return anomaly(event, MotifAnomalie.SERVICE_INCONNU, known)
    if lost := _lost_place(FOLLOWS.get(move), known.id, _places_of(known, world)):
        return anomaly(event, lost, known)
    moved = _noting(event, move, _asking(event, known.moved(after), world.registry))
    moved = _interviewed(event, known, moved)
    return followed(forward(event, world, stamped(event, moved)), event, known, move, world)


def asks_nobody(source: str, contrat: Contrat, known: Envoi, registry: Registry) -> bool:
    """Tell whether a message asks for an accompaniment or an evaluation, and the hub knows no partner that
    can receive the request. Return False if a structure asks its SIAO for an accompaniment without naming
    an operator. `source` is the message's sender. `known` is the referral or demand."""
    match contrat:
        case AccompagnementDemande(operateur=named):
            asks = named is not None or source == known.emetteur
            return asks and routing.operator_of(contrat, registry) is None
        case EvaluationDemandee():
            return isinstance(known, Demande) and asked_by(source, contrat, known, registry) is None
    return False


def followed(effects: Effects, event: Event, known: Envoi, move: StrEnum, world: World) -> Effects:
    """Complete the effects of a transition (`move`) of a request, such as a referral or a candidacy. Add
    the new states of the request's places and demand, and the household's new entry on the list of
    households ready for housing. `known` is the request before the transition."""
    follows = FOLLOWS.get(move)
    if follows:
        for held in _places_of(known, world):
            effects = _with_place(effects, event, known.id, held, follows, world.registry)
    return with_ready(with_demand(effects, event, known, move, world), event, known, move, world)


def _said_again(event: Event, move: StrEnum, verdict: Ignored, known: Envoi, world: World) -> Effects:
    facts, before = facts_of(event.contrat), known.dit.get(move, {})
    if event.source != known.destinataire or facts.items() <= before.items():
        return not_applied(event, verdict, known)
    if not known.MACHINE.leads_to(known.etat, move):
        return not_applied(event, NOT_CORRECTED, known)
    return forward(event, world, known).with_subject(stamped(event, _noting(event, move, known)))


NOT_CORRECTED = Ignored("non_corrige")
"""Result for a message that corrects an earlier message, but comes after a later transition. It is not
applied."""


def facts_of(contrat: Contrat) -> Mapping[str, str]:
    """Return the facts that a message states, as texts, by the names of its fields. Facts are dates,
    codes, ids, truth values (yes or no), and the dwelling (`logement`). The id of the message's subject
    and encrypted values are left out."""
    clair = clear_half(contrat)
    return {
        name: YES_NO.get(said, str(said))
        for name, said in clair.items()
        if name == "logement" or (name != contrat.SUJET and isinstance(getattr(contrat, name), FACTS))
    }


YES_NO: Mapping[object, str] = {True: "oui", False: "non"}
"""French words for yes and no, as the hub records and shows them."""
FACTS = date | StrEnum | bool | UUID
"""Types of values that count as facts. If a message is repeated with other facts, it is a correction."""


def _late(verdict: Anomalie, known: Envoi) -> Anomalie:
    late = known.etat is orientation.Etat.SANS_REPONSE
    return Anomalie(MotifAnomalie.REPONSE_TARDIVE) if late else verdict


def _noting(event: Event, move: StrEnum, moved: Envoi) -> Envoi:
    if event.source == moved.destinataire:
        facts = {**moved.dit.get(move, {}), **facts_of(event.contrat)}
        moved = replace(moved, dit={**moved.dit, move: facts} if facts else moved.dit)
        if moved.was_sent:  # an answer proves the receipt
            moved = replace(moved, remise_le=moved.remise_le or event.attributes.time)
    if isinstance(moved, Candidature):
        return offered(event, moved)
    if not isinstance(moved, Orientation):
        return moved
    if moved.admise_le is None and moved.etat in orientation.ADMISES:
        moved = replace(moved, admise_le=event.attributes.time)
    return replace(moved, presentation_le=_comes_on(event.contrat) or moved.presentation_le)


def _interviewed(event: Event, known: Envoi, moved: Envoi) -> Envoi:
    """Return `moved` with the moment of the interview that the structure has planned. This moment is never
    before that of the event, and never more than `INTERVIEW_WITHIN` after it. If the event plans no
    interview, or only repeats an earlier event, return `moved` unchanged."""
    contrat, at = event.contrat, event.attributes.time
    if not isinstance(contrat, OrientationPreadmissionPlanifiee) or not isinstance(moved, Orientation):
        return moved
    if (known.etat, known.dit) == (moved.etat, moved.dit):
        return moved
    return replace(moved, entretien_le=min(max(contrat.entretien_le, at), at + INTERVIEW_WITHIN))


def _comes_on(contrat: Contrat) -> date | None:
    match contrat:
        case (
            OrientationAcceptee(accueil_le=day)
            | AdmissionPrononcee(admission_le=day)
            | EntreeConstatee(entree_le=day)
        ):
            return day
    return None


def _asking(event: Event, known: Envoi, registry: Registry) -> Envoi:
    if isinstance(known, Demande):
        said = getattr(event.contrat, "menage", None)
        described = known.described_as(said.id) if isinstance(said, Menage) else known
        return evaluation_noted(event, described, registry)
    if not isinstance(known, Orientation):
        return known
    match event.contrat:
        case AccompagnementRepondu():
            return known.answered_by(event.source)
        case AccompagnementDemande():
            asked = routing.operator_of(event.contrat, registry)
            return known.asking(asked, event.attributes.time) if asked else known
    return known


FOLLOWS: Mapping[StrEnum, place.Evenement] = {
    orientation.Evenement.ACCEPTER: place.Evenement.PROMETTRE,
    orientation.Evenement.ADMETTRE: place.Evenement.PROMETTRE,
    orientation.Evenement.ENTRER: place.Evenement.OCCUPER,
    orientation.Evenement.PREVOIR_LA_SORTIE: place.Evenement.VACANCE_PREVISIBLE,
    orientation.Evenement.SORTIR: place.Evenement.LIBERER,
    orientation.Evenement.REFUSER_STRUCTURE: place.Evenement.RENDRE,
    orientation.Evenement.REFUSER_PERSONNE: place.Evenement.RENDRE,
    orientation.Evenement.ABSENCE: place.Evenement.RENDRE,
    orientation.Evenement.CONSTATER_LE_SILENCE: place.Evenement.RENDRE,
    orientation.Evenement.ANNULER: place.Evenement.RENDRE,
}
"""Transition that a place makes, for each transition of its referral. Any other transition of the referral
leaves the place unchanged."""


def _may_refuse(contrat: Contrat, known: Envoi) -> bool:
    """Tell whether the law allows the motive of a refusal. For example, an emergency shelter may not refuse a
    household because of insufficient resources (article L345-2-2 of the code of social action and families,
    CASF). Return True for any other message."""
    if not isinstance(contrat, OrientationRefusee) or not isinstance(known, Orientation):
        return True
    return motif_permis(contrat.motif, known.dispositif)


def _places_of(known: Envoi, world: World) -> Sequence[Place]:
    found = map(world.subjects.get, known.places if isinstance(known, Orientation) else ())
    return [held for held in found if isinstance(held, Place)]


def _leaves_on(contrat: Contrat) -> date | None:
    return contrat.sortie_le if isinstance(contrat, SortieDeclaree) else None


def _lost_place(
    follows: place.Evenement | None, referral: UUID, places: Sequence[Place]
) -> MotifAnomalie | None:
    arrives = follows is place.Evenement.OCCUPER
    if not arrives and follows is not place.Evenement.PROMETTRE:
        return None
    # an arrival may also take a place that no referral holds
    holders = (referral, None) if arrives else (referral,)
    lost = (held for held in places if held.orientation not in holders)
    return next(map(why_unavailable, lost), None)


def _with_place(
    effects: Effects,
    event: Event,
    referral: UUID,
    held: Place,
    follows: place.Evenement,
    registry: Registry,
) -> Effects:
    move = given_up(held) if follows is place.Evenement.RENDRE else follows
    moved = place_after(held, move, orientation=referral, libre_le=_leaves_on(event.contrat))
    if move is place.Evenement.OCCUPER and is_explained_by(held, referral):
        return effects.with_subject(explained(held, referral))
    mine = move is place.Evenement.OCCUPER or referral_of(held, move) == referral
    if not mine or not isinstance(moved, Place):
        return effects
    news: tuple[Contrat, ...] = ()
    if moved.etat is place.Etat.DISPONIBLE:
        news = (PlaceDisponible(place=moved.id, version=moved.version),)
    elif held.etat is place.Etat.DISPONIBLE:
        news = taken(event, moved, registry)
    return effects.with_subject(moved).with_news(*news)
