"""Comparison of the hub's counts and states with the journals, by partner and delivery. Pure.

A delivery that the hub calls `incertaine` may be in the journal or not: the word means that. For every other one
the two must agree. The social observation knows no delivery by a name of the hub: its steps are counted.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from simulation.cast import OBSERVATION
from simulation.moods import REFUSALS
from simulation.observed import DERIVED, SET, Delivery, Observed

TAKEN, REFUSED, TAKEN_OVER = "livree", "refusee", "classee"


def differences(
    accepted: Mapping[str, int],
    deliveries: Sequence[Delivery],
    observed: Observed,
    *,
    cannot_tell: Collection[str] = (),
    restored: bool = False,
    taken_over: Collection[str] = (),
) -> Iterator[str]:
    """Yield every disagreement between the hub and the journals.

    `accepted`: number of accepted rows by sender, some of which a restored database has forgotten.
    `cannot_tell`: the only partners that may have undecided deliveries: those of the class `aucune` and,
    after a restoration, those that receive lots, because the hub forgets in which lot a delivery left.
    `taken_over`: the SIAO that have merged. What had left for them may have arrived, and their successor gets
    it too.
    """
    if not restored:
        yield from _accepted(accepted, observed)
        yield from _observed([each for each in deliveries if each.partner == OBSERVATION.id], observed)
    journals = _journalled(observed)
    for each in deliveries:
        if each.partner == OBSERVATION.id:
            continue
        said = {state for name in each.names if (state := journals.pop((each.partner, name), None))}
        if each.undecided and each.partner in cannot_tell:
            continue
        if each.etat == TAKEN_OVER and each.partner in taken_over:
            continue
        if said != {each.etat}:
            journal = ", ".join(sorted(said)) or "rien"
            yield f"{each.partner} : {each.kind} {each.id} : le hub dit « {each.etat} », le journal {journal}"
    for (partner, name), state in sorted(journals.items()):
        yield f"{partner} : {name} : « {state} » au journal, inconnue du hub"


def _accepted(hub: Mapping[str, int], observed: Observed) -> Iterator[str]:
    accepted = {(s.sender, s.key, s.row.row) for s in observed.sent.values() if observed.accepted(s)}
    journals = Counter(sender for sender, _, _ in accepted)
    for partner in sorted(hub.keys() | journals.keys()):
        ours, theirs = hub.get(partner, 0), journals[partner]
        if ours != theirs:
            yield f"{partner} : lignes acceptées : le hub en compte {ours}, les journaux {theirs}"


def _observed(deliveries: Sequence[Delivery], observed: Observed) -> Iterator[str]:
    told = sum(map(len, observed.steps.values()))
    taken = sum(each.etat == TAKEN for each in deliveries)
    if not told == taken == len(deliveries):
        hub = f"le hub en doit {len(deliveries)} et en dit {taken} livrées"
        yield f"{OBSERVATION.id} : étapes : {hub}, le journal en a {told}"


def _journalled(observed: Observed) -> dict[tuple[str, str], str]:
    """Return the state of each delivery, by recipient and name.

    A delivery that was accepted and then refused (its first answer was lost) counts as refused.
    """
    taken = {
        (effect.recipient, effect.name): TAKEN
        for ref, effects in observed.effects.items()
        if not ref.startswith(f"{DERIVED}{SET}:")
        for effect in effects
    }
    return taken | {name: REFUSED for name, moods in observed.moods.items() if REFUSALS & set(moods)}
