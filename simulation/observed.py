"""The journals of all simulated partners, merged.

A row and its arrival have the same name, `ref`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from simulation import story
from simulation.cast import SIAO, SIAO_COMMUN, SIAO_REST
from simulation.journal import Kind, Record, Row
from simulation.moods import REFUSALS

DERIVED = "hub:"
"""Prefix of the names of messages that the hub sends by itself."""
SET = "observation.jeu"
"""Event name of a set of files for the social observation."""
DESKS = frozenset({SIAO.id, SIAO_REST.id, SIAO_COMMUN.id})
"""SIAO whose claims to demands `whereabouts` judges."""
ACCEPTED_STATUSES = frozenset({200, 202})
ACKNOWLEDGEMENT_REFUSED = "confirmation de réception refusée"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Sent:
    """A row that a partner sent, with its message's key. `at`: nanoseconds since the epoch."""

    row: Row
    sender: str
    key: str
    at: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The hub's answer to a message. `at`: nanoseconds since the epoch."""

    at: int
    status: int
    message: str | None
    rejections: tuple[Record, ...]

    def rejects(self, row: int) -> bool:
        """Return whether the hub rejected this row, alone or with its message."""
        if self.status not in ACCEPTED_STATUSES:
            return True
        return any(rejection["ligne"] in (row, None) for rejection in self.rejections)


@dataclass(frozen=True, slots=True)
class Effect:
    """A delivery on which a partner acted. `order`: position in its journal; `at`: nanoseconds since the
    epoch."""

    recipient: str
    order: int
    at: int
    key: str

    @property
    def name(self) -> str:
        """The hub's id in the delivery's key (see `named`)."""
        return named(self.key)


class Delivery(NamedTuple):
    """A delivery in the hub's records."""

    partner: str
    id: str
    event: str
    """Id of the event delivered."""
    kind: str
    """Short name of the event delivered."""
    subject: str
    etat: str

    @property
    def undecided(self) -> bool:
        """Whether the hub does not know the outcome."""
        return self.etat == "incertaine"

    @property
    def names(self) -> Collection[str]:
        """Names under which the recipient's journal may show the delivery."""
        return (self.id, self.event)


