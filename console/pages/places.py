"""Serve the page «Places», which shows the places of each manager that are free, reserved, unavailable or
soon free, and marks vacancies whose last news is too old."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import Request, Response

from console.exporting import Columns, csv_of
from console.live import COUNTED_ON_A_PAGE
from console.pages.asking import Suite
from console.pages.paging import Voir
from console.rendering import now, page
from console.visit import Suiveur, closed
from contracts.reference.territoires import noms
from ops.desk.vocabulary import worded
from ops.doubts.declared import is_stale_vacancy, stale_since
from ops.lists import sql as listing
from ops.lists.sql import Order
from router.domain.partners import Registry
from router.store.database import Row

router = closed()
LISTED = 50


@router.get("/places")
async def places(
    request: Request,
    visite: Suiveur,
    suite: Suite,
    vue: Voir,
    etat: str = "",
    chez: str = "",
    ordre: Order = Order.OLDEST,
) -> Response:
    """Show places in the order `ordre`, and how many places each of their managers has in each state.
    `suite`: last row of the previous page, after which this page begins. `etat`, if given, leaves only the
    places in this state; `chez`, only the places of this manager. `vue`: one page, the whole list, or a
    file."""
    managers = visite.portee.of([chez]) if chez else visite.real_partners()
    etats = (etat,) if etat in listing.PLACES else listing.PLACES
    registry = visite.parts.registry()
    async with visite.parts.database.transaction() as connection:
        rows = await listing.places(connection, etats, managers, suite, vue.most(LISTED), ordre)
        said = await listing.described(connection, [row.id for row in rows])
        here = () if vue.csv else sorted({row.donnees["gestionnaire"] for row in rows})
        counts = await listing.places_by_manager(connection, here, listing.PLACES, COUNTED_ON_A_PAGE)
    decrites = {row.id: _decrite(row.donnees, said.get(row.id, {}), registry) for row in rows}
    if vue.csv:
        return await csv_of("places", _columns(decrites), rows)
    rows, part = vue.part(rows, LISTED, debut=suite is None)
    return page(
        request,
        visite,
        "places.html",
        comptes=_by_manager(counts),
        etats=listing.PLACES,
        lignes=rows,
        decrites=decrites,
        etat=etat,
        chez=chez,
        ordre=ordre,
        partenaires=visite.names(),
        territoires={name: entry.territoire for name, entry in registry.partners.items()},
        perimees=_stale(rows, registry),
        plafond=COUNTED_ON_A_PAGE,
        part=part,
    )


class Decrite(NamedTuple):
    """Facts about a place: how many people it takes, which households (French words), and where it is."""

    capacite: int | None
    public: str | None
    """French words for the compositions of household; None if the description does not say."""
    structure: str | None
    """Structure of the place. None if its address is secret today, or if no partner manages it."""
    commune: str | None
    """Commune of the place; None if `structure` is None."""


def _columns(decrites: Mapping[UUID, Decrite]) -> Columns[Row]:
    return {
        "id": lambda row: row.id,
        "etat": lambda row: row.etat,
        "gestionnaire": lambda row: row.donnees.get("gestionnaire"),
        "dispositif": lambda row: row.donnees.get("dispositif"),
        "structure": lambda row: decrites[row.id].structure,
        "commune": lambda row: decrites[row.id].commune,
        "ville": lambda row: noms().get(decrites[row.id].commune or ""),
        "capacite": lambda row: decrites[row.id].capacite,
        "public": lambda row: decrites[row.id].public,
        "retenue_jusqu_a": lambda row: row.due_at,
        "depuis": lambda row: row.changed_at,
    }


def _decrite(place: Mapping[str, Any], described: Mapping[str, Any], registry: Registry) -> Decrite:
    received = described.get("compositions") or ()
    public = ", ".join(worded("compositions", code) for code in received)
    structure = registry.open_structure(place.get("structure"))
    commune = place.get("commune") if structure else None
    return Decrite(described.get("capacite"), public or None, structure, commune)


def _stale(rows: Sequence[Row], registry: Registry) -> set[UUID]:
    by_manager = {row.id: row.donnees["gestionnaire"] for row in rows}
    managers = filter(None, map(registry.get, {*by_manager.values()}))
    old = stale_since(managers, now())
    return {row.id for row in rows if is_stale_vacancy(row.etat, row.changed_at, old.get(by_manager[row.id]))}


def _by_manager(counts: Iterable[Row]) -> dict[str, dict[str, Row]]:
    table: dict[str, dict[str, Row]] = {}
    for row in counts:
        table.setdefault(row.gestionnaire, {})[row.etat] = row
    return table
