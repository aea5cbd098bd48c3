"""Rule book of one kind of subject, whole.

To add one, write its states and its subject in a module of this folder, and its rules in a module of
`router/domain/rules` that ends with its `BOOK`; name that in `router/domain/books.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from contracts.base import Contrat, Nature
from contracts.explications import ETATS, NOMS
from contracts.v1.echeance import Echeance, SuiteEcheance
from router.domain.parts import Party
from router.domain.rulebooks.machine import Machine
from router.domain.rules.effects import Effects, Event, World
from router.domain.subjects import Subject


@dataclass(frozen=True, slots=True)
class ByContent:
    """Choice of a move by the content of a message."""

    decide: Callable[[Any, date], StrEnum]
    """Function that decides, from the message and the present day in its territory."""
    moves: Mapping[Any, StrEnum]
    """Moves by the value in the message that selects them."""


Move = StrEnum | ByContent
Opener = Callable[[Event, World, datetime], Effects]
Mover = Callable[[Event, Any, World], Effects]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Rule book of one kind of subject: its messages, its moves, and the French words for its states.

    Raises LookupError at import if its kind or one of its states has no French words.
    """

    subject: type[Subject]
    """Kind of subject. Its `MACHINE` has the states and the moves between them."""
    moves: Mapping[type[Contrat], Move]
    """Move that each message makes."""
    openers: Mapping[StrEnum, Opener]
    """Rules of the moves that open a subject, if they need rules of their own."""
    mover: Mover
    """Rules of the moves that have none of their own in `openers`."""
    expected: Mapping[str, tuple[Party, str]]
    """Party that has to act in a state, and the act in French. In any other state nobody has to act."""
    beside: Mapping[Echeance, str] = field(default_factory=dict)
    """Act, in French, that a deadline of these kinds asks of its own side, in addition to the act that the
    state asks for. A deadline of any other kind is for the act that the state asks for."""
    informing: tuple[StrEnum, ...] = ()
    """Moves that answer nothing: they only give information."""
    reached: Callable[[Any, Mapping[str, Any]], Contrat] | None = None
    """Function that makes the hub's message when a stage of a deadline is reached, from the subject and the
    stage. None if it is always the `EcheanceAtteinte` of the kind."""
    silence: Mapping[SuiteEcheance, StrEnum] = field(default_factory=dict)
    """Move that the subject makes if nobody acts in time, by the consequence that the deadline names."""

    def __post_init__(self) -> None:
        states = {str(etat) for etat in self.machine.table.values()}
        if self.nature not in NOMS or ETATS[self.nature].keys() != states:
            raise LookupError(f"contracts/explications.py : il manque des mots pour « {self.nature} »")

    @property
    def nature(self) -> Nature:
        """Return the kind of subject that the rule book is for."""
        return self.subject.NATURE

    @property
    def machine(self) -> Machine:
        """Return the states of the subject, and the moves between them."""
        assert self.subject.MACHINE is not None, "a subject of a rule book has a machine"
        return self.subject.MACHINE

    def move_of(self, contrat: Contrat, today: Callable[[], date]) -> StrEnum:
        """Return the move that a message makes."""
        move = self.moves[type(contrat)]
        return move.decide(contrat, today()) if isinstance(move, ByContent) else move

    def judge(self, event: Event, move: StrEnum, world: World, now: datetime) -> Effects:
        """Judge a move of a subject."""
        opener = self.openers.get(move)
        return opener(event, world, now) if opener else self.mover(event, move, world)
