"""Find the partner for whom the visitor of the desk works, and make the desk's pages with their menu."""

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
from ops.tracing.own import Envoye
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
"""Menu of the desk: path, title, and types of partners that see the page."""
FORMS = (
    ("/bureau/demandes", "/bureau/demandes/nouvelle", "Nouvelle demande"),
    ("/bureau/places", "/bureau/places/declarer", "Déclarer une place"),
)
"""Forms for one place or demand: path of the page in the menu, path of the form, title."""
NOBODY = (
    "aucun partenaire du registre n'est le vôtre : demandez à l'équipe du hub de vérifier votre périmètre, et "
    "l'entrée de votre partenaire"
)
TO_THE_SIAO = frozenset({Nature.PLACE, Nature.DEMANDE, Nature.DAHO, Nature.ORIENTATION, Nature.CANDIDATURE})
"""Kinds of subjects about which messages go to the SIAO, unless the SIAO sends them."""
SENT = "dit"
"""Query parameter with the id of the message that the visitor has just sent."""
Cle = Annotated[UUID, Form()]
"""Idempotency key of a form: a form sent twice has one effect."""


def partner_of(visite: Visite) -> Partner:
    """Return the partner for whom the visitor works. Raises 404 if the partner is not in the registry."""
    partner = visite.person.speaks_for(visite.parts.registry())
    if partner is None:
        raise HTTPException(404, NOBODY)
    return partner


def working(visite: Visite, page: str) -> Partner:
    """Return the partner for whom the visitor works. Raises 404 if the desk's menu for this partner lacks
    `page`."""
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
    """Return a page of the desk, with the desk's menu. `ici` is the path whose entry the menu highlights; by
    default, it is the path of the request."""
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
    """Return the pages that the desk's menu lists for a partner, each as path and title."""
    return [
        (path, title)
        for path, title, familles in PAGES
        if partner.famille in familles and (path != SANDBOX or sandbox_of(partner.id))
    ]


def sent_to(page: str, message: UUID, row: str = "") -> RedirectResponse:
    """Return a redirect to the desk's page `page`, which then says that `message` was sent. The browser scrolls
    to the HTML id `row`, if given."""
    return RedirectResponse(f"{page}?{urlencode({SENT: str(message)})}{row and f'#{row}'}", 303)


async def said_just_now(request: Request, visite: Visite, partner: Partner) -> Mapping[str, Any]:
    """Return template values about the message that the request's URL names as just sent: `dit` (its id and
    moment), `juste_dit` (its description in French), `au_siao` (whether it is for the SIAO). If the URL names
    no message of this partner, `dit` and `juste_dit` are None, and `au_siao` is False."""
    message = _just_sent(request)
    told = await visite.parts.desk.own.described(partner, [message]) if message else {}
    said = told.get(str(message))
    at = moment_of(message) if message and said else None
    return {
        "dit": (message, at) if at else None,
        "juste_dit": said if at else None,
        "au_siao": is_for_the_siao(said, partner),
    }


def is_for_the_siao(said: Envoye | None, sender: Partner) -> bool:
    """Return whether the message `said` of `sender` is for the SIAO. Return False without a message."""
    return said is not None and said.nature in TO_THE_SIAO and sender.famille is not Famille.SIAO


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
    """Return an object that reads and checks the fields of the posted form for this partner."""
    return Lecture(written((await request.form()).multi_items()), partner)


def key_of(written: Mapping[str, str]) -> str:
    """Return the idempotency key that a form has posted, so that a form shown again keeps its key. Return a new
    key if the form posted no key."""
    return written.get("cle") or str(uuid4())


def why_not(report: IntakeReport) -> str:
    """Return in French why the hub refused a message; empty for an accepted message."""
    if report.etat == "conflit":
        return "ce formulaire a déjà servi à dire autre chose : ouvrez-en un nouveau, puis recommencez"
    return " ".join(dict.fromkeys(rejet.message for rejet in report.rejets))
