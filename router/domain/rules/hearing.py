"""Whether a sender is heard: whether it may say this, and whether it has said something newer."""

from typing import TypeVar

from contracts.v1.alerte import MotifAnomalie
from router.domain import routing
from router.domain.rulebooks.book import Anomalie, Ignored
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, Event, World, without_effect
from router.domain.subjects import Subject

S = TypeVar("S", bound=Subject)

OLDER = without_effect("plus_ancien")


def not_heard(event: Event, known: Subject | None, world: World) -> Effects | None:
    """What follows where the sender may not say this of a subject, or says what is older."""
    if not routing.may_say(event.contrat, event.source, known, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    return OLDER if is_older(event, known) else None


def is_older(event: Event, known: Subject | None) -> bool:
    """A lower version of the sender is older; an event of the hub holds only for the version it saw."""
    version = event.contrat.version
    if event.of_the_hub:
        return known is None or version != known.version
    seen = known.heard.get(event.source) if known else None
    return version is not None and seen is not None and version < seen


def stamped(event: Event, subject: S) -> S:
    """With the sender's version: what is older is known for that, even behind a message without effect."""
    version = event.contrat.version
    return subject if version is None or event.of_the_hub else subject.told(event.source, version)


def not_applied(event: Event, verdict: Ignored | Anomalie, known: Subject | None) -> Effects:
    """What follows from a move that the rule book does not allow, or that is nothing new."""
    if isinstance(verdict, Anomalie):
        return anomaly(event, verdict.motif, known)
    return without_effect(verdict.reason, known, known and stamped(event, known))
