"""A town and a partner are found however somebody types their name."""

from console.pages.searching import departements_of, spelt
from tests.rows import each_row


@each_row(
    ("typed", "there"),
    [
        ("Œuilly", {"02", "51"}),
        ("Oeuilly", {"02", "51"}),
        ("L'Haÿ-les-Roses", {"94"}),
        ("L’Haÿ-les-Roses", {"94"}),
        ("l'hay les roses", {"94"}),
        ("Nulle-Part", set()),
    ],
)
def test_a_town_is_found_with_its_ligature_hyphens_and_apostrophe_as_they_are_typed(
    typed: str, there: set[str]
) -> None:
    assert departements_of(spelt(typed)) == there
