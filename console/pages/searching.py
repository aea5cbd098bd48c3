"""Serve the search box. It finds ids, numbers and names; failing these, files; failing these too, messages by
words. Pages of the on-call handbook come last."""

from collections.abc import Container, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from console import astreinte
from console.bureau.here import menu_of
from console.rendering import now, page
from console.rights import Droit, Portee
from console.visit import Suiveur, Visite, closed
from contracts.envelope import HUB
from contracts.partner import Partner
from contracts.reference.graphie import plain
from contracts.reference.territoires import Departement, departement_of, departements, noms
from ops.desk.tasks import Tache, task
from ops.finding import sql as finding
from ops.finding.files import File, among, files_named
from ops.finding.shortened import MOST, Meant, meant, short_in
from ops.tracing.lookup import Way, Words, ways
from ops.tracing.way import Stop
from router.store import inbox
from router.store.database import Connection, Row

router = closed()
LISTED = 50
SHORTEST = 3
"""Minimum length of a text for which the on-call handbook is searched."""
SUJET = "sujet"
WINDOW = timedelta(days=1)
NOT_THEIRS = "ce qui vous en a été communiqué"
"""Title of a search result of which the visitor sees only a part: what was told to the visitor's own
partner."""
BY_NAME = {
    "/bureau/menages": "nom",
    "/bureau/demandes": "numero",
    "/bureau/recu": "nom",
    "/bureau/envois": "reference",
}
"""Pages of the desk on which people find a household by its name, with the form field for the name."""


class Pages(NamedTuple):
    """Paths of the pages of subjects and messages; they differ between the desk and the rest of the console."""

    subject: str
    message: str


OF_THE_OPS, AT_THE_DESK = Pages("/sujets", "/messages"), Pages("/bureau/recu", "/bureau/envois")


class Hit(NamedTuple):
    """Subject or message found by a search, with its history as far as the visitor may see it."""

    title: str
    page: str | None
    """Page of the history; None if the visitor must not open it."""
    stops: Sequence[Stop]
    line: Tache | None = None
    """Subject as the desk lists it; None for a message, or for a visitor without desk."""


@router.get("/recherche")
async def by_id(request: Request, visite: Suiveur, q: str = "") -> Response:
    """Search for the id `q`, which a link gives. If `q` is not a whole id, do not search, but redirect to the
    page «Messages»: `q` might be a person's name, and the URLs of requests are logged."""
    try:
        return await _searched(request, visite, str(UUID(q)))
    except ValueError:
        return RedirectResponse("/messages", 303)


