"""Partner in whose name the visitor of the desk (`console/bureau`) works, and the pages of the desk's menu."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from console.rendering import page
from console.visit import Visite, not_found
from contracts.base import Nature
from contracts.partner import Famille, Partner
from contracts.ports import IntakeReport
from contracts.uuids import moment_of
from ops.desk.forms import Lecture, written
from router.domain.audience import ADDRESSEES, BROUGHT_BY
from router.domain.sandbox import sandbox_of

EVERYBODY = frozenset(Famille)
LOOKING = frozenset({Famille.SIAO, Famille.VEILLE_SOCIALE})
SANDBOX = "/bureau/bac-a-sable"
"""Path of the page that only partners in a sandbox see."""
PAGES = (
    ("/bureau", "Mes tâches", EVERYBODY),
    ("/bureau/places-libres", "Places libres", LOOKING),
    ("/bureau/menages", "Ménages", frozenset({Famille.SIAO})),
    ("/bureau/sans-reponse", "Sans réponse", frozenset({Famille.SIAO})),
    ("/bureau/doublons", "Doublons", frozenset({Famille.SIAO})),
    ("/bureau/deposer", "Déposer", EVERYBODY),
    ("/bureau/recu", "Reçu", EVERYBODY),
    ("/bureau/envois", "Mes envois", EVERYBODY),
    ("/bureau/places", "Mes places", ADDRESSEES[Nature.ORIENTATION]),
    ("/bureau/demandes", "Mes demandes", BROUGHT_BY),
    (SANDBOX, "Bac à sable", EVERYBODY),
    ("/bureau/aide", "Aide", EVERYBODY),
)
"""Menu of the desk. Each entry has a path, a title, and the types of partner that see the page."""
FORMS = (
    ("/bureau/demandes", "/bureau/demandes/nouvelle", "Nouvelle demande"),
    ("/bureau/places", "/bureau/places/declarer", "Déclarer une place libre"),
)
"""Forms with which one place or demand is declared without a spreadsheet. Each entry has the path of the page
in the menu, the path of the form, and the form's title."""
NOBODY = (
    "aucun partenaire du registre n'est le vôtre : demandez à l'équipe du hub de vérifier votre périmètre, et "
    "l'entrée de votre partenaire"
)
TO_THE_SIAO = frozenset({Nature.PLACE, Nature.DEMANDE, Nature.DAHO, Nature.ORIENTATION, Nature.CANDIDATURE})
"""Kinds of subjects (place, demand…). A message about such a subject goes to the SIAO, if its sender is not a
SIAO itself."""
SENT = "dit"
"""Name of the query parameter with the id of the message that the visitor has just sent."""
Cle = Annotated[UUID, Form()]
"""Idempotency key that a form posts. A form that is sent twice has only one effect."""


def partner_of(visite: Visite) -> Partner:
    """Return the partner in whose name the visitor works. Raises 404 if the visitor has no partner in the
    registry."""
    partner = visite.person.speaks_for(visite.parts.registry())
    if partner is None:
        raise HTTPException(404, NOBODY)
    return partner


def working(visite: Visite, page: str) -> Partner:
    """Return the partner in whose name the visitor works. Raises 404 if the menu for partners of its type lacks
    the page `page`."""
    partner = partner_of(visite)
    if not any(path == page and partner.famille in familles for path, _, familles in PAGES):
        raise not_found()
    return partner


def desk_page(
    request: Request,
    visite: Visite,
    partner: Partner,
    template: str,
    status: int = 200,
    *,
    ici: str = "",
    **values: object,
) -> HTMLResponse:
    """Return a page of the desk as HTML, with the menu for the partner's type. `ici` is the entry of the menu
    to which the page belongs; without `ici`, the address decides. `values` are passed to the template."""
    menu = menu_of(partner)
    shown = {path for path, _ in menu}
    return page(
        request,
        visite,
        f"bureau/{template}",
        status,
        partenaire=partner,
        pages=menu,
        formulaires=[(path, title) for parent, path, title in FORMS if parent in shown],
        ici=ici or _here(request),
        **values,
    )


def menu_of(partner: Partner) -> list[tuple[str, str]]:
    """Return the pages of the desk (`console/bureau`) for a partner, each as a path and a title."""
    return [
        (path, title)
        for path, title, familles in PAGES
        if partner.famille in familles and (path != SANDBOX or sandbox_of(partner.id))
    ]


def sent_to(page: str, message: UUID, row: str = "") -> RedirectResponse:
    """Return a redirect to a page of the desk, which then says that `message` was sent, and when. `row` is the id of
    the row to which the page scrolls."""
    return RedirectResponse(f"{page}?{urlencode({SENT: str(message)})}{row and f'#{row}'}", 303)


async def said_just_now(request: Request, visite: Visite, partner: Partner) -> Mapping[str, Any]:
    """Return the template values that confirm what the visitor has just sent: `dit` (id of the message, and its
    moment), `juste_dit` (its French description), and `au_siao` (whether the message went to the SIAO). `dit`
    and `juste_dit` are None if nothing was just sent, or if the message is not the partner's."""
    message = _just_sent(request)
    told = await visite.parts.desk.own.described(partner, [message]) if message else {}
    said = told.get(str(message))
    at = moment_of(message) if message and said else None
    to_the_siao = said is not None and said.nature in TO_THE_SIAO and partner.famille is not Famille.SIAO
    return {"dit": (message, at) if at else None, "juste_dit": said if at else None, "au_siao": to_the_siao}


def _just_sent(request: Request) -> UUID | None:
    try:
        return UUID(request.query_params.get(SENT, ""))
    except ValueError:
        return None


def _here(request: Request) -> str:
    path = request.url.path
    return max(
        (each for each, *_ in PAGES if path == each or path.startswith(f"{each}/")), key=len, default=""
    )


async def lecture_of(request: Request, partner: Partner) -> Lecture:
    """Return an object that reads and checks the form which a request has posted in the partner's name."""
    return Lecture(written((await request.form()).multi_items()), partner)


def key_of(written: Mapping[str, str]) -> str:
    """Return the idempotency key that was posted with a form, or a new one. A form that is shown again thus
    keeps its key, and has only one effect."""
    return written.get("cle") or str(uuid4())


def why_not(report: IntakeReport) -> str:
    """Return in French why the hub refused a message; an empty text for an accepted message."""
    if report.etat == "conflit":
        return "ce formulaire a déjà servi à dire autre chose : ouvrez-en un nouveau, puis recommencez"
    return " ".join(dict.fromkeys(rejet.message for rejet in report.rejets))
