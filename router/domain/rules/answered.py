"""Record when the recipient of a referral or candidacy answered, and when the answer was due."""

from datetime import datetime

from contracts.frozen import replace
from router.domain.deadlines import ANSWERS, Running, running_of
from router.domain.partners import Registry
from router.domain.subjects import Envoi


def answer_due(running: Running) -> datetime | None:
    """Return when the answer that closes a referral or candidacy is due. Return None if no deadline runs for
    it."""
    return next((running[name].due_at for name in ANSWERS if name in running), None)


def closed(before: Envoi, after: Envoi, source: str, at: datetime, registry: Registry) -> Envoi:
    """Return `after` with the time of the recipient's first answer, and when that answer was due. Return
    `after` unchanged if the event is not the first answer."""
    early = before.MACHINE.early
    answers = source == before.destinataire and before.etat in early and after.etat not in early
    if not answers or before.repondue_le is not None:
        return after
    return replace(after, repondue_le=at, attendue_le=answer_due(running_of(before, registry)))
