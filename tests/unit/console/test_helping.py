"""Every family finds files to start from, which the hub reads as they are."""

from adapters.registry import ADAPTERS, TABULAIRES
from console.bureau.helping import PURPOSES, STRUCTURE, examples_for, in_its_own
from console.bureau.here import PAGES
from contracts.partner import Famille, Partner
from tests.rows import each_row


@each_row("famille", Famille)
def test_every_family_has_an_example_in_one_of_its_formats(famille: Famille) -> None:
    dialects = tuple(name for name, adapter in ADAPTERS.items() if famille in adapter.DECLARATION.familles)
    partner = Partner(id="pa", nom="P", famille=famille, territoire="01", dialectes=dialects)
    found = list(examples_for(partner))
    assert found, dialects
    assert all(b"/sortie/" not in each.fichier.body for each in found)


@each_row("famille", Famille)
def test_every_table_of_a_family_has_an_example_that_names_the_structures_of_whoever_opens_it(
    famille: Famille,
) -> None:
    tables = [name for name, table in TABULAIRES.items() if famille in table.DECLARATION.familles]
    for name in tables:
        partner = Partner(
            id="pa",
            nom="P",
            famille=famille,
            territoire="01",
            dialectes=(name,),
            profil=next(iter(TABULAIRES[name].profils)),
            structures=("010780054", "26010004500137"),
        )
        found = list(examples_for(partner))
        assert found, name
        assert not any(STRUCTURE.search(each.fichier.body.decode()) for each in found)


def test_the_digits_of_a_structure_within_a_longer_number_stay() -> None:
    partner = Partner(
        id="pa", nom="P", famille=Famille.HEBERGEMENT, territoire="01", structures=("010780054",)
    )
    assert in_its_own("1010000024;010000024", partner) == "1010000024;010780054"


def test_every_page_of_the_desk_says_what_it_is_for() -> None:
    assert {path for path, *_ in PAGES} == {*PURPOSES, "/bureau/aide"}
