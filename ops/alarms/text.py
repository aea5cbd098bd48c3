"""Text of an alarm: the fault, how urgent it is, since when, and what to do."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.notices import AlarmMessage
from ops.alarms.rules import Alarm, Moment, Notice, Urgence
from ops.status.findings import harms, start_of
from ops.status.quantities import day_and_hour, lasting

URGENCES = {
    Urgence.APPEL: "maintenant, même la nuit",
    Urgence.MESSAGE: "le matin",
    Urgence.AUCUNE: "aucune",
}
"""French words for how soon people must deal with an alarm."""


def message_of(notice: Notice, console: str | None, name_of: Callable[[str], str]) -> AlarmMessage:
    """Return the message for a notice that an alarm starts or ends: French text for people, and data for
    programs. `console` is the console's address: the message links to its pages. Without it, the message
    names files of the documentation. `name_of` gives the name of a partner by its id."""
    alarm, rule = notice.alarm, notice.rule
    over = notice.moment is Moment.FIN
    at = alarm.over_at if over else alarm.started_at
    assert at is not None, "what is told has happened"
    page = f"{console.rstrip('/')}/alertes/{rule.page}.md" if console else f"docs/astreinte/{rule.page}.md"
    data: dict[str, Any] = {
        "etat": notice.moment,
        "code": alarm.code,
        "objet": alarm.about,
        "urgence": rule.urgence,
        "gravite": harms()[alarm.code].score,
        "depuis": alarm.began.isoformat(),
        "le": at.isoformat(),
        "page": page,
    }
    if over:
        data["duree_s"] = int((at - alarm.began).total_seconds())
        subject, lines = (
            f"Fin : {rule.titre}",
            [f"FIN : {rule.titre}", f"{alarm.sentence}.", _lasted(notice, at)],
        )
    else:
        subject = rule.titre
        lines = [
            f"ALERTE : {rule.titre}",
            f"{alarm.sentence}.",
            f"À traiter : {URGENCES[rule.urgence]}.",
            f"Depuis le {day_and_hour(alarm.began)}.",
            f"Regarder : {_first_look(alarm)}",
            f"Que faire : {page}",
        ]
    about = " ".join(map(name_of, alarm.about.split()))
    return AlarmMessage(notice.id, f"{subject} ({about})", "\n".join(lines), data)


def _first_look(alarm: Alarm) -> str:
    start = start_of(alarm.code, alarm.about)
    return start if start.startswith("siao-hub") else "siao-hub status"


def _lasted(notice: Notice, at: datetime) -> str:
    began = notice.alarm.began
    return f"Du {day_and_hour(began)} au {day_and_hour(at)}, soit {lasting(at - began)}."
