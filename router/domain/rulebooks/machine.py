"""State machines as values: each has a table of transitions, and the order in which its states usually follow
each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.v1.alerte import MotifAnomalie


@dataclass(frozen=True, slots=True)
class Applied:
    """Verdict that a transition is legal. It leads the subject to the state `etat`, which may be the
    subject's previous state."""

    etat: StrEnum


@dataclass(frozen=True, slots=True)
class Ignored:
    """Verdict on a message without effect: the transition was made before, or a later message has overtaken
    it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Anomalie:
    """Verdict on a transition that the present state of the subject does not allow. The transition is never
    applied, but recorded and reported by an alert."""

    motif: MotifAnomalie


Verdict = Applied | Ignored | Anomalie
"""Verdict of a rule book on a transition."""
Transitions = Mapping[tuple[str | None, str], StrEnum]
"""Transitions of a state machine: the new state, by present state and event."""


def transitions(
    *rows: tuple[StrEnum, StrEnum, Iterable[StrEnum | None]],
) -> Transitions:
    """Make a table from rows of (event, state to which it leads, states from which it leads there)."""
    return {(source, event): target for event, target, sources in rows for source in sources}


@dataclass(frozen=True, slots=True)
class Machine:
    """State machine of a rule book: its transitions, and the usual order of its states (`way`)."""

    table: Transitions
    way: tuple[StrEnum, ...]
    early: frozenset[StrEnum]
    """States before any outcome. Once a subject has an outcome, an event that leads to one of these states is
    ignored."""
    awaited: tuple[StrEnum, ...]
    """States in which the SIAO waits for somebody to act. A household with a subject in such a state is not
    forgotten."""
    set_aside: tuple[StrEnum, ...]
    """States in which the recipient no longer deals with the household. The recipient's mailbox then stops
    naming the household (stage `sans_admission` of the privacy matrix). A state has one meaning in all rule
    books."""

    @property
    def open(self) -> frozenset[str]:
        """Return the states that at least one event can still change into another state."""
        return frozenset(etat for (etat, _), target in self.table.items() if etat and etat != target)

    def move(self, etat: str | None, event: StrEnum) -> Verdict:
        """Judge an event for a subject in the state `etat`; None stands for an unknown subject."""
        target = self.table.get((etat, event))
        if target is not None:
            return Applied(target)
        if etat is not None and self._is_old_news(etat, event):
            return Ignored("deja_connu")
        return Anomalie(MotifAnomalie.SUJET_INCONNU if etat is None else MotifAnomalie.TRANSITION_ILLEGALE)

    def leads_to(self, etat: str | None, event: StrEnum) -> bool:
        """Tell whether the event can lead to the state `etat`, from any state."""
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
