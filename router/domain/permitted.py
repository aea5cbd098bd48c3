"""What may be said of something in a state: the legal moves of its rule book, as messages and French words. Pure."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from contracts.base import Contrat, Nature
from contracts.explications import ACTES, SELON
from contracts.v1.attribution import DecisionCommission
from contracts.v1.orientation import OrientationRefusee
from contracts.v1.suite import SortieDeclaree
from router.domain.messages import FACTS, facts_of
from router.domain.rulebooks import candidature, demande, orientation
from router.domain.rulebooks.book import Machine, SansLivre

MACHINES: Mapping[Nature, Machine] = {
    Nature.DEMANDE: demande.MACHINE,
    Nature.ORIENTATION: orientation.MACHINE,
    Nature.CANDIDATURE: candidature.MACHINE,
}
BY_CONTENT: Mapping[type[Contrat], Mapping[Any, StrEnum]] = {
    DecisionCommission: candidature.DECISIONS,
    OrientationRefusee: orientation.REFUS,
    SortieDeclaree: {"": orientation.Evenement.SORTIR},
}
"""The moves of a message whose content decides, each by the value that makes it that one."""
ASIDE = (demande.Evenement.INFORMER, orientation.Evenement.ACCOMPAGNER, candidature.Evenement.INFORMER)
"""Moves that answer nothing: they leave a subject where it is."""


class Sayable(NamedTuple):
    """A message that moves a subject, and what it says in French, after « vous pouvez »."""

    contrat: type[Contrat]
    valeur: str
    """The value of its content that makes it this move; "" where no content decides."""
    move: StrEnum
    faire: str


def answers(nature: Nature) -> Iterator[Sayable]:
    """All that moves a demand, a referral or a candidacy that is there, in the order of the table of messages."""
    for contrat, facts in FACTS.items():
        if contrat.NATURE is nature and not facts.needs_key and contrat in ACTES:
            yield from _moves(contrat)


def _moves(contrat: type[Contrat]) -> Iterator[Sayable]:
    move, words = facts_of(contrat).move, ACTES[contrat].faire
    if not isinstance(move, StrEnum):
        said = SELON[contrat].mots if contrat in SELON else {}
        for value, event in BY_CONTENT[contrat].items():
            yield Sayable(contrat, value, event, said.get(value, words))
    elif not isinstance(move, SansLivre) and move not in ASIDE:
        yield Sayable(contrat, "", move, words)


def permitted(nature: Nature, etat: str) -> Iterator[Sayable]:
    """What the rule book allows in this state; of several messages the caller knows who may say which."""
    table = MACHINES[nature].table
    return (each for each in answers(nature) if (etat, each.move) in table)
