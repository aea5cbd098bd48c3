"""Type of a state machine: a table of transitions, and the usual order of the states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.v1.alerte import MotifAnomalie


@dataclass(frozen=True, slots=True)
class Ignored:
    """Result for an event that was already received, or that is outdated. The state of the event's subject
    stays as it is."""

    reason: str


@dataclass(frozen=True, slots=True)
class Anomalie:
    """Result for an event that the present state of its subject does not allow. The hub records an anomaly
    and sends an alert."""

    motif: MotifAnomalie


Transitions = Mapping[tuple[str | None, str], StrEnum]
"""New state, by the present state and the event. The present state of a new subject is None."""


def transitions(
    *rows: tuple[StrEnum, StrEnum, Iterable[StrEnum | None]],
) -> Transitions:
    """Return the table of a state machine. Each of `rows` has an event, the new state, and the present states
    from which the event leads to the new state. The present state of a new subject is None."""
    return {(source, event): target for event, target, sources in rows for source in sources}


@dataclass(frozen=True, slots=True)
class Machine:
    """The state machine of a rule book: its transitions, and the usual order of its states (`way`)."""

    table: Transitions
    way: tuple[StrEnum, ...]
    early: frozenset[StrEnum]
    """States in which nobody has decided anything yet. If a subject is in a state outside `way`, an event
    that can only lead to such early states is ignored."""
    awaited: tuple[StrEnum, ...]
    """States in which somebody still has to act, and for which a household's data is kept."""
    set_aside: tuple[StrEnum, ...]
    """States in which the recipient no longer deals with the household. The recipient then no longer sees who
    the household is (`sans_admission` of the privacy matrix)."""

    @property
    def open(self) -> frozenset[str]:
        """Return the states from which at least one event leads to another state."""
        return frozenset(etat for (etat, _), target in self.table.items() if etat and etat != target)

    def move(self, etat: str | None, event: StrEnum) -> StrEnum | Ignored | Anomalie:
        """Return the state to which `event` leads from the state `etat`; it may be the same state. If the
        event is not applied, return the reason instead. `etat` is None for a subject that the hub does not
        know."""
        target = self.table.get((etat, event))
        if target is not None:
            return target
        if etat is not None and self._is_old_news(etat, event):
            return Ignored("deja_connu")
        return Anomalie(MotifAnomalie.SUJET_INCONNU if etat is None else MotifAnomalie.TRANSITION_ILLEGALE)

    def leads_to(self, etat: str | None, event: StrEnum) -> bool:
        """Tell whether the event leads to `etat` from at least one state. Return False if `etat` is None, for
        a subject without a state."""
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
