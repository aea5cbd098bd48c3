"""Places that are proposed for a household house it in one place, else with the fewest beds left over."""

from datetime import date
from uuid import UUID

from contracts.partner import Famille
from ops.desk.offers import Filtre, Offre, enough, grouped
from router.domain.rulebooks.place import Etat
from router.domain.subjects import Place
from tests.integration.registry import entry
from tests.rows import each_row

CENTRE = entry("centre", Famille.HEBERGEMENT, "hebergement_json")


def offer(number: int, beds: int, free: date | None = None, old: date | None = None) -> Offre:
    place = Place(id=UUID(int=number), etat=Etat.DISPONIBLE, gestionnaire="centre", libre_le=free)
    return Offre(place, CENTRE, {"capacite": beds}, old)


@each_row(
    ("beds", "size", "proposed"),
    [
        ((1, 1, 1, 2, 2, 4), 5, {6, 1}),
        ((1, 1, 1), 3, {1, 2, 3}),
        ((2, 2), 3, {1, 2}),
        ((4,), 2, {1}),
        ((4, 4, 3), 6, {1, 3}),
        ((2, 2), 5, set()),
        ((3, 2, 2), 4, {2, 3}),
        ((4, 3, 3), 6, {2, 3}),
        ((4, 3, 2), 5, {2, 3}),
        ((1,) * 51, 51, set()),
    ],
)
def test_a_family_is_proposed_the_fewest_places_with_the_fewest_beds_left_over(
    beds: tuple[int, ...], size: int, proposed: set[int]
) -> None:
    groups = grouped(offer(number, each) for number, each in enumerate(beds, 1))
    assert {ident.int for ident in enough(groups, size)} == proposed


def test_a_household_is_not_split_while_one_free_place_of_any_centre_holds_it() -> None:
    here, elsewhere = [offer(1, 1), offer(2, 2), offer(3, 5), offer(4, 4)], [offer(5, 1), offer(6, 2)]
    assert [ident.int for ident in enough(grouped(here), 3)] == [4], "la plus petite qui suffit"
    assert [ident.int for ident in enough([*grouped(elsewhere), *grouped(here)], 3)] == [4]
    assert {ident.int for ident in enough(grouped(elsewhere), 3)} == {5, 6}, "aucune ne suffit"


def test_a_place_that_is_free_now_goes_before_a_larger_one_to_come() -> None:
    groups = grouped([offer(1, 2, date(2026, 12, 24)), offer(2, 1), offer(3, 1)])
    assert [ident.int for ident in enough(groups, 2)] == [2, 3]


def test_a_place_whose_news_is_too_old_stands_after_all_others_and_is_proposed_to_nobody() -> None:
    later, old = date(2026, 12, 24), date(2026, 11, 9)
    (group,) = grouped([offer(1, 3, old=old), offer(2, 1), offer(3, 1, later)])
    assert [each.place.id.int for each in group.offres] == [2, 3, 1]
    assert [(day, len(offers)) for day, offers in group.by_day()] == [(None, 1), (later, 1), (None, 1)]
    assert [ident.int for ident in enough([group], 2)] == [2, 3]
    assert enough([group], 3) == []


def test_the_places_of_a_group_follow_their_numbers_after_the_day_from_which_they_are_free() -> None:
    later = date(2026, 12, 24)
    offers = [offer(1, 1, later), offer(2, 1), offer(3, 1), offer(4, 1)]
    names = {
        UUID(int=1): "Fontaine 1",
        UUID(int=2): "Fontaine 10",
        UUID(int=3): "Fontaine 9",
        UUID(int=4): "…a1f",
    }
    (group,) = grouped(offers, names)
    assert [each.place.id.int for each in group.offres] == [3, 2, 4, 1]
    assert [(day, len(offers)) for day, offers in group.by_day()] == [(None, 3), (later, 1)]


def test_a_place_with_fewer_beds_than_asked_for_does_not_suit() -> None:
    assert [Filtre(lits=3).suits(offer(1, beds)) for beds in (2, 3, 4)] == [False, True, True]
