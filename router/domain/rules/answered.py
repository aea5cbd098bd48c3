"""Note in a referral or candidacy when its recipient answered, and when the answer was due. Keep the places
of a referral reserved until the answer is due."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from contracts.frozen import replace
from contracts.v1.echeance import Echeance
from router.domain.deadlines import ANSWERS, Running, running_of
from router.domain.partners import Registry
from router.domain.rules.effects import World
from router.domain.subjects import Envoi, Orientation, Place

A_DAY = timedelta(days=1)


def answer_due(running: Running) -> datetime | None:
    """Return the moment before which the recipient of a referral or candidacy has to decide. `running` are
    the deadlines that run for the referral or candidacy. Return None if no deadline for a decision is among
    them."""
    return next((running[name].due_at for name in ANSWERS if name in running), None)


def closed(before: Envoi, after: Envoi, source: str, at: datetime, registry: Registry) -> Envoi:
    """Return `after`, a referral or candidacy as it is after an event. If the event is the first answer of
    the recipient, the result also has two moments: that of the answer, and that at which the answer was
    due. `before` is the referral or candidacy before the event, `source` is the event's sender, and `at`
    the moment of the event."""
    early = before.MACHINE.early
    answers = source == before.destinataire and before.etat in early and after.etat not in early
    if not answers or before.repondue_le is not None:
        return after
    return replace(after, repondue_le=at, attendue_le=answer_due(running_of(before, registry)))


def reserved_longer(referral: Orientation, world: World) -> Iterator[Place]:
    """Yield the places whose reservation for a referral would end too early, each with a longer
    reservation. A reservation has to last until one day after the last stage of the deadline for the
    structure's decision."""
    decision = running_of(referral, world.registry).get(Echeance.DECISION)
    if decision is None:
        return
    until = decision.stages[-1].at + A_DAY
    for place in map(world.subjects.get, referral.places):
        if not isinstance(place, Place) or place.orientation != referral.id or place.expire_le is None:
            continue
        if place.expire_le < until:
            yield replace(place, version=place.version + 1, expire_le=until)
