"""The rows of facts: one a message type, whole, and true of its contract."""

from dataclasses import MISSING, fields, replace
from typing import get_args
from uuid import UUID

import pytest

from contracts.base import Contrat, Nature
from contracts.errors import Unroutable
from contracts.mots import ETATS
from contracts.v1 import CONTRATS
from contracts.v1.aide_sociale import AideSocialeCompletee, AideSocialeProlongationDemandee
from contracts.v1.demande import DemandeTransferee
from contracts.v1.menage import Menage, MenageSurListe
from contracts.v1.place import PlaceReservee
from router.domain.books import BOOK_OF, BOOKS, by_message
from router.domain.messages import FACTS, Facts, by_contract, facts_of
from router.domain.rulebooks import place
from router.domain.rulebooks.book import ByContent
from tests.rows import each_row

ROWS = tuple(FACTS.values())


def test_a_row_has_no_default() -> None:
    assert all(field.default is field.default_factory is MISSING for field in fields(Facts))


def test_a_message_without_a_row_is_an_error_at_import() -> None:
    with pytest.raises(LookupError, match="LivraisonRemise"):
        by_contract(ROWS[:-1])


def test_a_message_with_two_rows_is_an_error_at_import() -> None:
    with pytest.raises(LookupError, match="PlaceDeclaree"):
        by_contract((*ROWS, ROWS[0]))


class Inconnu(Contrat):
    """A made-up message of a module that nobody imports."""

    DOMAINE = "offre"
    NOM = "inconnu"
    SUJET = "version"


def test_a_message_of_a_module_that_is_not_imported_is_an_error_at_import() -> None:
    with pytest.raises(LookupError, match=r"MODULES le module de \['Inconnu'\]"):
        by_contract((*ROWS, replace(ROWS[0], contrat=Inconnu)))


def test_a_message_that_no_row_speaks_of_is_unroutable() -> None:
    with pytest.raises(Unroutable, match=r"aucune règle pour fr.siao.offre.inconnu.v1"):
        facts_of(Inconnu)


def test_a_message_that_moves_two_rule_books_or_none_is_an_error_at_import() -> None:
    book = BOOKS[Nature.PLACE]
    for books in ((*BOOKS.values(), book), [each for each in BOOKS.values() if each is not book]):
        with pytest.raises(LookupError, match="PlaceVacante"):
            by_message(books)


def test_a_message_that_moves_nothing_stands_in_no_rule_book() -> None:
    book = replace(BOOKS[Nature.PLACE], moves={PlaceReservee: place.Evenement.VACANTE})
    with pytest.raises(LookupError, match="PlaceReservee"):
        by_message([book, *(each for nature, each in BOOKS.items() if nature is not Nature.PLACE)])


def test_a_state_without_french_words_is_an_error_at_import(monkeypatch: pytest.MonkeyPatch) -> None:
    words = dict(ETATS[Nature.PLACE])
    del words["FERMEE"]
    monkeypatch.setitem(ETATS, Nature.PLACE, words)
    with pytest.raises(LookupError, match=r"mots\.py : il manque des mots pour « place ».*FERMEE"):
        replace(BOOKS[Nature.PLACE])


@each_row("contrat", BOOK_OF, ids=lambda contrat: contrat.__name__)
def test_a_message_moves_the_rule_book_of_its_subject(contrat: type[Contrat]) -> None:
    assert BOOK_OF[contrat].nature is contrat.NATURE


@each_row("nature", BOOKS)
def test_a_move_by_a_message_is_a_move_of_its_machine(nature: Nature) -> None:
    known = {event for _, event in BOOKS[nature].machine.table}
    moves = BOOKS[nature].moves.values()
    said = {
        each for move in moves for each in (move.moves.values() if isinstance(move, ByContent) else [move])
    }
    assert said | BOOKS[nature].openers.keys() | set(BOOKS[nature].silence.values()) <= known


@each_row("contrat", CONTRATS.values(), ids=lambda contrat: contrat.__name__)
def test_what_a_message_reads_beside_its_subject_is_an_id_in_it(contrat: type[Contrat]) -> None:
    for name in facts_of(contrat).also:
        annotation = contrat.model_fields[name].annotation
        assert {UUID, Menage, MenageSurListe} & {annotation, *get_args(annotation)}
        assert name != contrat.SUJET


def test_whoever_is_owed_an_answer_makes_its_repetitions_recognisable() -> None:
    """A proposed transfer, and what follows a request for aide sociale, are recognised by their subject."""
    known = (DemandeTransferee, AideSocialeProlongationDemandee, AideSocialeCompletee)
    owed = (facts for facts in ROWS if facts.owed_an_answer and facts.contrat not in known)
    assert all(facts.needs_key for facts in owed)
