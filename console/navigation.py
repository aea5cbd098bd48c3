"""The menu: the desk of partners, and five places of the ops; each with its pages and the right that a page requires.

A new page is one line here.
"""

from collections.abc import Callable
from typing import NamedTuple

from console.rights import Droit, desk_alone


class Page(NamedTuple):
    """A page of the menu."""

    path: str
    title: str
    droit: Droit


class Place(NamedTuple):
    """Pages that answer one question; whoever opens the place comes to the first of them that they may see."""

    title: str
    pages: tuple[Page, ...]


PLACES = (
    Place("Bureau", (Page("/bureau", "Bureau", Droit.PARLER),)),
    Place(
        "Maintenant",
        (
            Page("/", "Maintenant", Droit.VEILLER),
            Page("/mur", "Mur", Droit.VEILLER),
            Page("/flux", "Flux", Droit.VEILLER),
        ),
    ),
    Place(
        "À traiter au hub",
        (
            Page("/a-traiter", "Tout", Droit.SUIVRE),
            Page("/quarantaine", "Quarantaine", Droit.SUIVRE),
            Page("/orphelines", "Orphelines", Droit.SUIVRE),
            Page("/livraisons", "Livraisons", Droit.SUIVRE),
            Page("/rejeux", "Rejeux", Droit.DECIDER),
        ),
    ),
    Place(
        "Ménages et places",
        (Page("/orientations", "Orientations", Droit.SUIVRE), Page("/places", "Places", Droit.SUIVRE)),
    ),
    Place(
        "Partenaires",
        (
            Page("/partenaires", "Partenaires", Droit.SUIVRE),
            Page("/territoires", "Territoires", Droit.VEILLER),
            Page("/structures", "Structures", Droit.SUIVRE),
            Page("/actes", "Actes", Droit.SUIVRE),
        ),
    ),
    Place(
        "Journal",
        (
            Page("/messages", "Messages", Droit.SUIVRE),
            Page("/alertes", "Alertes", Droit.VEILLER),
            Page("/audit", "Audit", Droit.AUDITER),
            Page("/compte", "Compte", Droit.AUDITER),
        ),
    ),
)


class Menu(NamedTuple):
    """The menu of one visitor on one page."""

    places: tuple[Place, ...]
    place: Place | None
    """The place of the page, if it is in the menu."""
    here: str
    """The address of the page in the menu; empty if it is in none."""


def menu(may: Callable[[Droit], bool], path: str, *, at_a_desk: bool = True) -> Menu:
    """Return the places whose pages the visitor may see, and the place and page to which this address belongs. A person
    who speaks for a partner and does not watch over the hub has the desk alone: the other pages are the hub team's.
    The desk is left out unless the person is `at_a_desk`: the registry may have no partner for them to speak for."""
    places = PLACES[:1] if desk_alone(may) else PLACES
    shown = Droit if at_a_desk else frozenset(Droit) - {Droit.PARLER}
    allowed = [
        Place(p.title, tuple(page for page in p.pages if page.droit in shown and may(page.droit)))
        for p in places
    ]
    seen = tuple(place for place in allowed if place.pages)
    below = [(page.path, place) for place in seen for page in place.pages if is_below(path, page.path)]
    here, place = max(below, key=lambda each: len(each[0]), default=("", None))
    return Menu(seen, place, here)


def is_below(path: str, parent: str) -> bool:
    """Return whether an address is that of a page, or of something that it lists."""
    return path == parent or (parent != "/" and path.startswith(f"{parent}/"))
