"""Rules that tell what has to be done next about a subject: which act, by whom, since when and until when."""

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
"""Time within which a partner's second task must be due to be shown before the first (`turn_of`)."""
DELIVERIES = tuple(terme for terme in TERMES if terme.echeance is Echeance.REMISE)
"""Deadlines by which the hub has to deliver a message that asks a partner for an answer."""


class Situation(NamedTuple):
    """The facts that decide who has to act next on a subject. `steps` has the events about the subject,
    oldest first."""

    subject: Subject
    steps: Sequence[Step] = ()
    running: Running = NOTHING
    siao: str | None = None
    """SIAO responsible for the place, if the subject has a place. This SIAO has to act if a SIAO is expected
    to and the subject names none."""


class NextAct(NamedTuple):
    """What has to be done next about a subject (`expected`), by whom, since when and until when. If nothing
    has to be done, `expected` is None."""

    etat: str
    """The French words for the subject's state."""
    who: str | None
    """Who has to act: the id of a partner, or of the hub. None if nobody has to act, or if it is not known
    who has to."""
    expected: str | None
    since: datetime | None
    until: datetime | None
    late: bool


def situation_of(subject: Subject, steps: Sequence[Step], registry: Registry) -> Situation:
    """Return the facts that decide who has to act next on a subject. `steps` has the events about the
    subject; those that are alerts are left out."""
    acts = [step for step in steps if not step.type.startswith(ALERTS)]
    siao = siao_of(subject, registry)
    return Situation(subject, acts, running_of(subject, registry), siao.id if siao else None)


def whose_turn(situation: Situation, now: datetime) -> NextAct:
    """Return what has to be done next about the subject, and by whom: a partner, or the hub. The subject's
    state decides."""
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
    """Return the task that `partner` is shown as the next one about the subject: what has to be done, by whom
    and until when. Usually, this is the task for which the subject's state calls (`whose_turn`). But
    `partner` may also have a second task with its own deadline, such as to answer a request for
    accompaniment. Return this second task in two cases:

    * it is not `partner` who has to do the first task;
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
    """Return `subject` as if `partner` had confirmed, at the moment `at`, the receipt of what it has to answer,
    such as a referral, a candidacy or the transfer of a demand. Return `subject` unchanged if it asks nothing
    of `partner`, or if the receipt is already confirmed."""
    if isinstance(subject, Demande):
        return subject.asked_at(partner, at)
    if not isinstance(subject, Envoi) or subject.destinataire != partner or subject.remise_le is not None:
        return subject
    return replace(subject, remise_le=at)


def on_their_way(subjects: Iterable[Subject]) -> dict[UUID, str]:
    """Find the subjects about which the hub still has to deliver a message. Return, by the subject's id, the
    id of the partner that has to receive this message."""
    found = ((each.id, to_be_delivered_to(each)) for each in subjects)
    return {ident: addressee for ident, addressee in found if addressee is not None}


def to_be_delivered_to(subject: Subject) -> str | None:
    """Return the partner to which the hub still has to deliver a request about this subject, before the partner
    can answer: a referral, a candidacy, or the proposal to take over a demand. Return None if the request has
    been delivered, or if the subject calls for no answer."""
    for terme in DELIVERIES:
        is_asked = terme.holds_for(subject) and getattr(subject, terme.depuis) is not None
        if is_asked and terme.jusqu_a is not None and getattr(subject, terme.jusqu_a) is None:
            return subject.repreneur if isinstance(subject, Demande) else subject.player(Party.DESTINATAIRE)
    return None


def lying(turn: NextAct, subject: Subject, in_box: Container[UUID]) -> NextAct:
    """Return what has to be done next about the subject. If `turn` says that the hub has to deliver a
    message, and this message already lies in the recipient's mailbox, then the recipient has to collect it.
    Otherwise, return `turn`. `in_box` has the ids of the subjects with a message in their recipient's
    mailbox."""
    if turn.who != HUB or subject.id not in in_box:
        return turn
    return turn._replace(who=to_be_delivered_to(subject), expected=IS_TO_COLLECT)


def _since(situation: Situation) -> datetime | None:
    subject = situation.subject
    received = subject.remise_le if isinstance(subject, Envoi) else None
    moments = [step.at for step in situation.steps if step.counts]
    return max((m for m in (*moments, subject.etat_depuis, received) if m is not None), default=None)
