"""One place, referral or candidacy: where it stands, and everything that was said of it."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from console.pages.referrals import in_turn
from console.pages.searching import within
from console.rendering import page
from console.visit import Suiveur, not_found
from router.domain.deadlines import running_of
from router.ops import way
from router.ops.finding import Way
from router.store import listing, subjects, tracking

router = APIRouter()


@router.get("/sujets/{ident}")
async def subject(request: Request, visite: Suiveur, ident: UUID) -> Response:
    """Its timeline, for whoever has a part in it or sees all."""
    async with visite.parts.database.transaction() as connection:
        stands = await tracking.stands(connection, [ident])
        if not stands or not visite.portee.sees_any(await listing.parties(connection, ident)):
            raise not_found()
        known = await subjects.read(connection, [ident])
        told = Way(str(ident), await way.of_subject(connection, ident))
    deadlines = [d for each in known.values() for d in in_turn(running_of(each, visite.parts.registry()))]
    return page(
        request,
        visite,
        "sujet.html",
        sujet=stands[0],
        chemin=within(told, visite.portee),
        echeances=deadlines,
    )
