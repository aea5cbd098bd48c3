"""Determine which messages a subject's present state allows, and with which French words they are offered."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from contracts.base import Contrat, Nature
from contracts.mots import ACTES, SELON
from router.domain.books import BOOKS
from router.domain.messages import facts_of
from router.domain.rulebooks.book import Move
from router.domain.subjects import Envoi

ANSWERED = {nature: book for nature, book in BOOKS.items() if issubclass(book.subject, Envoi)}
"""Rule books of the requests that a partner has to answer, by type of request."""


class Sayable(NamedTuple):
    """A message that a partner may send about a subject. `faire` are the French words that complete «vous
    pouvez …»."""

    contrat: type[Contrat]
    valeur: str
    """Value of the field that decides the message's effect, such as who refuses in a refusal. Empty if the
    effect is always the same."""
    move: StrEnum
    faire: str


def answers(nature: Nature) -> Iterator[Sayable]:
    """Yield the messages by which a partner may change the state of an existing request of this type, in the
    order of the type's rule book. Messages that only inform are left out."""
    for contrat, move in ANSWERED[nature].moves.items():
        if not facts_of(contrat).needs_key and contrat in ACTES and move not in ANSWERED[nature].informing:
            yield from _moves(contrat, move)


def _moves(contrat: type[Contrat], move: Move) -> Iterator[Sayable]:
    words = ACTES[contrat].faire
    if isinstance(move, StrEnum):
        yield Sayable(contrat, "", move, words)
        return
    by_value = SELON[contrat].mots if contrat in SELON else {}
    for value, event in move.moves.items():
        yield Sayable(contrat, value, event, by_value.get(value, words))


def permitted(nature: Nature, etat: str) -> Iterator[Sayable]:
    """Yield the messages that may change a request of this type while its state is `etat`. The caller has to
    check whether the partner in question may send these messages."""
    table = ANSWERED[nature].machine.table
    return (each for each in answers(nature) if (etat, each.move) in table)


def sayable(nature: Nature, etat: str) -> list[Sayable]:
    """Return the messages that the rule book allows about a subject in the state `etat`. Messages that only
    inform, and change no state, come last. The caller has to check whether the partner in question may send
    them."""
    book = BOOKS[nature]
    moves = (
        each
        for contrat, move in book.moves.items()
        if not facts_of(contrat).needs_key and contrat in ACTES
        for each in _moves(contrat, move)
    )
    allowed = [each for each in moves if (etat, each.move) in book.machine.table]
    return sorted(allowed, key=lambda each: each.move in book.informing)
