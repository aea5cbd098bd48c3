"""Note in a referral or candidacy when its recipient answered, and when the answer was due."""

from datetime import datetime

from contracts.frozen import replace
from router.domain.deadlines import ANSWERS, Running, running_of
from router.domain.partners import Registry
from router.domain.subjects import Envoi


def answer_due(running: Running) -> datetime | None:
    """Return the moment before which the recipient of a referral or candidacy has to decide, by the deadlines
    that run for it (`running`). None without such a deadline."""
    return next((running[name].due_at for name in ANSWERS if name in running), None)


def closed(before: Envoi, after: Envoi, source: str, at: datetime, registry: Registry) -> Envoi:
    """Return a referral or candidacy with the moment of its recipient's first answer (`at`), and with the
    moment at which this answer was due. `before` and `after` are the referral or candidacy before and after an
    event; `source` is the event's sender. If the event is not the recipient's first answer, return `after`
    unchanged."""
    early = before.MACHINE.early
    answers = source == before.destinataire and before.etat in early and after.etat not in early
    if not answers or before.repondue_le is not None:
        return after
    return replace(after, repondue_le=at, attendue_le=answer_due(running_of(before, registry)))
