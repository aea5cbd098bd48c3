"""What the journals say was lost, doubled, overtaken or left without an answer. Pure.

Everything here is worked out from the partners' journals; the hub is only asked (`Fate`) about rows that it
accepted and that no journal shows delivered, and which deliveries it calls undecided (`Delivery`).

Order is judged per recipient, sender and subject, over all flows between them; what the hub derives is judged in
`derived`. Not judged: the order of what two senders say of one subject, of two subjects, or of an undecided delivery,
which may arrive when it will.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import quantiles

from simulation import alerts, derived, ends, pathways
from simulation.derived import Trouble
from simulation.inbox import CHANGED, SENSELESS
from simulation.observed import DERIVED, SET, Delivery, Observed, Sent

NANOSECONDS = 1_000_000_000


class Fate(StrEnum):
    """What the hub says, at its front door, of an accepted row that has not arrived."""

    OPEN = "open"  # it waits, or it is a human's task
    REFUSED = "refused"  # the recipient's system, or a rule, said no
    GONE = "gone"  # the hub knows nothing of it, or believes it delivered


@dataclass(slots=True)
class Figures:
    """One flow, or all of them together."""

    sent: int = 0
    accepted: int = 0
    rejected: int = 0
    delivered: int = 0
    refused: int = 0
    open: int = 0
    loops: int = 0
    """Loops that accepted rows of this flow opened."""
    answered: int = 0
    lost: list[Sent] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    """One entry for each effect too many."""
    inversions: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)

    def percentile_s(self, percent: int) -> float | None:
        """A percentile of the times from acceptance to arrival; None where nothing arrived."""
        if len(self.latencies_s) < 2:
            return self.latencies_s[0] if self.latencies_s else None
        return quantiles(self.latencies_s, n=100, method="inclusive")[percent - 1]

    def include(self, other: "Figures") -> None:
        """Add another flow's figures."""
        for name in ("sent", "accepted", "rejected", "delivered", "refused", "open", "loops", "answered"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("lost", "duplicates", "inversions", "unanswered", "latencies_s"):
            getattr(self, name).extend(getattr(other, name))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the journals say, by flow and in all."""

    flows: Mapping[str, Figures]
    total: Figures
    unforeseen: tuple[str, ...]
    """What the story does not foresee: a wrong row accepted, a right one rejected, an arrival of nobody's."""
    news: tuple[Trouble, ...]
    """What the hub should have said of its own accord and did not, or said without a cause."""
    derived: int
    """Arrivals that the hub sent of its own accord."""
    sets: int
    """Of these, sets of files for the social observation."""
    repeated: int
    """Deliveries that came again under a known key, and that their recipients passed over."""
    seconds: float
    """From the first row sent to the last arrival."""

    @property
    def surprises(self) -> tuple[str, ...]:
        """Whatever is not as the story has it."""
        return (*self.unforeseen, *(trouble.says for trouble in self.news))

    @property
    def sound(self) -> bool:
        """Nothing lost, doubled, overtaken, unanswered or surprising."""
        t = self.total
        return not (t.lost or t.duplicates or t.inversions or t.unanswered or self.surprises)


def judge(
    observed: Observed,
    fates: Mapping[str, Fate] | None = None,
    undecided: Collection[Delivery] = (),
    *,
    observes: bool = False,
) -> Verdict:
    """Judge what was observed. `fates` by ref: what the hub said of rows that have not arrived; a row
    without one is lost. `undecided`: deliveries of which the hub says that nobody knows. `observes`: whether the social
    observation listens."""
    anytime = {name for one in undecided for name in one.names}
    flows: defaultdict[str, Figures] = defaultdict(Figures)
    closed = _closed(observed)
    for ref, sent in observed.sent.items():
        _count(flows[sent.row.flow], ref, sent, observed, fates or {}, closed)
    for flow, ref in _inversions(observed, anytime):
        flows[flow].inversions.append(ref)
    total = Figures()
    for figures in flows.values():
        total.include(figures)
    total.duplicates += [*_duplicates_of_nobody(observed), *derived.retold(observed, anytime)]
    total.inversions += derived.out_of_order(observed, anytime)
    total.duplicates += pathways.doubled(observed)
    unsettled = {ref for ref, fate in (fates or {}).items() if fate is Fate.OPEN}
    return Verdict(
        flows=dict(flows),
        total=total,
        unforeseen=(
            *_unforeseen(observed),
            *(pathways.troubles(observed, unsettled, undecided) if observes else ()),
        ),
        news=tuple(derived.troubles(observed, undecided)),
        derived=sum(len(effects) for ref, effects in observed.effects.items() if ref.startswith(DERIVED)),
        sets=sum(ref.startswith(f"{DERIVED}{SET}:") for ref in observed.effects),
        repeated=observed.repeated,
        seconds=_seconds(observed),
    )


def _count(
    figures: Figures,
    ref: str,
    sent: Sent,
    observed: Observed,
    fates: Mapping[str, Fate],
    closed: Mapping[str, str],
) -> None:
    figures.sent += 1
    effects = observed.effects.get(ref, [])
    figures.duplicates += [ref] * (len(effects) - 1)
    figures.delivered += bool(effects)
    answer = observed.answer_to(sent)
    if answer is None:
        return
    if answer.rejects(sent.row.row):
        figures.rejected += 1
        return
    figures.accepted += 1
    if effects:
        since = sent.at if sent.row.by_file else answer.at
        figures.latencies_s.append(max(0, effects[0].at - since) / NANOSECONDS)
    else:
        fate = fates.get(ref, Fate.GONE)
        figures.open += fate is Fate.OPEN
        figures.refused += fate is Fate.REFUSED
        if fate is Fate.GONE:
            figures.lost.append(sent)
    _count_loop(figures, sent, closed)


def _count_loop(figures: Figures, sent: Sent, closed: Mapping[str, str]) -> None:
    loop = sent.row.opens
    if loop is None:
        return
    figures.loops += 1
    if loop in closed:
        figures.answered += 1
    else:
        figures.unanswered.append(loop)


def _closed(observed: Observed) -> Mapping[str, str]:
    """Loops with a final outcome: answers that arrived, and what the SIAO took back itself."""
    withdrawn = {
        s.row.closes: "annulée" for s in observed.sent.values() if s.row.closes and observed.accepted(s)
    }
    return {**withdrawn, **observed.closed}


def _inversions(observed: Observed, anytime: Collection[str]) -> Iterable[tuple[str, str]]:
    """(flow, ref) of every row that arrived after a later one that its sender said of the same subject."""
    arrivals = [
        (effects[0], observed.sent[ref])
        for ref, effects in observed.effects.items()
        if ref in observed.sent and effects[0].name not in anytime
    ]
    highest: dict[tuple[str, str, str], int] = {}
    for effect, sent in sorted(arrivals, key=lambda arrival: (arrival[0].recipient, arrival[0].order)):
        row, lane = sent.row, (effect.recipient, sent.sender, sent.row.subject)
        if row.seq < highest.get(lane, row.seq):
            yield row.flow, row.ref
        highest[lane] = max(row.seq, highest.get(lane, row.seq))


def _duplicates_of_nobody(observed: Observed) -> list[str]:
    """Effects too many of what has no sender: what the hub derives must not be doubled either."""
    return [
        ref
        for ref, effects in observed.effects.items()
        if ref not in observed.sent
        for _ in range(len(effects) - 1)
    ]


def _unforeseen(observed: Observed) -> Iterable[str]:
    silent = alerts.silences(observed)
    for ref, sent in observed.sent.items():
        answer = observed.answer_to(sent)
        if answer is None:
            yield f"{ref} : restée sans réponse du hub"
        elif answer.rejects(sent.row.row) and not (sent.row.wrong or observed.loop_of(ref) in silent):
            yield f"{ref} : rejetée à tort (HTTP {answer.status})"
        elif sent.row.wrong and not answer.rejects(sent.row.row):
            yield f"{ref} : fausse, et acceptée"
        elif sent.row.wrong and ref in observed.effects:
            yield f"{ref} : rejetée, et pourtant arrivée"
    for ref in observed.effects:
        if ref not in observed.sent and not ref.startswith(DERIVED):
            yield f"{ref} : arrivée sans que personne l'ait envoyée"
    for ref, moods in observed.declined.items():
        if SENSELESS in moods:
            yield f"{ref} : illisible pour qui la reçoit"
        if CHANGED in moods:
            yield f"{ref} : revenue sous le même nom, avec d'autres octets"
    yield from ends.twice(observed)
    yield from observed.contradictions


def _seconds(observed: Observed) -> float:
    sent = [s.at for s in observed.sent.values()]
    arrived = [effect.at for effects in observed.effects.values() for effect in effects]
    return (max(arrived) - min(sent)) / NANOSECONDS if sent and arrived else 0.0
