"""What people read of an alarm: what is wrong, since when, which command looks, which page says what to do."""

from connectors.notices import Message
from ops.alarms.rules import Moment, Notice


def message_of(notice: Notice) -> Message:
    """The notice as every channel tells it; its data are for a machine."""
    alarm, rule = notice.alarm, notice.rule
    over = notice.moment is Moment.FIN
    at = alarm.ended_at if over else alarm.started_at
    assert at is not None, "what is told has happened"
    subject = f"Fin : {rule.titre}" if over else rule.titre
    lines = [
        f"{'FIN' if over else 'ALERTE'} : {rule.titre}",
        f"{alarm.sentence}.",
        f"Depuis le {alarm.first_seen.astimezone():%d/%m/%Y à %H:%M}"
        + (f", jusqu'à {at.astimezone():%H:%M}." if over else "."),
    ]
    if not over:
        lines += ["Regarder : siao-hub status", f"Que faire : docs/astreinte/{rule.page}.md"]
    data = {
        "etat": notice.moment,
        "code": alarm.code,
        "objet": alarm.about,
        "urgence": rule.urgence,
        "le": at.isoformat(),
    }
    return Message(notice.id, f"{subject} ({alarm.about})", "\n".join(lines), data)
