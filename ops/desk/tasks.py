"""Make the lines and tasks that people of a partner read. A line describes a subject in a list, a task says
what to do next."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from contracts.mots import NOMS, etat_of
from contracts.partner import Partner
from contracts.plurals import many
from ops.status.quantities import local
from ops.tracing.own import Envoye
from ops.tracing.whose_turn import IS_TO_COLLECT, NextAct
from router.domain.calendar import Duration
from router.domain.partners import Registry
from router.domain.rulebooks.orientation import FINIES_SANS_ENTREE
from router.domain.subjects import Orientation, Subject

REFERS_AGAIN = "orienter le ménage de nouveau"
TELLS_THE_STATE = "dire aux services de l'État que ce ménage est orienté : ils ne le savent pas encore"
UNDER_WAY = "autre orientation en cours n'y suffit pas"
UNDER_WAY_TOGETHER = "autres orientations en cours n'y suffisent pas"
CONFIRMS = "y répondre, ou dire que vous l'avez bien reçu"
CONFIRMS_THERE = "confirmer la réception"
NUMBERS = 4
"""Maximum number of the partner's own numbers that a task names."""
MOMENT = "%d/%m à %H h %M"
"""`strftime` format of a moment within a French sentence."""


def at_the_desk(turn: NextAct, partner: str) -> NextAct:
    """Return `turn`, the next thing to do about a subject, reworded for the desk. Only the task to collect a
    message from a mailbox is reworded. If the reader (`partner`) has this task, it becomes: answer the message,
    or confirm its receipt. If another partner has the task, it becomes: confirm receipt."""
    if turn.expected != IS_TO_COLLECT:
        return turn
    return turn._replace(expected=CONFIRMS if turn.who == partner else CONFIRMS_THERE)


class Ligne(NamedTuple):
    """A line of a desk page: a subject, its state, who has to act next, and a summary."""

    subject: Subject
    nom: str
    turn: NextAct
    au_sujet: str = ""
    chez: Partner | None = None
    """Partner that has to act next; None if the hub or nobody has to act, or if the reader must not know the
    partner."""
    puis: Duration | None = None
    """Time that the recipient will have to answer once it confirms receipt; None if this time runs already,
    or if no answer is due."""

    @property
    def ensuite(self) -> str:
        """Return in French how long the recipient will have to answer once it confirms receipt; an empty text
        if this time runs already, or if no answer is due."""
        return f", puis {self.puis} pour répondre" if self.puis else ""

    @property
    def attendu(self) -> str:
        """Return in French what has to be done next, and until when. If the recipient's time to answer has not
        started yet, the text also says how long the recipient will have."""
        turn, puis, then = self.turn, self.puis, self.ensuite
        before = f" avant le {local(turn.until):{MOMENT}}" if turn.until else ""
        if puis and turn.until and (lasts := puis.elapsed):
            then += f", au plus tard le {local(turn.until + lasts):{MOMENT}}"
        return f"{turn.expected or ''}{before}{then}"


class Tache(NamedTuple):
    """One task for people of a partner, as the desk lists it."""

    quoi: str
    attendu: str
    vers: str
    """Path of the task's page."""
    avant_le: datetime | None = None
    en_retard: bool = False
    depuis: datetime | None = None
    precision: str = ""
    """French words that distinguish the task from others of its kind."""
    sujet: UUID | None = None
    """Subject; None for a task about no subject, or about several."""
    numeros: str = ""
    """The partner's own numbers of what the task is about, which people quote on the telephone."""


def task(line: Ligne) -> Tache:
    """Return the task that a line of a desk page asks people to do. The task shows them no more data than the
    line does."""
    kind = NOMS[line.subject.NATURE]
    return Tache(
        f"{kind[0].upper()}{kind[1:]} {line.turn.etat}",
        line.turn.expected or "",
        f"/bureau/recu/{line.subject.id}",
        line.turn.until,
        line.turn.late,
        line.turn.since,
        line.au_sujet,
        line.subject.id,
        line.nom if line.nom != str(line.subject.id) else "",
    )


def to_refer_again(line: Ligne, others: int) -> Tache:
    """Return the task to refer a household again after a referral that ended without arrival. `others` counts
    the household's other open referrals."""
    unless = f", si {many(others, UNDER_WAY, UNDER_WAY_TOGETHER)}" if others else ""
    return task(line)._replace(attendu=f"{REFERS_AGAIN}{unless}", depuis=line.subject.etat_depuis)


def to_tell_the_state(line: Ligne) -> Tache:
    """Return the task to tell the State that a designated household is referred."""
    return task(line)._replace(attendu=TELLS_THE_STATE)


def after(tache: Tache, last: Subject | None, registry: Registry) -> Tache:
    """Return the task about a demand, adapted to the demand's `last` referral. If this referral ended without
    arrival, the task returned is to refer the household again, and says how the referral ended. Otherwise,
    return `tache` unchanged."""
    if not isinstance(last, Orientation) or last.etat not in FINIES_SANS_ENTREE:
        return tache
    chez = registry.get(last.destinataire)
    ended = (
        f"{NOMS[last.NATURE]} {etat_of(last.NATURE, last.etat)}, {chez.nom if chez else last.destinataire}"
    )
    return tache._replace(attendu=REFERS_AGAIN, precision=" · ".join(filter(None, (tache.precision, ended))))


def to_mend(message: Mapping[str, Any], told: Envoye, numbers: Sequence[str]) -> Tache:
    """Return the task to correct the refused rows of a message. `told` has French words for the message and for
    the cause of the refusal. `numbers` are the partner's own numbers of the places, demands… that these rows
    are about."""
    rows = many(message["rejetes"], "ligne")
    whole = f"en entier, {rows} à corriger" if message["rejetes"] > 1 else "en entier"
    refused = whole if message["etat"] == "refuse" else f"pour {rows}"
    return Tache(
        f"Envoi refusé {refused}",
        "corriger ces lignes et les déposer, ou dire que c'est fait",
        f"/bureau/envois/{message['id']}",
        depuis=datetime.fromisoformat(message["recu_le"]),
        precision=" : ".join(filter(None, (told.quoi, told.cause))),
        numeros=", ".join(numbers[:NUMBERS]) + (" …" if len(numbers) > NUMBERS else ""),
    )


def to_tell_apart(pairs: int, since: datetime) -> Tache:
    """Return the task to judge pairs of similar households. `pairs` is their number; the oldest was found at
    `since`."""
    named = f"{many(pairs, 'paire')} de ménages qui se ressemblent"
    return Tache(
        "Doublons",
        "dire si c'est un seul ménage, ou deux",
        "/bureau/doublons",
        depuis=since,
        precision=named,
    )


def urgency(tache: Tache) -> tuple[object, ...]:
    """Return the key by which tasks are sorted: late tasks first, then by deadline, then the oldest first."""
    since = tache.depuis.timestamp() if tache.depuis else 0.0
    return *soonest(tache.avant_le, late=tache.en_retard), since


def soonest(until: datetime | None, *, late: bool) -> tuple[bool, bool, float]:
    """Return a key that sorts things to do: late ones first, then by deadline. Those without deadline
    (`until` is None) come last."""
    return (not late, until is None, until.timestamp() if until else 0.0)
