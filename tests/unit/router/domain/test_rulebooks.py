"""What the rule books promise, sentence by sentence. Their tables are drawn in `docs/automates`: a changed move changes
that page, which somebody reads before it is kept."""

from datetime import date
from enum import StrEnum
from uuid import uuid4

import pytest

from contracts.base import Nature
from contracts.partner import Famille
from contracts.reference.codes import AuteurRefus, MotifRefus, ResultatCommission
from contracts.v1.attribution import DecisionCommission
from contracts.v1.orientation import OrientationRefusee
from contracts.v1.pret_logement import MotifRetrait, PretLogementRetire
from router.domain.books import BOOKS
from router.domain.deadlines import TERMES, Attendu
from router.domain.messages import FACTS
from router.domain.rulebooks import candidature, demande, orientation, place, pret_logement
from router.domain.rulebooks.machine import Anomalie, Machine
from router.domain.rules.recomposed import HOLDERS
from router.domain.succession import FOLLOWED
from tests.rows import each_row
from tests.unit.router.domain.monde import JOUR, ident

NOT_ATTRIBUTED = {
    candidature.Etat.PRESENTEE,
    candidature.Etat.ACCUSEE,
    candidature.Etat.INSCRITE,
    candidature.Etat.SOUS_CONDITION,
    candidature.Etat.NON_ATTRIBUEE,
}


def applied(machine: Machine, etat: str, *events: str) -> str | None:
    """The state after these moves; None where one of them is not applied."""
    for event in events:
        after = machine.move(etat, event)  # type: ignore[arg-type]  # events of any book
        if not isinstance(after, StrEnum):
            return None
        etat = after
    return etat


def reachable(machine: Machine) -> set[str]:
    """States to which a row of events leads from nothing."""
    known: set[str] = set()
    while more := {str(t) for (s, _), t in machine.table.items() if s is None or s in known} - known:
        known |= more
    return known


@each_row("nature", BOOKS)
def test_every_state_is_reached(nature: Nature) -> None:
    machine = BOOKS[nature].machine
    assert reachable(machine) == {str(etat) for etat in machine.table.values()}


OF_A_SIAO = {row.contrat.NATURE for row in FACTS.values() if row.needs_key and Famille.SIAO in row.said_by}
"""Kinds of subject that a SIAO opens for a household."""


@each_row("nature", [nature for nature in BOOKS if nature in OF_A_SIAO])
def test_whoever_has_to_act_for_a_household_learns_of_its_new_siao_and_that_it_has_split(
    nature: Nature,
) -> None:
    awaited = {*BOOKS[nature].machine.awaited}
    followed = {etat for kind, etat in FOLLOWED if kind is nature}
    assert followed, f"{nature} : une ligne dans TRANSFER_RULES (router/domain/rules/transfers.py)"
    assert awaited <= followed, f"{nature} : ces états aussi dans TRANSFER_RULES"
    held = {etat for holder in HOLDERS if holder.nature is nature for etat in holder.etats}
    assert held, f"{nature} : une ligne dans HOLDERS (router/domain/rules/recomposed.py)"
    assert awaited <= held, f"{nature} : ces états aussi dans HOLDERS"


NOBODY_IS_EXPECTED = {
    Nature.MENAGE: ({"RELOGE", "RETIRE"}, "sorti de la liste ; le SIAO peut l'y remettre"),
    Nature.AIDE_SOCIALE: (
        {"REFUSEE_PAR_L_ETAT"},
        "l'État peut se corriger, et le centre demander de nouveau",
    ),
    Nature.SIGNALEMENT: ({"TRAITE"}, "sa suite est dite ; la personne peut être revue"),
    Nature.SUIVI: (
        {"ORGANISE", "REFUSE_PAR_L_OPERATEUR", "SANS_REPONSE"},
        "l'opérateur peut se raviser, et le SIAO en solliciter un autre",
    ),
    Nature.EXAMEN: ({"SANS_AVIS"}, "l'instance a examiné sans lui ; le SIAO peut encore dire son avis"),
    Nature.CONVENTION: ({"EN_VIGUEUR"}, "elle vaut ; sa fin se rappelle à tous ses signataires"),
    Nature.DEROGATION: ({"EN_VIGUEUR"}, "elle vaut ; sa fin se rappelle à tous ses signataires"),
}
"""States from which something may follow although nobody has to act, and why."""
NO_CLOCK = {
    Nature.ORIENTATION: ({"ENTREE"}, "le séjour dure ; l'accompagnement se demande à part"),
    Nature.PLACE: (
        {"DECLAREE", "DISPONIBLE", "INDISPONIBLE", "OCCUPEE", "A_LIBERER"},
        "sa fraîcheur se juge chaque jour ; qui l'occupe, et à quel titre, se demande à part",
    ),
    Nature.DEMANDE: (
        {"RECUE", "COMPLETE", "EVALUEE", "EN_ATTENTE", "NON_POURVUE", "ORIENTEE"},
        "le SIAO la suit, et l'orientation a ses délais ; seuls un transfert et une évaluation demandée en ont un",
    ),
    Nature.MENAGE: (
        {"DECLARE", "ACTUALISE", "PRESENTE"},
        "sa candidature a ses délais ; un label, une confirmation se demandent à part",
    ),
    Nature.AIDE_SOCIALE: (
        {"ACQUISE", "ACCORDEE", "REPUTEE_ACCEPTEE"},
        "l'entrée a son suivi ; une prolongation se demande à part",
    ),
}
"""States in which somebody is expected and no deadline runs on the subject itself, and why."""


