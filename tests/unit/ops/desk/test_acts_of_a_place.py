"""What the manager of a place can say of it with a button."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.partner import Famille
from contracts.v1.place import PlaceOccupee, PlaceVacancePrevisible, PlaceVacante, RaisonOccupation
from ops.desk.acts import Bouton, possible
from ops.desk.filling import filled
from ops.desk.forms import PAST, Fautes
from router.domain.partners import Registry
from router.domain.rulebooks.place import Etat
from router.domain.subjects import Place
from tests.integration.registry import FINESS
from tests.rows import each_row
from tests.unit.router.domain.monde import CENTRE, JOUR, SIAO, ident, partner

MANAGER = partner(CENTRE, Famille.HEBERGEMENT)
REGISTRY = Registry.of([partner(SIAO, Famille.SIAO), MANAGER])
LUCIE = str(ident("orientation de Lucie"))


def said_of(etat: Etat, **known: Any) -> dict[str, Bouton]:
    """The buttons at a place of the manager, by their text."""
    place = Place(id=ident("p"), gestionnaire=CENTRE, etat=etat, **known)
    return {
        acte.faire: acte for acte in possible(place, CENTRE, REGISTRY, {LUCIE: "Lucie, orientation acceptée"})
    }


def test_an_occupied_place_can_be_said_free_from_a_coming_day_and_keeps_its_description() -> None:
    acte = said_of(Etat.OCCUPEE)["Dire quand elle se libère"]
    before = PlaceVacante(
        place=ident("p"), structure=FINESS, commune="01053", dispositif="URGENCE", capacite=3
    )
    said = filled(acte, ident("p"), {"libre_le": "2026-12-14"}, MANAGER, (JOUR, JOUR), before)
    assert isinstance(said, PlaceVacancePrevisible)
    assert (said.libre_le, said.capacite, said.commune) == (date(2026, 12, 14), 3, "01053")
    with pytest.raises(Fautes):
        filled(acte, ident("p"), {}, MANAGER, (JOUR, JOUR), before)


@each_row(
    ("faire", "said"),
    [
        ("Dire quand elle se libère", {"libre_le": ""}),
        ("Dire indisponible", {"motif": "TRAVAUX", "jusqu_au": ""}),
    ],
)
def test_what_is_announced_of_a_place_is_not_over_yet(faire: str, said: dict[str, str]) -> None:
    acte = (said_of(Etat.OCCUPEE) | said_of(Etat.DISPONIBLE))[faire]
    before = PlaceVacante(place=ident("p"), structure=FINESS, commune="01053", dispositif="URGENCE")
    day = next(name for name in said if not said[name])
    with pytest.raises(Fautes, match=PAST):
        filled(
            acte,
            ident("p"),
            said | {day: (JOUR - timedelta(days=1)).isoformat()},
            MANAGER,
            (JOUR, JOUR),
            before,
        )
    filled(acte, ident("p"), said | {day: JOUR.isoformat()}, MANAGER, (JOUR, JOUR), before)


@each_row(("etat",), [(Etat.RESERVEE,), (Etat.OCCUPEE,), (Etat.A_LIBERER,)])
def test_a_place_is_freed_only_after_a_question(etat: Etat) -> None:
    assert said_of(etat)["Libérer"].question


@each_row(("etat",), [(each,) for each in Etat])
def test_a_state_has_one_button_for_free_now(etat: Etat) -> None:
    assert len(said_of(etat).keys() & {"Libérer", "Dire disponible"}) <= 1


@each_row(
    ("who", "orientation", "raison"),
    [
        (LUCIE, ident("orientation de Lucie"), None),
        ("NAISSANCE", None, RaisonOccupation.NAISSANCE),
        ("AUTRE", None, None),
    ],
)
def test_who_lives_in_a_place_is_a_household_that_was_referred_or_another_reason(
    who: str, orientation: Any, raison: RaisonOccupation | None
) -> None:
    said = filled(
        said_of(Etat.DISPONIBLE)["Dire occupée"], ident("p"), {"raison": who}, MANAGER, (JOUR, JOUR)
    )
    assert isinstance(said, PlaceOccupee)
    assert (said.orientation, said.raison) == (orientation, raison)


def test_a_place_is_not_said_occupied_without_saying_by_whom() -> None:
    for acte in (
        said_of(Etat.DISPONIBLE)["Dire occupée"],
        said_of(Etat.OCCUPEE, a_expliquer_depuis="2026-11-30T10:00:00+00:00")["Dire pourquoi"],
    ):
        assert LUCIE in acte.saisies[0].choix
        with pytest.raises(Fautes):
            filled(acte, ident("p"), {}, MANAGER, (JOUR, JOUR))
