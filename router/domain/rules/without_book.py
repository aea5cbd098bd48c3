"""Rules for messages that change no state. Their types are in no rule book."""

from contracts.base import Contrat, Nature
from contracts.envelope import Event
from contracts.frozen import replace
from contracts.v1.alerte import TO_ANOTHER, AlerteEcheance, EvenementAlerte, MotifAnomalie
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.occupation import OccupationReleve
from contracts.v1.pret_logement import ListeDemandee
from router.domain import authority, routing
from router.domain.deadlines import SHARES
from router.domain.rules.admissibility import inadmissible, stamped
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, Extract, World, forward, without_effect
from router.domain.subjects import Demande, Envoi, GroupePlaces, Subject


def tell(event: Event, world: World, kind: type[Subject] | None) -> Effects:
    """Send on a message whose type never changes the state of a subject. The message is not sent if it is
    outdated, or if its sender may not send it. If the hub does not know the subject yet, there are three
    cases:

    - A group of places, or a figure that the national base of social observation publishes, is stored as a
      new subject. From then on, only the sender of this message may send messages about it.
    - A message about a household is sent, and nothing is stored.
    - Any other message is an anomaly.

    `kind` is the type of the message's subject; it is None if the hub stores no such subjects.
    """
    known = world.subject_of(event)
    subject = known or (kind.noted(event.contrat.sujet, event.source) if kind else None)
    if subject is None:
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    if known is not None and known.MACHINE is None and event.source not in known.players:
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    if refused := inadmissible(event, known, world):
        return refused
    noted = stamped(event, _counted(event.contrat, subject))
    effects = forward(event, world, noted)
    kept = noted != known and (known is not None or noted.MACHINE is None)
    return effects if kept else replace(effects, subjects=())


def _counted(contrat: Contrat, subject: Subject) -> Subject:
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


def alert(event: Event, world: World) -> Effects:
    """Send an alert to those whom it concerns:

    * Some alerts go to the addressee alone, if the addressee can receive them: reminders of a deadline,
      questions to a manager about who lives in a place, and alerts about an event of another partner
      (`TO_ANOTHER`).
    * An alert about a partner goes to all SIAO of the partner's territories, and to the addressee.
    * Any other alert goes to the responsible SIAO, and to the addressee.
    """
    contrat = event.contrat
    assert isinstance(contrat, EvenementAlerte)
    if not authority.may_say(contrat, event.source, None, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, None)
    also = routing.alerted(contrat, world.registry)
    reminder = isinstance(contrat, AlerteEcheance) and contrat.etape in SHARES
    if also and (reminder or contrat.motif in (MotifAnomalie.OCCUPEE_SANS_ORIENTATION, *TO_ANOTHER)):
        return Effects(recipients=also)
    recipients = _siaos_of(contrat, world) or forward(event, world, world.subject_of(event)).recipients
    return Effects(recipients=tuple(dict.fromkeys((*recipients, *also))))


def _siaos_of(alert: EvenementAlerte, world: World) -> tuple[str, ...]:
    name = getattr(alert, "partenaire", None) or alert.addressee
    partner = world.registry.get(name or "") if alert.nature is Nature.PARTENAIRE else None
    return tuple(siao.id for siao in world.registry.siaos_around(partner)) if partner else ()


def pass_on(event: Event, world: World) -> Effects:
    """Send a message to the partners that have to receive it. The stored subject of the message stays
    unchanged. The message is an anomaly if the hub does not know the subject, or if the sender may not send the
    message."""
    known = world.subject_of(event)
    if known is None:
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    if not authority.may_say(event.contrat, event.source, known, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    return replace(forward(event, world, known), subjects=())


def hand_on(event: Event, world: World) -> Effects:
    """Send one of the hub's own messages to the partners that have to receive it, even if the hub does not know
    the message's subject."""
    if not authority.may_say(event.contrat, event.source, None, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, None)
    return forward(event, world)


def extract(event: Event, world: World) -> Effects:
    """Send a reader the whole list of households ready for housing. The reader has asked for the list, or
    gets it at agreed hours. Raises Unroutable if the reader cannot receive the list."""
    contrat = event.contrat
    assert isinstance(contrat, ListeDemandee)
    if not authority.may_say(contrat, event.source, None, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, None)
    reader = (contrat.lecteur or "") if event.of_the_hub else event.source
    return Effects(extract=Extract(reader, routing.households_at_once(reader, world.registry)))


def receive(event: Event, world: World) -> Effects:
    """Note that a partner has received a request that it has to answer, such as a referral or a proposed
    transfer. Only the first receipt counts."""
    contrat, known = event.contrat, world.subject_of(event)
    assert isinstance(contrat, LivraisonRemise)
    if isinstance(known, Demande):
        noted = known.asked_at(contrat.partenaire, contrat.remise_le)
        return without_effect("deja_connu") if noted is known else Effects(subjects=(noted,))
    if not isinstance(known, Envoi) or known.destinataire != contrat.partenaire:
        return without_effect("deja_connu")
    if known.etat is None or known.remise_le is not None:
        return without_effect("deja_connu")
    if not authority.may_say(contrat, event.source, known, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    return Effects(subjects=(replace(known.moved(known.etat), remise_le=contrat.remise_le),))
