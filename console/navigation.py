"""Make the menu of the console: its sections and pages, as far as a visitor sees them."""

from collections.abc import Callable
from typing import NamedTuple

from console.rights import Droit, desk_alone


class Page(NamedTuple):
    """Page in the menu, with the right that it needs."""

    path: str
    title: str
    droit: Droit


class Place(NamedTuple):
    """Section of the menu. It opens on its first page that the visitor may see."""

    title: str
    pages: tuple[Page, ...]


DESK = "/bureau"
PLACES = (
    Place("Bureau", (Page(DESK, "Bureau", Droit.PARLER),)),
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
        "Orientations et places",
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
    """Menu that a visitor sees on one page: its sections, the open section, and the entry to highlight."""

    places: tuple[Place, ...]
    place: Place | None
    here: str
    """Entry to highlight: the page itself, or the entry above it; empty if the menu has neither."""


def menu(may: Callable[[Droit], bool], path: str, *, at_a_desk: bool = True) -> Menu:
    """Return the menu of the page `path` for a visitor. `may`: function that tells whether the visitor has a
    right; `at_a_desk`: whether the visitor works for a partner. If not, the section «Bureau» is left out. On
    the pages of the desk, one section, «Suivi du hub», stands in place of all sections but «Bureau»."""
    places = PLACES[:1] if desk_alone(may) else PLACES
    shown = Droit if at_a_desk else frozenset(Droit) - {Droit.PARLER}
    allowed = [
        Place(p.title, tuple(page for page in p.pages if page.droit in shown and may(page.droit)))
        for p in places
    ]
    seen = tuple(place for place in allowed if place.pages)
    below = [(page.path, place) for place in seen for page in place.pages if is_below(path, page.path)]
    here, place = max(below, key=lambda each: len(each[0]), default=("", None))
    if here == DESK and len(seen) > 1:
        seen = (seen[0], Place("Suivi du hub", seen[1].pages))
    return Menu(seen, place, here)


def is_below(path: str, parent: str) -> bool:
    """Return whether a path is `parent` or lies below `parent`."""
    return path == parent or (parent != "/" and path.startswith(f"{parent}/"))
