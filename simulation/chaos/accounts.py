"""The hub's counts and delivery states against the partners' journals. Pure.

An `incertaine` delivery may or may not be in its recipient's journal; for every other, both must agree.
Deliveries to the social observation are only counted.
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
    """Yield, in French, every disagreement between the hub and the journals.

    `accepted`: accepted rows by sender, not compared if the database was `restored`. `cannot_tell`: partners
    that may have undecided deliveries. `taken_over`: merged SIAO, whose deliveries their successor may get
    too.
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
    """Return the state of each delivery in the journals, by recipient and name.

    A delivery accepted and then refused, because the first answer was lost, counts as refused.
    """
    taken = {
        (effect.recipient, effect.name): TAKEN
        for ref, effects in observed.effects.items()
        if not ref.startswith(f"{DERIVED}{SET}:")
        for effect in effects
    }
    return taken | {name: REFUSED for name, moods in observed.moods.items() if REFUSALS & set(moods)}
