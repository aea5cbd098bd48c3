"""State machines as values: a table of transitions, and the usual order of the states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.v1.alerte import MotifAnomalie


@dataclass(frozen=True, slots=True)
class Applied:
    """Verdict that a transition is legal, and leads to the state `etat`, which may be the present state."""

    etat: StrEnum


@dataclass(frozen=True, slots=True)
class Ignored:
    """Verdict that a message has no effect: it was sent before, or a later message has overtaken it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Anomalie:
    """Verdict that the present state does not allow a transition. It is recorded, not applied, and an alert
    is sent."""

    motif: MotifAnomalie


Verdict = Applied | Ignored | Anomalie
"""Verdict of a rule book on a transition."""
Transitions = Mapping[tuple[str | None, str], StrEnum]
"""Transitions of a state machine: new state by present state and event."""


def transitions(
    *rows: tuple[StrEnum, StrEnum, Iterable[StrEnum | None]],
) -> Transitions:
    """Make a table of transitions from rows of (event, new state, present states)."""
    return {(source, event): target for event, target, sources in rows for source in sources}


@dataclass(frozen=True, slots=True)
class Machine:
    """State machine of a rule book: its transitions, and the usual order of its states."""

    table: Transitions
    way: tuple[StrEnum, ...]
    early: frozenset[StrEnum]
    """States before any outcome. After an outcome, an event that leads to one of them is ignored."""
    awaited: tuple[StrEnum, ...]
    """States in which somebody still has to act. A household with a subject in one of these states is not
    forgotten."""
    set_aside: tuple[StrEnum, ...]
    """States in which the recipient no longer deals with the household, so that its mailbox no longer names
    the household (stage `sans_admission` of the privacy matrix)."""

    @property
    def open(self) -> frozenset[str]:
        """Return the states that an event can still change."""
        return frozenset(etat for (etat, _), target in self.table.items() if etat and etat != target)

    def move(self, etat: str | None, event: StrEnum) -> Verdict:
        """Judge an event in the state `etat` (None for an unknown subject)."""
        target = self.table.get((etat, event))
        if target is not None:
            return Applied(target)
        if etat is not None and self._is_old_news(etat, event):
            return Ignored("deja_connu")
        return Anomalie(MotifAnomalie.SUJET_INCONNU if etat is None else MotifAnomalie.TRANSITION_ILLEGALE)

    def leads_to(self, etat: str | None, event: StrEnum) -> bool:
        """Tell whether the event can lead to the state `etat`."""
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
