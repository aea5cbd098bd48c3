"""The rule book of a candidacy for housing, row by row."""

from datetime import date
from uuid import uuid4

import pytest

from contracts.base import Nature
from contracts.reference.codes import ResultatCommission
from contracts.v1 import CONTRATS
from contracts.v1.attribution import DecisionCommission, EvenementCandidature
from contracts.v1.echeance import CandidatureEcheance
from router.domain.books import BOOKS
from router.domain.rulebooks.book import ByContent
from router.domain.rulebooks.candidature import ATTENDUES, MACHINE, Etat, Evenement, decision
from router.domain.rulebooks.machine import Anomalie, Applied
from tests.unit.router.domain.grille import INCONNU, Grille, Regle, moves, reachable, row
from tests.unit.router.domain.monde import JOUR

ETATS = {
    INCONNU: "",
    "Prés": Etat.PRESENTEE,
    "Accusée": Etat.ACCUSEE,
    "Inscrite": Etat.INSCRITE,
    "SousCond": Etat.SOUS_CONDITION,
    "Rang": Etat.ATTRIBUEE_PAR_RANG,
    "Attribuée": Etat.ATTRIBUEE,
    "Proposée": Etat.PROPOSEE_AU_MENAGE,
    "Bail": Etat.BAIL_SIGNE,
    "NonAttr": Etat.NON_ATTRIBUEE,
    "Irrec": Etat.IRRECEVABLE,
    "RefusMén": Etat.REFUSEE_PAR_LE_MENAGE,
    "Retirée": Etat.RETIREE,
}
SANS_BAIL = "NonAttr Irrec RefusMén Retirée"
INSTRUITES = "Prés Accusée Inscrite"
SUITE = "SousCond Rang Attribuée Proposée Bail"
GRILLE: Grille = {
    Evenement.PRESENTER: (Regle("Prés", "—", tu=f"{INSTRUITES} {SUITE} {SANS_BAIL}"),),
    Evenement.ACCUSER: (Regle("Accusée", "Prés", tu=f"Accusée Inscrite {SUITE} {SANS_BAIL}"),),
    Evenement.INSCRIRE: (Regle("Inscrite", INSTRUITES, tu=f"{SUITE} {SANS_BAIL}"),),
    Evenement.CLASSER: (Regle("Rang", f"{INSTRUITES} Rang", tu="Attribuée Proposée Bail"),),
    Evenement.ATTRIBUER: (Regle("Attribuée", f"{INSTRUITES} Rang", tu="Attribuée Proposée Bail"),),
    Evenement.ATTRIBUER_SOUS_CONDITION: (Regle("SousCond", INSTRUITES, tu=SUITE),),
    Evenement.NE_PAS_ATTRIBUER: (Regle("NonAttr", f"{INSTRUITES} SousCond Rang", tu="NonAttr"),),
    Evenement.DECLARER_IRRECEVABLE: (Regle("Irrec", INSTRUITES, tu="Irrec"),),
    Evenement.LEVER_LA_CONDITION: (Regle("Attribuée", "SousCond", tu="Attribuée Proposée Bail"),),
    Evenement.ACCEPTER: (Regle("Proposée", "Rang Attribuée", tu="Proposée Bail"),),
    Evenement.REFUSER: (Regle("RefusMén", "SousCond Rang Attribuée Proposée", tu="RefusMén"),),
    Evenement.SIGNER: (Regle("Bail", "Rang Attribuée Proposée", tu="Bail"),),
    Evenement.RETIRER: (Regle("Retirée", f"{INSTRUITES} SousCond Rang Attribuée Proposée", tu="Retirée"),),
    Evenement.INFORMER: (Regle("même", f"{INSTRUITES} {SUITE} {SANS_BAIL}"),),
}


def decided(resultat: ResultatCommission, rang: int | None = None) -> DecisionCommission:
    return DecisionCommission(
        candidature=uuid4(), resultat=resultat, commission_le=date(2026, 3, 1), rang=rang
    )


def test_the_grid_speaks_of_every_event_and_every_state() -> None:
    assert set(GRILLE) == set(Evenement)
    assert set(ETATS.values()) - {""} == set(Etat)


@pytest.mark.parametrize("event", Evenement)
def test_an_event_does_in_every_state_what_the_grid_says(event: Evenement) -> None:
    assert moves(MACHINE, event, ETATS) == row(GRILLE[event], ETATS)


@pytest.mark.parametrize("etat", Etat)
def test_every_state_is_reached(etat: Etat) -> None:
    assert etat in reachable(MACHINE)


@pytest.mark.parametrize("etat", sorted(set(Etat) - set(ATTENDUES)))
def test_a_final_state_hears_news_and_is_never_left(etat: Etat) -> None:
    for event in Evenement:
        verdict = MACHINE.move(etat, event)
        assert not isinstance(verdict, Applied) or verdict.etat is etat


@pytest.mark.parametrize("etat", ATTENDUES)
def test_the_siao_can_take_back_whatever_it_still_waits_for(etat: Etat) -> None:
    assert MACHINE.move(etat, Evenement.RETIRER) == Applied(Etat.RETIREE)


def test_a_decision_under_a_condition_leads_to_the_lease_once_it_is_met() -> None:
    etat: str = Etat.INSCRITE
    for event in (
        Evenement.ATTRIBUER_SOUS_CONDITION,
        Evenement.LEVER_LA_CONDITION,
        Evenement.ACCEPTER,
        Evenement.SIGNER,
    ):
        verdict = MACHINE.move(etat, event)
        assert isinstance(verdict, Applied)
        etat = verdict.etat
    assert etat == Etat.BAIL_SIGNE


def test_no_lease_is_signed_under_a_condition_or_without_an_attribution() -> None:
    for etat in (Etat.PRESENTEE, Etat.ACCUSEE, Etat.INSCRITE, Etat.SOUS_CONDITION, Etat.NON_ATTRIBUEE):
        assert isinstance(MACHINE.move(etat, Evenement.SIGNER), Anomalie)


def test_every_result_of_a_commission_moves_the_candidacy() -> None:
    assert {r: decision(decided(r, 2 if r.endswith("RANG") else None), JOUR) for r in ResultatCommission} == {
        ResultatCommission.ATTRIBUTION: Evenement.ATTRIBUER,
        ResultatCommission.ATTRIBUTION_RANG: Evenement.CLASSER,
        ResultatCommission.SOUS_CONDITION: Evenement.ATTRIBUER_SOUS_CONDITION,
        ResultatCommission.NON_ATTRIBUTION: Evenement.NE_PAS_ATTRIBUER,
        ResultatCommission.IRRECEVABILITE: Evenement.DECLARER_IRRECEVABLE,
    }


@pytest.mark.parametrize("resultat", ResultatCommission)
def test_a_rank_goes_with_an_attribution_by_rank_and_with_nothing_else(resultat: ResultatCommission) -> None:
    by_rank = resultat is ResultatCommission.ATTRIBUTION_RANG
    decided(resultat, 2 if by_rank else None)
    with pytest.raises(ValueError, match="le rang va avec une attribution par rang, et elle seule"):
        decided(resultat, None if by_rank else 2)


def test_every_message_about_a_candidacy_moves_it() -> None:
    messages = {c for c in CONTRATS.values() if issubclass(c, EvenementCandidature)}
    moved = BOOKS[Nature.CANDIDATURE].moves
    assert messages - moved.keys() == {CandidatureEcheance}
    assert {c for c, move in moved.items() if isinstance(move, ByContent)} == {DecisionCommission}
