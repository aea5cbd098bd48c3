"""«Actes»: agreements and derogations, with their signatures and the places left."""

from fastapi import Request, Response

from console.rendering import page
from console.visit import Suiveur, closed
from ops.acts.acts import known

router = closed()


@router.get("/actes")
async def acts(request: Request, visite: Suiveur) -> Response:
    """Show the acts in which a partner that the visitor may see has a part."""
    shown = [each for each in await known(visite.parts.database) if visite.portee.opens(each.act)]
    return page(request, visite, "actes.html", actes=shown)
