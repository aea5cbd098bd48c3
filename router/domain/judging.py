"""Apply the business rules to an event. The result is the event's effects: new states of subjects, messages
of the hub, and recipients."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.frozen import replace
from contracts.ids import ids_within
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.attribution import BailSigne, DecisionCommission
from contracts.v1.transfert import DemandeTransfertAccepte
from router.domain.books import BOOK_OF, KIND_OF
from router.domain.calendar import day_in
from router.domain.deadlines import starts_again
from router.domain.messages import SansLivre, facts_of
from router.domain.rules.alerts import anomaly, flagged
from router.domain.rules.answered import closed, reserved_longer
from router.domain.rules.direct_admissions import counted
from router.domain.rules.effects import Effects, World
from router.domain.rules.elapsing import elapse
from router.domain.rules.observing import observed
from router.domain.rules.recomposed import recomposed, split_or_join
from router.domain.rules.transfers import without_idle_proposals
from router.domain.rules.without_book import alert, extract, hand_on, pass_on, receive, tell
from router.domain.sandbox import sandbox_at, sandbox_of
from router.domain.subjects import Candidature, Envoi, Orientation, Subject
from router.domain.succession import HISTORY

__all__ = [
    "Effects",
    "World",
    "apply",
    "changes_hands",
    "concerned",
    "dwellings_at_stake",
    "recomposed",
]


def concerned(contrat: Contrat) -> Iterator[UUID]:
    """Yield the ids of the subjects that the rules (`apply`) need to know for a message. The message's own
    subject is first."""
    yield contrat.sujet
    for name in facts_of(contrat).also:
        yield from ids_within(getattr(contrat, name))


def changes_hands(contrat: Contrat) -> bool:
    """Tell whether a message hands a demand over to another SIAO. Before such a message is applied with
    `apply`, the caller must also load all subjects about the demand's household, such as its referrals and
    candidacies."""
    return isinstance(contrat, DemandeTransfertAccepte)


def dwellings_at_stake(
    contrats: Sequence[Contrat], known: Mapping[UUID, Subject]
) -> frozenset[tuple[str, str]]:
    """Return the dwellings for which a message in `contrats` reports a signed lease, or a rank that a
    landlord's allocation commission gave a household. Each dwelling is a pair (landlord, dwelling). `known`
    has the subjects of the messages, by id. Before the messages are applied with `apply`, the caller must
    also load all other candidacies for these dwellings."""
    decisions = [contrat for contrat in contrats if isinstance(contrat, DecisionCommission)]
    ids = {contrat.sujet for contrat in contrats if isinstance(contrat, BailSigne)}
    ids |= {contrat.sujet for contrat in decisions if contrat.rang is not None}
    moved = [each for each in known.values() if isinstance(each, Candidature) and each.id in ids]
    named = {contrat.sujet: contrat.logement for contrat in decisions if contrat.logement}
    both = ((each.destinataire, named.get(each.id) or each.logement) for each in moved)
    return frozenset((landlord, dwelling) for landlord, dwelling in both if dwelling)


def apply(event: Event, world: World, now: datetime) -> Effects:
    """Apply the business rules to one event, and return the event's effects. An event from a sandbox affects
    only subjects of this sandbox. Raises Unroutable if a partner that must receive the event is not in the
    registry, or cannot receive the event."""
    if (now_called := world.registry.present(event.source)) != event.source:
        event = replace(event, successor=now_called)
    world = World(world.subjects, world.registry.around(event.attributes.territoire), world.reservation)
    elsewhere = _elsewhere(event, world)
    if elsewhere is not None:
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, elsewhere)
    effects = counted(without_idle_proposals(_judged(event, world, now)), event, world)
    effects = flagged(observed(effects, event, world), event, world)
    effects = _sent_to_the_successor(effects, event)
    at = event.attributes.time
    dated = (_dated(subject, world, at) for subject in effects.subjects)
    subjects = tuple(_closing(subject, event, world) for subject in dated)
    effects = effects if subjects == effects.subjects else replace(effects, subjects=subjects)
    return _with_longer_reservations(effects, event, world)


def _with_longer_reservations(effects: Effects, event: Event, world: World) -> Effects:
    referral = next((s for s in effects.subjects if s.id == event.contrat.sujet), None)
    if not isinstance(referral, Orientation) or event.source != referral.destinataire:
        return effects
    for place in reserved_longer(referral, effects.seen_from(world)):
        effects = effects.with_subject(_dated(place, world, event.attributes.time))
    return effects


def _sent_to_the_successor(effects: Effects, event: Event) -> Effects:
    if event.successor is None or effects.outcome is not None or type(event.contrat) not in HISTORY:
        return effects
    return replace(effects, handed_over=(*effects.handed_over, (event.contrat.sujet, event.successor)))


def _elsewhere(event: Event, world: World) -> Subject | None:
    if event.of_the_hub:
        return None
    sandbox = sandbox_at(event.attributes.territoire)
    known = (world.subjects.get(ident) for ident in concerned(event.contrat))
    return next((s for s in known if s and any(sandbox_of(p) != sandbox for p in s.players)), None)


def _closing(subject: Subject, event: Event, world: World) -> Subject:
    before = world.subjects.get(subject.id)
    if not isinstance(before, Orientation | Candidature) or not isinstance(subject, Envoi):
        return subject
    return closed(before, subject, event.source, event.attributes.time, world.registry)


def _dated(subject: Subject, world: World, at: datetime) -> Subject:
    before = world.subjects.get(subject.id)
    if subject.etat is None:
        return subject
    if before is None or before.etat is not subject.etat:
        return replace(subject, etat_depuis=at)
    again = starts_again(before, subject, at, world.registry)
    return replace(subject, echeance_reportee_le=at) if again else subject


def _judged(event: Event, world: World, now: datetime) -> Effects:
    contrat = event.contrat
    match facts_of(contrat).effect:
        case None:
            book = BOOK_OF[type(contrat)]
            move = book.move_of(contrat, lambda: day_in(event.attributes.territoire, now))
            return book.judge(event, move, world, now)
        case SansLivre.SUIVRE:
            return pass_on(event, world)
        case SansLivre.ECHOIR:
            return elapse(event, world)
        case SansLivre.ALERTER:
            return alert(event, world)
        case SansLivre.TRANSMETTRE:
            return hand_on(event, world)
        case SansLivre.EXTRAIRE:
            return extract(event, world)
        case SansLivre.RECEVOIR:
            return receive(event, world)
        case SansLivre.RECOMPOSER:
            return split_or_join(event, world)
        case SansLivre.DIRE:
            return tell(event, world, KIND_OF.get(contrat.NATURE))
