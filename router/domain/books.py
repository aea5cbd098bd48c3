"""Collect all rule books, and tables derived from them. A rule book has the states of one type of subject. It
says what each message about such a subject changes."""

from collections import Counter
from collections.abc import Iterable, Mapping

from contracts.base import Contrat, Nature
from contracts.explications import ATTENDUS
from contracts.v1 import CONTRATS
from contracts.v1.echeance import Echeance, EcheanceAtteinte, Etape
from router.domain.deadlines import TERMES, Deadline
from router.domain.messages import FACTS
from router.domain.rulebooks import signalement
from router.domain.rulebooks.book import Book
from router.domain.rules import (
    acts,
    aide_sociale,
    candidacies,
    daho,
    demands,
    examens,
    places,
    prets,
    referrals,
    suivis,
)
from router.domain.subjects import WITHOUT_BOOK, Subject

BOOKS: Mapping[Nature, Book] = {
    book.nature: book
    for book in (
        *(places.BOOK, signalement.BOOK, demands.BOOK, prets.BOOK, referrals.BOOK, candidacies.BOOK),
        *(aide_sociale.BOOK, daho.BOOK, suivis.BOOK, examens.BOOK, acts.CONVENTIONS, acts.DEROGATIONS),
    )
}
"""Rule books by type of subject. A type without a rule book has no entry."""


def by_message(books: Iterable[Book]) -> Mapping[type[Contrat], Book]:
    """Return the rule book of each message type that changes a subject's state. Raises LookupError if such a
    type is in no rule book, or in several. Raises it also if a rule book contains a message type that changes
    no state."""
    number = Counter(contrat for book in books for contrat in book.moves)
    left = {contrat for contrat, facts in FACTS.items() if facts.effect is None}
    wrong = {contrat for contrat in left | number.keys() if number[contrat] != 1 or contrat not in left}
    if wrong:
        names = sorted(contrat.__name__ for contrat in wrong)
        raise LookupError(
            f"router/domain/books.py : un livre, et un seul, par message qui en déplace un : {names}"
        )
    return {contrat: book for book in books for contrat in book.moves}


BOOK_OF = by_message(BOOKS.values())
"""Rule book of each message type that changes a subject's state."""
TYPES: tuple[type[Subject], ...] = (*(book.subject for book in BOOKS.values()), *WITHOUT_BOOK)
"""Dataclasses of all types of subjects."""
KIND_OF: Mapping[Nature | None, type[Subject]] = {kind.NATURE: kind for kind in TYPES}
"""Dataclass of each type of subject."""

AWAITED = frozenset(etat for book in BOOKS.values() for etat in book.machine.awaited)
"""States, in any rule book, in which somebody still has to act."""

AWAITED_OF = tuple(f"{nature} {etat}" for nature, book in BOOKS.items() for etat in book.machine.awaited)
"""The same states as `AWAITED`, each with its type of subject before it: "nature state". As long as a
household has a subject in such a state, the hub keeps the household's data."""

SET_ASIDE = tuple(dict.fromkeys(etat for book in BOOKS.values() for etat in book.machine.set_aside))
"""States, in any rule book, in which the recipient may no longer read the household's data."""


REACHED: Mapping[Nature | None, type[Contrat]] = {
    contrat.NATURE: contrat for contrat in CONTRATS.values() if issubclass(contrat, EcheanceAtteinte)
}
"""Message type by which the hub reports that a deadline has reached a stage, for each type of subject."""
if speechless := {terme.nature for terme in TERMES} - REACHED.keys():
    raise LookupError(
        f"contracts/v1 : quelle EcheanceAtteinte dit une échéance de {sorted(map(str, speechless))} ?"
    )
if wordless := {terme.echeance for terme in TERMES if terme.rappels} - ATTENDUS.keys():
    raise LookupError(f"contracts/explications.py : dans ATTENDUS, ce qu'attend {sorted(map(str, wordless))}")
_OWED = {row.contrat.NATURE for row in FACTS.values() if row.owed_an_answer}
if unwatched := _OWED - {terme.nature for terme in TERMES if terme.echeance is Echeance.REMISE}:
    raise LookupError(f"router/domain/deadlines.toml : il manque la REMISE de {sorted(map(str, unwatched))}")


def message_at(subject: Subject, deadline: Deadline, etape: Etape) -> Contrat:
    """Return the message that the hub sends when a subject's deadline reaches the stage `etape`: a reminder, or
    the news that the time is over."""
    reached = BOOKS[subject.NATURE].reached
    stage = {"echeance": deadline.echeance, "etape": etape, "commencee_le": deadline.started_at}
    if reached is not None:
        return reached(subject, stage)
    message = REACHED[subject.NATURE]
    return message(**{message.SUJET: subject.id}, **stage)
