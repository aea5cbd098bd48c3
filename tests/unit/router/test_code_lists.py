"""Code lists of the SI-SIAO beside ours: only what a code means counts."""

from ops.partners.lists import Change, changes

OURS = {"10": "Couple sans enfant", "20": "Homme isolé", "30": "Femme isolée"}


def test_a_code_that_one_side_alone_has_and_one_that_means_something_else_are_told() -> None:
    theirs = {"10": "COUPLE  SANS ENFANT", "20": "Personne isolée", "100": "Groupe"}
    assert list(changes("compositions", OURS, theirs)) == [
        Change("compositions", "20", "Homme isolé", "Personne isolée"),
        Change("compositions", "30", "Femme isolée", None),
        Change("compositions", "100", None, "Groupe"),
    ]


def test_the_same_list_has_no_changes() -> None:
    assert list(changes("compositions", OURS, OURS)) == []
