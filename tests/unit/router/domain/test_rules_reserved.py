"""A SIAO refers a household to a place that is reserved for the State."""

from collections.abc import Sequence

import pytest

from contracts.base import Contrat
from contracts.partner import Famille
from contracts.reference.codes import Reservataire
from contracts.v1.alerte import AlerteAnomalie, MotifAnomalie
from contracts.v1.attribution import Canal, CandidaturePresentee, CandidatureRetiree, DesignationContingent
from contracts.v1.convention import Attribution, Objet
from contracts.v1.menage import Menage
from contracts.v1.place import PlaceLiberee, PlaceOccupee
from router.domain.subjects import Candidature
from tests.unit.router.domain.monde import (
    AUTRE,
    AUTRE_FINESS,
    BAILLEUR,
    CENTRE,
    FINESS,
    JOUR,
    SIAO,
    SIRET,
    Monde,
    admission,
    ident,
    menage,
    partner,
    previsible,
    proposition,
    vacance,
)
from tests.unit.router.domain.test_rules_actes import (
    ACTE,
    COLLECTEUR,
    ETAT,
    PREFET,
    accord,
    monde,
    motif,
)

__all__ = ["monde"]  # the fixture

PLACE, ORIENTATION, CANDIDATURE = ident("place"), ident("orientation"), ident("candidature")
CONTINGENT = "ddets-contingent"
CITED = {"convention": "2026/01/4", "acte": ACTE}


@pytest.mark.parametrize(
    ("mode", "signs", "reserved", "cited", "told"),
    [
        (Attribution.DIRECTE, True, Reservataire.ETAT, CITED, None),
        (Attribution.DIRECTE, True, Reservataire.ETAT, {}, MotifAnomalie.RESERVE_A_L_ETAT),
        (Attribution.DIRECTE, False, Reservataire.ETAT, CITED, MotifAnomalie.RESERVE_A_L_ETAT),
        (Attribution.PROPOSITION, True, Reservataire.ETAT, CITED, MotifAnomalie.RESERVE_A_L_ETAT),
        (None, True, Reservataire.ETAT, CITED, MotifAnomalie.RESERVE_A_L_ETAT),
        (Attribution.DIRECTE, True, Reservataire.COLLECTIVITE, {}, None),
        (Attribution.DIRECTE, True, None, {}, None),
    ],
)
def test_it_leaves_and_without_an_agreement_to_attribute_the_siao_is_told_what_is_missing(
    monde: Monde,
    mode: Attribution | None,
    signs: bool,
    reserved: Reservataire | None,
    cited: dict[str, object],
    told: MotifAnomalie | None,
) -> None:
    parties = {"partenaire": SIRET, "signataires": (SIRET, PREFET), "objet": Objet.CONTINGENT}
    signature = accord(**parties, attribution=mode, attributions_du_collecteur=None)
    for who in (BAILLEUR, ETAT) if signs else (BAILLEUR,):
        monde.dit(who, signature)
    monde.dit(CENTRE, vacance(PLACE, reservataire=reserved))
    effects = monde.dit(SIAO, proposition(ORIENTATION, PLACE, **cited))
    assert (effects.recipients, monde.etat(PLACE)) == ((CENTRE,), "RESERVEE")
    assert motif(effects) is told


def test_a_reserved_place_and_an_unknown_demand_are_two_alerts(monde: Monde) -> None:
    monde.dit(CENTRE, vacance(PLACE, reservataire=Reservataire.ETAT))
    effects = monde.dit(SIAO, proposition(ORIENTATION, PLACE, demande=ident("inconnue")))
    alerts = [each for each in effects.derived if isinstance(each, AlerteAnomalie)]
    assert {each.motif for each in alerts} == {MotifAnomalie.RESERVE_A_L_ETAT, MotifAnomalie.DEMANDE_INCONNUE}


@pytest.mark.parametrize(
    ("manager", "finess", "told"),
    [(CENTRE, FINESS, None), (AUTRE, AUTRE_FINESS, MotifAnomalie.RESERVE_A_L_ETAT)],
)
def test_an_agreement_on_accompanied_housing_is_about_the_places_of_its_partner(
    manager: str, finess: str, told: MotifAnomalie | None
) -> None:
    siao = partner(SIAO, Famille.SIAO, structures=(PREFET,))
    residence = partner(manager, Famille.HEBERGEMENT, structures=(finess, COLLECTEUR))
    monde = Monde().avec(siao, residence)
    parties = {"partenaire": COLLECTEUR, "signataires": (COLLECTEUR, PREFET), "sur_papier": True}
    mode = {"attribution": Attribution.DIRECTE, "attributions_du_collecteur": None}
    monde.dit(SIAO, accord(objet=Objet.LOGEMENT_ACCOMPAGNE, **parties, **mode))
    monde.dit(CENTRE, vacance(PLACE, reservataire=Reservataire.ETAT))
    assert motif(monde.dit(SIAO, proposition(ORIENTATION, PLACE, **CITED))) is told


