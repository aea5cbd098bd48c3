"""A trial says in plain words what is read of a row, and of what is sealed that it is read."""

from ops.desk.words import read


def test_a_row_names_its_commune_and_says_of_a_sealed_list_only_that_it_is_read() -> None:
    said = {"menage.personnes": [{}, {}], "commune": "02691", "menage.composition": "30"}
    assert [tuple(fait) for fait in read(said, ["menage.personnes"])] == [
        ("commune", "Saint-Quentin"),
        ("composition", "Couple sans enfant"),
        ("personnes", "lu, et protégé"),
    ]
