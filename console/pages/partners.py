"""«Partenaires»: how each does, its entry in the registry, its keys; and a file of its tried without any effect."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from connectors.media import media_type_of
from console.rendering import page
from console.visit import Decideur, Suiveur, Visite, not_found
from contracts.partner import Partner
from contracts.ports import IntakeReport, Native
from router.domain.partners import SHORT_DIGITS, flattened, told
from router.domain.vitals import Correspondent
from router.ops import tasks
from router.store import key_uses

router = APIRouter()


@router.get("/partenaires")
async def partners(request: Request, visite: Suiveur) -> Response:
    """All of them."""
    found = await _correspondents(visite)
    entries = visite.parts.registry().partners
    return page(request, visite, "partenaires.html", lignes=[(each, entries.get(each.id)) for each in found])


@router.get("/partenaires/{ident}")
async def partner(request: Request, visite: Suiveur, ident: str) -> Response:
    """One of them."""
    return await _shown(request, visite, _entry(visite, ident), None)


@router.post("/partenaires/{ident}/fichier")
async def try_file(
    request: Request,
    visite: Suiveur,
    ident: str,
    dialecte: Annotated[str, Form()],
    corps: Annotated[str, Form()] = "",
    fichier: UploadFile | None = None,
) -> Response:
    """What the door would answer to a message of this partner, row by row; nothing of it is kept."""
    entry = _entry(visite, ident)
    if dialecte not in entry.dialectes:
        raise HTTPException(422, "ce partenaire ne parle pas ce dialecte")
    name = (fichier.filename if fichier is not None else None) or None
    body = await fichier.read() if fichier is not None and name else corps.encode()
    native = Native(body, media_type_of(name or "corps.txt"), name)
    report = await visite.parts.intake.receive(native, entry, dialecte, essai=True)
    return await _shown(request, visite, entry, report)


@router.post("/partenaires/{ident}/essayer")
async def try_now(visite: Decideur, ident: str) -> Response:
    """Try at once what waits for it."""
    await tasks.try_now(visite.parts.database, _entry(visite, ident).id, visite.person.actor)
    return RedirectResponse(f"/partenaires/{ident}", 303)


async def _shown(request: Request, visite: Visite, entry: Partner, report: IntakeReport | None) -> Response:
    health = next((each for each in await _correspondents(visite) if each.id == entry.id), None)
    async with visite.parts.database.transaction() as connection:
        uses = await key_uses.read(connection)
    fields = flattened(entry.model_dump(mode="json"))
    return page(
        request,
        visite,
        "partenaire.html",
        partenaire=entry,
        sante=health,
        fiche={name: told(name, value) for name, value in fields.items() if value not in (None, [], "")},
        cles=[(key[: len("sha256:") + SHORT_DIGITS], uses.get(key)) for key in entry.cles_api],
        rapport=report,
    )


def _entry(visite: Visite, ident: str) -> Partner:
    visite.needs(ident)
    entry = visite.parts.registry().get(ident)
    if entry is None:
        raise not_found()
    return entry


async def _correspondents(visite: Visite) -> list[Correspondent]:
    """As the newest look at the hub found them: it is there already, and one for all pages."""
    seen = await visite.parts.looks.newest()
    return [each for each in seen.facts.partners if visite.portee.sees(each.id)]