def but(exceptions: dict[Nature, tuple[set[str], str]], nature: Nature) -> set[str]:
    return exceptions.get(nature, (set(), ""))[0]


@each_row("nature", BOOKS)
def test_every_state_of_every_loop_has_somebody_expected_and_a_clock_or_a_reason(nature: Nature) -> None:
    book = BOOKS[nature]
    goes_on = {str(s) for (s, _), to in book.machine.table.items() if s is not None and to != s}
    expected = set(map(str, book.expected))
    assert goes_on - expected == but(NOBODY_IS_EXPECTED, nature), (
        "qui doit agir dans cet état ? `expected` du livre ; personne : NOBODY_IS_EXPECTED"
    )
    clocks = (terme for terme in TERMES if terme.nature is nature and terme.echeance not in book.beside)
    runs = {etat for terme in clocks if terme.attendu is not Attendu.HUB for etat in terme.etats}
    assert expected - runs == but(NO_CLOCK, nature), (
        "quel délai court dans cet état ? un terme de router/domain/deadlines.toml ; aucun : NO_CLOCK"
    )


# --- places


def test_only_a_free_place_or_one_about_to_be_can_be_reserved() -> None:
    reservable = {e for e in place.Etat if applied(place.MACHINE, e, place.Evenement.RESERVER)}
    assert reservable == {place.Etat.DISPONIBLE, place.Etat.A_LIBERER}


def test_any_place_can_be_closed_and_a_closed_one_never_opens_again() -> None:
    for etat in set(place.Etat) - {place.Etat.FERMEE}:
        assert applied(place.MACHINE, etat, place.Evenement.FERMER) == place.Etat.FERMEE
    assert not any(applied(place.MACHINE, place.Etat.FERMEE, event) for event in place.Evenement)


def test_no_message_about_a_place_makes_or_keeps_its_reservation() -> None:
    evenement = place.Evenement
    of_the_referral = {
        evenement.RESERVER,
        evenement.PROMETTRE,
        evenement.RENDRE,
        evenement.RENDRE_OCCUPEE,
    }
    assert set(BOOKS[Nature.PLACE].moves.values()) == set(evenement) - of_the_referral


def test_whoever_leaves_a_reserved_place_leaves_it_reserved() -> None:
    for leaves in place.SORTIES:
        assert applied(place.MACHINE, place.Etat.RESERVEE, leaves) == place.Etat.RESERVEE


# --- demands


@pytest.mark.parametrize("etat", sorted(set(demande.Etat) - set(demande.OUVERTES)))
def test_only_a_place_and_a_withdrawal_end_a_demand(etat: demande.Etat) -> None:
    assert etat in {demande.Etat.POURVUE, demande.Etat.ANNULEE}
    assert not any(applied(demande.MACHINE, etat, event) for event in demande.Evenement)


@each_row("etat", demande.OUVERTES)
def test_an_open_demand_can_be_referred_and_taken_back(etat: demande.Etat) -> None:
    assert applied(demande.MACHINE, etat, demande.Evenement.ORIENTER) == demande.Etat.ORIENTEE
    assert applied(demande.MACHINE, etat, demande.Evenement.ANNULER) == demande.Etat.ANNULEE


# --- referrals


@each_row("etat", [*orientation.FINIES_SANS_ENTREE, orientation.Etat.SORTIE])
def test_nothing_leaves_a_final_state_of_a_referral(etat: orientation.Etat) -> None:
    after = {applied(orientation.MACHINE, etat, event) for event in orientation.Evenement}
    assert after <= {None, etat}


def test_every_state_of_a_referral_is_waited_for_or_lived_in_or_final() -> None:
    lived_in_or_left = {orientation.Etat.ENTREE, orientation.Etat.SORTIE}
    named = {*orientation.ATTENDUES, *orientation.FINIES_SANS_ENTREE, *lived_in_or_left}
    assert named == set(orientation.Etat)


