"""A demand that one SIAO gives to another: never in two places, never in none."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.partner import Delais, Famille
from contracts.reference.codes import Dispositif
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.attribution import CandidatureAccompagnement, CandidatureAccusee, CandidaturePresentee
from contracts.v1.demande import (
    DemandeActualisee,
    DemandeAnnulee,
    DemandeCompletee,
    DemandeEvaluee,
    DemandeRecue,
    DemandeSuite,
    DemandeTransferee,
    Suite,
)
from contracts.v1.echeance import Echeance, Etape
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import OrientationAnnulee
from contracts.v1.pret_logement import PretLogementActualise, PretLogementDeclare, PretLogementRepondu
from contracts.v1.suivi import SuiviDemande, SuiviRepondu
from contracts.v1.transfert import DemandeTransfertAccepte, DemandeTransfertRefuse, DemandeTransfertRetire
from router.domain.books import message_at
from router.domain.deadlines import reminded, running_of
from router.domain.partners import Registry
from router.domain.rights import Stade, rights
from router.domain.rulebooks.demande import OUVERTES, Etat
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.rules.effects import Effects
from router.domain.rules.transfers import TRANSFER_RULES, Sort
from router.domain.subjects import TRANSFERT_PROPOSE, Demande, Envoi
from router.domain.succession import HISTORY, as_now
from tests.unit.router.domain.monde import (
    BAILLEUR,
    CENTRE,
    JOUR,
    REGISTRE,
    SIAO,
    SIRET,
    Monde,
    ident,
    menage,
    partner,
    proposition,
    vacance,
)
from tests.unit.router.domain.reponses import acceptee, entree, refusee

CCAS, AUTRE, TIERS, AVDL = "ccas", "siao-69", "siao-38", "010000040"
DEMANDE, UNE, CANDIDATURE, PLACE = ident("demande"), ident("une"), ident("candidature"), ident("place")


def entries(**more: Any) -> Registry:
    others = [
        partner(CCAS, Famille.PRESCRIPTEUR),
        partner(AUTRE, Famille.SIAO, territoire="69", **more),
        partner(TIERS, Famille.SIAO, territoire="38"),
        partner(
            "avdl", Famille.ACCOMPAGNEMENT, structures=(AVDL,), dialecte_sortant="accompagnement_tableau"
        ),
    ]
    return Registry.of([*REGISTRE.partners.values(), *others])


@pytest.fixture
def monde() -> Monde:
    """A world with three SIAO, and a demand that the CCAS has brought to the first."""
    there = Monde(entries())
    there.dit(CCAS, recue())
    return there


def recue(demande: Any = DEMANDE) -> DemandeRecue:
    return DemandeRecue(demande=demande, menage=menage(), dispositif=Dispositif.INSERTION)


def propose(monde: Monde, **more: Any) -> Effects:
    return monde.dit(SIAO, DemandeTransferee(demande=DEMANDE, **{"territoire": "69", **more}))


def accepte(monde: Monde) -> Effects:
    return monde.dit(AUTRE, DemandeTransfertAccepte(demande=DEMANDE), territoire="69")


def transfere(monde: Monde) -> Effects:
    propose(monde)
    return accepte(monde)


def demand(monde: Monde) -> Demande:
    found = monde.subjects[DEMANDE]
    assert isinstance(found, Demande)
    return found


def refers(monde: Monde, **more: Any) -> None:
    """The first SIAO refers the household of the demand to a place."""
    monde.dit(CENTRE, vacance(PLACE))
    monde.dit(SIAO, proposition(UNE, PLACE, demande=DEMANDE, **more))


def test_a_proposed_transfer_reaches_the_other_siao_and_changes_nothing_yet(monde: Monde) -> None:
    before = demand(monde)
    effects = propose(monde)
    assert (effects.recipients, effects.derived) == ((AUTRE,), ())
    after = demand(monde)
    assert (after.destinataire, after.etat) == (SIAO, before.etat)
    assert (after.repreneur, after.transfert_le is not None) == (AUTRE, True)


def test_one_event_changes_who_is_responsible(monde: Monde) -> None:
    propose(monde)
    effects = accepte(monde)
    assert demand(monde).destinataire == AUTRE
    assert demand(monde).etat is Etat.RECUE
    assert effects.recipients == (SIAO,)
    assert (DEMANDE, AUTRE) in effects.handed_over


def test_who_brought_the_demand_learns_that_another_siao_has_it_once_that_one_accepts(monde: Monde) -> None:
    assert propose(monde).derived == ()
    assert accepte(monde).derived == (DemandeSuite(demande=DEMANDE, suite=Suite.TRANSFEREE),)


def test_a_siao_that_lets_its_own_demand_go_is_told_by_the_acceptance_alone() -> None:
    there = Monde(entries())
    there.dit(SIAO, recue())
    assert transfere(there).derived == ()
    (news,) = there.dit(
        AUTRE, DemandeEvaluee(demande=DEMANDE, evaluee_le=JOUR, preconisation="URGENCE")
    ).derived
    assert there.hub_dit(news).recipients == (SIAO,), "puis il apprend ce que l'autre en fait"


def test_what_its_bringer_says_afterwards_reaches_the_second_siao(monde: Monde) -> None:
    said = DemandeCompletee(demande=DEMANDE, menage=menage(), dispositif=Dispositif.INSERTION)
    propose(monde)
    assert monde.dit(CCAS, said).recipients == (SIAO,)
    accepte(monde)
    assert monde.dit(CCAS, said).recipients == (AUTRE,)


@pytest.mark.parametrize(
    "contrat",
    [
        DemandeAnnulee(demande=DEMANDE, motif="ERREUR"),
        DemandeTransferee(demande=DEMANDE, territoire="38"),
        DemandeTransfertRetire(demande=DEMANDE),
    ],
    ids=lambda contrat: contrat.NOM,
)
def test_the_first_siao_decides_no_more_and_is_told_why(monde: Monde, contrat: Contrat) -> None:
    transfere(monde)
    assert monde.dit(SIAO, contrat).outcome == ("anomalie", MotifAnomalie.DEMANDE_TRANSFEREE)
    assert demand(monde).destinataire == AUTRE


def test_a_transfer_said_again_once_the_other_siao_has_the_demand_changes_nothing(monde: Monde) -> None:
    transfere(monde)
    assert propose(monde).outcome == ("sans_effet", "deja_connu")
    assert demand(monde).destinataire == AUTRE


def test_the_second_siao_decides_nothing_before_it_accepts(monde: Monde) -> None:
    propose(monde)
    evaluee = DemandeEvaluee(demande=DEMANDE, evaluee_le=JOUR, preconisation=Dispositif.INSERTION)
    said = monde.dit(AUTRE, evaluee, territoire="69")
    assert said.outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    accepte(monde)
    assert monde.dit(AUTRE, evaluee, territoire="69").outcome is None


def test_a_refusal_leaves_the_demand_where_it_is_and_says_why(monde: Monde) -> None:
    propose(monde)
    refusal = DemandeTransfertRefuse(demande=DEMANDE, motif="HORS_PERIMETRE")
    effects = monde.dit(AUTRE, refusal, territoire="69")
    assert (effects.recipients, demand(monde).destinataire) == ((SIAO,), SIAO)
    late = monde.dit(AUTRE, DemandeTransfertAccepte(demande=DEMANDE), territoire="69")
    assert late.outcome == ("anomalie", MotifAnomalie.TRANSFERT_SANS_OBJET)


def test_a_withdrawn_proposal_is_told_and_can_no_longer_be_accepted(monde: Monde) -> None:
    propose(monde)
    assert monde.dit(SIAO, DemandeTransfertRetire(demande=DEMANDE)).recipients == (AUTRE,)
    assert accepte(monde).outcome == ("anomalie", MotifAnomalie.TRANSFERT_SANS_OBJET)
    assert demand(monde).destinataire == SIAO


def test_a_withdrawal_that_comes_once_the_demand_is_closed_repeats_what_the_hub_has_told(
    monde: Monde,
) -> None:
    propose(monde)
    monde.dit(CCAS, DemandeAnnulee(demande=DEMANDE, motif="AUTRE_SOLUTION"))
    assert monde.dit(SIAO, DemandeTransfertRetire(demande=DEMANDE)).outcome == ("sans_effet", "deja_connu")


def test_one_proposal_runs_at_a_time(monde: Monde) -> None:
    propose(monde)
    assert propose(monde).outcome == ("sans_effet", "deja_connu")
    assert propose(monde, territoire="38").outcome == ("anomalie", MotifAnomalie.TRANSFERT_EN_COURS)
    assert demand(monde).repreneur == AUTRE


def test_an_acceptance_that_comes_twice_has_one_effect(monde: Monde) -> None:
    transfere(monde)
    assert accepte(monde).outcome == ("sans_effet", "deja_connu")


def test_a_third_siao_neither_accepts_nor_refuses(monde: Monde) -> None:
    propose(monde)
    said = monde.dit(TIERS, DemandeTransfertAccepte(demande=DEMANDE), territoire="38")
    assert said.outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)


def test_a_siao_named_in_the_registry_is_the_one_that_is_asked(monde: Monde) -> None:
    second = partner("siao-69-insertion", Famille.SIAO, territoire="69")
    monde.avec(second)
    assert propose(monde, siao="siao-69-insertion").recipients == ("siao-69-insertion",)


def test_a_siao_named_as_before_it_merged_is_the_one_that_it_has_become(monde: Monde) -> None:
    third = partner("siao-69-tous", Famille.SIAO, territoire="69")
    monde.registry = Registry.of([*monde.registry.partners.values(), third], {AUTRE: third.id})
    assert propose(monde, siao=AUTRE).recipients == (third.id,)


@pytest.mark.parametrize("name", [SIAO, CENTRE, "personne"])
def test_nobody_but_another_siao_of_the_territory_can_be_named(monde: Monde, name: str) -> None:
    assert propose(monde, siao=name).outcome == ("anomalie", MotifAnomalie.TERRITOIRE_SANS_SIAO)


def test_a_demand_can_come_back(monde: Monde) -> None:
    transfere(monde)
    back = DemandeTransferee(demande=DEMANDE, territoire="01")
    assert monde.dit(AUTRE, back, territoire="69").recipients == (SIAO,)
    monde.dit(SIAO, DemandeTransfertAccepte(demande=DEMANDE))
    assert (demand(monde).destinataire, demand(monde).cedants) == (SIAO, (AUTRE,))


def test_a_demand_that_ends_meanwhile_ends_its_proposal_and_the_other_siao_is_told(monde: Monde) -> None:
    propose(monde)
    effects = monde.dit(CCAS, DemandeAnnulee(demande=DEMANDE, motif="AUTRE_SOLUTION"))
    (news,) = [each for each in effects.derived if isinstance(each, DemandeTransfertRetire)]
    assert demand(monde).transfert_le is None
    assert monde.hub_dit(news).recipients == (AUTRE,)


def test_tonights_shelter_is_untouched_and_its_answers_find_the_second_siao(monde: Monde) -> None:
    refers(monde, dispositif=Dispositif.URGENCE)
    effects = transfere(monde)
    assert not any(isinstance(each, OrientationAnnulee) for each in effects.derived)
    assert (UNE, AUTRE) in effects.handed_over
    assert monde.dit(CENTRE, entree(UNE)).recipients == (AUTRE,)
    assert demand(monde).etat is Etat.POURVUE


def test_an_unanswered_referral_is_withdrawn_and_its_place_is_free_for_others(monde: Monde) -> None:
    refers(monde)
    effects = transfere(monde)
    (withdrawn,) = [each for each in effects.derived if isinstance(each, OrientationAnnulee)]
    assert monde.hub_dit(withdrawn).recipients == (CENTRE,)
    assert (monde.etat(UNE), monde.etat(PLACE)) == ("ANNULEE", "DISPONIBLE")
    assert demand(monde).etat is Etat.EN_ATTENTE


def test_an_answer_that_overtakes_the_withdrawal_counts_and_finds_the_second_siao(monde: Monde) -> None:
    refers(monde)
    (withdrawn,) = [each for each in transfere(monde).derived if isinstance(each, OrientationAnnulee)]
    assert monde.dit(CENTRE, acceptee(UNE)).recipients == (AUTRE,)
    assert monde.hub_dit(withdrawn).outcome == ("sans_effet", "plus_ancien")
    assert monde.etat(UNE) == "ACCEPTEE"


def test_a_promised_place_is_taken_along_and_its_refusal_returns_the_demand_to_the_second_siao(
    monde: Monde,
) -> None:
    refers(monde)
    monde.dit(CENTRE, acceptee(UNE))
    transfere(monde)
    assert monde.etat(UNE) == "ACCEPTEE"
    assert monde.dit(CENTRE, refusee(UNE)).recipients == (AUTRE,)
    assert demand(monde).etat is Etat.EN_ATTENTE


def candidacy(monde: Monde) -> None:
    """The first SIAO presents the household to a landlord, and puts it on the list."""
    household = menage(f"m-{UNE}", numero_unique="0010326000001G0001")
    monde.dit(
        SIAO,
        PretLogementDeclare(menage=menage(f"m-{UNE}"), departement="01", evaluee_le=JOUR),
    )
    presented = CandidaturePresentee(
        candidature=CANDIDATURE, menage=household, bailleur=SIRET, canal="DIRECT"
    )
    monde.dit(SIAO, presented)


def test_a_candidacy_and_the_list_go_with_the_household(monde: Monde) -> None:
    refers(monde)
    candidacy(monde)
    transfere(monde)
    assert monde.dit(BAILLEUR, CandidatureAccusee(candidature=CANDIDATURE)).recipients == (AUTRE,)
    moved = PretLogementActualise(menage=menage(f"m-{UNE}"), departement="69", evaluee_le=JOUR)
    assert monde.dit(AUTRE, moved, territoire="69").outcome is None


def test_a_declaration_that_waits_for_the_siao_goes_with_the_household(monde: Monde) -> None:
    allowing = monde.registry.partners[SIAO].model_copy(update={"declarants": (Famille.PRESCRIPTEUR,)})
    monde.avec(allowing)
    monde.dit(CCAS, PretLogementDeclare(menage=menage(), departement="01", evaluee_le=JOUR))
    assert (menage().id, AUTRE) in transfere(monde).handed_over
    held = monde.subjects[menage().id]
    assert isinstance(held, MenagePret)
    assert (held.emetteur, held.lecteurs) == (AUTRE, ())
    confirmed = PretLogementRepondu(menage=menage().id, reponse="CONFIRMEE")
    assert monde.dit(AUTRE, confirmed, territoire="69").recipients == (CCAS,)


@pytest.mark.parametrize("answered", [True, False], ids=["déjà arrangé", "attendu"])
def test_the_accompaniment_of_the_household_goes_along_and_its_landlord_still_hears_of_it(
    monde: Monde, answered: bool
) -> None:
    refers(monde)
    candidacy(monde)
    suivi = ident("suivi")
    monde.dit(SIAO, SuiviDemande(suivi=suivi, menage=menage(f"m-{UNE}"), operateur=AVDL))
    if answered:
        monde.dit("avdl", SuiviRepondu(suivi=suivi, accepte=True, debut_le=JOUR))
    assert (suivi, AUTRE) in transfere(monde).handed_over
    said = monde.dit("avdl", SuiviRepondu(suivi=suivi, accepte=not answered))
    assert said.recipients == (AUTRE,)
    assert [type(each) for each in said.derived] == [CandidatureAccompagnement]
    assert SuiviRepondu in HISTORY


@pytest.mark.parametrize("other", ["second demande", None])
def test_what_else_the_first_siao_does_for_other_households_stays_there(
    monde: Monde, other: str | None
) -> None:
    monde.together = True
    refers(monde)
    candidacy(monde)
    stranger = CandidaturePresentee(
        candidature=ident("autre candidature"), menage=menage("autre"), bailleur=SIRET, canal="DIRECT"
    )
    monde.dit(SIAO, stranger)
    monde.dit(SIAO, PretLogementDeclare(menage=menage("autre"), departement="01", evaluee_le=JOUR))
    if other:
        demand = DemandeRecue(demande=ident(other), menage=menage("autre"), dispositif=Dispositif.INSERTION)
        monde.dit(CCAS, demand)
    transfere(monde)
    assert monde.dit(BAILLEUR, CandidatureAccusee(candidature=ident("autre candidature"))).recipients == (
        SIAO,
    )
    assert monde.dit(BAILLEUR, CandidatureAccusee(candidature=CANDIDATURE)).recipients == (AUTRE,)
    held = monde.subjects[menage("autre").id]
    assert isinstance(held, MenagePret)
    assert held.emetteur == SIAO


def test_a_candidacy_is_handed_back_to_a_siao_that_keeps_another_demand_of_the_household(
    monde: Monde,
) -> None:
    refers(monde)
    candidacy(monde)
    monde.dit(CCAS, recue(ident("seconde demande")))
    transfere(monde)
    assert monde.dit(BAILLEUR, CandidatureAccusee(candidature=CANDIDATURE)).recipients == (SIAO,)
    held = monde.subjects[menage(f"m-{UNE}").id]
    assert isinstance(held, MenagePret)
    assert held.emetteur == SIAO


def test_what_a_merged_siao_still_says_is_handed_to_the_one_that_it_has_become(monde: Monde) -> None:
    monde.registry = Registry.of(entries().partners.values(), {SIAO: AUTRE})
    monde.subjects[DEMANDE] = as_now(demand(monde), monde.registry)
    said = DemandeEvaluee(demande=DEMANDE, evaluee_le=JOUR, preconisation=Dispositif.INSERTION)
    assert monde.suites(SIAO, said).handed_over == ((DEMANDE, AUTRE),)
    assert monde.suites(AUTRE, said).handed_over == ()


def test_every_open_loop_has_one_lot() -> None:
    for nature, etats in ((rule.nature, rule.etats) for rule in TRANSFER_RULES):
        for etat in etats:
            fitting = [r for r in TRANSFER_RULES if r.nature is nature and etat in r.etats]
            assert Sort.RENDRE not in {rule.sort for rule in fitting}
            assert set(Dispositif) == {kind for rule in fitting for kind in rule.dispositifs}


def received(monde: Monde) -> None:
    monde.hub_dit(LivraisonRemise(objet=DEMANDE, partenaire=AUTRE, remise_le=monde.now))


def test_the_second_siao_has_five_working_days_from_its_proven_receipt(monde: Monde) -> None:
    propose(monde)
    assert [*running_of(demand(monde), monde.registry)] == [Echeance.REMISE]
    received(monde)
    ((echeance, deadline),) = running_of(demand(monde), monde.registry).items()
    assert (echeance, deadline.due_at.date().isoformat()) == (Echeance.TRANSFERT, "2026-03-09")
    assert {reminded(demand(monde), deadline, etape) for etape in Etape} == {(AUTRE,)}


def test_the_time_to_answer_is_what_that_siao_agreed_to(monde: Monde) -> None:
    monde.registry = entries(delais=Delais(transfert="2 jours"))
    propose(monde)
    received(monde)
    (deadline,) = running_of(demand(monde), monde.registry).values()
    assert deadline.due_at - monde.now == timedelta(days=2)


def test_a_proposal_that_nobody_answers_lapses_and_the_demand_stays_with_the_first(monde: Monde) -> None:
    propose(monde)
    received(monde)
    (deadline,) = running_of(demand(monde), monde.registry).values()
    told = monde.hub_dit(message_at(demand(monde), deadline, Etape.ECHUE))
    assert monde.hub_dit(told.derived[0]).recipients[0] == SIAO
    last = monde.hub_dit(message_at(demand(monde), deadline, Etape.DEPASSEE))
    (news,) = [each for each in last.derived if isinstance(each, DemandeTransfertRetire)]
    assert monde.hub_dit(news).recipients == (AUTRE,)
    assert (demand(monde).destinataire, demand(monde).transfert_le) == (SIAO, None)
    assert accepte(monde).outcome == ("anomalie", MotifAnomalie.TRANSFERT_SANS_OBJET)


def test_an_answer_in_time_wins_over_the_silence(monde: Monde) -> None:
    propose(monde)
    received(monde)
    (deadline,) = running_of(demand(monde), monde.registry).values()
    last = message_at(demand(monde), deadline, Etape.DEPASSEE)
    accepte(monde)
    assert monde.hub_dit(last).outcome == ("sans_effet", "ne_court_plus")


@pytest.mark.parametrize("etat", OUVERTES)
def test_until_it_accepts_the_second_siao_reads_the_need_and_no_identity(monde: Monde, etat: Etat) -> None:
    propose(monde)
    assert demand(monde).etat_for(AUTRE) == TRANSFERT_PROPOSE
    assert demand(monde).etat_for(SIAO) == demand(monde).etat
    assert rights(Famille.SIAO, Stade.SOLLICITE) == rights(Famille.SIAO).in_clear()
    accepte(monde)
    assert demand(monde).etat_for(AUTRE) == demand(monde).etat


def test_a_siao_without_a_way_out_is_not_asked(monde: Monde) -> None:
    monde.registry = entries(sortie=None)
    assert propose(monde).outcome == ("anomalie", MotifAnomalie.TERRITOIRE_SANS_SIAO)


def test_a_situation_that_changes_before_the_answer_reaches_the_first_siao_alone(monde: Monde) -> None:
    propose(monde)
    said = DemandeActualisee(demande=DEMANDE, menage=menage(), dispositif=Dispositif.INSERTION)
    assert monde.dit(CCAS, said).recipients == (SIAO,)
    assert not any(isinstance(each, Envoi) and each.destinataire == AUTRE for each in monde.subjects.values())


def test_a_deleted_first_siao_keeps_an_acceptance_waiting_until_the_registry_is_mended(monde: Monde) -> None:
    propose(monde)
    monde.registry = Registry.of([p for p in monde.registry.partners.values() if p.id != SIAO])
    with pytest.raises(Unroutable):
        accepte(monde)


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_demand_does_not_wait_for_the_siao_that_it_was_proposed_to_and_that_has_left(
    monde: Monde, withdrawn: bool
) -> None:
    propose(monde)
    monde.registry = Registry.of([p for p in monde.registry.partners.values() if p.id != AUTRE])
    if withdrawn:
        over = monde.dit(SIAO, DemandeTransfertRetire(demande=DEMANDE))
        assert (over.outcome, over.recipients, demand(monde).transfert_le) == (None, (), None)
    assert propose(monde, territoire="38").recipients == (TIERS,)
    assert demand(monde).repreneur == TIERS
    assert monde.hub_dit(DemandeTransfertRetire(demande=DEMANDE, siao=AUTRE)).recipients == ()
