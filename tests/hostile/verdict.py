"""Judgement of a hub under hostile requests, from observations. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.records import Arrival
from tests.hostile.watching import READERS, Seen

ROLES_MIB = 512
READER_MIB = 1024
"""Bound of the memory of a reader process: its limit for data (`MEMORY_BYTES`), and its code."""
P99_BOUND = 3.0
HELD_SECONDS = 0.1
"""Longest time for which computing may block an event loop, unless it is longer without noise too."""
BUG = re.compile(r"\b[a-z_]+\.bug\b")
"""Pattern of log events that report a bug of the hub."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A quiet and a noisy period. The 99th percentiles of the quiet partner, in milliseconds, run from the intended
    sending to the arrival."""

    quiet_p99_ms: float
    noisy_p99_ms: float
    quiet_held_s: Mapping[str, float]
    """Upper bound of the longest time for which each process blocked its event loop, in seconds."""
    noisy_held_s: Mapping[str, float]

    @property
    def ratio(self) -> float:
        """The noisy 99th percentile divided by the quiet one."""
        return self.noisy_p99_ms / self.quiet_p99_ms


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of the quiet partner: the place that it is about, and the delivery that must result."""

    place: int
    delivery: str


@dataclass(frozen=True, slots=True)
class Observed:
    """All observations of the trial."""

    sent: Sequence[Sent]
    arrivals: Sequence[Arrival]
    answers: Mapping[int, int]
    """Number of answers to hostile requests, by status; 0 stands for a closed connection."""
    found: Sequence[str]
    """Hostile requests that got an answer that the hub must never give."""
    seen: Seen
    log: str
    pairs: Sequence[Pair]
    answered: Mapping[str, int]
    """Number of hostile answers that the hub got to its deliveries and calls, by server."""


def faults(observed: Observed) -> Iterator[str]:
    """Yield the hub's mistakes, in French. Latency is judged elsewhere."""
    yield from observed.found
    if not any(status for status in observed.answers):
        yield "aucune requête hostile n'a eu de réponse : l'essai ne prouve rien"
    for kind, number in observed.answered.items():
        if not number:
            yield f"aucune réponse hostile au hub ({kind}) : l'essai ne prouve rien de ce qui en revient"
    yield from quiet_faults(observed.sent, observed.arrivals)
    if not observed.seen.processes.keys() - {READERS}:
        yield "aucun processus du hub n'a été vu : l'essai ne dit ni qui est mort, ni la mémoire d'un rôle"
    yield from (f"un processus est mort : {roles}" for roles in observed.seen.replaced)
    for roles, peak in observed.seen.peaks_mib.items():
        if peak > (READER_MIB if roles == READERS else ROLES_MIB):
            yield f"{roles} : {peak:.0f} Mio"
    yield from (f"le journal dit « {bug} »" for bug in sorted(set(BUG.findall(observed.log))))


def held_faults(pairs: Sequence[Pair]) -> Iterator[str]:
    """Yield, in French, each process whose event loop was blocked for too long under noise, and longer than
    without."""
    for process in pairs[0].noisy_held_s:
        quiet = max(pair.quiet_held_s[process] for pair in pairs)
        noisy = max(pair.noisy_held_s[process] for pair in pairs)
        if noisy > max(HELD_SECONDS, quiet):
            yield f"{process} : la boucle est tenue plus de {HELD_SECONDS:g} s (jusqu'à {noisy:g} ; {quiet:g} au calme)"


def quiet_faults(sent: Sequence[Sent], arrivals: Sequence[Arrival]) -> Iterator[str]:
    """Yield, in French, what went wrong with the quiet partner's messages: lost, doubled, out of order."""
    wanted, got = Counter(each.delivery for each in sent), Counter(each.delivery for each in arrivals)
    if lost := (wanted - got).total():
        yield f"{lost} message(s) du partenaire tranquille perdu(s), sur {len(sent)}"
    if more := (got - wanted).total():
        yield f"{more} livraison(s) de trop"
    if swapped := _swapped(sent, arrivals):
        yield f"{swapped} place(s) dont l'ordre n'est pas tenu"


def _swapped(sent: Sequence[Sent], arrivals: Sequence[Arrival]) -> int:
    """Return the number of places whose messages arrived in another order than they were sent."""
    place_of = {each.delivery: each.place for each in sent}
    meant, came = defaultdict[int, list[str]](list), defaultdict[int, list[str]](list)
    for each in sent:
        meant[each.place].append(each.delivery)
    for arrival in arrivals:
        if arrival.delivery in place_of:
            came[place_of[arrival.delivery]].append(arrival.delivery)
    first = {place: list(dict.fromkeys(order)) for place, order in came.items()}
    return sum(order != [d for d in meant[place] if d in order] for place, order in first.items())


def p99_ratio(pairs: Sequence[Pair]) -> float:
    """Return the median ratio over all pairs."""
    return median(pair.ratio for pair in pairs)
