"""People find a household by the beginning of the name of any of its members."""

import pytest

from contracts.reference.graphie import is_named

NAMES = "Ana Exemple, Léo Exemple, Ida Exemple, Tom Exemple, Zoé N’Diaye et 1 autre"


@pytest.mark.parametrize(
    "asked", ["zoe", "exem tom", "ndiaye", "n'diaye", "Diaye", "Mme N'Diaye", "M. Exemple"]
)
def test_every_member_of_a_household_is_found_with_or_without_apostrophe_and_title(asked: str) -> None:
    assert is_named(NAMES, asked)


@pytest.mark.parametrize("asked", ["", "oe", "Mme Fictif", "zoe fictif"])
def test_a_household_without_one_of_the_words_is_not_found(asked: str) -> None:
    assert not is_named(NAMES, asked)
