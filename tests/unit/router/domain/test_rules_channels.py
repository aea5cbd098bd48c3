"""What a household may be presented by: some channels need an agreement in force."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.v1.alerte import MotifAnomalie
from contracts.v1.attribution import Canal, CandidaturePresentee, CandidatureSurListe, DecisionCommission
from contracts.v1.convention import ConventionDenoncee, Objet
from contracts.v1.menage import MenageSurListe
from router.domain.rules.channels import BY_LIST, channels
from tests.unit.router.domain.monde import BAILLEUR, JOUR, SIAO, SIRET, Monde, ident, menage
from tests.unit.router.domain.test_rules_actes import (
    ACTE,
    CIL,
    COLLECTEUR,
    ETAT,
    accord,
    monde,
    motif,
)

__all__ = ["monde"]  # the fixture
CANDIDATURE = ident("candidature")


def presented(canal: Canal = Canal.CIL, to: str = COLLECTEUR, **more: Any) -> CandidaturePresentee:
    values = {"candidature": CANDIDATURE, "menage": menage(), "bailleur": to, "canal": canal}
    return CandidaturePresentee(**{**values, **more})


def listed(**more: Any) -> CandidatureSurListe:
    household = MenageSurListe(id=menage().id, composition="10", adultes=1)
    values = {"candidature": CANDIDATURE, "menage": household, "bailleur": COLLECTEUR, "informe_le": JOUR}
    return CandidatureSurListe(**{**values, **UNDER, **more})


def signed(monde: Monde, **more: Any) -> Monde:
    for who in (CIL, ETAT):
        monde.dit(who, accord(**more))
    return monde


UNDER: dict[str, Any] = {"convention": "2026/01/4", "acte": ACTE}
A_LIST: dict[str, Any] = {"objet": Objet.CIL_LISTE, "reference_cnil": "REG-2026-12"}


def test_every_channel_says_what_it_needs() -> None:
    assert set(channels()) == {*Canal, BY_LIST}


def test_a_collector_gets_a_candidate_under_an_agreement_in_force(monde: Monde) -> None:
    effects = signed(monde).dit(SIAO, presented(**UNDER))
    assert (effects.recipients, motif(effects)) == ((CIL,), None)


def test_a_collector_gets_nobody_without_an_agreement_and_the_siao_learns_what_is_missing(
    monde: Monde,
) -> None:
    refused = monde.dit(SIAO, presented())
    assert (refused.recipients, motif(refused)) == ((), MotifAnomalie.SANS_CONVENTION)
    assert motif(monde.dit(SIAO, presented(**UNDER))) is MotifAnomalie.ACTE_INCONNU
    monde.dit(CIL, accord())
    assert motif(monde.dit(SIAO, presented(**UNDER))) is MotifAnomalie.ACTE_NON_SIGNE
    assert CANDIDATURE not in monde.subjects


def test_an_agreement_that_is_over_or_about_something_else_covers_nobody(monde: Monde) -> None:
    signed(monde, **A_LIST)
    assert motif(monde.dit(SIAO, presented(**UNDER))) is MotifAnomalie.HORS_ACTE
    monde.dit(ETAT, ConventionDenoncee(convention=ACTE, numero="2026/01/4", le=JOUR))
    assert motif(monde.dit(SIAO, listed())) is MotifAnomalie.HORS_DATES


def test_an_agreement_with_another_body_covers_nobody(monde: Monde) -> None:
    act = signed(monde).subjects[ACTE]
    other = monde.registry.partners[CIL].model_copy(update={"structures": (SIRET,)})
    monde.registry = type(monde.registry)({**monde.registry.partners, CIL: other})
    assert act.partenaire == COLLECTEUR  # type: ignore[attr-defined]  # it is a Convention
    assert motif(monde.dit(SIAO, presented(to=SIRET, **UNDER))) is MotifAnomalie.HORS_ACTE


@pytest.mark.parametrize("canal", [Canal.CONTINGENT, Canal.DIRECT])
def test_the_prefects_reserved_homes_and_a_direct_candidacy_need_no_agreement(
    monde: Monde, canal: Canal
) -> None:
    effects = monde.dit(SIAO, presented(canal, SIRET))
    assert (effects.recipients, effects.derived) == ((BAILLEUR,), ())


@pytest.mark.parametrize("canal", [Canal.ACCORD_COLLECTIF, Canal.COLLECTIVITE])
def test_without_an_agreement_a_collective_one_or_a_local_authoritys_candidacy_leaves_with_an_anomaly(
    monde: Monde, canal: Canal
) -> None:
    effects = monde.dit(SIAO, presented(canal, SIRET))
    assert (effects.recipients, motif(effects)) == ((BAILLEUR,), MotifAnomalie.SANS_CONVENTION)
    assert monde.etat(CANDIDATURE) == "PRESENTEE"


def test_each_household_of_a_list_is_a_candidacy_of_its_own(monde: Monde) -> None:
    signed(monde, **A_LIST)
    assert monde.dit(SIAO, listed()).recipients == (CIL,)
    second = ident("seconde")
    household = MenageSurListe(id=ident("autre ménage"), composition="20", adultes=1)
    monde.dit(SIAO, listed(candidature=second, menage=household))
    monde.now += timedelta(days=1)
    said = DecisionCommission(candidature=second, resultat="NON_ATTRIBUTION", commission_le=JOUR)
    assert monde.dit(CIL, said).recipients == (SIAO,)
    assert (monde.etat(CANDIDATURE), monde.etat(second)) == ("PRESENTEE", "NON_ATTRIBUEE")


def test_a_list_goes_to_nobody_but_a_collector(monde: Monde) -> None:
    signed(monde, **A_LIST)
    assert motif(monde.dit(SIAO, listed(bailleur=SIRET))) is MotifAnomalie.HORS_ACTE
