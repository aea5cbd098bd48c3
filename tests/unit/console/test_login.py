"""The page that opens after a login is one of the console's, and says nothing else."""

import pytest

from console.login import own_page


@pytest.mark.parametrize("page", ["/", "/mur", "/territoires/01", "/bureau/demandes/D-1", "/registre.toml"])
def test_a_page_of_the_console_opens_after_the_login(page: str) -> None:
    assert own_page(f"{page}?tri=nom#fin") == page


@pytest.mark.parametrize(
    "words",
    ["//autre.example", "/\\autre.example", "autre", "/\n\nhttps://autre.example", "/a b", "/a&vers=b"],
)
def test_neither_another_site_nor_a_strangers_words_are_a_page(words: str) -> None:
    assert own_page(words) == "/"
