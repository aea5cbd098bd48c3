"""Every page says how to reach the team of the hub, whom so many sentences say to call."""

from collections.abc import Iterator

import pytest

from console.rendering import bare, show_contact

CONTACT = "hub@exemple.fr, 01 02 03 04 05"


@pytest.fixture
def reachable() -> Iterator[None]:
    show_contact(CONTACT)
    yield
    show_contact(None)


@pytest.mark.usefixtures("reachable")
def test_an_error_says_how_to_reach_the_team_of_the_hub() -> None:
    assert CONTACT in bytes(bare("Erreur 404", "rien n'existe ici", 404).body).decode()


def test_a_console_without_a_contact_promises_none() -> None:
    assert "L'équipe du hub" not in bytes(bare("Erreur 404", "rien n'existe ici", 404).body).decode()
