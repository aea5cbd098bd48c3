"""Type of a state machine: a table of transitions, and the usual order of the states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.v1.alerte import MotifAnomalie


@dataclass(frozen=True, slots=True)
class Ignored:
    """Reason why an event does not change the state: the event was already received, or a later event has
    overtaken it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Anomalie:
    """Reason why an event does not change the state: the present state does not allow it. An anomaly is
    recorded and an alert is sent."""

    motif: MotifAnomalie


Transitions = Mapping[tuple[str | None, str], StrEnum]
"""Transitions of a state machine: (present state, event) → new state. The present state is None for a new
subject (demand, referral…)."""


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
    """States in which nobody has decided anything yet.

    They are needed if the present state is not in `way`, the usual order of states. An event that can only
    lead to early states then comes too late, and is ignored.
    """
    awaited: tuple[StrEnum, ...]
    """States in which somebody still has to act. The hub keeps the data of a household as long as it has a
    demand, a referral… in such a state."""
    set_aside: tuple[StrEnum, ...]
    """States in which the recipient no longer deals with the household. From then on the recipient does not
    see who the household is (stage `sans_admission` of the privacy matrix)."""

    @property
    def open(self) -> frozenset[str]:
        """Return the states that at least one event changes to another state."""
        return frozenset(etat for (etat, _), target in self.table.items() if etat and etat != target)

    def move(self, etat: str | None, event: StrEnum) -> StrEnum | Ignored | Anomalie:
        """Return the state to which `event` leads from the state `etat`. It may be `etat` itself. If the event
        is not applied, return the reason.

        `etat` is None for a demand, a referral… that the hub does not know.
        """
        target = self.table.get((etat, event))
        if target is not None:
            return target
        if etat is not None and self._is_old_news(etat, event):
            return Ignored("deja_connu")
        return Anomalie(MotifAnomalie.SUJET_INCONNU if etat is None else MotifAnomalie.TRANSITION_ILLEGALE)

    def leads_to(self, etat: str | None, event: StrEnum) -> bool:
        """Tell whether the event leads to the state `etat` from at least one state."""
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