@each_row("etat", orientation.ATTENDUES)
def test_the_siao_can_take_back_a_referral_that_it_still_waits_for(etat: orientation.Etat) -> None:
    assert applied(orientation.MACHINE, etat, orientation.Evenement.ANNULER) == orientation.Etat.ANNULEE


@pytest.mark.parametrize("etat", orientation.PROMISES)
def test_silence_takes_back_no_promised_place(etat: orientation.Etat) -> None:
    assert applied(orientation.MACHINE, etat, orientation.Evenement.CONSTATER_LE_SILENCE) is None


def test_the_115_goes_from_a_referral_to_an_arrival_in_an_evening() -> None:
    arrived = applied(orientation.MACHINE, orientation.Etat.PROPOSEE, orientation.Evenement.ENTRER)
    assert arrived == orientation.Etat.ENTREE


@each_row("etat", orientation.FINIES_SANS_ENTREE)
def test_a_late_acceptance_or_arrival_is_an_anomaly(etat: orientation.Etat) -> None:
    evenement = orientation.Evenement
    for event in (evenement.ACCEPTER, evenement.ADMETTRE, evenement.ENTRER):
        assert isinstance(orientation.MACHINE.move(etat, event), Anomalie)


@each_row("motif", MotifRefus)
def test_a_refusal_says_who_refused(motif: MotifRefus) -> None:
    evenement = orientation.Evenement
    expected = {
        AuteurRefus.STRUCTURE: evenement.REFUSER_STRUCTURE,
        AuteurRefus.PERSONNE: evenement.REFUSER_PERSONNE,
        AuteurRefus.AUTRE: evenement.ABSENCE,
    }
    refusal = OrientationRefusee(orientation=uuid4(), auteur=motif.auteur, motif=motif)
    by_mistake = motif is MotifRefus.ERREUR_ORIENTATION
    said = evenement.REFUSER_STRUCTURE if by_mistake else expected[motif.auteur]
    assert orientation.refus(refusal, JOUR) is said


# --- candidacies


def decided(resultat: ResultatCommission, rang: int | None = None) -> DecisionCommission:
    return DecisionCommission(
        candidature=uuid4(), resultat=resultat, commission_le=date(2026, 3, 1), rang=rang
    )


@each_row("etat", sorted(set(candidature.Etat) - set(candidature.ATTENDUES)))
def test_a_final_state_of_a_candidacy_takes_news_and_is_never_left(etat: candidature.Etat) -> None:
    assert {applied(candidature.MACHINE, etat, event) for event in candidature.Evenement} <= {None, etat}


@each_row("etat", candidature.ATTENDUES)
def test_the_siao_can_take_back_a_candidacy_that_it_still_waits_for(etat: candidature.Etat) -> None:
    assert applied(candidature.MACHINE, etat, candidature.Evenement.RETIRER) == candidature.Etat.RETIREE


def test_a_decision_under_a_condition_leads_to_the_lease_once_it_is_met() -> None:
    evenement = candidature.Evenement
    way = (evenement.ATTRIBUER_SOUS_CONDITION, evenement.LEVER_LA_CONDITION, evenement.ACCEPTER)
    signed = applied(candidature.MACHINE, candidature.Etat.INSCRITE, *way, evenement.SIGNER)
    assert signed == candidature.Etat.BAIL_SIGNE


@each_row("etat", sorted(NOT_ATTRIBUTED))
def test_no_lease_is_signed_under_a_condition_or_without_an_attribution(etat: candidature.Etat) -> None:
    assert isinstance(candidature.MACHINE.move(etat, candidature.Evenement.SIGNER), Anomalie)


@each_row("resultat", ResultatCommission)
def test_every_result_of_a_commission_moves_the_candidacy(resultat: ResultatCommission) -> None:
    move = candidature.decision(decided(resultat, 2 if resultat.endswith("RANG") else None), JOUR)
    assert move is candidature.DECISIONS[resultat]
    assert applied(candidature.MACHINE, candidature.Etat.INSCRITE, move)


@each_row("resultat", ResultatCommission)
def test_a_rank_goes_with_an_attribution_by_rank_and_with_nothing_else(resultat: ResultatCommission) -> None:
    by_rank = resultat is ResultatCommission.ATTRIBUTION_RANG
    decided(resultat, 2 if by_rank else None)
    with pytest.raises(ValueError, match="le rang va avec une attribution par rang, et elle seule"):
        decided(resultat, None if by_rank else 2)


# --- households ready for housing


@each_row("motif", MotifRetrait)
def test_only_a_household_that_has_a_home_is_housed(motif: MotifRetrait) -> None:
    move = pret_logement.retrait(PretLogementRetire(menage=ident("ménage"), motif=motif), JOUR)
    assert (move is pret_logement.Evenement.RELOGER) is (motif is MotifRetrait.RELOGE)
