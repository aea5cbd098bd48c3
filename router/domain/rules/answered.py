"""Note in a referral or candidacy when its recipient answered, and when the answer was due."""

from datetime import datetime

from contracts.frozen import replace
from router.domain.deadlines import ANSWERS, Running, running_of
from router.domain.partners import Registry
from router.domain.subjects import Envoi


def answer_due(running: Running) -> datetime | None:
    """Return the moment at which the recipient's decision on a referral or candidacy is due. Return None if no
    deadline for the decision runs."""
    return next((running[name].due_at for name in ANSWERS if name in running), None)


def closed(before: Envoi, after: Envoi, source: str, at: datetime, registry: Registry) -> Envoi:
    """Record the recipient's first answer to a referral or candidacy. Return `after` with the moment of the
    answer, and the moment at which the answer was due. If the event is no first answer, return `after`
    unchanged.

    `before` is the referral or candidacy before the event, `after` is the one after it, and `source` is the
    event's sender.
    """
    early = before.MACHINE.early
    answers = source == before.destinataire and before.etat in early and after.etat not in early
    if not answers or before.repondue_le is not None:
        return after
    return replace(after, repondue_le=at, attendue_le=answer_due(running_of(before, registry)))
