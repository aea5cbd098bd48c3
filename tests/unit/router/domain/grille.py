"""A rule book written out a second time, by hand: what each event does in each state."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.v1.alerte import MotifAnomalie
from router.domain.rulebooks.machine import Anomalie, Applied, Ignored, Machine, Verdict

INCONNU = "—"
"""The state of a subject that the hub does not know yet."""


@dataclass(frozen=True)
class Regle:
    """One event: where it leads, from which states (short names), and in which it says nothing new."""

    vers: str
    depuis: str
    tu: str = ""


Grille = Mapping[StrEnum, tuple[Regle, ...]]


def row(regles: tuple[Regle, ...], etats: Mapping[str, str]) -> dict[str | None, Verdict]:
    """What an event does in every state; `etats` gives the states their short names."""
    return {(etat or None): _verdict(regles, court, etats) for court, etat in etats.items()}


def moves(machine: Machine, event: StrEnum, etats: Mapping[str, str]) -> dict[str | None, Verdict]:
    """What the machine says to the same; states are plain strings, as they come from the database."""
    return {(etat or None): machine.move(str(etat) or None, event) for etat in etats.values()}


def _verdict(regles: tuple[Regle, ...], court: str, etats: Mapping[str, str]) -> Verdict:
    for regle in regles:
        if court in regle.depuis.split():
            target = etats[court] if regle.vers == "même" else etats[regle.vers]
            assert isinstance(target, StrEnum)
            return Applied(target)
        if court in regle.tu.split():
            return Ignored("deja_connu")
    return Anomalie(MotifAnomalie.SUJET_INCONNU if court == INCONNU else MotifAnomalie.TRANSITION_ILLEGALE)


def reachable(machine: Machine) -> set[str]:
    """States to which a row of events leads from nothing."""
    known: set[str] = set()
    while True:
        more = {
            str(target)
            for (source, _), target in machine.table.items()
            if (source is None or source in known) and target not in known
        }
        if not more:
            return known
        known |= more
