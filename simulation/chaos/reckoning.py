"""Account of a fault run, from the journals and the hub's answers about rows that have not arrived. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from simulation import alerts, story
from simulation.chaos.permitted import Restoration, sent_again, unpublished
from simulation.ends import ASIDE, PERMITTED, REFUSED, TASKS, End, ends, out_of_sight
from simulation.fates import Explained
from simulation.observed import ACKNOWLEDGEMENT_REFUSED, Delivery, Observed
from simulation.oracle import Fate, Verdict, judge

SETTLED = REFUSED | TASKS | ASIDE | PERMITTED
"""The hub's words for states in which a row changes no more by itself."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a fault run lost, doubled, delayed or left open: rows or loops, with the hub's reason after
    `—`."""

    verdict: Verdict
    ends: Mapping[str, End]
    """End of each loop."""
    refused: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    """Valid rows that a rule left without effect and no fault explains."""
    waiting: tuple[str, ...] = ()
    """Rows that should have arrived by the end of the run."""
    lost: tuple[str, ...] = ()
    permitted: tuple[str, ...] = ()
    """Rows that a restored database was allowed to lose, and the consequences."""
    own: tuple[str, ...] = ()
    """Differences between the hub's records and the journals or faults."""
    deadlines: tuple[str, ...] = ()
    """Deadline stages notified at a wrong moment, or not at all."""
    misplaced: tuple[str, ...] = ()
    """Messages that the wrong SIAO received around a merger, or that the successor lacks."""
    names: Mapping[str, Explained] = field(default_factory=dict)

    @property
    def orphans(self) -> tuple[str, ...]:
        """Loops whose end nobody knows."""
        return out_of_sight(self.ends)

    @property
    def sound(self) -> bool:
        """Whether something was accepted, and nothing went wrong."""
        t = self.verdict.total
        wrong = (t.lost, t.duplicates, t.inversions, self.orphans, self.verdict.surprises)
        return t.accepted > 0 and not any(
            (*wrong, self.aside, self.waiting, self.own, self.deadlines, self.misplaced)
        )


def account(
    observed: Observed,
    explained: Mapping[str, Explained],
    own: Iterable[str] = (),
    restorations: Sequence[Restoration] = (),
    undecided: Collection[Delivery] = (),
    *,
    awaited: Collection[str] = (),
    deadlines: Iterable[str] = (),
    misplaced: Iterable[str] = (),
    observes: bool = False,
) -> Account:
    """Return the account of a run: the verdict on the journals, and the rows that have not arrived.

    `explained`: the hub's answers about these. `own`: faults of the hub's records. `restorations`: reasons
    for permitted losses and repetitions. `undecided`: deliveries of unknown outcome. `awaited`: loops whose
    deadline still runs. `deadlines`, `misplaced`: faults of the others, and of a merger. `observes`: whether
    the social observation takes part.
    """
    explained = {
        **explained,
        **dict(_forgiven(observed, explained, restorations)),
        **dict(_too_late(observed, explained)),
    }
    fates = {ref: said.fate for ref, said in explained.items()}
    verdict = judge(observed, fates, undecided, observes=observes)
    if restorations:
        verdict = _with_leave(verdict, observed, explained, restorations)
    lost = {sent.row.ref for sent in verdict.total.lost}
    found = {ref: said for ref, said in sorted(explained.items()) if ref not in lost}

    def named(refs: Iterable[str]) -> tuple[str, ...]:
        whys = ((ref, explained[ref].why if ref in explained else "?") for ref in refs)
        return tuple(f"{ref} — {why}{_moods(observed, ref)}" for ref, why in whys)

    def of(states: Collection[str]) -> tuple[str, ...]:
        return named(ref for ref, said in found.items() if said.etat in states)

    return Account(
        verdict=verdict,
        ends=ends(observed, {ref: said.etat for ref, said in found.items()}, awaited),
        refused=of(REFUSED),
        tasks=of(TASKS),
        aside=of(ASIDE),
        waiting=named(ref for ref, said in found.items() if said.etat not in SETTLED),
        lost=named(sorted(lost)),
        permitted=of(PERMITTED),
        own=tuple(own),
        deadlines=tuple(deadlines),
        misplaced=tuple(misplaced),
        names=explained,
    )


def _forgiven(
    observed: Observed, explained: Mapping[str, Explained], restorations: Sequence[Restoration]
) -> Iterable[tuple[str, Explained]]:
    """Yield the rows that a restored database has forgotten, and those set aside for want of them, with their
    new explanation."""
    unknown = {ref for ref, said in explained.items() if said.fate is Fate.GONE}
    missing = unknown.intersection(unpublished(observed, restorations))
    loops = {loop for ref in missing if (loop := observed.loop_of(ref))}
    for ref, said in explained.items():
        if ref in missing or (said.etat in ASIDE and observed.loop_of(ref) in loops):
            yield ref, Explained(Fate.REFUSED, f"pas encore publiée, la base perdue : {said.why}", *PERMITTED)


def _too_late(observed: Observed, explained: Mapping[str, Explained]) -> Iterable[tuple[str, Explained]]:
    """Yield the answers set aside because the SIAO already knew of the silence, with their new
    explanation."""
    silent = alerts.silences(observed)
    for ref, said in explained.items():
        if said.etat in ASIDE and observed.loop_of(ref) in silent:
            yield ref, Explained(Fate.REFUSED, f"après le silence : {said.why}", "refusee")


def _with_leave(
    verdict: Verdict,
    observed: Observed,
    explained: Mapping[str, Explained],
    restorations: Sequence[Restoration],
) -> Verdict:
    """Return the verdict without what a restored database may cause: rows sent twice, the hub's messages on
    places whose history has lost a row, refused acknowledgements."""
    again = set(sent_again(observed, restorations))
    twice = [ref for ref in verdict.total.duplicates if ref not in again]
    gone = {ref for ref, said in explained.items() if said.etat in PERMITTED}
    places = {story.place_of(story.number_of(loop))[0] for ref in gone if (loop := observed.loop_of(ref))}
    news = tuple(each for each in verdict.news if each.place is not None and each.place not in places)
    unforeseen = tuple(
        each for each in verdict.unforeseen if f"{ACKNOWLEDGEMENT_REFUSED} (HTTP 404)" not in each
    )
    total = replace(verdict.total, duplicates=twice)
    return replace(verdict, total=total, news=news, unforeseen=unforeseen)


def _moods(observed: Observed, ref: str) -> str:
    moods = observed.declined.get(ref)
    return f" (partenaire : {', '.join(dict.fromkeys(moods))})" if moods else ""
