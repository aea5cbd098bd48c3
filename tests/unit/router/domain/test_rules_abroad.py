"""A SIAO refers to a place of another SIAO under an agreement or after a transfer, and that SIAO hears it."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import HUB
from contracts.partner import Famille, Volet
from contracts.perimetre import Perimetre
from contracts.reference.codes import Dispositif
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit, MotifAnomalie
from contracts.v1.convention import Objet
from contracts.v1.place import PlaceReservee
from router.domain.partners import Registry
from router.domain.rulebooks import acte, demande
from router.domain.subjects import Demande
from tests.unit.router.domain.monde import (
    CENTRE,
    DEMAIN,
    FINESS,
    JOUR,
    REGISTRE,
    SIAO,
    SIRET,
    Monde,
    ident,
    partner,
    proposition,
    vacance,
)

PLACE, ORIENTATION, ACTE, DEMANDE = map(ident, ("place", "orientation", "accord", "demande"))
AUTRE, AUTRE_SIRET, LA_BAS = "siao-02", "35600000000088", "02"
SIRET_DU_TIERS = "35600000000092"
OUTRE_MER = "970100012"
"""FINESS of a real establishment in Guadeloupe."""


def ceded(monde: Monde, taker: str) -> UUID:
    """The demand of a household that the SIAO of the place has transferred to another one."""
    monde.subjects[DEMANDE] = Demande(
        id=DEMANDE,
        etat=demande.Etat.RECUE,
        version=1,
        emetteur="ccas",
        destinataire=taker,
        menage=ident("ménage"),
        cedants=(SIAO,),
    )
    return DEMANDE


def agreed(monde: Monde, **more: Any) -> UUID:
    """An agreement in force between both SIAO."""
    terms = {"objet": Objet.SIAO, "attendus": (SIRET, AUTRE_SIRET), "vaut_depuis": JOUR, **more}
    monde.subjects[ACTE] = acte.Convention(
        id=ACTE, etat=acte.Etat.EN_VIGUEUR, emetteur=AUTRE, territoire=LA_BAS, **terms
    )
    return ACTE


@pytest.fixture
def monde() -> Monde:
    """A vacant place of one SIAO, and the SIAO of another territory."""
    here = partner(SIAO, Famille.SIAO, structures=(SIRET,))
    there = partner(AUTRE, Famille.SIAO, structures=(AUTRE_SIRET,), territoire=LA_BAS)
    centre = REGISTRE.partners[CENTRE]
    monde = Monde(Registry.of([here, there, centre]))
    monde.dit(CENTRE, vacance(PLACE))
    return monde


def refers(monde: Monde, source: str = AUTRE, **more: Any) -> Any:
    """What follows when a SIAO refers a household to the place."""
    territoire = LA_BAS if source == AUTRE else "01"
    return monde.dit(source, proposition(ORIENTATION, PLACE, **more), territoire=territoire)


def test_a_place_of_another_siao_is_not_taken_without_an_agreement_nor_a_transfer(monde: Monde) -> None:
    effects = refers(monde)
    (alert,) = effects.derived
    assert isinstance(alert, AlerteConflit)
    assert effects.outcome == ("anomalie", MotifAnomalie.AUTRE_SIAO)
    assert monde.etat(PLACE) == "DISPONIBLE"
    assert ORIENTATION not in monde.subjects


@pytest.mark.parametrize(
    "more",
    [
        {"objet": Objet.CONTINGENT},
        {"attendus": (AUTRE_SIRET,)},
        {"vaut_depuis": DEMAIN},
        {"au": date(2026, 3, 1)},
    ],
    ids=["about something else", "with nobody here", "not yet", "over"],
)
def test_an_agreement_that_does_not_hold_between_both_opens_nothing(monde: Monde, more: Any) -> None:
    assert refers(monde, acte=agreed(monde, **more)).outcome == ("anomalie", MotifAnomalie.AUTRE_SIAO)


def test_the_transfer_of_somebody_elses_demand_opens_nothing(monde: Monde) -> None:
    assert refers(monde, demande=ceded(monde, "siao-03")).outcome is not None
    assert monde.etat(PLACE) == "DISPONIBLE"


@pytest.mark.parametrize("title", ["acte", "demande"])
def test_under_an_agreement_or_after_a_transfer_the_places_own_siao_hears_it(
    monde: Monde, title: str
) -> None:
    named: dict[str, Any] = {title: agreed(monde) if title == "acte" else ceded(monde, AUTRE)}
    effects = refers(monde, **named)
    (news,) = (each for each in effects.derived if isinstance(each, PlaceReservee))
    assert (effects.outcome, effects.recipients, monde.etat(PLACE)) == (None, (CENTRE,), "RESERVEE")
    assert monde.dit(HUB, news, territoire=LA_BAS).recipients == (SIAO,)


@pytest.mark.parametrize(
    "entry",
    [
        {"antenne_de": SIAO, "perimetre": Perimetre(communes=("01451",))},
        {"volet": Volet.URGENCE},
        {"autres_territoires": ("01",), "territoire": LA_BAS},
    ],
    ids=["antenna", "other desk", "both territories"],
)
def test_one_house_needs_no_agreement_and_hears_itself(monde: Monde, entry: dict[str, Any]) -> None:
    second = partner("siao-bis", Famille.SIAO, **entry)
    monde.avec(second)
    effects = refers(monde, "siao-bis")
    assert (effects.outcome, monde.etat(PLACE)) == (None, "RESERVEE")
    assert not any(isinstance(each, PlaceReservee) for each in effects.derived)


def test_a_siao_that_has_merged_refers_to_the_places_that_were_its_own(monde: Monde) -> None:
    monde.registry = Registry.of(monde.registry.partners.values(), {SIAO: AUTRE})
    assert refers(monde).outcome is None


@pytest.mark.parametrize(("merged", "territoire"), [(SIAO, "01"), (AUTRE, LA_BAS)])
def test_an_agreement_goes_on_between_the_other_siao_and_the_one_that_succeeds_to_a_signatory(
    monde: Monde, merged: str, territoire: str
) -> None:
    act, third = (
        agreed(monde),
        partner("tous", Famille.SIAO, structures=(SIRET_DU_TIERS,), territoire=territoire),
    )
    monde.registry = Registry.of([*monde.registry.partners.values(), third], {merged: third.id})
    effects = refers(monde, acte=act)
    assert (effects.outcome, effects.recipients, monde.etat(PLACE)) == (None, (CENTRE,), "RESERVEE")


def to_structure(monde: Monde, structure: str = FINESS, source: str = AUTRE, **more: Any) -> Any:
    """What follows when a SIAO refers a household to a structure that will choose the place."""
    said = proposition(ORIENTATION, structure=structure, **more)
    return monde.dit(source, said, territoire=LA_BAS if source == AUTRE else "01")


def test_a_structure_of_another_siao_gets_nobody_without_an_agreement_nor_a_transfer(monde: Monde) -> None:
    effects = to_structure(monde)
    assert (effects.outcome, effects.recipients) == (("anomalie", MotifAnomalie.AUTRE_SIAO), ())
    assert ORIENTATION not in monde.subjects
    assert to_structure(monde, source=SIAO).outcome is None


def test_overseas_too_a_structure_lies_where_its_finess_says_wherever_else_its_manager_works() -> None:
    guadeloupe, martinique = (
        partner(f"siao-{code}", Famille.SIAO, territoire=code) for code in ("971", "972")
    )
    islands = {"territoire": "971", "autres_territoires": ("972",)}
    both = partner("deux-iles", Famille.HEBERGEMENT, structures=(OUTRE_MER,), **islands)
    monde = Monde(Registry.of([guadeloupe, martinique, both]))
    said = proposition(ORIENTATION, structure=OUTRE_MER)
    assert monde.suites("siao-972", said, "972").outcome == ("anomalie", MotifAnomalie.AUTRE_SIAO)
    assert monde.suites("siao-971", said, "971").outcome is None


@pytest.mark.parametrize(("code", "allowed"), [("978", True), ("971", True), ("972", False)])
def test_a_number_of_guadeloupe_may_be_that_of_a_structure_of_saint_martin(code: str, allowed: bool) -> None:
    siaos = [partner(f"siao-{each}", Famille.SIAO, territoire=each) for each in ("971", "972", "978")]
    islands = {"territoire": "971", "autres_territoires": ("972", "978")}
    monde = Monde(
        Registry.of([*siaos, partner("iles", Famille.HEBERGEMENT, structures=(OUTRE_MER,), **islands)])
    )
    said = proposition(ORIENTATION, structure=OUTRE_MER)
    assert (monde.suites(f"siao-{code}", said, code).outcome is None) is allowed


@pytest.mark.parametrize("title", ["acte", "demande"])
def test_under_an_agreement_or_after_a_transfer_the_structures_own_siao_hears_it(
    monde: Monde, title: str
) -> None:
    named: dict[str, Any] = {title: agreed(monde) if title == "acte" else ceded(monde, AUTRE)}
    effects = to_structure(monde, **named)
    (news,) = (each for each in effects.derived if isinstance(each, AlerteAnomalie))
    assert (effects.outcome, effects.recipients, news.gestionnaire) == (None, (CENTRE,), CENTRE)
    assert monde.dit(HUB, news, territoire=LA_BAS).recipients == (SIAO,)


@pytest.mark.parametrize(("finess", "allowed"), [(FINESS, False), ("020000014", True), (SIRET, True)])
def test_the_finess_of_a_structure_says_in_which_departement_it_is(
    monde: Monde, finess: str, allowed: bool
) -> None:
    centre = monde.registry.partners[CENTRE]
    both = centre.model_copy(update={"autres_territoires": (LA_BAS,), "structures": (FINESS, finess)})
    monde.avec(both)
    assert (to_structure(monde, finess).outcome is None) is allowed


def test_a_secret_place_of_a_manager_of_two_territories_is_open_to_both(monde: Monde) -> None:
    centre = monde.registry.partners[CENTRE]
    both = centre.model_copy(update={"autres_territoires": (LA_BAS,)})
    monde.avec(both)
    held = monde.place(PLACE)
    monde.subjects[PLACE] = replace(held, commune=None, dispositif=Dispositif.INSERTION)
    assert refers(monde).outcome is None
