"""Type of a rule book: everything about one kind of subject.

To add a rule book, write its states and its subject in a module of this folder. Write its rules in a module
of `router/domain/rules` that ends with a `BOOK`, and name that `BOOK` in `router/domain/books.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from contracts.base import Contrat, Nature
from contracts.envelope import Event
from contracts.mots import ETATS, NOMS
from contracts.v1.echeance import Echeance, SuiteEcheance
from router.domain.parts import Party
from router.domain.rulebooks.machine import Machine
from router.domain.rules.effects import Effects, World
from router.domain.subjects import Subject


@dataclass(frozen=True, slots=True)
class ByContent:
    """Transition chosen by the content of a message."""

    decide: Callable[[Any, date], StrEnum]
    """Function that returns the transition, from the message and today's date in its territory."""
    moves: Mapping[Any, StrEnum]
    """Transition by value of the message's field."""


Move = StrEnum | ByContent
Opener = Callable[[Event, World, datetime], Effects]
Mover = Callable[[Event, Any, World], Effects]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Rule book of one kind of subject: its messages, their transitions, and French words for its states.

    Raises LookupError at import if a French word is missing.
    """

    subject: type[Subject]
    """Type of the subject. Its `MACHINE` has the states and transitions."""
    moves: Mapping[type[Contrat], Move]
    """Transition that each message makes."""
    openers: Mapping[StrEnum, Opener]
    """Rules for transitions that open a subject, where one is needed."""
    mover: Mover
    """Rule for all transitions that have no rule of their own in `openers`."""
    expected: Mapping[str, tuple[Party, str]]
    """Party that has to act in each state, and the act in French. States in which nobody has to act are
    missing."""
    beside: Mapping[Echeance, str] = field(default_factory=dict)
    """Act, in French, that a deadline asks for in addition to the act that the state asks for, by kind of
    deadline."""
    informing: tuple[StrEnum, ...] = ()
    """Transitions by messages that only give information."""
    reached: Callable[[Any, Mapping[str, Any]], Contrat] | None = None
    """Function that makes the hub's message for a reached stage of a deadline. None for the default,
    `EcheanceAtteinte`."""
    silence: Mapping[SuiteEcheance, StrEnum] = field(default_factory=dict)
    """Transition when a deadline ends in silence, by its consequence."""

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
        """Return the state machine of the kind of subject."""
        assert self.subject.MACHINE is not None, "a subject of a rule book has a machine"
        return self.subject.MACHINE

    def move_of(self, contrat: Contrat, today: Callable[[], date]) -> StrEnum:
        """Return the transition that a message makes. `today` returns the present day in the message's
        territory."""
        move = self.moves[type(contrat)]
        return move.decide(contrat, today()) if isinstance(move, ByContent) else move

    def judge(self, event: Event, move: StrEnum, world: World, now: datetime) -> Effects:
        """Judge a transition of a subject, and return its effects."""
        opener = self.openers.get(move)
        return opener(event, world, now) if opener else self.mover(event, move, world)
