"""«Mes envois»: the outcome of the messages that the visitor's partner has sent, row by row, under its own names."""

from datetime import timedelta
from uuid import UUID

from fastapi import Request, Response

from connectors.mailbox_http import content_of
from console.bureau.here import desk_page, partner_of
from console.rendering import now
from console.visit import Parleur, closed, not_found
from router.intake.own_routes import Recherche

router = closed()
SINCE = timedelta(days=30)
LISTED = 100
EFFETS = {
    "": "tous les effets",
    "applique": "appliqué",
    "en_attente": "en attente",
    "sans_effet": "sans effet",
    "anomalie": "sans suite possible",
    "quarantaine": "chez l'équipe du hub",
}
"""French words for the effects of a row."""


@router.get("/bureau/envois")
async def sent(request: Request, visite: Parleur, reference: str = "") -> Response:
    """Show the messages of thirty days, newest first. With `reference`, only those about the subject that the
    partner calls so."""
    partner = partner_of(visite)
    wanted = Recherche.model_validate({"limite": LISTED, "reference": reference.strip() or None})
    rows = await visite.parts.desk.own.messages(partner.id, wanted, now() - SINCE)
    return desk_page(request, visite, partner, "envois.html", lignes=rows, reference=reference)


@router.get("/bureau/envois/{ident}")
async def one(request: Request, visite: Parleur, ident: UUID, effet: str = "") -> Response:
    """Show the result of each row of one message. With `effet`, only the rows with this effect."""
    partner = partner_of(visite)
    fate = await visite.parts.desk.own.fate(partner, ident)
    if fate is None:
        raise not_found()
    rows = [event for event in fate["evenements"] if effet in ("", event["etat"])]
    return desk_page(
        request, visite, partner, "envoi.html", sort=fate, evenements=rows, effet=effet, effets=EFFETS
    )


@router.get("/bureau/envois/{ident}/a-corriger")
async def to_mend(visite: Parleur, ident: UUID) -> Response:
    """Return the refused rows of one table, to be corrected and sent again."""
    native = await visite.parts.desk.own.to_mend(partner_of(visite), ident)
    if native is None:
        raise not_found()
    return content_of(native)
