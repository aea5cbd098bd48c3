"""The hub's alerts in the partners' journals. Pure.

Of a refused delivery, a journal keeps only the name (`ref`), which holds all that the judgement needs.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from contracts.v1.echeance import Etape, SuiteEcheance
from simulation.journal import Record
from simulation.observed import DERIVED, Observed

ALERT, DEADLINE = "alerte.", "alerte.echeance"
SILENCE = "silence dit au SIAO"
"""Outcome of a referral that its recipient never answered."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Stage(NamedTuple):
    """Deadline stage announced to a partner (`to`). `due`: nanoseconds since the epoch."""

    subject: str
    """The hub's id of the referral."""
    echeance: str
    etape: Etape
    due: int
    suite: str
    to: str


def effect(
    event: str, alert: Mapping[str, Any], *, subject: str, about: str, due: str | None, to: str
) -> Record:
    """Return the journal line for an alert in a dialect of nested objects. Raises LookupError.

    `about`: the event without effect; `due`: the moment of a deadline; `to`: the recipient.
    """
    told: tuple[str, ...] = (alert["motif"], about)
    if event == DEADLINE and due is not None:
        at = (datetime.fromisoformat(due) - _EPOCH) // timedelta(microseconds=1) * 1000
        told = (alert["echeance"], alert["etape"], str(at), alert.get("suite", ""))
    return {"ref": f"{DERIVED}{event}:{':'.join((subject, *told, to))}", "event": event}


def heard(said: Mapping[str, Any], to: str) -> Record:
    """Return the journal line for an alert in a dialect of flat events. Raises LookupError."""
    return effect(
        said["type"],
        said,
        subject=said["objet"],
        about=said["evenementEnCause"],
        due=said.get("attenduLe"),
        to=to,
    )


def stage_of(ref: str) -> Stage | None:
    """Return the deadline stage that a journal's name encodes; None for any other."""
    event, *parts = ref.removeprefix(DERIVED).split(":")
    if event != DEADLINE or not ref.startswith(DERIVED):
        return None
    subject, echeance, etape, due, suite, to = parts
    return Stage(subject, echeance, Etape(etape), int(due), suite, to)


def stages(observed: Observed) -> Iterator[tuple[str, Stage]]:
    """Yield every deadline stage announced to a partner, with its name; also refused ones."""
    for ref in (*observed.effects, *(ref for ref in observed.declined if ref not in observed.effects)):
        if observed.was_heard(ref) and (stage := stage_of(ref)) is not None:
            yield ref, stage


def silences(observed: Observed) -> set[str]:
    """Return the loops declared unanswered. A later answer comes too late."""
    told = (stage.subject for _, stage in stages(observed) if stage.suite == SuiteEcheance.SANS_REPONSE)
    return {observed.loops[subject] for subject in told if subject in observed.loops}


def unexplained(observed: Observed) -> Iterator[str]:
    """Yield the alerts, deadlines excepted, that concern no loop declared unanswered."""
    silent = silences(observed)
    for ref in observed.effects:
        if ref.startswith(f"{DERIVED}{ALERT}") and stage_of(ref) is None:
            subject, *_ = ref.removeprefix(DERIVED).split(":")[1:]
            if observed.loops.get(subject) not in silent:
                yield ref
