"""Say in French how unanswered requests stand, and which subject waits longest."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from contracts.base import Nature
from contracts.mots import NOMS, etat_of
from contracts.plurals import counted, inflected, many
from ops.status.quantities import ago, at, lasting, since, zone_of
from ops.status.verdict import Verdict
from ops.status.wording import telephone
from router.domain.correspondents import Correspondent
from router.domain.vitals import Etape, Unanswered, Vitals

LAST = datetime.max.replace(tzinfo=UTC)
NO_CLOCK = "aucun délai de réponse ne court encore"
CLOCKED = (Nature.ORIENTATION, Nature.CANDIDATURE)
"""The types of subjects whose time to answer begins with the receipt."""


class Receipt(NamedTuple):
    """The French words for the way in which a message reaches its recipient: the recipient collects it from
    its mailbox, or the hub delivers it. `short` fits a column, `full` a sentence. `task` says that it has yet
    to be collected, or delivered."""

    short: str
    full: str
    task: str


COLLECTED = Receipt("relève", "relève de sa boîte", "à relever d'abord dans sa boîte")
DELIVERED = Receipt("remise", "remise par le hub", "à remettre d'abord par le hub")


class Longest(NamedTuple):
    """A French description of the unanswered subject with the nearest deadline. If no subject has a deadline,
    it is about the one that has waited longest."""

    title: str
    """The heading: « Le plus en retard » if the deadline has passed; « Échéance la plus proche » if it has
    not; « Attend depuis le plus longtemps (hors demandes) » if there is none."""
    nature: str
    ident: UUID
    recipient: str
    """The id of the partner that has to answer."""
    name: str
    telephone: str
    since: str
    until: str


def longest_of(
    owed: Iterable[Unanswered], partners: Collection[Correspondent], now: datetime
) -> Longest | None:
    """Return a French description of the unanswered subject with the nearest deadline. If no subject has a
    deadline, describe the one that has waited longest. Return None if no subject waits for an answer.
    `partners` gives the recipient's name and telephone number."""
    waits = [each for each in owed if each.longest is not None]
    if not waits:
        return None
    one = min(waits, key=lambda each: (each.deadline or LAST, each.longest_since or each.since))
    assert one.longest is not None, "only such requests are compared"
    return Longest(
        _title(one.deadline, now),
        NOMS[Nature(one.nature)],
        one.longest,
        one.recipient,
        next((each.nom for each in partners if each.id == one.recipient), one.recipient),
        telephone(one.recipient, partners),
        since(one.longest_since or one.since, now),
        _until(one, partners, now),
    )


def _title(due: datetime | None, now: datetime) -> str:
    if due is None:
        return "Attend depuis le plus longtemps (hors demandes)"
    return "Le plus en retard" if due < now else "Échéance la plus proche"


def _until(owed: Unanswered, partners: Iterable[Correspondent], now: datetime) -> str:
    act, then = "réponse", ""
    if owed.longest_unproven:
        act = _receipt(owed, partners).full
        if owed.longest_refused:
            act = "décision du hub sur le refus, et remise"
        then = f" ; {NO_CLOCK}" if owed.nature in CLOCKED else ""
    due = owed.deadline
    if due is None:
        return f"{act} sans date limite{then}"
    hour = f"{at(due, now)} ({zone_of(due)})"
    if due < now:
        return f"{act} due avant {hour}, dépassé depuis {ago(due, now)}{then}"
    return f"{act} avant {hour}, dans {lasting(due - now)}{then}"


def _receipt(owed: Unanswered, partners: Iterable[Correspondent]) -> Receipt:
    has_box = any(each.id == owed.recipient and each.releve_h for each in partners)
    return COLLECTED if has_box else DELIVERED


def stands_of(owed: Unanswered, partners: Iterable[Correspondent]) -> str:
    """Return in French how the unanswered requests in `owed` stand. The text has up to three parts:

    * the state of the requests;
    * how many of their deliveries were refused; left out if none was;
    * how many requests have not reached the recipient, such as « dont 2 à remettre d'abord par le hub »; left
      out if all have. If the recipient has a mailbox, which `partners` tells, the words are « dont 2 à
      relever d'abord dans sa boîte ».

    If `owed` has referrals or candidacies, and none has reached the recipient, the last part has no number:
    « à remettre d'abord par le hub ». If all their deliveries were refused too, there is no last part.
    """
    said = [etat_of(Nature(owed.nature), owed.etat)]
    if owed.refused:
        said.append(f"{many(owed.refused, 'livraison refusée')}, à décider au hub")
    if owed.unproven < owed.number or owed.nature not in CLOCKED:
        said += [f"dont {owed.unproven} {_receipt(owed, partners).task}"] if owed.unproven else []
        return " ; ".join(said)
    if owed.refused < owed.unproven:
        said.append(_receipt(owed, partners).task)
    return " ; ".join(said)


def uncounted(facts: Vitals, said: Verdict) -> str:
    """If the hub applies no events now, return in French how many accepted events wait to be applied, such as
    « sans compter 3 événements à appliquer ». The count of unanswered requests lacks the requests in these
    events. Return an empty text if the hub applies events, if nobody knows whether it does, or if no event
    waits."""
    pile = facts.pile(Etape.A_APPLIQUER)
    if said.applies is not False or not pile.number:
        return ""
    events = inflected(pile.number, "événement")
    return f"sans compter {counted(pile.number, pile.capped)} {events} à appliquer"


def first_act(owed: Unanswered, partners: Iterable[Correspondent]) -> str:
    """Return in French what has to be done first, so that the recipient gets the most urgent request in
    `owed` (`owed.longest`): « relève » (the recipient empties its mailbox), « remise » (the hub delivers) or
    « décision » (a person decides after a refusal). Return an empty text if the recipient has received this
    request. `partners` tells whether the recipient has a mailbox."""
    if not owed.longest_unproven:
        return ""
    return "décision" if owed.longest_refused else _receipt(owed, partners).short
