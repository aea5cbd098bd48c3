"""End of every loop that an accepted row opened: exactly one for each. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum

from simulation import alerts, story, whereabouts
from simulation.observed import Observed
from simulation.story import ACCOMPANIED

REFUSED, TASKS = frozenset({"refusee", "oubliee"}), frozenset({"incertaine", "quarantaine"})
ASIDE, PERMITTED = frozenset({"sans_effet", "anomalie"}), frozenset({"perdue_avec_la_base"})
"""The hub's states of a row that a rule set aside, or that a restored database lost."""
LAST_STEPS = frozenset(steps[-1].event for _, steps in (*story.REFERRALS, *story.CANDIDACIES))
"""Answers after which a partner sends nothing more about a referral or candidacy."""
ON_A_LIST, REFERRED = "orientation.mise-en-attente", "orientation.proposee"
TRANSFERS = (whereabouts.PROPOSED, whereabouts.ACCEPTED, whereabouts.REFUSED)
NAMED = 5
"""Lost loops that the closing line of a run names."""


class End(StrEnum):
    """Ends of a loop, as the screen shows them."""

    ANSWERED = "répondue"
    TAKEN_BACK = "reprise par le SIAO"
    SILENCE_TOLD = "silence dit"
    REFUSED = "refusée, et dite telle"
    TASK = "tâche ouverte"
    IN_FLIGHT = "en cours, un délai court"
    NONE = "perdue de vue"


def ends(observed: Observed, states: Mapping[str, str], awaited: Collection[str] = ()) -> Mapping[str, End]:
    """Return the end of each loop.

    `states`: the hub's state of each accepted row neither arrived nor lost. `awaited`: loops whose deadline
    still runs.
    """
    found = dict.fromkeys(awaited, End.IN_FLIGHT)
    for ref in _opening_or_last(observed):
        loop = observed.sent[ref].row.opens or observed.loop_of(ref)
        if loop is not None and ref in states:
            found[loop] = _where(states[ref])
    found |= {loop: _where(state) for loop, state in _waiting_for_another(observed, states)}
    found |= dict.fromkeys(_unheard(observed), End.REFUSED)
    found |= dict.fromkeys(_withdrawn(observed), End.TAKEN_BACK)
    for loop, outcome in observed.closed.items():
        found[loop] = End.SILENCE_TOLD if outcome == alerts.SILENCE else End.ANSWERED
    return {loop: found.get(loop, End.NONE) for loop in _opened(observed)}


def twice(observed: Observed) -> Iterator[str]:
    """Yield, in French, the loops with two ends that exclude each other. Demands are exempt."""
    withdrawn = set(_withdrawn(observed))
    for loop, outcomes in observed.outcomes.items():
        told = sorted((*outcomes, *([End.TAKEN_BACK] if loop in withdrawn else ())))
        if len(told) > 1 and story.place_of(story.number_of(loop))[1] != story.DEMAND_SLOT:
            yield f"{loop} : finie de plusieurs façons ({', '.join(told)})"


def out_of_sight(found: Mapping[str, End]) -> tuple[str, ...]:
    """Return the loops whose end is unknown. There must be none."""
    return tuple(loop for loop, end in found.items() if end is End.NONE)


def tally(found: Mapping[str, End]) -> str:
    """Return the closing line of a run, in French: loops by end, and the first lost ones."""
    total, lost = Counter(found.values()), out_of_sight(found)
    each = ", ".join(f"{end} : {total[end]}" for end in End if total[end] or end is End.NONE)
    names = f" ({', '.join(lost[:NAMED])}{'…' if len(lost) > NAMED else ''})" if lost else ""
    return f"{len(found)} boucles ouvertes. {each[0].upper()}{each[1:]}{names}."


def _where(state: str) -> End:
    if state in REFUSED | ASIDE | PERMITTED:
        return End.REFUSED
    return End.TASK if state in TASKS else End.IN_FLIGHT


def _opened(observed: Observed) -> Iterator[str]:
    return (s.row.opens for s in observed.sent.values() if s.row.opens is not None and observed.accepted(s))


def _withdrawn(observed: Observed) -> Iterator[str]:
    return (s.row.closes for s in observed.sent.values() if s.row.closes and observed.accepted(s))


def _unheard(observed: Observed) -> Iterator[str]:
    """Yield the loops declared unanswered to a SIAO that refused the message."""
    for ref, stage in alerts.stages(observed):
        if ref not in observed.effects and stage.subject in observed.loops:
            yield observed.loops[stage.subject]


def _waiting_for_another(observed: Observed, states: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the loops that wait for another's row, with that row's state.

    Example: a request for support without its answer.
    """
    for ref, state in states.items():
        loop, event = observed.loop_of(ref), ref.rpartition(":")[2]
        if loop is None:
            continue
        place, slot = story.place_of(story.number_of(loop))
        if event == ACCOMPANIED:
            yield story.loop(story.dossier(place, story.ACCOMPANIED_SLOT)), state
        elif event in (ON_A_LIST, REFERRED, *TRANSFERS) and slot in (story.DEMAND_SLOT, story.BROUGHT_SLOT):
            yield story.loop(story.dossier(place, story.DEMAND_SLOT)), state


def _opening_or_last(observed: Observed) -> Iterable[str]:
    """Yield the rows without which a loop cannot close."""
    last: dict[tuple[str, str], int] = {}
    for sent in observed.sent.values():
        about = (sent.sender, sent.row.subject)
        last[about] = max(sent.row.seq, last.get(about, 0))
    for ref, sent in observed.sent.items():
        final = ref.rpartition(":")[2] in LAST_STEPS and sent.row.seq == last[sent.sender, sent.row.subject]
        if sent.row.opens or sent.row.closes or final:
            yield ref
