"""Serve the page «Partenaires», and the page of each partner with its state, level of service, traffic, API
keys and registry entry."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from adapters.registry import TABULAIRES
from console.charts import Bar, bars
from console.exporting import Columns, csv_of
from console.pages.flows import delays_of
from console.pages.night import within
from console.pages.paging import Voir
from console.pages.tried import Tried
from console.rendering import now, page
from console.visit import Decideur, Suiveur, Visite, closed, not_found
from contracts.partner import Partner
from ops.occupation import admissions as occupation
from ops.service import loops
from ops.service.level import Loop, objective, service_of
from ops.statement.statement import month_of
from ops.status.verdict import notable, verdict
from ops.status.wording import LECTURES, contact_of, refused_of
from ops.tasks import deciding as tasks
from ops.traffic.flows import FEW
from router.domain.correspondents import Correspondent, SourceState
from router.domain.partners import flattened, short_key, showable
from router.domain.vitals import Asked, Vitals
from router.store import key_uses

router = closed()
LISTED = 100
OURS = ("secret", "cle_privee")
HOUR = timedelta(hours=1)
HOURS = (1, 4, 12, 24, 48, 168)
"""Limits of a histogram's columns, in hours. One more column has all longer times."""
ANSWERED_WITHIN = (
    "moins d'1 h",
    "de 4 h",
    "de 12 h",
    "d'un jour",
    "de 2 jours",
    "d'une semaine",
    "davantage",
)


class Listed(NamedTuple):
    """State of a partner, with its registry entry. The entry is None if the registry no longer has the
    partner."""

    partner: Correspondent
    entry: Partner | None

    @property
    def reading(self) -> SourceState | None:
        """Return how reading from the partner's own server goes; None if the hub does not read there."""
        return self.partner.reading


COLONNES: Columns[Listed] = {
    "id": lambda line: line.partner.id,
    "nom": lambda line: line.entry and line.entry.nom,
    "famille": lambda line: line.entry and str(line.entry.famille),
    "territoire": lambda line: line.entry and line.entry.territoire,
    "livrer": lambda line: contact_of(line.partner, now()),
    "livrer_vu_le": lambda line: line.partner.seen_at,
    "livrer_depuis": lambda line: line.partner.since,
    "livrer_cause": lambda line: line.partner.cause,
    "lire": lambda line: line.reading and LECTURES[line.reading.state(now())],
    "lire_depuis": lambda line: line.reading and line.reading.failing_since,
    "lire_cause": lambda line: line.reading and line.reading.cause,
    "cle_retiree_depuis": lambda line: line.partner.old_key and line.partner.old_key.since,
    "attend": lambda line: line.partner.waiting.number + line.partner.in_box.number,
    "refus_24_h": lambda line: refused_of(line.partner.refusals_24_h, line.partner),
    "recu_le": lambda line: line.partner.last_in,
}


@router.get("/partenaires")
async def partners(request: Request, visite: Suiveur, vue: Voir, territoire: str = "") -> Response:
    """Show a page of the partners, those in the worst state first. `territoire`, if given, leaves only the
    partners of this territory."""
    entries = visite.parts.registry().partners
    facts = within((await visite.parts.looks.newest()).facts, visite.portee)
    rows = [Listed(each, entries.get(each.id)) for each in worst_first(facts, now())]
    rows = [row for row in rows if not territoire or (row.entry and territoire in row.entry.territoires)]
    known = facts.knows(Asked.PARTENAIRES)
    if vue.csv:
        return await csv_of("partenaires", COLONNES, rows, known=known)
    shown, part = vue.cut(rows, LISTED)
    return page(
        request,
        visite,
        "partenaires.html",
        lignes=shown,
        part=part,
        territoire=territoire,
        territoires=sorted({each for name in visite.partners() for each in entries[name].territoires}),
        connu=known,
    )


def worst_first(facts: Vitals, at: datetime) -> Sequence[Correspondent]:
    """Return all partners. The partners that need attention come first, those with the most harmful finding
    before the others. All other partners follow, sorted by name."""
    worst = notable(facts, verdict(facts, at), at)
    seen = {each.id for each in worst}
    others = [each for each in facts.partners if each.id not in seen]
    return [*worst, *sorted(others, key=lambda each: each.nom)]


@router.get("/partenaires/{ident}")
async def partner(request: Request, visite: Suiveur, ident: str) -> Response:
    """Show a partner's page. Raises 404 if the visitor must not see the partner, or if the registry lacks
    it."""
    return await shown(request, visite, entry_of(visite, ident))


@router.post("/partenaires/{ident}/essayer")
async def try_now(visite: Decideur, ident: str) -> Response:
    """Make the dispatcher try a partner's waiting deliveries at once. Raises 404 if the visitor must not see
    the partner, or if the registry lacks it."""
    await tasks.try_now(visite.parts.database, entry_of(visite, ident).id, visite.person.actor)
    return RedirectResponse(f"/partenaires/{ident}", 303)


async def shown(request: Request, visite: Visite, entry: Partner, tried: Tried | None = None) -> Response:
    """Return a partner's page. If the visitor has just made a dry run on this page, `tried` is its result."""
    at, registry = now(), visite.parts.registry()
    seen = await visite.parts.looks.newest()
    facts = within(seen.facts, visite.portee)
    health = next((each for each in facts.partners if each.id == entry.id), None)
    async with visite.parts.database.transaction() as connection:
        uses = await key_uses.read(connection)
        its_loops = await loops.of_partner(connection, registry, entry.id, at)
        figures = await occupation.figures(connection, month_of(at), entry.id)
    day = await visite.parts.looks.day()
    traffic = [row for row in day.rows if row.partner == entry.id]
    fields = flattened(entry.model_dump(mode="json"))
    return page(
        request,
        visite,
        "partenaire.html",
        partenaire=entry,
        sante=health,
        dit=verdict(seen.facts, at),
        connu=seen.facts.knows(Asked.PARTENAIRES),
        su_le=seen.partners_at,
        service=service_of(its_loops, at) if its_loops else None,
        structures=loops.services(its_loops, ("structure",), at),
        objectif=objective(at.date()),
        reponses=answers(its_loops),
        occupe=figures.get(entry.id),
        flux=traffic,
        releve=day,
        au_plus=FEW,
        delais=delays_of(traffic),
        fiche={
            name: showable(name, value)
            for name, value in fields.items()
            if value not in (None, [], "") and (visite.portee.whole or not is_ours(name))
        },
        cles=[(short_key(key), uses.get(key)) for key in entry.cles_api],
        tabulaire=any(dialecte in TABULAIRES for dialecte in entry.dialectes),
        tente=tried,
    )


def is_ours(field: str) -> bool:
    """Return whether a field of the registry entry says where a secret is stored. Only the hub's team may see
    such a field."""
    return field.rpartition(".")[2] in OURS


def answers(its_loops: Sequence[Loop]) -> list[Bar]:
    """Return a histogram of how long a partner took to answer, from the receipt of each request."""
    hours = [(loop.answered - loop.received) / HOUR for loop in its_loops if loop.answered]
    numbers = [0] * len(ANSWERED_WITHIN)
    for each in hours:
        numbers[bisect_left(HOURS, each)] += 1
    return bars(ANSWERED_WITHIN, numbers)


def entry_of(visite: Visite, ident: str) -> Partner:
    """Return a partner's registry entry. Raises 404 if the visitor must not see the partner, or if the registry
    lacks it."""
    visite.needs(ident)
    entry = visite.parts.registry().get(ident)
    if entry is None:
        raise not_found()
    return entry
