"""Serve the page «Actes», which lists agreements and derogations."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from console.exporting import Columns, csv_of
from console.pages.paging import Voir
from console.rendering import page
from console.visit import Suiveur, closed
from ops.acts.acts import Names, Shown, known
from ops.acts.sql import Position, position_of

router = closed()
LISTED = 100
COLONNES: Columns[Shown] = {
    "id": lambda shown: shown.act.id,
    "numero": lambda shown: shown.act.numero,
    "acte": lambda shown: shown.title,
    "territoire": lambda shown: shown.act.territoire,
    "porte_sur": lambda shown: shown.about or None,
    "du": lambda shown: shown.act.vaut_depuis or shown.act.du,
    "au": lambda shown: shown.act.au,
    "signatures_attendues": lambda shown: ", ".join(shown.missing),
    "places_qui_restent": lambda shown: shown.left,
}


def _position(
    apres: date | None = None, apres_cle: str = "", apres_id: UUID | None = None
) -> Position | None:
    return Position(apres, apres_cle, apres_id) if apres and apres_id else None


@router.get("/actes")
async def acts(
    request: Request,
    visite: Suiveur,
    suite: Annotated[Position | None, Depends(_position)],
    vue: Voir,
    partenaire: str = "",
) -> Response:
    """Show the agreements and derogations that the visitor may see. `suite`: last row of the previous page,
    after which this page begins. `partenaire`, if given, leaves only those that concern this partner. `vue`:
    one page, the whole list, or a file."""
    among = visite.among(partenaire)
    names = Names(visite.parts.registry(), visite.portee.sees)
    found = await known(visite.parts.database, names, among, suite, vue.most(LISTED))
    if vue.csv:
        return await csv_of("actes", COLONNES, found)
    shown, part = vue.part(found, LISTED, debut=suite is None)
    return page(
        request,
        visite,
        "actes.html",
        actes=shown,
        dernier=position_of(shown[-1].act) if shown else None,
        part=part,
        partenaire=partenaire,
        partenaires=visite.names(),
    )
