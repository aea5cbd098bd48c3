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
    """Note the recipient's first answer in a request: return `after` with the moment of the answer (`at`) and
    with the moment at which it was due. Return `after` unchanged if the event is not the first answer. `before`
    and `after` are the request before and after the event, which `source` sent."""
    early = before.MACHINE.early
    answers = source == before.destinataire and before.etat in early and after.etat not in early
    if not answers or before.repondue_le is not None:
        return after
    return replace(after, repondue_le=at, attendue_le=answer_due(running_of(before, registry)))
