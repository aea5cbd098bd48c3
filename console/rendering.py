"""Pages in HTML: templates that escape whatever they are given, and the words for times, numbers and states."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from console.rights import Droit
from console.visit import Visite
from contracts.base import name_of
from router.domain.verdict import Level
from router.ops import words
from router.ops.way import ETATS, spelled
from router.ops.wording import CONTACTS, ETAPES, REJEUX

PAGES = (
    ("/", "Cette nuit", Droit.VEILLER),
    ("/orientations", "Orientations", Droit.SUIVRE),
    ("/places", "Places", Droit.SUIVRE),
    ("/messages", "Messages", Droit.SUIVRE),
    ("/quarantaine", "Quarantaine", Droit.SUIVRE),
    ("/livraisons", "Livraisons", Droit.SUIVRE),
    ("/partenaires", "Partenaires", Droit.SUIVRE),
    ("/flux", "Flux", Droit.VEILLER),
    ("/alertes", "Alertes", Droit.VEILLER),
    ("/rejeux", "Rejeux", Droit.DECIDER),
    ("/audit", "Audit", Droit.AUDITER),
)
"""What the menu shows to whoever has the right."""
COLOURS = {
    **dict.fromkeys(("livree", "applique", "accepte", "joignable", "resolue", "termine"), "green"),
    **dict.fromkeys(("deposee", "en_vol", "en_cours", "rejouee", "appliquee"), "azure"),
    **dict.fromkeys(("en_attente", "partiel", "en_pause"), "yellow"),
    **dict.fromkeys(
        (
            "refuse",
            "refusee",
            "incertaine",
            "quarantaine",
            "anomalie",
            "ouverte",
            "injoignable",
            "acces_refuse",
        ),
        "red",
    ),
}
"""Of a state's badge; what is done with, or says nothing, is grey."""
LEVELS = {Level.BON: "green", Level.A_VOIR: "yellow", Level.EN_PANNE: "red"}


def now() -> datetime:
    """What the clock says."""
    return datetime.now(UTC)


def state_of(code: str | None) -> str:
    """A state as people read it."""
    return spelled(ETATS.get(code or "", code or "—"))


_environment = Environment(
    loader=PackageLoader("console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(
    il_y_a=lambda moment: words.ago(moment, now()),
    a=lambda moment: "—" if moment is None else words.at(moment, now()),
    nombre=words.counted,
    decimal=lambda number: "—" if number is None else words.decimal(number),
    etat=state_of,
    couleur=lambda code: COLOURS.get(str(code), "secondary"),
    type=name_of,
    dit=spelled,
)
_environment.globals.update(CONTACTS=CONTACTS, ETAPES=ETAPES, REJEUX=REJEUX, Droit=Droit, LEVELS=LEVELS)


def render(template: str, **values: Any) -> str:
    """A template with these values."""
    return _environment.get_template(template).render(**values)


def page(request: Request, visite: Visite, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page, with the menu of whoever visits."""
    menu = [(path, title) for path, title, droit in PAGES if visite.person.may(droit)]
    here = next((path for path, _ in reversed(menu) if _is_below(request.url.path, path)), "")
    content = render(template, visite=visite, menu=menu, here=here, **values)
    return HTMLResponse(content, status)


def bare(title: str, said: str, status: int, back: str | None = "/") -> HTMLResponse:
    """A page for nobody in particular: an error, a goodbye."""
    return HTMLResponse(render("nu.html", titre=title, dit_ceci=said, retour=back), status)


def _is_below(path: str, parent: str) -> bool:
    return path == parent or (parent != "/" and path.startswith(f"{parent}/"))
