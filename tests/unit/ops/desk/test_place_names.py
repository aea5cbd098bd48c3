"""A place is called as its manager calls it, and one with a secret address by the end of its id alone."""

from dataclasses import replace

from contracts.partner import Famille
from ops.desk.place_names import located, opened, tail_of
from router.domain.partners import Registry
from router.domain.subjects import Place
from tests.unit.router.domain.monde import CENTRE, FINESS, ident, partner

PLACE = Place(id=ident("p"), gestionnaire=CENTRE, structure=FINESS, commune="01053")
OTHER = replace(PLACE, id=ident("q"), commune="01451")
NAMES = {PLACE.id: "CH-12", OTHER.id: "CH-14"}


def test_places_are_listed_with_their_towns_each_once() -> None:
    assert located([PLACE], NAMES) == "place CH-12, Bourg-en-Bresse"
    assert located([PLACE, OTHER], NAMES) == "places CH-12 et CH-14, Bourg-en-Bresse et Viriat"
    assert (
        located([PLACE, replace(OTHER, commune="01053")], NAMES) == "places CH-12 et CH-14, Bourg-en-Bresse"
    )
    assert located([OTHER, PLACE], {PLACE.id: "9", OTHER.id: "10"}).startswith("places 9 et 10, "), (
        "par numéro"
    )
    assert located([], NAMES) == ""


def test_a_structure_that_has_become_secret_is_said_no_more() -> None:
    centre = partner(CENTRE, Famille.HEBERGEMENT, structures=(FINESS,))
    assert opened(PLACE, Registry.of([centre])) is PLACE
    now_secret = Registry.of([centre.model_copy(update={"structures_protegees": (FINESS,)})])
    for registry in (now_secret, Registry.of([])):
        hidden = opened(PLACE, registry)
        assert (hidden.structure, hidden.commune) == (None, None)
    tail = tail_of(PLACE.id)
    assert located([hidden], {PLACE.id: tail}) == f"place {tail}, adresse protégée"
