"""What the rule books permit is what a refusal tells, and what every dialect has words for."""

from collections.abc import Iterator
from enum import StrEnum

from adapters.registry import ADAPTERS, TABULAIRES, declaration
from adapters.tabulaire.profils import profil
from contracts.base import Contrat, Nature
from contracts.envelope import Event
from contracts.mots import SELON
from contracts.partner import Famille
from contracts.reference.codes import ResultatCommission
from contracts.v1.attribution import CandidaturePresentee, DecisionCommission
from router.domain import judging
from router.domain.at_the_door import Refusal, refusal
from router.domain.books import BOOK_OF
from router.domain.messages import facts_of
from router.domain.parts import Party
from router.domain.permitted import ANSWERED, Sayable, answers, permitted
from router.domain.rulebooks.book import ByContent
from tests.rows import each_row
from tests.unit.router.domain.monde import (
    BAILLEUR,
    CENTRE,
    JOUR,
    MAINTENANT,
    RESERVATION,
    SIAO,
    SIRET,
    Monde,
    attributes,
    ident,
    menage,
    proposition,
    vacance,
)
from tests.unit.router.domain.reponses import acceptee, sortie

PLACE, ORIENTATION, CANDIDATURE = ident("place"), ident("orientation"), ident("candidature")
BY_A_STRUCTURE = (Nature.ORIENTATION, Nature.CANDIDATURE)
BOTH_SIDES = [
    (nom, profil_, nature)
    for nom in ADAPTERS
    for profil_ in getattr(TABULAIRES.get(nom), "profils", (None,))
    for nature in BY_A_STRUCTURE
    if set(declaration(nom, profil_).familles) != {Famille.SIAO}
]


def told(monde: Monde, source: str, contrat: Contrat) -> Refusal:
    event = Event(attributes(1000, source, contrat, "01", monde.now), contrat)
    found = refusal(event, judging.World(monde.subjects, monde.registry, RESERVATION), MAINTENANT)
    assert found is not None
    return found


def decision(resultat: ResultatCommission) -> DecisionCommission:
    return DecisionCommission(candidature=CANDIDATURE, resultat=resultat, commission_le=JOUR)


def test_a_decision_that_is_refused_is_named_by_its_result_with_what_may_be_said_instead():
    monde = Monde()
    about = {"bailleur": SIRET, "canal": "CONTINGENT"}
    monde.dit(SIAO, CandidaturePresentee(candidature=CANDIDATURE, menage=menage(), **about))
    monde.dit(BAILLEUR, decision(ResultatCommission.SOUS_CONDITION))
    assert told(monde, BAILLEUR, decision(ResultatCommission.ATTRIBUTION)) == Refusal(
        "transition_illegale",
        "Cette candidature est attribuée sous condition : on ne peut pas dire l'attribution. Vous pouvez : la refuser "
        "(non-attribution), lever la condition, dire que le ménage refuse. En cas de doute, appelez le SIAO.",
    )


def test_nobody_is_told_that_it_may_say_what_only_the_other_side_says():
    monde = Monde()
    monde.dit(CENTRE, vacance(PLACE))
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    monde.dit(CENTRE, acceptee(ORIENTATION))
    message = told(monde, CENTRE, sortie(ORIENTATION)).message
    assert "Vous pouvez : la refuser, " in message
    assert "constater l'entrée" in message
    assert "l'annuler" not in message


@each_row("nature", ANSWERED)
def test_what_is_permitted_is_what_the_rule_book_applies_and_all_of_it(nature: Nature):
    for etat in {etat for etat, _ in ANSWERED[nature].machine.table if etat}:
        legal = {
            a for a in answers(nature) if isinstance(ANSWERED[nature].machine.move(etat, a.move), StrEnum)
        }
        assert set(permitted(nature, etat)) == legal


def test_a_message_whose_content_decides_has_a_word_for_each_content():
    for contrat, selon in SELON.items():
        move = BOOK_OF[contrat].moves[contrat]
        assert isinstance(move, ByContent)
        assert selon.mots.keys() == move.moves.keys()
        assert selon.champ in contrat.model_fields


@each_row(("dialecte", "page", "nature"), BOTH_SIDES)
def test_a_dialect_has_words_to_leave_every_state_that_its_words_lead_to(
    dialecte: str, page: str | None, nature: Nature
):
    """From each of them its words lead as far on the normal way as they lead from any."""
    machine, words = ANSWERED[nature].machine, set(_words(dialecte, page, nature))
    reached = _reached(nature, {machine.way[0]}, words)
    far = max((machine.way.index(etat) for etat in reached if etat in machine.way), default=0)
    trapped = {
        etat
        for etat in reached
        if etat in machine.way and machine.way[far] not in _reached(nature, {etat}, words)
    }
    assert trapped == set()


def _words(dialecte: str, page: str | None, nature: Nature) -> Iterator[Sayable]:
    """The answers of a recipient that a dialect, or this profile of it, can say."""
    read = declaration(dialecte, page).lit
    results = _results(page)
    for each in answers(nature):
        by_result = each.contrat is DecisionCommission and results and each.valeur not in results
        addressed = Party.DESTINATAIRE in facts_of(each.contrat).said_by
        if each.contrat in read and addressed and not by_result:
            yield each


def _results(page: str | None) -> set[str]:
    """The results that the words of a profile say; none where it has a column of its own for them."""
    tables = profil(page).tables.values() if page else ()
    said = (mot.constantes.get("resultat") for table in tables for mot in table.etats.values())
    return {str(resultat) for resultat in said if resultat}


def _reached(nature: Nature, start: set[str], words: set[Sayable]) -> set[str]:
    """The states to which these words lead, one after the other; the start with them."""
    reached: set[str] = set()
    fresh = set(start)
    while fresh:
        reached |= fresh
        table = ANSWERED[nature].machine.table
        fresh = {
            str(table[etat, w.move]) for etat in fresh for w in words if (etat, w.move) in table
        } - reached
    return reached
