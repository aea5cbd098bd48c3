"""Serve the page «Places libres», which shows where a SIAO can refer a household, or where the 115 can send
one tonight."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from console.bureau.here import desk_page, working
from console.rendering import now
from console.visit import Parleur, closed
from contracts.partner import Famille
from contracts.reference.codes import Dispositif, listes
from contracts.reference.communes import near
from contracts.v1.menage import COUPLES_ET_FAMILLES
from ops.desk.offers import Filtre, grouped

router = closed()
PAGE = "/bureau/places-libres"
NAMED = 12
"""Maximum number of places of a group that the page names."""


def day_of(text: str) -> date | None:
    """Return the day in an ISO text; None for an empty or unreadable text."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


async def _filtre(request: Request) -> Filtre:
    """Read the criteria of a search from a posted form only. They may describe a household, so they must not
    stand in a URL."""
    return filter_of(await request.form() if request.method == "POST" else {})


def filter_of(asked: Mapping[str, Any]) -> Filtre:
    commune, le = (str(asked.get(name, "")).strip()[:80] for name in ("commune", "le"))
    dispositif, composition, accessible = (
        str(asked.get(name, "")) for name in ("dispositif", "composition", "accessible")
    )
    lits = str(asked.get("lits", ""))[:2]
    return Filtre(
        commune,
        dispositif,
        composition,
        accessible == "true",
        day_of(le),
        int(lits) if lits.isdecimal() else 0,
    )


Voulues = Annotated[Filtre, Depends(_filtre)]


@router.get(PAGE)
@router.post(PAGE)
async def free_places(request: Request, visite: Parleur, filtre: Voulues) -> Response:
    """Show the places that match the criteria. A SIAO sees places in its territories that are free now or
    soon. The 115 sees emergency places that are free tonight. If no place has enough beds, show groups of
    places that together do. Places whose last news is too old are marked. These groups leave them out, and so
    does the number of places free tonight, which the 115 sees."""
    partner = working(visite, PAGE)
    several = sum(COUPLES_ET_FAMILLES.get(filtre.composition, ()))
    filtre = filtre._replace(lits=filtre.lits or (several and 1 + several))  # a bed a person
    desk = visite.parts.desk
    registry = visite.parts.registry()
    of_any_size = await desk.free_places.near(partner, registry, filtre._replace(lits=0), now())
    libres = of_any_size._replace(offres=[each for each in of_any_size.offres if filtre.suits(each)])
    ce_soir = partner.famille is Famille.VEILLE_SOCIALE
    ensemble = []
    if filtre.lits and not libres.offres:
        sure = (each for each in of_any_size.offres if each.perimee is None)
        ensemble = [group for group in grouped(sure) if group.beds >= filtre.lits]
    places = [] if ce_soir else [each.place for each in libres.offres]
    noms = await desk.reader.place_names(partner, places)
    return desk_page(
        request,
        visite,
        partner,
        "places_libres.html",
        groupes=grouped(libres.offres, noms),
        libres=libres,
        ensemble=ensemble,
        filtre=filtre,
        dispositifs=[str(each) for each in Dispositif],
        compositions=listes()["compositions"],
        communes=near(partner.territoire),
        noms=noms,
        montrees=NAMED,
        ce_soir=ce_soir,
    )
