"""How a rule book is read. A machine is its table of transitions and the order of its normal way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.v1.alerte import MotifAnomalie


@dataclass(frozen=True, slots=True)
class Applied:
    """The move is legal; the subject is now in `etat` (which may be the state it was in)."""

    etat: StrEnum


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing new: a repetition, or overtaken by what is already known."""

    reason: str


@dataclass(frozen=True, slots=True)
class Anomalie:
    """Not allowed in this state: kept and told, never applied."""

    motif: MotifAnomalie


class SansLivre(StrEnum):
    """What a message does that moves no rule book."""

    DIRE = "dire"  # it is told on
    ALERTER = "alerter"  # it is told on, and to who gave rise to it
    SUIVRE = "suivre"  # the hub tells where a subject stands
    ECHOIR = "echoir"  # a stage of a deadline is reached: what runs then decides
    TRANSMETTRE = "transmettre"  # it is told on, and nothing is noted of it
    RECEVOIR = "recevoir"  # it is noted that the recipient has what it owes an answer to


Verdict = Applied | Ignored | Anomalie
Transitions = Mapping[tuple[str | None, str], StrEnum]
"""(state, event) → state."""


def transitions(
    *rows: tuple[StrEnum, StrEnum, Iterable[StrEnum | None]],
) -> Transitions:
    """A table from rows that read: this event leads to that state, from any of these."""
    return {(source, event): target for event, target, sources in rows for source in sources}


@dataclass(frozen=True, slots=True)
class Machine:
    """A rule book: transitions, and the states of the normal way in their order."""

    table: Transitions
    way: tuple[StrEnum, ...]
    early: frozenset[StrEnum]
    """States that any outcome overtakes: an event that leads there is old news once there is one."""
    awaited: tuple[StrEnum, ...]
    """States in which the SIAO still waits for somebody: its household is not forgotten in them."""
    set_aside: tuple[StrEnum, ...]
    """States in which its household is its recipient's no more: a mailbox names it no more (`sans_admission` in the
    matrix). A state stands for every subject that has one of its name."""

    @property
    def open(self) -> frozenset[str]:
        """States that some event leaves: in them something may follow."""
        return frozenset(etat for (etat, _), target in self.table.items() if etat and etat != target)

    def move(self, etat: str | None, event: StrEnum) -> Verdict:
        """What an event does to a subject in a state (None: not known yet)."""
        target = self.table.get((etat, event))
        if target is not None:
            return Applied(target)
        if etat is not None and self._is_old_news(etat, event):
            return Ignored("deja_connu")
        return Anomalie(MotifAnomalie.SUJET_INCONNU if etat is None else MotifAnomalie.TRANSITION_ILLEGALE)

    def leads_to(self, etat: str | None, event: StrEnum) -> bool:
        """Whether an event brings a subject into this state, from any other."""
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
