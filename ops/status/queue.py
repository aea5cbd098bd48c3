"""List what waits for a person's decision, in groups, the most harmful first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from contracts.plurals import inflected
from ops.status.findings import Code, harms
from ops.status.quarantined import condition_of
from ops.status.wording import HUB, PARTNER, REMEDES, RENVOI, also_of, side_of, spelled, turn_of
from router.domain.vitals import COUNTED, Taker, Vitals

QUARANTINED, REFUSED = "quarantaine", "refusees"
"""The kinds of groups whose items a person can all settle by one decision."""
LAST = datetime.max.replace(tzinfo=UTC)


class Group(NamedTuple):
    """The items of one kind and one partner that wait for a person's decision. They are, for example,
    quarantine rows or orphan answers."""

    code: Code
    what: str
    who: str | None
    number: int
    since: datetime | None
    page: str
    """The console page on which a person decides about each item."""
    turn: str
    """The side that has to act: `PARTNER`, `SIAO` or `HUB`."""
    mends: str = ""
    key: str = ""
    """The name of the group in a form that decides about all its items; empty if each item needs its own
    decision."""
    taker: Taker | None = None

    @property
    def task(self) -> str:
        """Return the key of this group. The audit records under this key who has taken the group on."""
        return self.key or f"{self.code}:{self.who or ''}"

    def seen_to(self, takers: Mapping[str, Taker]) -> "Group":
        """Return this group with the person who has taken it on, if anybody has. `takers` says who has taken
        on which group, by the groups' keys (`Group.task`). A person who did so before the group's oldest item
        came does not count."""
        taker = takers.get(self.task)
        fresh = taker is not None and (self.since is None or self.since <= taker.at)
        return self._replace(taker=taker if fresh else None)

    @property
    def capped(self) -> bool:
        """Tell whether the count of the items stopped at the limit (`COUNTED`), so that there may be more."""
        return self.number >= COUNTED

    @property
    def harm(self) -> int:
        """Return the score of the harm that these items do to households. A higher score is worse."""
        return harms()[self.code].score


def task_in_words(task: str, name: Callable[[str], str]) -> str:
    """Name in French a group of items that wait for a decision, such as « quarantaine : champ absent, Foyer
    des Tilleuls ». `task` is the group's key (`Group.task`). `name` is a function that returns a partner's
    name for its id. If `task` is no such key, return what `name` returns for it."""
    kind, partner, cause, *_ = (*task.split(":"), "", "")
    decided = {QUARANTINED: f"quarantaine : {spelled(cause)}", REFUSED: harms()[Code.REFUSEES].several}
    if ":" not in task or kind not in {*decided, *Code}:
        return name(task)
    what = decided.get(kind) or harms()[Code(kind)].several
    return ", ".join(filter(None, (what, partner and name(partner))))


def partner_of(task: str) -> str | None:
    """Return the id of the partner that a group of items concerns; None if it concerns no partner. `task` is
    the group's key (`Group.task`)."""
    return task.split(":")[1] or None


def queue(facts: Vitals) -> Sequence[Group]:
    """Return the groups of items about which people have to decide, each with the person who has taken it on,
    if anybody has. The most harmful groups come first. Of equally harmful ones, those with more items come
    first, then the older ones."""
    every = (*_of_sources(facts), *_of_quarantine(facts), *_of_deliveries(facts), *_of_answers(facts))
    found = [group.seen_to(facts.takers) for group in every]
    siaos = {partner.id for partner in facts.partners if partner.is_siao}
    return sorted(
        found,
        key=lambda each: (-each.harm - (each.who in siaos), -each.number, each.since or LAST, each.who or ""),
    )


def _of_sources(facts: Vitals) -> Iterator[Group]:
    paused = {halt.partner for halt in facts.halts if halt.is_paused}
    for partner in facts.partners:
        if partner.id in paused:  # said with what an operator decides about it
            continue
        if partner.reading is not None and (since := partner.reading.failing_since) is not None:
            what, where = f"lecture impossible : {partner.reading.cause}", f"/partenaires/{partner.id}"
            turn = turn_of(partner.reading.cause or "", is_siao=partner.is_siao)
            mends = (
                "corriger la faute que dit le journal" if turn == HUB else "l'appeler : lui seul y remédie"
            )
            yield Group(Code.ILLISIBLE, what, partner.id, 1, since, where, turn, mends)


def _of_quarantine(facts: Vitals) -> Iterator[Group]:
    siaos = {partner.id for partner in facts.partners if partner.is_siao}
    for held in facts.quarantine:
        link = urlencode({"cause": held.cause, "partenaire": held.partner or ""})
        yield Group(
            condition_of(held),
            f"quarantaine : {spelled(held.cause)}{also_of(held.also)}",
            held.partner,
            held.number,
            held.since,
            f"/quarantaine/groupe?{link}",
            turn_of(held.cause, is_siao=held.partner in siaos),
            REMEDES.get(held.cause, RENVOI),
            f"{QUARANTINED}:{held.partner or ''}:{held.cause}",
        )


def _of_deliveries(facts: Vitals) -> Iterator[Group]:
    for partner in facts.partners:
        where = f"/livraisons?{urlencode({'partenaire': partner.id})}"
        if (refused := partner.refused).number:
            key, mends = f"{REFUSED}:{partner.id}:", "une fois la cause réparée chez lui, renvoyer"
            what = inflected(refused.number, "livraison refusée")
            yield Group(
                Code.REFUSEES,
                what,
                partner.id,
                refused.number,
                refused.oldest,
                where,
                side_of(is_siao=partner.is_siao),
                mends,
                key,
            )
        if (doubtful := partner.uncertain).number:
            what = inflected(doubtful.number, "livraison d'issue incertaine", "livraisons d'issue incertaine")
            mends = "lui demander s'il les a, une par une"
            yield Group(
                Code.INCERTAINES, what, partner.id, doubtful.number, doubtful.oldest, where, HUB, mends
            )


def _of_answers(facts: Vitals) -> Iterator[Group]:
    for held in facts.orphans:
        what = inflected(
            held.number, "réponse qui ne correspond à rien", "réponses qui ne correspondent à rien"
        )
        mends = "dire de quel envoi chacune parle"
        yield Group(Code.ORPHELINES, what, held.partner, held.number, held.since, "/orphelines", HUB, mends)
    for doubt in facts.doubts:
        where = f"/partenaires/{doubt.partner}"
        yield Group(Code(doubt.kind), doubt.sentence, doubt.partner, doubt.said, doubt.since, where, PARTNER)
    for halt in facts.halts:
        if halt.is_paused:
            where = f"/partenaires/{halt.partner}"
            yield Group(Code.LECTURE, halt.sentence, halt.partner, 1, halt.since, where, HUB)
