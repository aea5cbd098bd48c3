"""Next expected act on a subject: by whom, since when, until when. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.explications import etat_of
from ops.tracing.history import Step
from router.domain.books import BOOKS
from router.domain.deadlines import NOTHING, Attendu, Running, running_of
from router.domain.partners import Registry
from router.domain.parts import HUB, Party
from router.domain.routing import siao_of
from router.domain.subjects import Candidature, Demande, Envoi, Orientation, Subject

ALERTS = "fr.siao.alerte."
DELIVERS = "le remettre à son destinataire"
COLLECTS = "le relever dans votre boîte, et en confirmer la réception"
TAKES_OVER = "accepter ou refuser le transfert"
ACCOMPANIES = "répondre à la demande d'accompagnement"
OURS = frozenset({Attendu.HUB})
THEIRS = frozenset({Attendu.DESTINATAIRE, Attendu.MENAGE, Attendu.REPRENEUR})
"""Parties whose earliest deadline is shown while a partner has to act. While the hub has to act, its own deadline is
shown."""


class Situation(NamedTuple):
    """Everything from which the next expected act on a subject follows: the subject, the events about it (oldest
    first), and its deadlines."""

    subject: Subject
    steps: Sequence[Step] = ()
    running: Running = NOTHING
    siao: str | None = None
    """SIAO of the place's manager, for a subject that does not name one."""


class NextAct(NamedTuple):
    """Next expected act on a subject."""

    etat: str
    """State, in French."""
    who: str | None
    """Partner or hub that has to act; None if no act is expected, or if the hub does not know by whom."""
    expected: str | None
    since: datetime | None
    until: datetime | None
    late: bool


def situation_of(subject: Subject, steps: Sequence[Step], registry: Registry) -> Situation:
    """Return the situation of a subject, from which the next act follows. Alerts among the events are left out."""
    acts = [step for step in steps if not step.type.startswith(ALERTS)]
    siao = siao_of(subject, registry)
    return Situation(subject, acts, running_of(subject, registry), siao.id if siao else None)


def whose_turn(situation: Situation, now: datetime) -> NextAct:
    """Return the next expected act on a subject at a moment."""
    subject = situation.subject
    etat = etat_of(subject.NATURE, subject.etat)
    who, expected = _expected(situation)
    if expected is None:
        return NextAct(etat, None, None, None, None, late=False)
    until = _until(situation.running, OURS if who == HUB else THEIRS)
    return NextAct(etat, who, expected, _since(situation), until, late=until is not None and until < now)


def turn_of_operator(referral: Orientation, operator: str, running: Running, now: datetime) -> NextAct:
    """Return the next act of a partner that is asked to accompany a household."""
    etat, since = etat_of(referral.NATURE, referral.etat), referral.accompagnement_depuis
    until = _until(running, frozenset({Attendu.OPERATEUR}))
    return NextAct(etat, operator, ACCOMPANIES, since, until, late=until is not None and until < now)


def _expected(situation: Situation) -> tuple[str | None, str | None]:
    subject = situation.subject
    book = BOOKS.get(subject.NATURE)
    row = book.expected.get(subject.etat) if book and subject.etat else None
    if row is None:
        return None, None
    party, expected = row
    if isinstance(subject, Demande) and subject.transfert_le is not None:
        return subject.repreneur, TAKES_OVER
    if _is_on_its_way(subject):
        return HUB, DELIVERS
    return subject.player(party) or (situation.siao if party is Party.SIAO else None), expected


def on_their_way(subjects: Iterable[Subject]) -> dict[UUID, str]:
    """Return the addressee of each referral and candidacy that the hub still has to deliver, by its id."""
    return {
        each.id: each.destinataire for each in subjects if isinstance(each, Envoi) and _is_on_its_way(each)
    }


def _is_on_its_way(subject: Subject) -> bool:
    """Return whether the hub still has to deliver a referral or candidacy. Its recipient owes nothing before that."""
    if not isinstance(subject, Orientation | Candidature) or subject.remise_le is not None:
        return False
    return subject.etat in subject.MACHINE.early and subject.etat in ("PROPOSEE", "PRESENTEE")


def _since(situation: Situation) -> datetime | None:
    """Return the moment of the last event that changed the subject, or of its proven receipt if that is later."""
    subject = situation.subject
    received = subject.remise_le if isinstance(subject, Envoi) else None
    moments = [step.at for step in situation.steps if step.counts]
    return max((m for m in (*moments, subject.etat_depuis, received) if m is not None), default=None)


def _until(running: Running, awaited: frozenset[Attendu]) -> datetime | None:
    """Return the earliest end of the running deadlines of these parties; None without any."""
    return min((d.due_at for d in running.values() if d.awaited in awaited), default=None)
