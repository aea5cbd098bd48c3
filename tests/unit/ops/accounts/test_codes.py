"""Which codes open, and which addresses may stand in the head of a mail."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from contracts.errors import InvalidContract
from ops.accounts.accounts import address_of
from ops.accounts.codes import new_factor, step_of
from tests.rows import each_row

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
HALF_A_MINUTE = timedelta(seconds=30)


def test_a_code_of_this_half_minute_or_its_neighbours_is_right_and_never_again():
    factor = new_factor()
    telephone = pyotp.TOTP(factor)
    steps = [step_of(factor, telephone.at(NOW + n * HALF_A_MINUTE), NOW, None) for n in (-2, -1, 0, 1, 2)]
    here = telephone.timecode(NOW)
    assert steps == [None, here - 1, here, here + 1, None]
    assert step_of(factor, telephone.at(NOW), NOW, here) is None
    assert step_of(factor, telephone.at(NOW - HALF_A_MINUTE), NOW, here) is None, "un code plus ancien"
    assert step_of(factor, f"{telephone.at(NOW)[:3]} {telephone.at(NOW)[3:]}", NOW, None) == here
    assert step_of(factor, "", NOW, None) is step_of(factor, "é²1234", NOW, None) is None


@each_row(
    "said",
    ["a@b", "a b@exemple.fr", "a@exemple.fr\r\nBcc: b@exemple.fr", "a@exemple.fr, b@exemple.fr", "<a@exemple.fr>",
     "é@exemple.fr", "a@exemple.fr\x00", "@exemple.fr", f"{'a' * 250}@exemple.fr"],
)  # fmt: skip
def test_nothing_but_one_address_is_one(said):
    with pytest.raises(InvalidContract):
        address_of(said)


def test_an_address_is_known_however_it_is_written():
    assert address_of(" Camille.Veilleur+siao@Exemple.FR ") == "camille.veilleur+siao@exemple.fr"
