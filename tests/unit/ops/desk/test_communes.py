"""A commune is what people call it: its name, however it is written, or its code."""

import pytest

from contracts.errors import InvalidContract
from ops.desk.communes import NO_CODE, SEVERAL, UNKNOWN, code_of, near, town

AIN, AISNE = ("01",), ("02",)


@pytest.mark.parametrize(
    ("text", "there", "code"),
    [
        ("Bourg-en-Bresse", AIN, "01053"),
        ("bourg en bresse", AIN, "01053"),
        ("BOURG EN BRESSE", AIN, "01053"),
        ("01053", AISNE, "01053"),
        ("Saint-Quentin", AISNE, "02691"),
        ("Lyon", AIN, "69123"),
        ("75112", AIN, "75056"),
    ],
)
def test_a_commune_is_known_by_its_name_in_the_territory_and_beyond_it(
    text: str, there: tuple[str, ...], code: str
) -> None:
    assert code_of(text, there) == code


@pytest.mark.parametrize(
    ("text", "remedy"), [("Nulleville", UNKNOWN), ("59000", NO_CODE), ("Saint-Denis", SEVERAL)]
)
def test_a_name_that_says_no_one_commune_is_refused_with_what_to_do_and_not_quoted(
    text: str, remedy: str
) -> None:
    with pytest.raises(InvalidContract, match=remedy[:30].replace("(", r"\(")) as refused:
        code_of(text, AIN)
    assert text not in str(refused.value)


def test_the_list_of_a_territory_has_each_of_its_communes_in_the_order_of_the_alphabet() -> None:
    listed = near("02")
    assert town("02691") in listed
    assert town("01053") not in listed
    assert listed.index("Laon") < listed.index("Soissons")
