"""Make the alerts about events that the rules do not allow."""

from uuid import UUID

from contracts.base import Nature
from contracts.envelope import Event
from contracts.frozen import replace
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit, MotifAnomalie
from contracts.v1.menage import Menage
from contracts.v1.pret_logement import ChampDecrit
from router.domain.rulebooks.place import Etat
from router.domain.rules.effects import Effects, World
from router.domain.subjects import Place, Subject

SET_ASIDE = "anomalie"
"""Kind of outcome of an event that a rule forbade."""


def anomaly(event: Event, motif: MotifAnomalie, known: Subject | None) -> Effects:
    """Return the effects of an event that a rule forbids. Nothing is applied, and the SIAO is alerted."""
    return Effects(derived=(alert_of(event, motif, known),), outcome=(SET_ASIDE, motif))


def incomplete(event: Event, known: Subject, lacking: tuple[ChampDecrit, ...]) -> Effects:
    """Return the effects of a new description of a household that leaves out fields of the earlier
    description. These fields are in `lacking`. Nothing is applied, and the sender and the SIAO are
    alerted."""
    alert = alert_of(event, MotifAnomalie.DESCRIPTION_INCOMPLETE, known)
    return Effects(
        derived=(alert.model_copy(update={"manquants": lacking}),), outcome=(SET_ASIDE, alert.motif)
    )


def flagged(effects: Effects, event: Event, world: World) -> Effects:
    """Add an alert to the effects for each reason to check a household's new description, unless its previous
    description gave the same reason. The alert goes to the sender and the SIAO. The event is applied all the
    same."""
    menage = vars(event.contrat).get("menage")
    if effects.outcome is not None or not isinstance(menage, Menage):
        return effects
    before, doubts = world.subject_of(event), menage.a_verifier or ()
    told = before.a_verifier if before else ()
    ident = event.contrat.sujet
    subjects = tuple(replace(s, a_verifier=doubts) if s.id == ident else s for s in effects.subjects)
    known = next((subject for subject in subjects if subject.id == ident), None)
    alerts = (alert_of(event, MotifAnomalie(doubt), known) for doubt in doubts if doubt not in told)
    return replace(effects, subjects=subjects, derived=(*effects.derived, *alerts))


STRANGERS = (MotifAnomalie.EMETTEUR_INATTENDU, MotifAnomalie.DEMANDE_TRANSFEREE)
"""Reasons which mean that the sender is no party of the subject. An alert for such a reason does not reveal
the subject's state."""


def alert_of(event: Event, motif: MotifAnomalie, known: Subject | None) -> AlerteAnomalie:
    """Return an alert about an event. The alert contains the subject's state, unless the reason `motif` means
    that the sender is no party of the subject."""
    may_learn = known is not None and motif not in STRANGERS
    return AlerteAnomalie(
        objet=event.contrat.sujet,
        nature=_nature_of(event, known),
        evenement=event.attributes.id,
        type_evenement=event.contrat.TYPE,
        emetteur=event.source,
        motif=motif,
        etat=known.etat if known and may_learn else None,
    )


def conflict(event: Event, wanted: Place, motif: MotifAnomalie) -> Effects:
    """Return the effects of a referral that cannot have the place `wanted`, for the reason `motif`. Nothing
    is applied, and the SIAO is alerted."""
    alert = conflict_of(event, event.contrat.sujet, wanted, motif)
    return Effects(derived=(alert,), outcome=(SET_ASIDE, alert.motif))


def conflict_of(event: Event, referral: UUID, wanted: Place, motif: MotifAnomalie) -> AlerteConflit:
    """Return an alert which says that a referral cannot have the place `wanted`, for the reason `motif`."""
    return AlerteConflit(
        objet=referral,
        nature=Nature.ORIENTATION,
        evenement=event.attributes.id,
        type_evenement=event.contrat.TYPE,
        emetteur=event.source,
        motif=motif,
        place=wanted.id,
    )


def why_unavailable(wanted: Place) -> MotifAnomalie:
    """Return why a place cannot be reserved: the place is reserved already, or it is not available for
    another reason."""
    reserved = wanted.etat is Etat.RESERVEE
    return MotifAnomalie.PLACE_DEJA_RESERVEE if reserved else MotifAnomalie.PLACE_NON_DISPONIBLE


def _nature_of(event: Event, known: Subject | None) -> Nature:
    nature = event.contrat.nature_du_sujet or (known.NATURE if known else None)
    assert nature is not None, "a message without the kind of its subject has no effect on an unknown one"
    return nature
