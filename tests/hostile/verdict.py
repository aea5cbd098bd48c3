"""What a hub under hostile requests owes everybody else. Pure: observations in, what is wrong with them out."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.records import Arrival
from tests.hostile.watching import READERS, Seen

ROLES_MIB = 512
READER_MIB = 1024
"""What a reader may take (`MEMORY_BYTES`), and its code."""
P99_BOUND = 3.0
HELD_SECONDS = 0.1
"""The longest that computing may hold a loop, unless the calm shows more."""
BUG = re.compile(r"\b[a-z_]+\.bug\b")
"""Events of the log that say that something is our fault."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One quiet and one noisy time. The quiet partner's 99th percentile is in milliseconds, from the moment it meant to
    send to the arrival."""

    quiet_p99_ms: float
    noisy_p99_ms: float
    quiet_held_s: Mapping[str, float]
    """By process, a bound of what held its event loop."""
    noisy_held_s: Mapping[str, float]

    @property
    def ratio(self) -> float:
        """What the noise costs it."""
        return self.noisy_p99_ms / self.quiet_p99_ms


@dataclass(frozen=True, slots=True)
class Sent:
    """One message of the quiet partner: the place that it is about, and the delivery that must come of it."""

    place: int
    delivery: str


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that was seen."""

    sent: Sequence[Sent]
    arrivals: Sequence[Arrival]
    answers: Mapping[int, int]
    """Answers to hostile requests, by status; 0: the hub hung up."""
    found: Sequence[str]
    """Requests that got an answer that nobody may get."""
    seen: Seen
    log: str
    pairs: Sequence[Pair]
    answered: Mapping[str, int]
    """Hostile answers that the hub got to what it delivered or asked for, by who gave them."""


def faults(observed: Observed) -> Iterator[str]:
    """What the hub did wrong, in French; the time that it took is judged apart."""
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
    """Each process whose loop was held for too long under the noise, and for longer than in the calm."""
    for process in pairs[0].noisy_held_s:
        quiet = max(pair.quiet_held_s[process] for pair in pairs)
        noisy = max(pair.noisy_held_s[process] for pair in pairs)
        if noisy > max(HELD_SECONDS, quiet):
            yield f"{process} : la boucle est tenue plus de {HELD_SECONDS:g} s (jusqu'à {noisy:g} ; {quiet:g} au calme)"


def quiet_faults(sent: Sequence[Sent], arrivals: Sequence[Arrival]) -> Iterator[str]:
    """What became of the quiet partner's messages, by the journal of who receives them."""
    wanted, got = Counter(each.delivery for each in sent), Counter(each.delivery for each in arrivals)
    if lost := (wanted - got).total():
        yield f"{lost} message(s) du partenaire tranquille perdu(s), sur {len(sent)}"
    if more := (got - wanted).total():
        yield f"{more} livraison(s) de trop"
    if swapped := _swapped(sent, arrivals):
        yield f"{swapped} place(s) dont l'ordre n'est pas tenu"


def _swapped(sent: Sequence[Sent], arrivals: Sequence[Arrival]) -> int:
    """Places whose messages did not arrive in the order in which they were sent."""
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
    """The median over the pairs."""
    return median(pair.ratio for pair in pairs)
