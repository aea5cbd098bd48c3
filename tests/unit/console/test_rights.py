"""Who may do what in the console, and on whose traffic."""

from unittest.mock import Mock
from uuid import uuid4

import pytest
from starlette.routing import Route

from console.app import PAGES, pages
from console.rights import PERIMETRE, PROFIL, Droit, Personne, Portee, Profil, member_of, person_of
from contracts.envelope import HUB
from contracts.partner import Famille, Partner
from contracts.reference.codes import Dispositif
from router.domain.partners import Registry
from router.domain.rulebooks.orientation import Etat
from router.domain.subjects import Orientation
from tests.rows import each_row

REGISTRY = Registry.of(
    Partner(id=ident, nom=ident, famille=Famille.HEBERGEMENT, territoire=territoire)
    for ident, territoire in (("centre", "01"), ("voisin", "01"), ("loin", "59"))
)


OPEN = {"/adieu", "/sante", "/statique/{name}"}
"""Routes beside the pages, which ask for nobody: leaving, whether the process is alive, files that hold nothing."""


def test_beside_the_pages_whose_rights_are_walked_there_are_only_routes_that_hold_nothing() -> None:
    walked = [route for module in PAGES for route in module.router.routes]
    beside = [route for route in pages(Mock()).routes if route not in walked]
    assert {route.path for route in beside if isinstance(route, Route)} == OPEN
    assert len(beside) == len(OPEN)


def somebody(profil: Profil, *perimetre: str) -> Personne:
    return Personne("x", "X", profil, perimetre)


@each_row("claims", [{}, {PROFIL: "chef"}, {PROFIL: None}, {PROFIL: ["operateur"]}])
def test_who_has_no_profile_here_is_not_let_in(claims):
    claims = {name: str(said) if isinstance(said, list) else said for name, said in claims.items()}
    assert person_of({"sub": "x", **claims}) is None


@pytest.mark.parametrize("profil", [Profil.REFERENT, Profil.PARTENAIRE])
@pytest.mark.parametrize("limits", [{}, {PERIMETRE: []}, {PERIMETRE: ""}, {PERIMETRE: 1}])
def test_a_profile_that_needs_limits_is_none_without_them(profil, limits):
    assert person_of({"sub": "x", PROFIL: profil, **limits}) is None


def test_limits_are_one_value_or_a_list():
    one = person_of({"sub": "x", PROFIL: "referent", PERIMETRE: "01"})
    many = person_of({"sub": "x", PROFIL: "referent", PERIMETRE: ["01", "59"]})
    assert one is not None
    assert many is not None
    assert (one.perimetre, many.perimetre) == (("01",), ("01", "59"))


def test_limits_of_who_sees_all_are_not_taken_up():
    dpo = person_of({"sub": "x", PROFIL: "dpo", PERIMETRE: "01"})
    assert dpo is not None
    assert dpo.portee(REGISTRY).whole


def test_a_referent_sees_the_partners_of_its_territories_and_no_others():
    portee = somebody(Profil.REFERENT, "01").portee(REGISTRY)
    assert portee.of(REGISTRY.partners) == ("centre", "voisin")
    assert not portee.sees("loin")
    assert not portee.sees(None)


def test_a_partner_sees_itself_alone_though_its_claim_names_more():
    portee = somebody(Profil.PARTENAIRE, "centre", "loin").portee(REGISTRY)
    assert portee.of(REGISTRY.partners) == ("centre",)


def test_the_page_of_a_referral_is_its_sender_s_and_its_recipient_s_and_not_that_of_who_accompanies_its_household():
    referral = Orientation(
        id=uuid4(),
        etat=Etat.ENTREE,
        emetteur="siao",
        destinataire="centre",
        menage=uuid4(),
        place=uuid4(),
        dispositif=Dispositif.URGENCE,
        operateurs=("operateur",),
        versions_seen={"bavard": 1},
    )
    opening = {
        one
        for one in ("siao", "centre", "operateur", "bavard", "")
        if Portee(frozenset({one})).opens(referral)
    }
    assert opening == {"siao", "centre"}
    assert not Portee(frozenset()).opens(referral)
    assert Portee().opens(referral)


def test_a_partner_is_named_to_who_sees_it_and_the_hub_to_all():
    portee = Portee(frozenset({"centre"}))
    assert [portee.named(each) for each in ("centre", "loin", None, HUB)] == ["centre", None, None, HUB]
    assert Portee().named("loin") == "loin"


def test_only_the_operator_decides_and_only_operator_and_dpo_read_in_clear():
    deciding = {profil for profil in Profil if somebody(profil, "x").may(Droit.DECIDER)}
    reading = {profil for profil in Profil if somebody(profil, "x").may(Droit.DEMASQUER)}
    assert deciding == {Profil.OPERATEUR}
    assert reading == {Profil.OPERATEUR, Profil.DPO}


def test_a_referent_does_not_see_the_traffic_of_a_partner_that_works_elsewhere_too():
    chu = Partner(
        id="chu", nom="CHU", famille=Famille.PRESCRIPTEUR, territoire="01", autres_territoires=("69",)
    )
    registry = Registry.of([*REGISTRY.partners.values(), chu])
    assert not somebody(Profil.REFERENT, "01").portee(registry).sees("chu")
    assert somebody(Profil.REFERENT, "01", "69").portee(registry).sees("chu")


def test_a_member_of_a_siao_is_its_referent_and_any_other_sits_at_the_desk_of_its_partner():
    siao = Partner(id="siao-01", nom="siao-01", famille=Famille.SIAO, territoire="01")
    annexes = [
        siao.model_copy(update={"id": ident, "antenne_de": "siao-01"})
        for ident in ("antenne-bugey", "siao-01-ouest")
    ]
    registry = Registry.of([*REGISTRY.partners.values(), siao, *annexes])
    for partner, profil in (("centre", Profil.PARTENAIRE), ("siao-01", Profil.REFERENT),
                            ("antenne-bugey", Profil.PARTENAIRE), ("siao-01-ouest", Profil.PARTENAIRE)):  # fmt: skip
        person = member_of(partner, "x", "X", registry)
        assert person is not None
        assert person.profil is profil
        assert person.speaks_for(registry) == registry.get(partner)
    assert member_of("parti", "x", "X", registry) is None


def test_after_a_merger_the_desk_of_a_referent_is_that_of_the_siao_that_the_merged_ones_became():
    first = Partner(id="siao-01", nom="siao-01", famille=Famille.SIAO, territoire="01")
    other = first.model_copy(update={"id": "siao-69", "territoire": "69"})
    third = first.model_copy(update={"id": "siao-01-69", "autres_territoires": ("69",)})
    merged = Registry.of([first, other, third], {"siao-01": third.id, "siao-69": third.id})
    assert somebody(Profil.REFERENT, "01", "69").speaks_for(merged) == third
    assert somebody(Profil.REFERENT, "01").speaks_for(merged) is None
    for ident in merged.partners:
        person = member_of(ident, "x", "X", merged)
        assert person is not None
        assert person.profil is Profil.REFERENT
        assert person.speaks_for(merged) == third
