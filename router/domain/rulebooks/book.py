"""Type of a rule book, which holds everything about one type of subject (demand, referral, place…).

To add a rule book, write its states and its dataclass in a module of this folder. Write its rules in a module
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
    """Choice between several transitions of a state machine, by the content of a message."""

    decide: Callable[[Any, date], StrEnum]
    """Function that chooses the transition from the message and today's date in the message's territory."""
    moves: Mapping[Any, StrEnum]
    """Transition for each value of the message field that `decide` reads."""


Move = StrEnum | ByContent
Opener = Callable[[Event, World, datetime], Effects]
Mover = Callable[[Event, Any, World], Effects]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Rule book of one type of subject (demand, referral, place…): its messages, their transitions, and French
    words for its states.

    The constructor raises LookupError if French words are missing.
    """

    subject: type[Subject]
    """Dataclass of the subject (demand, referral, place…). Its `MACHINE` has the states and transitions."""
    moves: Mapping[type[Contrat], Move]
    """Transition made by each message type that changes a state."""
    openers: Mapping[StrEnum, Opener]
    """Rules for certain transitions, in place of `mover`, the rule for all others. Most of these transitions
    create a subject (a demand, a referral, a place…)."""
    mover: Mover
    """Rule that applies a transition, unless the transition has a rule of its own in `openers`."""
    expected: Mapping[str, tuple[Party, str]]
    """Role that has to act in each state, and what it has to do, in French. A state in which nobody has to act
    has no entry."""
    beside: Mapping[Echeance, str] = field(default_factory=dict)
    """What somebody has to do while a deadline of this kind runs, in French. It is shown in addition to the
    text of `expected`."""
    informing: tuple[StrEnum, ...] = ()
    """Transitions whose messages only inform. Nobody waits for such a message: it does not count as an
    answer, and is offered last."""
    reached: Callable[[Any, Mapping[str, Any]], Contrat] | None = None
    """Function that makes the hub's message when a reminder or the end of a deadline is due. None if the
    usual message (`EcheanceAtteinte`) is sent."""
    silence: Mapping[SuiteEcheance, StrEnum] = field(default_factory=dict)
    """Transition that the hub applies when a deadline ends and nobody has acted. The key is the deadline's
    consequence, as the field `suite` in `deadlines.toml` names it."""

    def __post_init__(self) -> None:
        states = {str(etat) for etat in self.machine.table.values()}
        if self.nature not in NOMS or ETATS[self.nature].keys() != states:
            raise LookupError(f"contracts/explications.py : il manque des mots pour « {self.nature} »")

    @property
    def nature(self) -> Nature:
        """Return the type of subject that this rule book is about, such as demands, referrals or places."""
        return self.subject.NATURE

    @property
    def machine(self) -> Machine:
        """Return the state machine of this rule book."""
        assert self.subject.MACHINE is not None, "a subject of a rule book has a machine"
        return self.subject.MACHINE

    def move_of(self, contrat: Contrat, today: Callable[[], date]) -> StrEnum:
        """Return the transition that a message makes. `today` gives the date in the message's territory, and is
        called only if needed."""
        move = self.moves[type(contrat)]
        return move.decide(contrat, today()) if isinstance(move, ByContent) else move

    def judge(self, event: Event, move: StrEnum, world: World, now: datetime) -> Effects:
        """Apply the rule for a transition to an event, and return the effects."""
        opener = self.openers.get(move)
        return opener(event, world, now) if opener else self.mover(event, move, world)