@dataclass(slots=True)
class Observed:
    """What the journals show so far. Add the lines of one journal in order, the journals in any order."""

    sent: dict[str, Sent] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    effects: defaultdict[str, list[Effect]] = field(default_factory=lambda: defaultdict(list))
    closed: dict[str, str] = field(default_factory=dict)
    """First outcome of each loop that an answer has closed."""
    outcomes: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """All outcomes of each closed loop."""
    loops: dict[str, str] = field(default_factory=dict)
    """Names of loops, by the hub's id of the referral or candidacy."""
    places: dict[str, int] = field(default_factory=dict)
    """Numbers of places, by the hub's id."""
    declined: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Moods in which partners did not act on a delivery, by the row's name."""
    moods: defaultdict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    """Moods in which a partner did not act on a delivery since it last acted on it, by recipient and
    delivery."""
    contradictions: list[str] = field(default_factory=list)
    """Answers of the hub that contradict earlier ones or must never occur, in French."""
    repeated: int = 0
    steps: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Names of the sets in which the social observation got a step, by step and key."""
    lists: defaultdict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    """Journal lines of each reader of a list of households."""
    begun: Collection[str] = ()
    """Names of sets of which files were left in the folder at the end."""
    _nameless: defaultdict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    """Journal lines that close a loop of still unknown name, by the hub's id."""
    _effects_read: Counter[str] = field(default_factory=Counter)

    def add(self, partner: str, record: Record) -> None:
        """Add one line of a partner's journal."""
        match record["kind"]:
            case Kind.ABOUT_TO_SEND:
                sent = Sent(_row(record), partner, record["key"], record["at"])
                self.sent.setdefault(sent.row.ref, sent)
            case Kind.ANSWERED:
                self._add_answer(partner, record["key"], _answer(record))
            case Kind.ACKNOWLEDGED if not 200 <= record["status"] < 300:
                self._contradict(f"{record['key']} : {ACKNOWLEDGEMENT_REFUSED} (HTTP {record['status']})")
            case Kind.FAILED:
                self._contradict(f"{partner} : {record['what']} : le hub a répondu HTTP {record['status']}")
            case Kind.EFFECT:
                self._add_effect(partner, record)
            case Kind.REPEATED:
                self.repeated += 1
            case Kind.LISTED:
                self.lists[partner].append(record)
            case Kind.DECLINED:
                self.declined[record["ref"]].append(record["mood"])
                self.moods[partner, named(record["key"])].append(record["mood"])

    def _add_answer(self, partner: str, key: str, answer: Answer) -> None:
        first = self.answers.setdefault((partner, key), answer)
        if replace(answer, at=first.at) != first:
            self._contradict(f"{key} : renvoyée sous la même clé, et répondue autrement")

    def _contradict(self, what: str) -> None:
        if what not in self.contradictions:
            self.contradictions.append(what)

    def _add_effect(self, partner: str, record: Record) -> None:
        order = self._effects_read[partner]
        self._effects_read[partner] += 1
        self.moods.pop((partner, named(record["key"])), None)
        self.effects[record["ref"]].append(Effect(partner, order, record["at"], record["key"]))
        if "numero" in record:
            self.lists[partner].append(record)
        for step in record.get("steps", ()):
            self.steps[step].append(record["ref"])
        if "subject" in record and "dossier" in record:
            self._name(record["subject"], story.loop(record["dossier"]))
        if "code" in record and "place" in record:
            self.places[record["place"]] = story.place_number(record["code"])
        if "outcome" in record:
            self._close(record.get("closes") or record["subject"], record)

    def _name(self, subject: str, loop: str) -> None:
        self.loops[subject] = loop
        for record in self._nameless.pop(subject, ()):
            self._close(subject, record)

    def _close(self, name: str, record: Record) -> None:
        """Close a loop. If the line has the hub's id, wait for the journal that shows the loop's name."""
        named = self.loops.get(name, name)
        if not named.startswith(story.LOOP):
            self._nameless[name].append(record)
            return
        loop = story.closed_by(record.get("event", ""), named)
        self.closed.setdefault(loop, record["outcome"])
        self.outcomes[loop].add(record["outcome"])

    def answer_to(self, sent: Sent) -> Answer | None:
        """Return the hub's answer to the message of this row; None while there is none."""
        return self.answers.get((sent.sender, sent.key))

    def accepted(self, sent: Sent) -> bool:
        """Return whether the hub has accepted this row."""
        answer = self.answer_to(sent)
        return answer is not None and not answer.rejects(sent.row.row)

    def was_heard(self, ref: str) -> bool:
        """Return whether a recipient acted on the row or refused it."""
        return ref in self.effects or self.was_refused(ref)

    def was_refused(self, ref: str) -> bool:
        """Return whether a recipient refused the row."""
        return bool(REFUSALS.intersection(self.declined.get(ref, ())))

    def superfluous(self, ref: str) -> int:
        """Return how many effects the row has beyond those due: one, or one at each SIAO after a takeover."""
        by_recipient = Counter(effect.recipient for effect in self.effects.get(ref, ()))
        others = [recipient for recipient in by_recipient if recipient not in DESKS]
        return by_recipient.total() - (len(by_recipient) if not others else 1)

    def loop_of(self, ref: str) -> str | None:
        """Return the name of the loop to which a row belongs; None without one."""
        subject = ref.partition(":")[0]
        return self.loops.get(subject, subject if subject.startswith(story.LOOP) else None)

    def travelled_by_file(self, sender: str, key: str) -> bool:
        """Return whether a message was a file."""
        return any(s.row.by_file for s in self.sent.values() if (s.sender, s.key) == (sender, key))

    def missing(self) -> list[Sent]:
        """Return the accepted rows that have not arrived."""
        return [s for ref, s in self.sent.items() if ref not in self.effects and self.accepted(s)]


def named(key: str) -> str:
    """Return the hub's id in a delivery's key: that of the delivery or, in a file's name, of its event.
    Without one, return the key."""
    found = _UUID.search(key)
    return found[0] if found else key


def _row(record: Record) -> Row:
    known: dict[str, Any] = {name: record[name] for name in Row.__slots__ if name in record}
    return Row(**known)


def _answer(record: Record) -> Answer:
    return Answer(
        record["at"],
        record["status"],
        record.get("message"),
        tuple(record.get("rejections", ())),
    )
