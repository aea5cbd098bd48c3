"""Age bands: on which day one passes from one to the next."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reference.codes import TrancheAge
from contracts.reference.tranches import age, tranche_age
from tests.rows import each_row

MINEURES = {TrancheAge.MOINS_DE_3, TrancheAge.DE_3_A_10, TrancheAge.DE_11_A_17}
NAISSANCE = date(2000, 6, 15)
JOURS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@each_row(
    ("years", "before", "from_then_on"),
    [
        (3, TrancheAge.MOINS_DE_3, TrancheAge.DE_3_A_10),
        (11, TrancheAge.DE_3_A_10, TrancheAge.DE_11_A_17),
        (18, TrancheAge.DE_11_A_17, TrancheAge.DE_18_A_24),
        (25, TrancheAge.DE_18_A_24, TrancheAge.DE_25_A_34),
        (35, TrancheAge.DE_25_A_34, TrancheAge.DE_35_A_49),
        (50, TrancheAge.DE_35_A_49, TrancheAge.DE_50_A_64),
        (65, TrancheAge.DE_50_A_64, TrancheAge.DE_65_ET_PLUS),
    ],
)
def test_a_band_begins_on_the_birthday(years: int, before: TrancheAge, from_then_on: TrancheAge) -> None:
    assert tranche_age(NAISSANCE, date(2000 + years, 6, 14)) is before
    assert tranche_age(NAISSANCE, date(2000 + years, 6, 15)) is from_then_on


def test_a_newborn_is_in_the_first_band() -> None:
    assert tranche_age(NAISSANCE, NAISSANCE) is TrancheAge.MOINS_DE_3


def test_who_was_born_on_29_february_turns_on_1_march() -> None:
    assert age(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age(date(2008, 2, 29), date(2026, 3, 1)) == 18


def test_a_birth_in_the_future_is_refused_without_its_date() -> None:
    with pytest.raises(
        ValueError, match=r"^date de naissance postérieure à la date de référence : corrigez-la$"
    ):
        tranche_age(date(2000, 6, 16), NAISSANCE)


@given(days=st.tuples(JOURS, JOURS).map(sorted))
def test_minors_are_exactly_those_below_eighteen(days: list[date]) -> None:
    naissance, au = days
    assert (tranche_age(naissance, au) in MINEURES) is (age(naissance, au) < 18)
