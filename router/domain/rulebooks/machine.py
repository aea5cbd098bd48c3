"""State machines as values: a table of transitions, and the order in which states usually follow each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.v1.alerte import MotifAnomalie


@dataclass(frozen=True, slots=True)
class Applied:
    """Verdict that a move is legal. The subject is now in `etat`, which may be its previous state."""

    etat: StrEnum


@dataclass(frozen=True, slots=True)
class Ignored:
    """Verdict on a move without effect: a repetition, or one that a later message has overtaken."""

    reason: str


@dataclass(frozen=True, slots=True)
class Anomalie:
    """Verdict on a move that this state does not allow. It is recorded and alerted, never applied."""

    motif: MotifAnomalie


Verdict = Applied | Ignored | Anomalie
"""Verdict of a rule book on a move."""
Transitions = Mapping[tuple[str | None, str], StrEnum]
"""New state, by state and event."""


def transitions(
    *rows: tuple[StrEnum, StrEnum, Iterable[StrEnum | None]],
) -> Transitions:
    """Make a table from rows that each say: this event leads to that state, from any of these states."""
    return {(source, event): target for event, target, sources in rows for source in sources}


@dataclass(frozen=True, slots=True)
class Machine:
    """Transitions of a rule book, and the order in which its states usually follow each other (`way`)."""

    table: Transitions
    way: tuple[StrEnum, ...]
    early: frozenset[StrEnum]
    """States before any outcome. Once there is an outcome, an event that leads to one of these states is
    ignored."""
    awaited: tuple[StrEnum, ...]
    """States in which the SIAO still waits for somebody to act. A household with a subject in one of them is not
    forgotten."""
    set_aside: tuple[StrEnum, ...]
    """States in which the recipient no longer deals with the household. Its mailbox then no longer names the household
    (`sans_admission` in the matrix). A state has one meaning in all rule books."""

    @property
    def open(self) -> frozenset[str]:
        """Return the states that some event can still change."""
        return frozenset(etat for (etat, _), target in self.table.items() if etat and etat != target)

    def move(self, etat: str | None, event: StrEnum) -> Verdict:
        """Judge an event for a subject in state `etat`; None stands for a subject that is not known yet."""
        target = self.table.get((etat, event))
        if target is not None:
            return Applied(target)
        if etat is not None and self._is_old_news(etat, event):
            return Ignored("deja_connu")
        return Anomalie(MotifAnomalie.SUJET_INCONNU if etat is None else MotifAnomalie.TRANSITION_ILLEGALE)

    def leads_to(self, etat: str | None, event: StrEnum) -> bool:
        """Tell whether there is a state from which an event brings a subject into this state."""
        return etat in self._targets(event)

    def _targets(self, event: StrEnum) -> set[StrEnum]:
        return {target for (_, each), target in self.table.items() if each == event}

    def _is_old_news(self, etat: str, event: StrEnum) -> bool:
        targets = self._targets(event)
        if etat in targets:
            return True
        if etat not in self.way:
            return targets <= self.early
        way: tuple[str, ...] = self.way
        return bool(targets) and all(t in way and way.index(t) <= way.index(etat) for t in targets)
