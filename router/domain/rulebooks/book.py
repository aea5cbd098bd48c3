"""Type of a rule book, which holds everything about one type of subject.

To add a rule book, write its states and its dataclass in a module of this folder, and its rules in a module of
`router/domain/rules` that ends with a `BOOK`. Then name this `BOOK` in `router/domain/books.py`.
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
    """A choice between the transitions that messages of one type may make. The content of the message and the
    date decide."""

    decide: Callable[[Any, date], StrEnum]
    """Function that chooses the transition from the message and today's date in the message's territory."""
    moves: Mapping[Any, StrEnum]
    """Transition for each value of the field that `decide` reads."""


Move = StrEnum | ByContent
Opener = Callable[[Event, World, datetime], Effects]
Mover = Callable[[Event, Any, World], Effects]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The rule book of one type of subject: its states, and what each message does. Raises LookupError if the
    type of subject or a state has no French name."""

    subject: type[Subject]
    """Dataclass of the subject. Its `MACHINE` has the states and transitions."""
    moves: Mapping[type[Contrat], Move]
    """Transition of each message type that changes a state."""
    openers: Mapping[StrEnum, Opener]
    """Rules of the transitions to which `mover` does not apply. Most of these transitions create a
    subject."""
    mover: Mover
    """Rule of all other transitions."""
    expected: Mapping[str, tuple[Party, str]]
    """Party that has to act in each state, and what it has to do, in French. In a state without an entry,
    nobody has to act."""
    beside: Mapping[Echeance, str] = field(default_factory=dict)
    """Further task, in French, that somebody has while a deadline of a given kind runs, in addition to
    `expected`."""
    informing: tuple[StrEnum, ...] = ()
    """Transitions of messages that only inform. Such messages do not count as an answer, and are offered
    last."""
    reached: Callable[[Any, Mapping[str, Any]], Contrat] | None = None
    """Function that makes the hub's message when a deadline has reached a stage. None if the hub sends the
    usual message (`EcheanceAtteinte`)."""
    silence: Mapping[SuiteEcheance, StrEnum] = field(default_factory=dict)
    """Transition that the hub applies when a deadline ends and nobody has acted. The keys are values of
    `suite` in `deadlines.toml`."""

    def __post_init__(self) -> None:
        states = {str(etat) for etat in self.machine.table.values()}
        wrong = states ^ ETATS.get(self.nature, {}).keys()
        if self.nature not in NOMS or wrong:
            raise LookupError(
                f"contracts/mots.py : il manque des mots pour « {self.nature} », son nom (NOMS) ou ses états (ETATS) : "
                f"{sorted(wrong)}"
            )

    @property
    def nature(self) -> Nature:
        """Return the type of subject that the rule book is about."""
        return self.subject.NATURE

    @property
    def machine(self) -> Machine:
        """Return the state machine of the rule book."""
        assert self.subject.MACHINE is not None, "a subject of a rule book has a machine"
        return self.subject.MACHINE

    def move_of(self, contrat: Contrat, today: Callable[[], date]) -> StrEnum:
        """Return the transition that a message makes. If messages of its type may make several transitions,
        the content and the date decide. Only then is `today` called: it returns the date in the message's
        territory."""
        move = self.moves[type(contrat)]
        return move.decide(contrat, today()) if isinstance(move, ByContent) else move

    def judge(self, event: Event, move: StrEnum, world: World, now: datetime) -> Effects:
        """Return the effects of an event that makes the transition `move`. If the subject's state forbids the
        transition, the state stays, the effects' `outcome` says why, and the SIAO may be alerted."""
        opener = self.openers.get(move)
        return opener(event, world, now) if opener else self.mover(event, move, world)
