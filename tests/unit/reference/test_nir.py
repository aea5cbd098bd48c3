"""A social security number is found however it is written, and little else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reference.identifiants import contient_nir
from tests.rows import each_row
from tests.unit.reference.etablissements_reels import FICHIER

# Made up; the keys are computed: 97 - number modulo 97.
METROPOLE = "185057800608491"
CORSE_DU_SUD = "253072A07300443"
HAUTE_CORSE = "253072B07300470"
NEE_A_L_ETRANGER = "295109912611193"


def key_of(number: str) -> str:
    return f"{97 - int(number) % 97:02d}"


@st.composite
def nirs(draw: st.DrawFn) -> list[str]:
    """The seven parts of a NIR with its valid key."""
    months = [*range(1, 13), 20, *range(30, 43), *range(50, 100)]
    parts = [
        draw(st.sampled_from("123478")),
        f"{draw(st.integers(0, 99)):02d}",
        f"{draw(st.sampled_from(months)):02d}",
        f"{draw(st.integers(1, 99)):02d}",
        f"{draw(st.integers(1, 999)):03d}",
        f"{draw(st.integers(1, 999)):03d}",
    ]
    return [*parts, key_of("".join(parts))]


@given(parts=nirs(), separator=st.sampled_from(["", " ", ".", "-", "\u00a0", "\u202f", " - "]))
def test_a_nir_is_found_in_a_text_however_its_parts_are_separated(parts: list[str], separator: str) -> None:
    assert contient_nir(f'{{"commentaire": "assurée n°{separator.join(parts)}, droits ouverts"}}')


@given(parts=nirs(), shift=st.integers(1, 96))
def test_thirteen_digits_with_another_key_are_no_nir(parts: list[str], shift: int) -> None:
    *number, key = parts
    assert not contient_nir("".join(number) + f"{(int(key) - 1 + shift) % 97 + 1:02d}")


@each_row("number", [METROPOLE, CORSE_DU_SUD, HAUTE_CORSE, NEE_A_L_ETRANGER])
def test_a_nir_is_found_bare(number: str) -> None:
    assert contient_nir(number)


@each_row(
    "text",
    [
        "NIR185057800608491",
        "1 85 05 78 006 084 91",
        "1850578006084 91",
        "1 85 05 78 006 084 clé 91",
        "1850578006084 CLE : 91",
        "2 53 07 2a 073 004 43",
        "<nir>185057800608491</nir>",
        "0612345678;185057800608491;Paris",
        "2 185057800608491",
    ],
)
def test_a_nir_is_found_as_people_write_it(text: str) -> None:
    assert contient_nir(text)


@pytest.mark.parametrize("number", [CORSE_DU_SUD, HAUTE_CORSE])
def test_the_two_halves_of_corsica_have_keys_of_their_own(number: str) -> None:
    other = {"2A": "2B", "2B": "2A"}[number[5:7]]
    assert not contient_nir(number[:5] + other + number[7:])


@each_row(
    "text",
    [
        "",
        "1850578006084",
        "1850578006084911",
        "9185057800608491",
        "185137800608425",
        "585057800608485",
        "FR76 1850 5780 0608 491",
        "18 50578006084 91",
        "1110318016982G1104",
        "26010004500012",
        "+224508332044245",
        "+1 85 05 78 006 084 91",
        "1;85;05;78;006;084;91",
        "1\n85\n05\n78\n006\n084\n91",
    ],
)
def test_what_only_looks_like_a_nir_is_none(text: str) -> None:
    assert not contient_nir(text)


def test_no_nir_is_seen_in_the_real_establishments() -> None:
    assert not contient_nir(FICHIER.read_text("utf-8"))
