"""List of candidates that the SIAO presents to the collector; one answer is late. Pure.

The collector answers about the late one when notified of the passed deadline, about the others at once. Both
sides identify a household by its numéro unique.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from contracts.v1.echeance import Echeance, Etape
from simulation import alerts, people, story
from simulation.cast import CIL, LISTES, REPONSES, SIAO, flow
from simulation.journal import Record, Row
from simulation.observed import DESKS, Observed
from simulation.story import Step

LISTED = "candidature.presentee-sur-liste"
NUMBERS = tuple(story.dossier(place, story.CANDIDACY_SLOT) for place in (20_003, 20_004, 20_005))
"""Dossiers on the list, made from numbers that no simulated place has."""
LATE = NUMBERS[-1]
"""Dossier that the collector answers after its deadline."""
DELAIS: Mapping[str, Mapping[str, str]] = MappingProxyType({CIL.id: {"commission": "10 secondes"}})
"""The collector's deadline, for the registry."""


def rows() -> list[Row]:
    """Return the journal rows of the list. Each opens a loop, which the collector's answer closes."""
    return [
        Row(_ref(number), flow(SIAO, CIL, LISTES), story.loop(number), 1, row=row, opens=story.loop(number))
        for row, number in enumerate(NUMBERS, 1)
    ]


def numero_unique(number: int, today: date) -> str:
    """Return the numéro unique of a dossier's household."""
    return people.numero_unique(story.place_of(number)[0], today)


def number_of(numero: str) -> int:
    """Return the dossier whose household has this numéro unique."""
    return story.dossier(people.numero_unique_index(numero), story.CANDIDACY_SLOT)


def heard(said: Mapping[str, Any]) -> Record:
    """Return the collector's journal line for a household on the list."""
    number = number_of(said["menage"]["numeroUnique"])
    return {"ref": _ref(number), "event": LISTED, "subject": said["candidature"], "dossier": number}


def reminded(said: Mapping[str, Any]) -> Record:
    """Return the collector's journal line for an alert about one of its candidacies."""
    overdue = {"overdue": True} if said.get("etape") == Etape.ECHUE else {}
    return {**alerts.heard(said, CIL.id), "subject": said["objet"], **overdue}


def answers(effect: Record) -> Iterator[tuple[Step, Row]]:
    """Yield the collector's answers, if any, to a journal line, each with its journal row."""
    number, subject = effect.get("dossier"), effect.get("subject")
    if number in NUMBERS and (effect["event"] == LISTED if number != LATE else "overdue" in effect):
        for seq, step in enumerate(_steps(number), 1):
            yield step, Row(f"{subject}:{step.event}", flow(CIL, SIAO, REPONSES), str(subject), seq)


def unheard(observed: Observed) -> Iterator[str]:
    """Yield, in French, each candidacy that is overdue for the collector and not for a SIAO."""
    told = {
        (stage.subject, stage.to in DESKS)
        for _, stage in alerts.stages(observed)
        if stage.echeance == Echeance.COMMISSION and stage.etape is Etape.ECHUE
    }
    for subject, to_a_siao in sorted(told):
        if not to_a_siao and (subject, True) not in told:
            yield f"{observed.loops.get(subject, subject)} : en retard, et le SIAO l'ignore"


def _steps(number: int) -> Sequence[Step]:
    """Return the steps of the collector's answer: to a lease, or to a refusal for the late one."""
    signed, refused, *_ = (steps for _, steps in story.CANDIDACIES)
    return refused if number == LATE else signed


def _ref(number: int) -> str:
    return f"{story.loop(number)}:{LISTED}"