@router.post("/recherche")
async def search(request: Request, visite: Suiveur, q: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Search for the text `q` among subjects, messages, partners, files and the pages of the on-call handbook,
    and show what was found. Without text, redirect to the page «Messages»."""
    known_as = q.strip()
    return await _searched(request, visite, known_as) if known_as else RedirectResponse("/messages", 303)


async def _searched(request: Request, visite: Visite, known_as: str) -> Response:
    """Return the page with the results for the text that the visitor typed (`known_as`). It is compared with
    whole ids, partners' numbers and idempotency keys. If none matches, it is compared with the first or last
    digits of ids; failing these, with file names. Partners with a fitting name are always searched. Words of
    the last day's messages are searched only if nothing else was found. A visitor with the right to watch the
    hub also gets pages of the on-call handbook."""
    partner = visite.person.speaks_for(visite.parts.registry())
    spellings = (known_as.upper(), known_as.lower(), known_as.title()) if partner else ()
    found: list[Hit] = []
    for spelling in dict.fromkeys((known_as, *spellings)):  # people do not type a number's capitals
        found = found or await known(visite, spelling)
    alike = Meant() if found else await _meant(visite, known_as)
    if len(alike.rows) == 1:
        found = await known(visite, str(alike.rows[0].id))
    named = partners_named(visite, known_as)
    files = () if found or alike.rows else await _files_named(visite, known_as)
    wanted = _saying(visite, known_as)
    rows = () if found or named or files or alike.rows else await _found_by(visite, wanted)
    return page(
        request,
        visite,
        "recherche.html",
        q=known_as,
        envois=_pages(visite).message,
        pages=menu_of(partner) if partner else (),
        par_nom=BY_NAME,
        chemins=found,
        abreges=() if found else alike.rows,
        cherche=alike.sought,
        coupe=alike.cut,
        partenaires=named,
        fichiers=files,
        moi=partner.id if partner else None,
        fichiers_parmi=among(visite.partners()),
        lignes=rows,
        cherche_parmi=finding.looked_at(wanted, rows),
        en_quarantaine=finding.SCANNED,
        conduites=_handbook(visite, known_as, in_texts=not (found or alike.rows or named or files or rows)),
        au_plus=LISTED,
    )


def _handbook(visite: Visite, words: str, *, in_texts: bool) -> Sequence[tuple[str, str]]:
    may = visite.person.may(Droit.VEILLER) and len(words) >= SHORTEST
    return astreinte.about(words, visite.parts.rules, in_texts=in_texts) if may else ()


def partners_named(visite: Visite, words: str) -> list[Partner]:
    """Return the partners that the visitor may see and that match the text `words`, best match first, up to a
    limit. A town's name also finds the partners of its département."""
    wanted = spelt(words)
    there = departements_of(wanted)
    entries = filter(None, map(visite.parts.registry().get, visite.partners()))
    found = [(how, entry.id, entry) for entry in entries if (how := ranked(wanted, there, entry)) is not None]
    return [entry for _, _, entry in sorted(found, key=lambda each: each[:2])[:LISTED]]


def ranked(wanted: str, there: Container[str | None], partner: Partner) -> int | None:
    """Return how well a partner matches the searched text `wanted`, as `spelt` returns it: 0 is best, None is
    no match. `there`: the départements that have a town of this name.

    * 0: a name of the partner equals the text;
    * 1: a name begins with the text;
    * 2: a name contains the text;
    * 3: the partner works in one of the départements `there`.
    """
    names = [spelt(name) for name in names_of(partner)]
    if any(wanted in name for name in names):
        return min(rank(wanted, name) for name in names)
    return 3 if any(departement_of(territoire) in there for territoire in partner.territoires) else None


def names_of(partner: Partner) -> tuple[str, ...]:
    """Return the texts by which people find a partner: its name, id, territories, départements and
    structures. Structures at a secret address are left out."""
    structures = (each for each in partner.structures if not partner.protects(each))
    departements = (d.nom for t in partner.territoires if (d := departement(t)) is not None)
    return (partner.nom, partner.id, *partner.territoires, *departements, *structures)


def departements_of(town: str) -> frozenset[str | None]:
    """Return the codes of the départements in which the hub's table of communes has a town of this name. None
    in the set stands for a town of this name outside the départements. The set is empty if no town has this
    name. `town` is in lower case, without accents, as `spelt` returns it."""
    return _towns().get(town, frozenset())


@cache
def _towns() -> Mapping[str, frozenset[str | None]]:
    found: dict[str, set[str | None]] = {}
    for code, name in noms().items():
        found.setdefault(spelt(name), set()).add(departement_of(code))
    return {name: frozenset(there) for name, there in found.items()}


def departement(territoire: str) -> Departement | None:
    """Return the département of a territory; None if the territory is in no known département."""
    code = departement_of(territoire)
    return departements()[code] if code else None


def spelt(words: str) -> str:
    """Return a text in the form in which names are compared: lower case, no accents or ligatures, spaces for
    hyphens."""
    return plain(words.replace("-", " ").replace("’", "'"))


def rank(wanted: str, name: str) -> int:
    """Return 0 if `name` equals the searched text `wanted`, 1 if it begins with this text, else 2."""
    return 0 if wanted == name else 1 if name.startswith(wanted) else 2


async def _meant(visite: Visite, known_as: str) -> Meant:
    """Return the subjects, messages and other things whose whole or shortened id is `known_as`, if the visitor
    may see them."""
    short, partner = short_in(known_as), visite.person.speaks_for(visite.parts.registry())
    if short is None:
        return Meant()
    everyone = visite.portee.of((*visite.parts.registry().partners, HUB))
    theirs = [partner.id] if partner and not short.beginning else everyone
    async with visite.parts.database.transaction() as connection:
        found = await meant(connection, theirs, short, MOST)
        opened = await visite.opened(connection, [row.id for row in found.rows if row.kind == SUJET])
    seen = [row for row in found.rows if row.kind != SUJET or row.id in opened]
    return found._replace(rows=seen)


async def _files_named(visite: Visite, words: str) -> Sequence[File]:
    parts = visite.parts
    async with parts.database.transaction() as connection:
        return await files_named(connection, parts.keyring, visite.partners(), words)


async def known(visite: Visite, known_as: str) -> list[Hit]:
    """Return the subjects and messages of which `known_as` is the id, a partner's number or the idempotency
    key, as far as the visitor may see them."""
    whole = visite.portee.whole
    async with visite.parts.database.transaction() as connection:
        words = Words(visite.parts.keyring, visite.parts.crosswalk)
        found = await ways(connection, words, visite.partners(), known_as, to_sender=not whole)
        mine = [each._replace(stops=stops) for each in found if (stops := within(each.stops, visite.portee))]
        opened = await visite.opened(connection, [each.about for each in mine if each.is_of_a_subject])
        hits = {each.about: await _found(connection, visite, each, opened) for each in mine}
    told = await _told(visite, [ident for ident, hit in hits.items() if hit.page])
    return [hit._replace(line=told.get(ident)) for ident, hit in hits.items()]


async def _told(visite: Visite, subjects: Sequence[UUID]) -> Mapping[UUID, Tache]:
    registry, desk = visite.parts.registry(), visite.parts.desk
    partner = visite.person.speaks_for(registry)
    if partner is None:
        return {}
    found = [await desk.dossiers.part_of(partner, each, registry) for each in subjects]
    lines = await desk.lines.of(partner, [each for each in found if each is not None], registry, now())
    return {line.subject.id: task(line) for line in lines}


async def _found(connection: Connection, visite: Visite, way: Way, opened: frozenset[UUID]) -> Hit:
    portee, pages = visite.portee, _pages(visite)
    if way.is_of_a_subject:
        theirs, above = way.about in opened, pages.subject
    else:
        header = None if portee.whole else await inbox.fate(connection, way.about)
        theirs, above = portee.sees(header and header.partner), pages.message
    return Hit(way.title, f"{above}/{way.about}", way.stops) if theirs else Hit(NOT_THEIRS, None, way.stops)


def _pages(visite: Visite) -> Pages:
    return AT_THE_DESK if visite.person.has_the_desk_alone else OF_THE_OPS


def within(stops: Sequence[Stop], portee: Portee) -> Sequence[Stop]:
    """Return those steps of a history that concern a partner which the visitor may see; all steps for a
    visitor who may see all partners."""
    return stops if portee.whole else [stop for stop in stops if portee.sees(stop.partner)]


def _saying(visite: Visite, words: str) -> finding.Wanted:
    until = now()
    return finding.Wanted(visite.partners(), until - WINDOW, until, words=words)


async def _found_by(visite: Visite, wanted: finding.Wanted) -> Sequence[Row]:
    async with visite.parts.database.transaction() as connection:
        return await finding.find(connection, wanted, LISTED)
