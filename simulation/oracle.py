"""Judgement of the journals of simulated partners: what was lost, doubled, overtaken or left unanswered.
Pure.

The hub is only asked about accepted rows that have not arrived, and for its deliveries of unknown outcome.

Order is judged for each recipient, sender and subject, but not for deliveries of unknown outcome.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import quantiles

from simulation import alerts, derived, ends, pathways, whereabouts
from simulation.derived import Trouble
from simulation.inbox import CHANGED, SENSELESS
from simulation.observed import DERIVED, SET, Delivery, Observed, Sent

NANOSECONDS = 1_000_000_000


class Fate(StrEnum):
    """What the hub answers about an accepted row that has not arrived."""

    OPEN = "open"  # pending, or a task for a person
    REFUSED = "refused"  # refused by the recipient's system, or by a rule
    GONE = "gone"  # unknown to the hub, or delivered as far as it knows


@dataclass(slots=True)
class Figures:
    """The figures of one flow, or of all together."""

    sent: int = 0
    accepted: int = 0
    rejected: int = 0
    delivered: int = 0
    refused: int = 0
    open: int = 0
    loops: int = 0
    """Number of loops that accepted rows opened."""
    answered: int = 0
    lost: list[Sent] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    """Names of rows with more effects than due, one entry for each surplus effect."""
    inversions: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)

    def percentile_s(self, percent: int) -> float | None:
        """Return a percentile of the seconds from acceptance to arrival; None if nothing arrived."""
        if len(self.latencies_s) < 2:
            return self.latencies_s[0] if self.latencies_s else None
        return quantiles(self.latencies_s, n=100, method="inclusive")[percent - 1]

    def include(self, other: "Figures") -> None:
        """Add the figures of another flow."""
        for name in ("sent", "accepted", "rejected", "delivered", "refused", "open", "loops", "answered"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("lost", "duplicates", "inversions", "unanswered", "latencies_s"):
            getattr(self, name).extend(getattr(other, name))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a run, for each flow and for all together."""

    flows: Mapping[str, Figures]
    total: Figures
    unforeseen: tuple[str, ...]
    """Deviations from what was expected, in French."""
    news: tuple[Trouble, ...]
    """Messages that the hub should have sent by itself and did not, or sent without a cause."""
    derived: int
    """Number of arrivals of messages that the hub sent by itself."""
    sets: int
    """Number of sets of files that the social observation got."""
    transferred: int
    """Number of demands that another SIAO took over."""
    repeated: int
    """Number of repeated deliveries that their recipients ignored."""
    seconds: float
    """Seconds from the first row sent to the last arrival."""

    @property
    def surprises(self) -> tuple[str, ...]:
        """All deviations from what was expected, in French."""
        return (*self.unforeseen, *(trouble.says for trouble in self.news))

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, doubled, overtaken, unanswered or unexpected."""
        t = self.total
        return not (t.lost or t.duplicates or t.inversions or t.unanswered or self.surprises)


def judge(
    observed: Observed,
    fates: Mapping[str, Fate] | None = None,
    undecided: Collection[Delivery] = (),
    *,
    observes: bool = False,
) -> Verdict:
    """Return the verdict on what the journals show.

    `fates`: the hub's answers about rows that have not arrived; without one, a row is lost. `undecided`:
    deliveries of unknown outcome. `observes`: whether the social observation takes part.
    """
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
            *whereabouts.troubles(observed, unsettled),
            *(pathways.troubles(observed, unsettled, undecided) if observes else ()),
        ),
        news=tuple(derived.troubles(observed, undecided)),
        derived=sum(len(effects) for ref, effects in observed.effects.items() if ref.startswith(DERIVED)),
        sets=sum(ref.startswith(f"{DERIVED}{SET}:") for ref in observed.effects),
        transferred=whereabouts.transferred(observed),
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
    figures.duplicates += [ref] * observed.superfluous(ref)
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
    """Return the loops with an outcome: an answer that arrived, or a withdrawal by the SIAO."""
    withdrawn = {
        s.row.closes: "annulée" for s in observed.sent.values() if s.row.closes and observed.accepted(s)
    }
    return {**withdrawn, **observed.closed}


def _inversions(observed: Observed, anytime: Collection[str]) -> Iterable[tuple[str, str]]:
    """Yield flow and name of each row that arrived after a later row of its sender about its subject."""
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
    """Return the names of the hub's own messages with surplus effects, one entry for each."""
    return [
        ref for ref in observed.effects if ref not in observed.sent for _ in range(observed.superfluous(ref))
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
