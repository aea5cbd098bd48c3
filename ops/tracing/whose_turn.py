"""Next act expected about a subject: which act, by whom, since when and until when. Pure."""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.envelope import HUB
from contracts.frozen import replace
from contracts.mots import etat_of
from contracts.v1.echeance import Echeance
from ops.tracing.history import Step
from router.domain.books import BOOKS
from router.domain.deadlines import (
    NOTHING,
    TERMES,
    Attendu,
    Deadline,
    Running,
    awaited_of,
    running_of,
)
from router.domain.location import siao_of
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.subjects import Demande, Envoi, Subject

ALERTS = "fr.siao.alerte."
DELIVERS = "remettre cet envoi à son destinataire"
COLLECTS = "le relever dans votre boîte, et en confirmer la réception"
IS_TO_COLLECT = "le relever dans sa boîte"
A_MONTH = timedelta(days=30)
"""Time within which a deadline must end so that its act comes first, if a partner has to do two acts."""
DELIVERIES = tuple(terme for terme in TERMES if terme.echeance is Echeance.REMISE)
"""Deadlines of the hub's own deliveries."""


class Situation(NamedTuple):
    """Facts that decide who has to act next on a subject. `steps` has the events about the subject, oldest
    first."""

    subject: Subject
    steps: Sequence[Step] = ()
    running: Running = NOTHING
    siao: str | None = None
    """SIAO responsible for the place. It has to act if the subject names no SIAO."""


class NextAct(NamedTuple):
    """What has to be done next about a subject, by whom, since when and by when. If nothing has to be done,
    `expected` is None."""

    etat: str
    """French words for the subject's state."""
    who: str | None
    """Partner, or the hub; None if nobody has to act, or if the partner is unknown."""
    expected: str | None
    since: datetime | None
    until: datetime | None
    late: bool


def situation_of(subject: Subject, steps: Sequence[Step], registry: Registry) -> Situation:
    """Return the facts that decide who has to act next on a subject. `steps` has the events about the subject;
    alerts among them are left out."""
    acts = [step for step in steps if not step.type.startswith(ALERTS)]
    siao = siao_of(subject, registry)
    return Situation(subject, acts, running_of(subject, registry), siao.id if siao else None)


def whose_turn(situation: Situation, now: datetime) -> NextAct:
    """Return what has to be done next about the subject, according to its state, by the hub or by a partner."""
    subject, running = situation.subject, situation.running
    etat = etat_of(subject.NATURE, subject.etat)
    book = BOOKS.get(subject.NATURE)
    row = book.expected.get(subject.etat) if book and subject.etat else None
    if book is None or row is None:
        return NextAct(etat, None, None, None, None, late=False)
    if to_be_delivered_to(subject) is not None:
        ours = [each for each in running.values() if each.awaited is Attendu.HUB]
        since = min((each.started_at for each in ours), default=_since(situation))
        return _act(etat, HUB, DELIVERS, since, ours, now)
    if isinstance(subject, Demande) and subject.transfert_le is not None:
        asked = [each for each in running.values() if each.echeance is Echeance.TRANSFERT]
        return _act(etat, subject.repreneur, book.beside[Echeance.TRANSFERT], _since(situation), asked, now)
    party, expected = row
    who = subject.player(party) or (situation.siao if party is Party.SIAO else None)
    asked = [
        each
        for each in running.values()
        if each.awaited is not Attendu.HUB and each.echeance not in book.beside
    ]
    return _act(etat, who, expected, _since(situation), asked, now)


def turn_of(situation: Situation, partner: str, now: datetime) -> NextAct:
    """Return the task (what has to be done, by whom and by when) that `partner` is shown as the next one about
    the subject. Usually, this is the first task: the one that `whose_turn` returns, for which the subject's
    state calls. But `partner` may also have a second task with its own deadline, such as to answer a request
    for accompaniment. Return the second task in two cases:

    * the first task is not `partner`'s;
    * the second task is due within a month, and no later than the first.
    """
    turn, asked = whose_turn(situation, now), list(_beside(situation, partner))
    if not asked:
        return turn
    first = min(asked, key=lambda deadline: deadline.due_at)
    if turn.who == partner and first.due_at > min(now + A_MONTH, turn.until or now + A_MONTH):
        return turn
    expected = BOOKS[situation.subject.NATURE].beside[first.echeance]
    return _act(turn.etat, partner, expected, first.started_at, [first], now)


def _beside(situation: Situation, partner: str) -> Iterator[Deadline]:
    subject = situation.subject
    for deadline in situation.running.values():
        asks = deadline.echeance in BOOKS[subject.NATURE].beside
        if asks and partner in awaited_of(subject, deadline):
            yield deadline


def _act(
    etat: str,
    who: str | None,
    expected: str,
    since: datetime | None,
    deadlines: Sequence[Deadline],
    now: datetime,
) -> NextAct:
    until = min((each.due_at for each in deadlines), default=None)
    return NextAct(etat, who, expected, since, until, late=until is not None and until < now)


def once_received(subject: Subject, partner: str, at: datetime) -> Subject:
    """Return `subject` as it would be if `partner` confirmed at the moment `at` that it has received the
    message that asks for its answer (a referral, a candidacy, the transfer of a demand). Return `subject`
    unchanged if `partner` has no such message to receive, or has received it before."""
    if isinstance(subject, Demande):
        return subject.asked_at(partner, at)
    if not isinstance(subject, Envoi) or subject.destinataire != partner or subject.remise_le is not None:
        return subject
    return replace(subject, remise_le=at)


def on_their_way(subjects: Iterable[Subject]) -> dict[UUID, str]:
    """Return those of `subjects` about which the hub still has to deliver a message, each with the id of the
    partner that has to receive it."""
    found = ((each.id, to_be_delivered_to(each)) for each in subjects)
    return {ident: addressee for ident, addressee in found if addressee is not None}


def to_be_delivered_to(subject: Subject) -> str | None:
    """Return the partner to which the hub still has to deliver a subject (a referral, a candidacy, the transfer
    of a demand…) before the partner can answer it. Return None if the subject has been delivered, or calls for
    no answer."""
    for terme in DELIVERIES:
        is_asked = terme.holds_for(subject) and getattr(subject, terme.depuis) is not None
        if is_asked and terme.jusqu_a is not None and getattr(subject, terme.jusqu_a) is None:
            return subject.repreneur if isinstance(subject, Demande) else subject.player(Party.DESTINATAIRE)
    return None


def lying(turn: NextAct, subject: Subject, in_box: Container[UUID]) -> NextAct:
    """Return what has to be done next about the subject: collect its message, if the hub's delivery lies in the
    recipient's mailbox already, otherwise `turn`. `in_box` has the subjects with a message in a mailbox."""
    if turn.who != HUB or subject.id not in in_box:
        return turn
    return turn._replace(who=to_be_delivered_to(subject), expected=IS_TO_COLLECT)


def _since(situation: Situation) -> datetime | None:
    subject = situation.subject
    received = subject.remise_le if isinstance(subject, Envoi) else None
    moments = [step.at for step in situation.steps if step.counts]
    return max((m for m in (*moments, subject.etat_depuis, received) if m is not None), default=None)
