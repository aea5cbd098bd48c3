"""Five places instead of a row of tabs: everybody finds the pages that they may see, and where they are."""

from console.login import start_of
from console.navigation import menu
from console.rights import MAY, Droit, Personne, Profil
from contracts.partner import Famille
from router.domain.partners import Registry
from tests.integration.registry import entry
from tests.rows import each_row


def everybody(droit: Droit) -> bool:
    return True


def test_who_watches_over_the_hub_has_no_more_than_five_places() -> None:
    assert {
        len(menu(MAY[profil].__contains__, "/").places) for profil in MAY if Droit.PARLER not in MAY[profil]
    } == {5}


@each_row("profil", Profil)
def test_nobody_is_led_to_a_page_that_they_may_not_see(profil: Profil) -> None:
    shown = menu(MAY[profil].__contains__, "/messages")
    assert all(place.pages for place in shown.places)
    assert {page.droit for place in shown.places for page in place.pages} <= MAY[profil]


def test_a_partners_people_have_their_desk_alone() -> None:
    shown = menu(MAY[Profil.PARTENAIRE].__contains__, "/bureau")
    assert [place.title for place in shown.places] == ["Bureau"]


def test_whoever_works_at_the_desk_of_a_siao_reads_of_the_hub_one_word_and_finds_all_its_pages_there() -> (
    None
):
    may = MAY[Profil.REFERENT].__contains__
    at_work = menu(may, "/bureau/recu")
    assert [place.title for place in at_work.places] == ["Bureau", "Suivi du hub"]
    there = menu(may, at_work.places[1].pages[0].path)
    assert len(there.places) == 6
    assert there.places[0].title == "Bureau", "et le chemin du retour"


def test_who_has_no_partner_in_the_registry_is_led_to_no_desk() -> None:
    shown = menu(MAY[Profil.REFERENT].__contains__, "/", at_a_desk=False)
    assert "Bureau" not in [place.title for place in shown.places]
    assert "Maintenant" in [place.title for place in shown.places]


@each_row(
    ("profil", "asked", "start"),
    [
        (Profil.REFERENT, "/", "/bureau"),
        (Profil.PARTENAIRE, "/", "/bureau"),
        (Profil.REFERENT, "/places", "/places"),
        (Profil.OPERATEUR, "/", "/"),
    ],
)
def test_who_has_a_desk_starts_there_unless_they_asked_for_a_page(
    profil: Profil, asked: str, start: str
) -> None:
    limited_to = ("siao-01",) if profil is Profil.PARTENAIRE else ("01",)
    registry = Registry.of([entry("siao-01", Famille.SIAO, "si_siao_json")])
    assert start_of(Personne("p", "P", profil, limited_to), asked, registry) == start


def test_who_has_no_siao_in_the_registry_starts_on_the_first_page_and_not_at_a_desk_that_does_not_exist() -> (
    None
):
    assert start_of(Personne("p", "P", Profil.REFERENT, ("99",)), "/", Registry.of([])) == "/"


def test_a_page_and_what_it_lists_are_in_their_place_and_the_first_page_is_not_everywhere() -> None:
    def where(path: str) -> tuple[str | None, str]:
        shown = menu(everybody, path)
        return shown.place and shown.place.title, shown.here

    assert where("/") == ("Maintenant", "/")
    assert where("/quarantaine/groupe") == ("À traiter au hub", "/quarantaine")
    assert where("/partenaires/centre") == ("Partenaires", "/partenaires")
    assert where("/recherche") == (None, "")