@pytest.mark.parametrize(
    ("who", "household", "withdrawn", "told"),
    [
        (CONTINGENT, menage(f"m-{ORIENTATION}"), False, None),
        (None, menage(f"m-{ORIENTATION}"), False, MotifAnomalie.RESERVE_A_L_ETAT),
        (BAILLEUR, menage(f"m-{ORIENTATION}"), False, MotifAnomalie.RESERVE_A_L_ETAT),
        (CONTINGENT, menage("another"), False, MotifAnomalie.RESERVE_A_L_ETAT),
        (CONTINGENT, menage(f"m-{ORIENTATION}"), True, MotifAnomalie.RESERVE_A_L_ETAT),
    ],
    ids=["designated", "by nobody", "by a landlord", "another household", "withdrawn since"],
)
def test_where_the_siao_proposes_its_referral_names_the_candidacy_that_the_state_has_designated(
    who: str | None, household: Menage, withdrawn: bool, told: MotifAnomalie | None
) -> None:
    prefecture = partner(CONTINGENT, Famille.CONTINGENT, structures=(PREFET,))
    monde = Monde().avec(prefecture)
    proposed = {"menage": household, "bailleur": PREFET, "canal": Canal.CONTINGENT, "hors_commission": True}
    monde.dit(SIAO, CandidaturePresentee(candidature=CANDIDATURE, **proposed))
    if who is not None:
        monde.dit(who, DesignationContingent(candidature=CANDIDATURE, designation_le=JOUR))
    if withdrawn:
        monde.dit(SIAO, CandidatureRetiree(candidature=CANDIDATURE))
    monde.dit(CENTRE, vacance(PLACE, reservataire=Reservataire.ETAT))
    effects = monde.dit(SIAO, proposition(ORIENTATION, PLACE, candidature=CANDIDATURE))
    assert (effects.recipients, motif(effects)) == ((CENTRE,), told)


def test_a_candidacy_that_another_siao_has_proposed_does_not_count() -> None:
    prefecture = partner(CONTINGENT, Famille.CONTINGENT, structures=(PREFET,))
    other = partner("siao-69", Famille.SIAO, territoire="69")
    monde = Monde().avec(prefecture, other)
    household = menage(f"m-{ORIENTATION}")
    proposed = {"menage": household, "bailleur": PREFET, "canal": Canal.CONTINGENT, "hors_commission": True}
    monde.dit("siao-69", CandidaturePresentee(candidature=CANDIDATURE, **proposed))
    monde.dit(CONTINGENT, DesignationContingent(candidature=CANDIDATURE, designation_le=JOUR))
    monde.dit(CENTRE, vacance(PLACE, reservataire=Reservataire.ETAT))
    effects = monde.dit(SIAO, proposition(ORIENTATION, PLACE, candidature=CANDIDATURE))
    assert motif(effects) is MotifAnomalie.RESERVE_A_L_ETAT


def test_it_is_known_who_has_designated_a_candidacy_and_when() -> None:
    prefecture = partner(CONTINGENT, Famille.CONTINGENT, structures=(PREFET,))
    monde = Monde().avec(prefecture)
    proposed = {"menage": menage(), "bailleur": SIRET, "canal": Canal.CONTINGENT}
    monde.dit(SIAO, CandidaturePresentee(candidature=CANDIDATURE, **proposed))
    monde.dit(CONTINGENT, DesignationContingent(candidature=CANDIDATURE, designation_le=JOUR))
    known = monde.subjects[CANDIDATURE]
    assert isinstance(known, Candidature)
    assert (known.designee_par, known.designee_le) == (CONTINGENT, JOUR)


FREED = PlaceLiberee(place=PLACE)
RESERVED_AGAIN = previsible(PLACE).model_copy(update={"reservataire": Reservataire.ETAT})


@pytest.mark.parametrize(
    ("since", "still"),
    [
        ([], True),
        ([PlaceOccupee(place=PLACE), FREED], False),
        ([admission(PLACE), FREED], False),
        ([PlaceOccupee(place=PLACE), RESERVED_AGAIN], True),
    ],
    ids=["redite", "occupée", "admission", "réservée de nouveau"],
)
def test_a_reservation_is_over_once_a_household_lives_in_the_place(
    since: Sequence[Contrat], still: bool
) -> None:
    monde = Monde()
    for said in (vacance(PLACE, reservataire=Reservataire.ETAT), *since, vacance(PLACE)):
        monde.dit(CENTRE, said)
    assert monde.place(PLACE).reservataire is (Reservataire.ETAT if still else None)
