"""Type of a state machine: a table of transitions, and the usual order of the states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.v1.alerte import MotifAnomalie


@dataclass(frozen=True, slots=True)
class Ignored:
    """The event was already received, or a later one has overtaken it: the state stays."""

    reason: str


@dataclass(frozen=True, slots=True)
class Anomalie:
    """The present state does not allow the event: an anomaly is recorded and an alert sent."""

    motif: MotifAnomalie


Transitions = Mapping[tuple[str | None, str], StrEnum]
"""(present state, event) → new state. The present state of a new subject is None."""


def transitions(
    *rows: tuple[StrEnum, StrEnum, Iterable[StrEnum | None]],
) -> Transitions:
    """Make the table from rows of (event, new state, present states)."""
    return {(source, event): target for event, target, sources in rows for source in sources}


@dataclass(frozen=True, slots=True)
class Machine:
    """State machine of a rule book: its transitions, and the usual order of its states."""

    table: Transitions
    way: tuple[StrEnum, ...]
    early: frozenset[StrEnum]
    """States in which nobody has decided anything yet.

    From a state outside of `way`, an event that leads only to these comes too late, and is ignored.
    """
    awaited: tuple[StrEnum, ...]
    """States in which somebody still has to act, and for which a household's data is kept."""
    set_aside: tuple[StrEnum, ...]
    """States in which the recipient no longer deals with the household, nor sees who it is (`sans_admission`
    of the privacy matrix)."""

    @property
    def open(self) -> frozenset[str]:
        """Return the states that at least one event leaves."""
        return frozenset(etat for (etat, _), target in self.table.items() if etat and etat != target)

    def move(self, etat: str | None, event: StrEnum) -> StrEnum | Ignored | Anomalie:
        """Return the state to which `event` leads from `etat`, maybe `etat` itself, or why it is not applied.

        `etat` of an unknown subject is None.
        """
        target = self.table.get((etat, event))
        if target is not None:
            return target
        if etat is not None and self._is_old_news(etat, event):
            return Ignored("deja_connu")
        return Anomalie(MotifAnomalie.SUJET_INCONNU if etat is None else MotifAnomalie.TRANSITION_ILLEGALE)

    def leads_to(self, etat: str | None, event: StrEnum) -> bool:
        """Tell whether the event leads to `etat` from any state."""
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
