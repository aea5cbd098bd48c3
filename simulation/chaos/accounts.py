"""The hub's own counts, partner by partner, beside those of the journals. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from simulation.moods import Mood
from simulation.observed import Observed

REFUSALS = frozenset({Mood.REFUSAL, Mood.FALSE_SUCCESS})
"""Answers by which a delivery is refused for good."""


class Counts(NamedTuple):
    """Of one partner: rows accepted from it, deliveries to it that were taken, refused, or are still open."""

    accepted: int = 0
    delivered: int = 0
    refused: int = 0
    open: int = 0


ACCEPTED = "lignes acceptées"
SAYS = (ACCEPTED, "livraisons prises", "livraisons refusées", "livraisons ouvertes")
"""Each count in French, in their order."""


def journalled(observed: Observed) -> Mapping[str, Counts]:
    """What the journals say. A delivery that its recipient took and then refused (its answer had been lost) is
    refused to the hub; nothing is open to a partner."""
    accepted = Counter(sent.sender for sent in observed.sent.values() if observed.accepted(sent))
    taken = {(effect.recipient, effect.key) for effects in observed.effects.values() for effect in effects}
    refused = {delivery for delivery, moods in observed.moods.items() if REFUSALS & set(moods)}
    delivered, said_no = Counter(to for to, _ in taken - refused), Counter(to for to, _ in refused)
    partners = accepted.keys() | delivered.keys() | said_no.keys()
    return {each: Counts(accepted[each], delivered[each], said_no[each]) for each in partners}


def differences(hub: Mapping[str, Counts], observed: Observed, *, restored: bool = False) -> Iterator[str]:
    """Every count in which the two do not agree. A restored database knows less of what it accepted."""
    journals = journalled(observed)
    for partner in sorted(hub.keys() | journals.keys()):
        ours, theirs = hub.get(partner, Counts()), journals.get(partner, Counts())
        for what, hub_says, journal_says in zip(SAYS, ours, theirs, strict=True):
            if hub_says != journal_says and not (restored and what is ACCEPTED):
                yield f"{partner} : {what} : le hub en compte {hub_says}, les journaux {journal_says}"
