"""«Mes tâches»: the tasks of the visitor's partner, most urgent first."""

from fastapi import Request, Response

from console.bureau.here import desk_page, partner_of
from console.rendering import now
from console.visit import Parleur, closed

router = closed()


@router.get("/bureau")
async def to_do(request: Request, visite: Parleur) -> Response:
    """Show the tasks of the partner, each with who acts next and until when."""
    partner = partner_of(visite)
    taches = await visite.parts.desk.to_do(partner, visite.parts.registry(), now())
    return desk_page(request, visite, partner, "a_faire.html", taches=taches)
