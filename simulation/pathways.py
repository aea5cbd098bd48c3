"""Whether the social observation got every step that the journals show, and each once. Pure.

Counted are the steps that one row alone makes: a demand, an arrival, a lease. Another territory's are not its own.
"""

from collections.abc import Collection, Iterator, Mapping

from simulation.cast import BY_ID, OBSERVATION
from simulation.observed import Observed, Sent

STEPS: Mapping[str, Collection[str]] = {
    "DME": frozenset({"demande.recue"}),
    "PRC": frozenset({"entree.constatee", "bail.signe"}),
}
"""The events of which each is a line of a file."""


def troubles(observed: Observed) -> Iterator[str]:
    """Files that have more or fewer lines than there were steps."""
    for code, events in STEPS.items():
        arrived = [
            ref for ref in observed.effects if ref in observed.sent and _is_its_own(observed.sent[ref])
        ]
        due = sum(ref.rpartition(":")[2] in events for ref in arrived)
        if observed.lines[code] != due:
            yield f"observation : {observed.lines[code]} lignes {code}, {due} attendues"


def _is_its_own(sent: Sent) -> bool:
    return BY_ID[sent.sender].territoire == OBSERVATION.territoire
