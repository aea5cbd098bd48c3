"""What follows from a message that moves no rule book."""

from collections.abc import Mapping
from dataclasses import replace

from contracts.base import Contrat, Nature
from contracts.v1.alerte import AlerteEcheance, EvenementAlerte, MotifAnomalie
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.occupation import OccupationReleve
from router.domain import routing
from router.domain.deadlines import SHARES
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, Event, World, forward, without_effect
from router.domain.rules.hearing import not_heard, stamped
from router.domain.subjects import (
    Acte,
    Convention,
    Derogation,
    Envoi,
    GroupePlaces,
    MenagePret,
    Observation,
    Signalement,
    Subject,
)


def tell(event: Event, world: World) -> Effects:
    """It is told on, and moves nothing; a lower version of its sender is older all the same."""
    known = world.subject_of(event)
    subject = known or _first_told(event)
    if subject is None:
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    if refused := not_heard(event, known, world):
        return refused
    noted = stamped(event, _counted(event.contrat, subject))
    effects = forward(event, world, noted)
    return effects if noted != known else replace(effects, subjects=())


def _counted(contrat: Contrat, subject: Subject) -> Subject:
    """The figures of the latest day are kept, whatever the order in which they come."""
    if not isinstance(contrat, OccupationReleve) or not isinstance(subject, GroupePlaces):
        return subject
    if subject.releve_le is not None and contrat.releve_le < subject.releve_le:
        return subject
    return replace(
        subject,
        dispositif=contrat.dispositif,
        capacite=contrat.capacite,
        occupees=contrat.occupees,
        releve_le=contrat.releve_le,
    )


ACTES: Mapping[Nature, type[Acte]] = {kind.NATURE: kind for kind in (Convention, Derogation, Observation)}


def _first_told(event: Event) -> Subject | None:
    """What has no rule book is known from its first message on; everything else is opened by its rule book."""
    ident = event.contrat.sujet
    match event.contrat.NATURE:
        case Nature.GROUPE_PLACES:
            return GroupePlaces(id=ident, version=1, gestionnaire=event.source)
        case Nature.SIGNALEMENT:
            return Signalement(id=ident, version=1, emetteur=event.source, menage=ident)
        case Nature.MENAGE:
            return MenagePret(id=ident, version=1, emetteur=event.source, menage=ident)
        case Nature.CONVENTION | Nature.DEROGATION | Nature.OBSERVATION as nature:
            return ACTES[nature](id=ident, version=1, emetteur=event.source)
    return None


def alert(event: Event, world: World) -> Effects:
    """To the SIAO, and to who sent what it is about; a reminder only to who is reminded."""
    contrat = event.contrat
    assert isinstance(contrat, EvenementAlerte)
    if not routing.may_say(contrat, event.source, None, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, None)
    also = routing.alerted(contrat, world.registry)
    if isinstance(contrat, AlerteEcheance) and contrat.etape in SHARES:
        return Effects(recipients=also) if also else without_effect("ne_lit_pas_les_rappels")
    heard = _siaos_of(contrat, world) or forward(event, world, world.subject_of(event)).recipients
    return Effects(recipients=tuple(dict.fromkeys((*heard, *also))))


def _siaos_of(alert: EvenementAlerte, world: World) -> tuple[str, ...]:
    """The SIAO that hear of a partner: all of the territories that it works in."""
    name = getattr(alert, "partenaire", None) or alert.emetteur
    partner = world.registry.get(name or "") if alert.nature is Nature.PARTENAIRE else None
    return tuple(siao.id for siao in world.registry.siaos_around(partner)) if partner else ()


def pass_on(event: Event, world: World) -> Effects:
    """What the hub tells of a subject that it has moved: told on in order, whatever has moved it meanwhile."""
    known = world.subject_of(event)
    if known is None:
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    if not routing.may_say(event.contrat, event.source, known, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    return replace(forward(event, world, known), subjects=())


def hand_on(event: Event, world: World) -> Effects:
    """What the hub makes for others alone: told on, and nothing is noted of it."""
    if not routing.may_say(event.contrat, event.source, None, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, None)
    return forward(event, world)


def receive(event: Event, world: World) -> Effects:
    """The first proven receipt of a referral or candidacy is noted."""
    contrat, known = event.contrat, world.subject_of(event)
    assert isinstance(contrat, LivraisonRemise)
    if not isinstance(known, Envoi) or known.etat is None or known.remise_le is not None:
        return without_effect("deja_connu")
    if not routing.may_say(contrat, event.source, known, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    return Effects(subjects=(replace(known.moved(known.etat), remise_le=contrat.remise_le),))
