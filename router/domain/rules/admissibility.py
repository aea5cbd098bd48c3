"""Decide whether a message may be sent, whether it is outdated, and in which state a subject starts."""

from enum import StrEnum
from typing import TypeVar

from contracts.envelope import Event
from contracts.v1.alerte import MotifAnomalie
from router.domain import authority
from router.domain.parts import Party
from router.domain.rulebooks.machine import Anomalie, Ignored, Machine
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, World, without_effect
from router.domain.subjects import Demande, Subject

S = TypeVar("S", bound=Subject)

OLDER = without_effect("plus_ancien")
"""Effects of an outdated message, which is not applied. The reason is `plus_ancien`."""


def inadmissible(event: Event, known: Subject | None, world: World) -> Effects | None:
    """Return the effects of a message that is outdated or that its sender may not send. Return None for any
    other message."""
    if not authority.may_say(event.contrat, event.source, known, world.registry):
        had_it = isinstance(known, Demande) and event.source in known.cedants
        motif = MotifAnomalie.DEMANDE_TRANSFEREE if had_it else MotifAnomalie.EMETTEUR_INATTENDU
        return anomaly(event, motif, known)
    return OLDER if is_older(event, known) else None


def is_older(event: Event, known: Subject | None) -> bool:
    """Tell whether an event is outdated. A partner's event is outdated if the partner has already sent a
    higher version about the subject. An event that the hub itself wrote is outdated unless the subject
    (`known`) still has the version that the event names."""
    version = event.contrat.version
    if event.of_the_hub:
        return known is None or version != known.version
    seen = known.versions_seen.get(event.attributes.source) if known else None
    return version is not None and seen is not None and version < seen


def stamped(event: Event, subject: S) -> S:
    """Return the subject with the version of a partner's message noted in it. Later messages of this partner
    with a lower version are then outdated. Call this function even if the message has no other effect. If the
    message comes from the hub, or has no version, return the subject unchanged."""
    version = event.contrat.version
    return (
        subject
        if version is None or event.of_the_hub
        else subject.with_version_seen(event.attributes.source, version)
    )


def not_applied(event: Event, verdict: Ignored | Anomalie, known: Subject | None) -> Effects:
    """Return the effects of a message that leaves its subject's state unchanged. If the state machine forbids
    the message (`Anomalie`), the SIAO is alerted. If the message is repeated or outdated (`Ignored`), its
    version may be noted in the subject (`known`), and there is no other effect."""
    if isinstance(verdict, Anomalie):
        return anomaly(event, verdict.motif, known)
    return without_effect(verdict.reason, known, known and stamped(event, known))


def first_state(event: Event, machine: Machine, move: StrEnum, world: World) -> StrEnum | Effects:
    """Return the state that a subject gets from an event that creates the subject or describes it anew. `move`
    is the event's transition in the state machine `machine`. If the event is refused, outdated or repeated,
    return the event's effects instead. An event about a subject that another partner created is refused."""
    known = world.subject_of(event)
    anothers = known is not None and known.player(Party.EMETTEUR) != event.source
    if anothers or not authority.may_say(event.contrat, event.source, None, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    if known is not None and is_older(event, known):
        return OLDER
    after = machine.move(known.etat if known else None, move)
    return after if isinstance(after, StrEnum) else not_applied(event, after, known)
