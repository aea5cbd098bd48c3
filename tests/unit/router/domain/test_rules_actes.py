"""What follows when somebody signs, contests or ends an agreement or a derogation."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contracts.base import Contrat
from contracts.partner import Famille
from contracts.v1.alerte import AlerteAnomalie, MotifAnomalie
from contracts.v1.convention import (
    ConventionContestee,
    ConventionDenoncee,
    ConventionSignee,
    DerogationAccordee,
    DerogationContestee,
    DerogationDenoncee,
    DerogationEcheance,
    DerogationExpiree,
    Objet,
)
from contracts.v1.echeance import Etape
from router.domain.books import message_at
from router.domain.deadlines import Deadline, running_of
from router.domain.partners import Registry
from router.domain.rulebooks.acte import Acte
from router.domain.rules.acts import waits_for
from router.domain.rules.effects import Effects
from tests.unit.router.domain.monde import (
    AUTRE,
    AUTRE_FINESS,
    BAILLEUR,
    CENTRE,
    FINESS,
    SIAO,
    SIRET,
    Monde,
    ident,
    partner,
)

ETAT, CIL = "ddets-01", "cil-01"
PREFET, COLLECTEUR = "35600000000083", "35600000000088"
ACTE = ident("acte")
DU, AU = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def monde() -> Monde:
    state = partner(ETAT, Famille.ETAT, structures=(PREFET,), dialecte_sortant="etat_json")
    collector = partner(CIL, Famille.CIL, structures=(COLLECTEUR,), dialecte_sortant="action_logement_json")
    centre = partner(CENTRE, Famille.HEBERGEMENT, structures=(FINESS,), dialecte_sortant="hebergement_json")
    return Monde().avec(state, collector, centre)


def derogation(**more: Any) -> DerogationAccordee:
    values = {
        "derogation": ACTE,
        "numero": "DER-2026-17",
        "structure": FINESS,
        "quota": 2,
        "du": DU,
        "au": AU,
    }
    return DerogationAccordee(**{**values, **more})


def contests() -> DerogationContestee:
    return DerogationContestee(derogation=ACTE, numero="DER-2026-17", le=date(2026, 3, 2))


def accord(**more: Any) -> ConventionSignee:
    values = {
        "convention": ACTE,
        "numero": "2026/01/4",
        "objet": Objet.CIL_CANDIDAT,
        "partenaire": COLLECTEUR,
        "signataires": (COLLECTEUR, PREFET),
        "du": DU,
        "au": AU,
        "attributions_du_collecteur": 812,
    }
    return ConventionSignee(**{**values, **more})


def motif(effects: Effects) -> MotifAnomalie | None:
    return next((c.motif for c in effects.derived if isinstance(c, AlerteAnomalie)), None)


def act(monde: Monde) -> Acte:
    found = monde.subjects[ACTE]
    assert isinstance(found, Acte)
    return found


def signed(monde: Monde, **more: Any) -> Monde:
    for who in (CENTRE, SIAO, ETAT):
        monde.dit(who, derogation(**more))
    return monde


def test_a_derogation_is_in_force_once_manager_siao_and_state_have_signed_it(monde: Monde) -> None:
    assert monde.dit(CENTRE, derogation()).recipients == (SIAO, ETAT)
    assert monde.etat(ACTE) == "PROPOSEE"
    assert monde.dit(SIAO, derogation()).recipients == (ETAT, CENTRE)
    assert monde.etat(ACTE) == "PROPOSEE"
    assert not act(monde).holds_on(date(2026, 3, 2))
    assert monde.dit(ETAT, derogation()).recipients == (SIAO, CENTRE)
    assert monde.etat(ACTE) == "EN_VIGUEUR"
    assert act(monde).signatures == {"GESTIONNAIRE": CENTRE, "SIAO": SIAO, "ETAT": ETAT}


def waited_for(monde: Monde) -> set[str]:
    """The partners for whose signature the act waits."""
    return {p.id for p in monde.registry.partners.values() if waits_for(act(monde), p, monde.registry)}


def test_a_derogation_waits_for_whoever_holds_each_role_until_that_one_has_signed(monde: Monde) -> None:
    monde.dit(CENTRE, derogation())
    assert waited_for(monde) == {SIAO, ETAT}
    monde.dit(SIAO, derogation())
    assert waited_for(monde) == {ETAT}
    monde.dit(ETAT, derogation())
    assert waited_for(monde) == set()
    monde.dit(SIAO, DerogationContestee(derogation=ACTE, numero="DER-2026-17", le=DU))
    assert waited_for(monde) == {CENTRE, SIAO, ETAT}, "contestée, elle attend de nouveau chacun"


def test_an_agreement_waits_for_the_bodies_that_it_names_and_for_no_other(monde: Monde) -> None:
    monde.dit(ETAT, accord())
    assert waited_for(monde) == {CIL}


def test_it_holds_from_the_last_signature_to_its_last_day(monde: Monde) -> None:
    held = act(signed(monde))
    days = (date(2026, 3, 1), date(2026, 3, 2), AU, AU + timedelta(days=1))
    assert [held.holds_on(day) for day in days] == [False, True, True, False]


def test_a_signature_given_before_it_is_told_counts_from_its_day(monde: Monde) -> None:
    held = act(signed(monde, signee_le=date(2026, 2, 1)))
    assert [held.holds_on(day) for day in (date(2026, 1, 31), date(2026, 2, 1))] == [False, True]


@pytest.mark.parametrize("who", [AUTRE, BAILLEUR])
def test_nobody_signs_for_a_structure_that_it_does_not_manage(monde: Monde, who: str) -> None:
    monde.dit(SIAO, derogation())
    assert motif(monde.dit(who, derogation())) is MotifAnomalie.EMETTEUR_INATTENDU
    assert act(monde).signatures == {"SIAO": SIAO}


@pytest.mark.parametrize(
    "more",
    [{"quota": 3}, {"au": date(2027, 12, 31)}, {"tacite_reconduction_mois": 12}, {"structure": AUTRE_FINESS}],
)
def test_a_signature_under_other_terms_does_not_count_and_its_signatory_learns_it(
    monde: Monde, more: dict[str, Any]
) -> None:
    monde.dit(CENTRE, derogation())
    assert motif(monde.dit(SIAO, derogation(**more))) is MotifAnomalie.SIGNATURE_DIFFERENTE
    assert "SIAO" not in act(monde).signatures


def test_a_structure_named_by_its_siret_is_not_another_one(monde: Monde) -> None:
    siret = "35600000000079"
    monde.avec(monde.registry.partners[CENTRE].model_copy(update={"structures": (FINESS, siret)}))
    for who, structure in ((CENTRE, FINESS), (SIAO, FINESS), (ETAT, siret)):
        monde.dit(who, derogation(structure=structure))
    assert monde.etat(ACTE) == "EN_VIGUEUR"


def test_places_named_by_the_manager_are_as_many_as_the_others_sign_for(monde: Monde) -> None:
    monde.dit(CENTRE, derogation(quota=None, places=(ident("a"), ident("b"))))
    monde.dit(SIAO, derogation())
    assert motif(monde.dit(ETAT, derogation(quota=1))) is MotifAnomalie.SIGNATURE_DIFFERENTE
    monde.dit(ETAT, derogation())
    assert monde.etat(ACTE) == "EN_VIGUEUR"


def test_places_that_two_signatories_name_are_the_same_places(monde: Monde) -> None:
    monde.dit(SIAO, derogation(quota=None, places=(ident("a"), ident("b"))))
    elsewhere = derogation(quota=None, places=(ident("a"), ident("c")))
    assert motif(monde.dit(CENTRE, elsewhere)) is MotifAnomalie.SIGNATURE_DIFFERENTE
    monde.dit(CENTRE, derogation(quota=None, places=(ident("b"), ident("a"))))
    monde.dit(ETAT, derogation())
    assert monde.etat(ACTE) == "EN_VIGUEUR"


def test_an_act_on_paper_is_recorded_by_one_and_contested_by_another(monde: Monde) -> None:
    monde.dit(CENTRE, derogation(sur_papier=True, signee_le=DU))
    assert monde.etat(ACTE) == "EN_VIGUEUR"
    effects = monde.dit(ETAT, contests())
    assert effects.recipients == (SIAO, CENTRE)
    assert monde.etat(ACTE) == "PROPOSEE"
    assert not act(monde).holds_on(date(2026, 3, 2))
    signed(monde)
    assert monde.etat(ACTE) == "EN_VIGUEUR"


def test_the_manager_contests_what_the_siao_recorded_as_signed_on_paper_by_all(monde: Monde) -> None:
    monde.dit(SIAO, derogation(sur_papier=True))
    assert motif(monde.dit(AUTRE, contests())) is MotifAnomalie.EMETTEUR_INATTENDU
    assert monde.etat(ACTE) == "EN_VIGUEUR"
    monde.dit(CENTRE, contests())
    assert monde.etat(ACTE) == "PROPOSEE"


def test_a_shelter_that_signs_nothing_changes_no_derogation_of_a_secret_structure(monde: Monde) -> None:
    monde.dit(SIAO, derogation(protegee=True))
    assert motif(monde.dit(AUTRE, contests())) is MotifAnomalie.EMETTEUR_INATTENDU
    assert monde.etat(ACTE) == "PROPOSEE"


def test_the_manager_of_a_secret_structure_learns_that_its_derogation_is_contested_and_signs_again(
    monde: Monde,
) -> None:
    for who in (SIAO, CENTRE, ETAT):
        monde.dit(who, derogation(protegee=True))
    assert monde.dit(ETAT, contests()).recipients == (SIAO, CENTRE)
    assert waited_for(monde) == {CENTRE, SIAO, ETAT}
    assert motif(monde.dit(AUTRE, derogation(protegee=True))) is MotifAnomalie.EMETTEUR_INATTENDU


def test_a_signatory_ends_it_from_a_day_on(monde: Monde) -> None:
    signed(monde)
    monde.dit(ETAT, DerogationDenoncee(derogation=ACTE, numero="DER-2026-17", le=date(2026, 6, 1)))
    assert monde.etat(ACTE) == "DENONCEE"
    assert [act(monde).holds_on(date(2026, 5, 31)), act(monde).holds_on(date(2026, 6, 1))] == [True, False]


@pytest.mark.parametrize("famille", [Famille.SIAO, Famille.ETAT])
def test_once_signed_an_act_is_contested_by_who_has_signed_it_and_not_by_a_colleague(
    monde: Monde, famille: Famille
) -> None:
    signed(monde)
    colleague = partner("collegue", famille, dialecte_sortant="cloudevents_json")
    monde.avec(colleague)
    said = DerogationContestee(derogation=ACTE, numero="DER-2026-17", le=date(2026, 6, 1))
    assert motif(monde.dit("collegue", said)) is MotifAnomalie.EMETTEUR_INATTENDU
    assert monde.etat(ACTE) == "EN_VIGUEUR"


def test_what_is_signed_again_changes_nothing(monde: Monde) -> None:
    monde.dit(CENTRE, derogation())
    assert monde.dit(CENTRE, derogation()).outcome == ("sans_effet", "deja_connu")


def end(monde: Monde) -> Deadline:
    (deadline,) = running_of(act(monde), monde.registry).values()
    return deadline


def reached(monde: Monde, etape: Etape) -> Effects:
    stage = next(stage for stage in end(monde).stages if stage.etape is etape)
    monde.now = stage.at
    return monde.hub_dit(message_at(act(monde), end(monde), etape))


def test_all_signatories_are_reminded_two_months_and_two_weeks_before_the_end(monde: Monde) -> None:
    signed(monde)
    days = [stage.at.date() for stage in end(monde).stages]
    assert days == [date(2026, 11, 1), date(2026, 12, 16), AU]
    for etape in (Etape.MI_DELAI, Etape.BIENTOT):
        effects = reached(monde, etape)
        assert effects.recipients == (SIAO, ETAT, CENTRE)
        assert not effects.derived
    assert monde.etat(ACTE) == "EN_VIGUEUR"


def test_it_runs_out_by_the_clock_and_all_signatories_learn_it(monde: Monde) -> None:
    signed(monde)
    (expired,) = reached(monde, Etape.ECHUE).derived
    assert isinstance(expired, DerogationExpiree)
    assert (expired.numero, expired.le) == ("DER-2026-17", AU)
    assert monde.hub_dit(expired).recipients == (SIAO, ETAT, CENTRE)
    assert monde.etat(ACTE) == "EXPIREE"
    assert not running_of(act(monde), monde.registry)


def test_one_that_goes_on_tacitly_is_longer_and_its_reminders_begin_anew(monde: Monde) -> None:
    signed(monde, tacite_reconduction_mois=12)
    before = end(monde)
    effects = reached(monde, Etape.ECHUE)
    assert effects.recipients == (SIAO, ETAT, CENTRE)
    assert (monde.etat(ACTE), act(monde).au) == ("EN_VIGUEUR", date(2027, 12, 31))
    assert end(monde).started_at > before.started_at
    stale = message_at(act(monde), before, Etape.BIENTOT)
    assert monde.hub_dit(stale).outcome == ("sans_effet", "ne_court_plus")


@pytest.mark.parametrize("contested", [False, True])
def test_the_clock_prolongs_no_act_that_one_of_its_signatories_has_not_signed_or_contests(
    monde: Monde, contested: bool
) -> None:
    if contested:
        signed(monde, tacite_reconduction_mois=12).dit(ETAT, contests())
    else:
        monde.dit(CENTRE, derogation(tacite_reconduction_mois=12))
    (expired,) = reached(monde, Etape.ECHUE).derived
    assert isinstance(expired, DerogationExpiree)
    assert monde.hub_dit(expired).recipients == (SIAO, ETAT, CENTRE)
    assert (monde.etat(ACTE), act(monde).au) == ("EXPIREE", AU)


def test_nobody_but_the_hub_says_that_an_act_has_run_out(monde: Monde) -> None:
    signed(monde)
    said: tuple[Contrat, ...] = (
        DerogationExpiree(derogation=ACTE, le=AU),
        DerogationEcheance(
            derogation=ACTE,
            echeance="FIN_DE_L_ACTE",
            etape=Etape.ECHUE,
            commencee_le=datetime(2026, 3, 2, tzinfo=UTC),
            fin_le=AU,
        ),
    )
    for event in said:
        assert motif(monde.dit(SIAO, event)) is MotifAnomalie.EMETTEUR_INATTENDU


def test_prefect_and_collector_sign_the_agreement_of_a_collector_and_the_siao_hears_it(monde: Monde) -> None:
    assert monde.dit(CIL, accord()).recipients == (SIAO, ETAT)
    assert monde.etat(ACTE) == "PROPOSEE"
    assert monde.dit(ETAT, accord()).recipients == (SIAO, CIL)
    assert monde.etat(ACTE) == "EN_VIGUEUR"


def test_the_siao_does_not_sign_what_prefect_and_collector_agree(monde: Monde) -> None:
    assert motif(monde.dit(SIAO, accord())) is MotifAnomalie.EMETTEUR_INATTENDU


def test_an_agreement_of_a_collector_without_the_prefect_is_none(monde: Monde) -> None:
    assert (
        motif(monde.dit(CIL, accord(signataires=(COLLECTEUR, SIRET)))) is MotifAnomalie.SIGNATAIRES_INCOMPLETS
    )
    assert ACTE not in monde.subjects


def test_who_ends_an_agreement_is_one_of_its_signatories(monde: Monde) -> None:
    monde.dit(CIL, accord())
    monde.dit(ETAT, accord())
    ended = ConventionDenoncee(convention=ACTE, le=date(2026, 6, 1))
    assert motif(monde.dit(BAILLEUR, ended)) is MotifAnomalie.EMETTEUR_INATTENDU
    assert monde.dit(CIL, ended).recipients == (SIAO, ETAT)


ICI, LA_BAS, SIAO_LA_BAS = "35600000000092", "35600000000097", "siao-69"


def between(monde: Monde, **more: Any) -> ConventionSignee:
    """The agreement of two SIAO of two départements, and of the prefect of one."""
    here = partner(SIAO, Famille.SIAO, structures=(ICI,))
    there = partner(SIAO_LA_BAS, Famille.SIAO, structures=(LA_BAS,), territoire="69")
    monde.avec(here, there)
    terms = {"objet": Objet.SIAO, "partenaire": LA_BAS, "signataires": (ICI, LA_BAS, PREFET)}
    return accord(**{**terms, "attributions_du_collecteur": None, **more})


def test_an_agreement_of_two_siao_is_recorded_by_one_and_contested_by_the_other(monde: Monde) -> None:
    recorded = monde.dit(SIAO, between(monde, sur_papier=True))
    assert recorded.recipients == (ETAT, SIAO_LA_BAS)
    contests = ConventionContestee(convention=ACTE, numero="01:2026/01/4", le=date(2026, 3, 2))
    assert monde.dit(SIAO_LA_BAS, contests, territoire="69").recipients == (SIAO, ETAT)
    assert monde.etat(ACTE) == "PROPOSEE"


@pytest.mark.parametrize("numero", ["2026/01/4", "01:2026/01/4"])
def test_two_siao_sign_their_agreement_each_with_its_own_key_whoever_is_first(
    monde: Monde, numero: str
) -> None:
    first = (SIAO_LA_BAS, "69") if ":" in numero else (SIAO, "01")
    agreement = between(monde, numero=numero)
    for who, territoire in (first, (SIAO, "01"), (SIAO_LA_BAS, "69"), (ETAT, "01")):
        monde.dit(who, agreement, territoire=territoire)
    assert (act(monde).territoire, monde.etat(ACTE)) == ("01", "EN_VIGUEUR")


def test_nobody_opens_an_agreement_in_a_departement_where_none_of_its_signatories_works(monde: Monde) -> None:
    elsewhere = between(monde, numero="35:2026/01/4")
    assert motif(monde.dit(SIAO, elsewhere)) is MotifAnomalie.SIGNATAIRES_INCOMPLETS
    assert ACTE not in monde.subjects


TROISIEME, SIRET_DU_TROISIEME = "siao-01-69", "35600000000048"


def merged(monde: Monde) -> None:
    """One of two SIAO that have an agreement becomes a third, whose entry has a SIRET of its own."""
    third = partner(TROISIEME, Famille.SIAO, structures=(SIRET_DU_TROISIEME,))
    monde.registry = Registry.of([*monde.registry.partners.values(), third], {SIAO: TROISIEME})


@pytest.mark.parametrize("who", [TROISIEME, SIAO])
def test_what_a_merged_siao_signed_its_successor_contests_and_ends_with_the_old_key_too(
    monde: Monde, who: str
) -> None:
    monde.dit(SIAO, between(monde, sur_papier=True))
    merged(monde)
    contested = monde.suites(who, ConventionContestee(convention=ACTE, le=DU))
    assert (contested.outcome, contested.recipients) == (None, (ETAT, SIAO_LA_BAS))
    monde.dit(who, ConventionDenoncee(convention=ACTE, le=date(2026, 6, 1)))
    assert monde.etat(ACTE) == "DENONCEE"


def test_a_signature_that_a_merged_siao_owed_is_asked_of_its_successor_and_counts(monde: Monde) -> None:
    agreement = between(monde)
    monde.dit(ETAT, agreement)
    merged(monde)
    assert monde.dit(SIAO_LA_BAS, agreement, territoire="69").recipients == (TROISIEME, ETAT)
    assert waited_for(monde) == {TROISIEME}
    monde.dit(TROISIEME, agreement)
    assert (monde.etat(ACTE), act(monde).signatures[ICI]) == ("EN_VIGUEUR", TROISIEME)


def test_the_successor_of_a_merged_siao_hears_of_its_agreement_in_another_departement(monde: Monde) -> None:
    monde.dit(SIAO_LA_BAS, between(monde, sur_papier=True), territoire="69")
    merged(monde)
    ended = ConventionDenoncee(convention=ACTE, le=date(2026, 6, 1))
    assert monde.dit(SIAO_LA_BAS, ended, territoire="69").recipients == (TROISIEME, ETAT)
