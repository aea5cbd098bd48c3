"""What the journals of all partners say together: rows that left, the hub's word on them, what arrived.

A row and its arrival are tied by their common `ref`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from simulation import story
from simulation.journal import Kind, Record, Row
from simulation.moods import REFUSALS

DERIVED = "hub:"
"""Start of the refs of what the hub says of its own accord."""
SET = "observation.jeu"
"""The event that a set of files is for the social observation."""
ACCEPTED_STATUSES = frozenset({200, 202})
ACKNOWLEDGEMENT_REFUSED = "confirmation de réception refusée"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Sent:
    """A row that left, by whom, under which key."""

    row: Row
    sender: str
    key: str
    at: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The hub's word on a message."""

    at: int
    status: int
    message: str | None
    rejections: tuple[Record, ...]

    def rejects(self, row: int) -> bool:
        """Whether this row of the message was not accepted."""
        if self.status not in ACCEPTED_STATUSES:
            return True
        return any(rejection["ligne"] in (row, None) for rejection in self.rejections)


@dataclass(frozen=True, slots=True)
class Effect:
    """A delivery that a partner acted on; `order` is its place in that partner's journal."""

    recipient: str
    order: int
    at: int
    key: str

    @property
    def name(self) -> str:
        """By which the hub knows it, see `named`."""
        return named(self.key)


class Delivery(NamedTuple):
    """A delivery as the hub has it."""

    partner: str
    id: str
    event: str
    """Id of the event that it carries."""
    kind: str
    """The short name of that event."""
    subject: str
    etat: str

    @property
    def undecided(self) -> bool:
        """Whether the hub says that nobody knows if it arrived: the journals may hold it or not."""
        return self.etat == "incertaine"

    @property
    def names(self) -> Collection[str]:
        """What its recipient may know it by."""
        return (self.id, self.event)


@dataclass(slots=True)
class Observed:
    """Journals read so far. Records may come in any order between journals, in order within one."""

    sent: dict[str, Sent] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    effects: defaultdict[str, list[Effect]] = field(default_factory=lambda: defaultdict(list))
    closed: dict[str, str] = field(default_factory=dict)
    """Loops closed by an answer that arrived, with their outcome."""
    outcomes: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """All outcomes of each that arrived."""
    loops: dict[str, str] = field(default_factory=dict)
    """Loops by the hub's id of their referral or candidacy."""
    places: dict[str, int] = field(default_factory=dict)
    """Numbers of places by the hub's id of them."""
    declined: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By ref, the moods in which a partner did not act on a delivery."""
    moods: defaultdict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    """The same by recipient and name, since the delivery was acted on: a refusal whose answer was lost, and which was
    followed by another mind, is none."""
    contradictions: list[str] = field(default_factory=list)
    """What the hub said otherwise the second time, or should never say."""
    repeated: int = 0
    steps: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By step, with its key, the refs of the sets in which the social observation took it in."""
    begun: Collection[str] = ()
    """Names of sets of which anything still lay in the observation's folder at the end."""
    _effects_read: Counter[str] = field(default_factory=Counter)

    def add(self, partner: str, record: Record) -> None:
        """Take in one record of a partner's journal."""
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
        for step in record.get("steps", ()):
            self.steps[step].append(record["ref"])
        if "subject" in record and "dossier" in record:
            self.loops[record["subject"]] = story.loop(record["dossier"])
        if "code" in record and "place" in record:
            self.places[record["place"]] = story.place_number(record["code"])
        if record.get("closes"):
            self.closed.setdefault(record["closes"], record["outcome"])
            self.outcomes[record["closes"]].add(record["outcome"])

    def answer_to(self, sent: Sent) -> Answer | None:
        """What the hub said of the message of a row; None while it has not."""
        return self.answers.get((sent.sender, sent.key))

    def accepted(self, sent: Sent) -> bool:
        """Whether the hub has taken this row."""
        answer = self.answer_to(sent)
        return answer is not None and not answer.rejects(sent.row.row)

    def was_heard(self, ref: str) -> bool:
        """Whether it arrived, or was refused by who was to hear of it."""
        return ref in self.effects or bool(REFUSALS.intersection(self.declined.get(ref, ())))

    def loop_of(self, ref: str) -> str | None:
        """The loop that a row belongs to: it begins with the loop's name, or with the hub's id of its subject."""
        subject = ref.partition(":")[0]
        return self.loops.get(subject, subject if subject.startswith(story.LOOP) else None)

    def travelled_by_file(self, sender: str, key: str) -> bool:
        """Whether a message was a file; its key is the file's name."""
        return any(s.row.by_file for s in self.sent.values() if (s.sender, s.key) == (sender, key))

    def missing(self) -> list[Sent]:
        """Rows that were accepted and that no journal shows delivered."""
        return [s for ref, s in self.sent.items() if ref not in self.effects and self.accepted(s)]


def named(key: str) -> str:
    """The id of the hub in a key: of the delivery, or in a file's name, of the event that it carries."""
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
