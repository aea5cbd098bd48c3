"""The search box: an id of the hub, a partner's own name of a place, household or referral; else words."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from console.rendering import now, page
from console.rights import Portee
from console.visit import Suiveur, Visite, closed
from ops.finding import sql as finding
from ops.tracing.lookup import Way, Words, ways
from ops.tracing.way import Stop
from router.store import inbox
from router.store.database import Connection, Row

router = closed()
LISTED = 50
WINDOW = timedelta(days=1)
NOT_THEIRS = "ce qui vous en a été communiqué"
"""Title of a way whose own page and id this visitor may not see."""


class Hit(NamedTuple):
    """A search result, as far as the visitor may see it."""

    title: str
    page: str | None
    """The result's page; None if the visitor may not see it."""
    stops: Sequence[Stop]


@router.get("/recherche")
async def by_id(request: Request, visite: Suiveur, q: str = "") -> Response:
    """Search an id in a link. Other words are refused in an address, because proxies and browsers store it."""
    try:
        return await _searched(request, visite, str(UUID(q)))
    except ValueError:
        return RedirectResponse("/messages", 303)


@router.post("/recherche")
async def search(request: Request, visite: Suiveur, q: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Return every way known under the words; without one, the messages since yesterday that contain them."""
    known_as = q.strip()
    return await _searched(request, visite, known_as) if known_as else RedirectResponse("/messages", 303)


async def _searched(request: Request, visite: Visite, known_as: str) -> Response:
    found = await known(visite, known_as)
    rows = () if found else await _saying(visite, known_as)
    return page(request, visite, "recherche.html", q=known_as, chemins=found, lignes=rows)


async def known(visite: Visite, known_as: str) -> list[Hit]:
    """Return the ways known under an id, a name or a key, as far as the visitor may see them."""
    whole = visite.portee.whole
    async with visite.parts.database.transaction() as connection:
        words = Words(visite.parts.keyring, visite.parts.crosswalk)
        found = await ways(connection, words, visite.partners(), known_as, to_sender=not whole)
        mine = [each._replace(stops=stops) for each in found if (stops := within(each.stops, visite.portee))]
        opened = await visite.opened(connection, [each.about for each in mine if each.is_of_a_subject])
        return [await _found(connection, visite.portee, each, opened) for each in mine]


async def _found(connection: Connection, portee: Portee, way: Way, opened: frozenset[UUID]) -> Hit:
    if way.is_of_a_subject:
        theirs, pages = way.about in opened, "sujets"
    else:
        header = None if portee.whole else await inbox.fate(connection, way.about)
        theirs, pages = portee.sees(header and header.partner), "messages"
    return Hit(way.title, f"/{pages}/{way.about}", way.stops) if theirs else Hit(NOT_THEIRS, None, way.stops)


def within(stops: Sequence[Stop], portee: Portee) -> Sequence[Stop]:
    """Return a way without the stops that concern other partners, or people who work on the hub. Pure."""
    return stops if portee.whole else [stop for stop in stops if portee.sees(stop.partner)]


async def _saying(visite: Visite, words: str) -> Sequence[Row]:
    until = now()
    wanted = finding.Wanted(visite.partners(), until - WINDOW, until, words=words)
    async with visite.parts.database.transaction() as connection:
        return await finding.find(connection, wanted, LISTED)
