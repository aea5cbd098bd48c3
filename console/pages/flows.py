"""«Flux»: each partner's traffic beside the rhythm that is expected of it, and the hub as a whole, drawn."""

from fastapi import APIRouter, Request, Response

from console.pages.night import within
from console.rendering import page
from console.visit import Veilleur
from router.domain.verdict import live
from router.domain.vitals import Etape
from router.roles import AT_WORK, Role

router = APIRouter()
STEPS = (
    ("Porte", Role.GATEWAY, Etape.DIFFERE),
    ("Journal", Role.RELAY, Etape.A_APPLIQUER),
    ("Règles", Role.WORKER, Etape.MIS_DE_COTE),
    ("Livraison", Role.DISPATCHER, Etape.A_LIVRER),
    ("Boîtes", None, Etape.EN_BOITE),
)
"""The way of a message: a step, the role that does it, and what waits there."""


@router.get("/flux")
async def flows(request: Request, visite: Veilleur) -> Response:
    """Who sends how much, what waits for whom, who has been silent for longer than usual."""
    seen = await visite.parts.looks.newest()
    facts = within(seen.facts, visite.portee)
    alive = {role: len(live(facts.beats, role, seen.at)) for role in AT_WORK}
    return page(request, visite, "flux.html", faits=facts, etapes=STEPS, vivants=alive, le=seen.at)
