"""Judgement of the social observation: it must get every step of a pathway exactly once. Pure.

A step's key is the observation's own, so steps are only counted by kind.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from simulation.actes import ADMITTED
from simulation.cast import BY_ID, OBSERVATION
from simulation.observed import DERIVED, SET, Delivery, Observed, Sent

STEPS: Mapping[str, str] = MappingProxyType(
    {
        "demande.recue": "demande",
        "orientation.proposee": "orientation",
        "orientation.acceptee": "acceptation",
        "orientation.refusee": "refus",
        "entree.constatee": "entree",
        "bail.signe": "entree",
        ADMITTED: "entree",
    }
)
"""The kind of step that each applied event adds to a pathway."""


def troubles(
    observed: Observed, unsettled: Collection[str] = (), undecided: Collection[Delivery] = ()
) -> Iterator[str]:
    """Yield, in French, the kinds of step that came more or less often than they occurred, and the incomplete
    sets.

    `unsettled`: rows perhaps not applied; `undecided`: deliveries of unknown outcome.
    """
    due, perhaps = _due(observed, unsettled)
    told = Counter(step.partition(":")[0] for step in observed.steps)
    missing = (due - told).total()
    unknown = sum(one.partner == OBSERVATION.id for one in undecided)
    for step in sorted(due | told):
        if (told[step] < due[step] and missing > unknown) or told[step] > due[step] + perhaps[step]:
            yield f"observation : {told[step]} fois « {step} », {due[step]} attendues"
    for name in sorted(observed.begun):
        if f"{DERIVED}{SET}:{name}" not in observed.effects:
            yield f"observation : jeu commencé et jamais achevé : {name}"


def doubled(observed: Observed) -> Iterator[str]:
    """Yield, in French, one text for each surplus occurrence of a step."""
    for step, sets in observed.steps.items():
        for _ in sets[1:]:
            names = (each.removeprefix(f"{DERIVED}{SET}:") for each in sets)
            yield f"observation : {step} : {', '.join(names)}"


def _due(observed: Observed, unsettled: Collection[str]) -> tuple[Counter[str], Counter[str]]:
    """Return the certain occurrences of each kind of step, and further possible ones.

    A row that arrived, or was refused, has been applied.
    """
    due, perhaps = Counter[str](), Counter[str]()
    for ref, sent in observed.sent.items():
        step = STEPS.get(ref.rpartition(":")[2])
        if step is not None and _is_its_own(sent):
            due[step] += observed.was_heard(ref)
            perhaps[step] += ref in unsettled and not observed.was_heard(ref)
    return due, perhaps


def _is_its_own(sent: Sent) -> bool:
    return BY_ID[sent.sender].territoire == OBSERVATION.territoire
