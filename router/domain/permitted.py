"""Messages that a rule book allows in a state, with their French words. Pure."""

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
"""Rule books of the kinds of subject that partners answer."""
BY_CONTENT: Mapping[type[Contrat], Mapping[Any, StrEnum]] = {
    DecisionCommission: candidature.DECISIONS,
    OrientationRefusee: orientation.REFUS,
    SortieDeclaree: {"": orientation.Evenement.SORTIR},
}
"""Moves of each message whose content decides, by the value of the content."""
ASIDE = (demande.Evenement.INFORMER, orientation.Evenement.ACCOMPAGNER, candidature.Evenement.INFORMER)
"""Moves that answer nothing: they leave a subject in its state."""


class Sayable(NamedTuple):
    """Message that moves a subject, and its French words after « vous pouvez »."""

    contrat: type[Contrat]
    valeur: str
    """Value of the content that selects this move; empty where no content decides."""
    move: StrEnum
    faire: str


def answers(nature: Nature) -> Iterator[Sayable]:
    """List every message that moves an existing demand, referral or candidacy, in the order of the table of
    messages."""
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
    """List the messages that the rule book allows in this state. The caller checks who may send which."""
    table = MACHINES[nature].table
    return (each for each in answers(nature) if (etat, each.move) in table)
