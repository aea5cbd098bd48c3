"""What the hub counts and believes, partner by partner and delivery by delivery, beside the journals. Pure.

A delivery that the hub calls `incertaine` is open there, and may be in the journal or not: that is what the word
means. Of every other one the two must say the same.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from simulation.moods import REFUSALS
from simulation.observed import Delivery, Observed

TAKEN, REFUSED = "livree", "refusee"


def differences(
    accepted: Mapping[str, int],
    deliveries: Sequence[Delivery],
    observed: Observed,
    *,
    cannot_tell: Collection[str] = (),
    restored: bool = False,
) -> Iterator[str]:
    """Everything in which the hub and the journals do not agree. `accepted`: rows by their sender, of which a restored
    database knows less; `cannot_tell`: partners of the class `aucune`, the only ones with undecided deliveries."""
    if not restored:
        yield from _accepted(accepted, observed)
    journals = _journalled(observed)
    for each in deliveries:
        said = {state for name in each.names if (state := journals.pop((each.partner, name), None))}
        if each.undecided and each.partner in cannot_tell:
            continue
        if said != {each.etat}:
            journal = ", ".join(sorted(said)) or "rien"
            yield f"{each.partner} : {each.kind} {each.id} : le hub dit « {each.etat} », le journal {journal}"
    for (partner, name), state in sorted(journals.items()):
        yield f"{partner} : {name} : « {state} » au journal, inconnue du hub"


def _accepted(hub: Mapping[str, int], observed: Observed) -> Iterator[str]:
    journals = Counter(sent.sender for sent in observed.sent.values() if observed.accepted(sent))
    for partner in sorted(hub.keys() | journals.keys()):
        ours, theirs = hub.get(partner, 0), journals[partner]
        if ours != theirs:
            yield f"{partner} : lignes acceptées : le hub en compte {ours}, les journaux {theirs}"


def _journalled(observed: Observed) -> dict[tuple[str, str], str]:
    """By recipient and name, what became of a delivery. One that was taken and then refused (its answer had been
    lost) is refused to the hub."""
    taken = {
        (effect.recipient, effect.name): TAKEN for effects in observed.effects.values() for effect in effects
    }
    return taken | {name: REFUSED for name, moods in observed.moods.items() if REFUSALS & set(moods)}
