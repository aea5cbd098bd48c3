"""A commune is what people call it: its name, however it is written, or its code."""

import pytest

from contracts.errors import InvalidContract
from contracts.reference.communes import (
    NO_CODE,
    SEVERAL,
    UNKNOWN,
    code_of,
    code_of_named,
    near,
    prefilled,
    town,
)
from contracts.reference.graphie import words
from contracts.reference.territoires import noms
from tests.rows import each_row

AIN, AISNE = ("01",), ("02",)


@each_row(
    ("text", "there", "code"),
    [
        ("Bourg-en-Bresse", AIN, "01053"),
        ("bourg en bresse", AIN, "01053"),
        ("BOURG EN BRESSE", AIN, "01053"),
        ("01053", AISNE, "01053"),
        ("Saint-Quentin", AISNE, "02691"),
        ("Lyon", AIN, "69123"),
        ("75112", AIN, "75056"),
        ("ABBEVILLE (80100)", ("80",), "80001"),
        ("80100 Abbeville", AIN, "80001"),
        ("Abbeville (80001)", AIN, "80001"),
        ("Saint-Denis (97400)", ("93",), "97411"),
        ("Saint-Denis", ("93",), "93066"),
        ("Lyon 3e", AIN, "69123"),
        ("AJACCIO (2A004)", ("2B",), "2A004"),
    ],
)
def test_a_commune_is_known_by_its_name_in_the_territory_and_beyond_it(
    text: str, there: tuple[str, ...], code: str
) -> None:
    assert code_of(text, there) == code


@each_row(("text", "remedy"), [("Nulleville", UNKNOWN), ("59000", NO_CODE), ("Saint-Denis", SEVERAL)])
def test_a_name_that_says_no_one_commune_is_refused_with_what_to_do_and_not_quoted(
    text: str, remedy: str
) -> None:
    with pytest.raises(InvalidContract, match=remedy[:30].replace("(", r"\(")) as refused:
        code_of(text, AIN)
    assert text not in str(refused.value)


def test_a_name_of_several_communes_is_refused_with_their_codes() -> None:
    with pytest.raises(InvalidContract) as refused:
        code_of("Saint-Denis", AIN)
    assert str(refused.value) == f"{SEVERAL} (11339, 30247, 93066, 97411)"


def test_a_text_longer_than_any_name_is_refused_unread_and_kept_nowhere() -> None:
    kept = words.cache_info().currsize
    with pytest.raises(InvalidContract, match=UNKNOWN):
        code_of("é" * 40_000, AIN)
    assert words.cache_info().currsize == kept


@each_row("there", [("93",), ("02", "2A", "75", "974")])
def test_a_form_shows_each_commune_as_it_will_read_it(there: tuple[str, ...]) -> None:
    changed = {code for code in noms() if code_of_named(prefilled(code, there), there) != code}
    assert not changed


def test_a_form_shows_a_commune_by_its_name_where_the_name_says_which() -> None:
    assert prefilled("97411", ("974",)) == "Saint-Denis"
    assert prefilled("97411", ("93",)) == "Saint-Denis (97411)"
    assert prefilled("", AIN) == ""


def test_a_number_alone_in_a_form_may_be_a_postcode_and_is_refused_with_the_commune_that_it_would_mean() -> (
    None
):
    with pytest.raises(
        InvalidContract, match="écrivez le nom de la commune : ce nombre est le code INSEE de Bony"
    ):
        code_of_named("02100", AISNE)
    assert code_of_named("02100 Saint-Quentin", AISNE) == "02691"


def test_the_list_of_a_territory_has_each_of_its_communes_in_the_order_of_the_alphabet() -> None:
    listed = near("02")
    assert town("02691") in listed
    assert town("01053") not in listed
    assert listed.index("Laon") < listed.index("Soissons")
