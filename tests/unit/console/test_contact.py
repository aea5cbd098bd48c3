"""Every page says how to reach the team of the hub, whom so many sentences say to call."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from console.navigation import menu
from console.rendering import bare, render, show_contact
from console.rights import Profil

CONTACT = "hub@exemple.fr, 01 02 03 04 05"


def error() -> str:
    return bytes(bare("Erreur 404", "rien n'existe ici", 404).body).decode()


def page_with_a_menu() -> str:
    person = SimpleNamespace(nom="n", profil=Profil.OPERATEUR, has_the_desk_alone=False)
    visite = SimpleNamespace(form_token="j", person=person)
    return render("base.html", visite=visite, menu=menu(lambda _: True, "/"))


PAGES = pytest.mark.parametrize("shown", [error, page_with_a_menu])


@pytest.fixture
def reachable() -> Iterator[None]:
    show_contact(CONTACT)
    yield
    show_contact(None)


@PAGES
@pytest.mark.usefixtures("reachable")
def test_a_page_says_how_to_reach_the_team_of_the_hub(shown: Callable[[], str]) -> None:
    assert CONTACT in shown()


@PAGES
def test_a_console_without_a_contact_promises_none(shown: Callable[[], str]) -> None:
    assert "L'équipe du hub" not in shown()
