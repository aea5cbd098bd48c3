"""Measures the response time of every page and search of the console on tables of five million rows, and the cost
of a hundred open pages.

`python -m bench.console [--rows N] [--write]`. Times run from the request to the last byte.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import aiohttp
import asyncpg

from bench import crowd
from bench.command import console, keep, taken
from bench.ground import Ground, until
from bench.measure import HUB, POSTGRES
from bench.paper import Paper, mark, number
from console.app import PAGES
from console.live import REFRESH_SECONDS
from console.rights import Personne, Profil
from console.sessions import begin
from deploy.local import Parts
from deploy.local.ports import reserved_ports
from deploy.local.process import Child
from router.domain.partners import Registry
from router.store import registry as registry_store
from router.store.database import Database

ROWS = 5_000_000
PAGE_SECONDS, SEARCH_SECONDS = 0.3, 1.0
RUNS = 5
OPEN_PAGES = 100
OPEN_SECONDS = 30.0
OPEN_SHARE = 0.05
"""Largest share of one core, PostgreSQL included, that the pages that stay open may take."""
LASTS = timedelta(hours=4)
SEARCH = "/recherche"
ALONE = {"/direct", "/flux/direct", "/mur/direct", "/territoires/direct", SEARCH}
"""Routes that are not measured as pages: streams, and the search page, which is measured by searches."""
FORMS = (
    f"{SEARCH} q=CH-102",
    f"{SEARCH} q=code commune inconnu",
    f"{SEARCH} q=rien de tel",
    "/messages heures=720&mots=rien de tel",
    "/messages heures=720&partenaire=p-7&mots=commune",
    "/audit acteur=personne&jours=366",
    "/audit acteur=p-10&jours=366",
    "/audit objet={message}&jours=366",
)
"""Searches for typed words: the page, then the fields of its form. They are posted, so that typed words appear in
no URL."""
SEARCHES = (
    "/recherche?q={message}",
    "/recherche?q={subject}",
    "/messages?heures=720&etat=refuse",
    "/messages?heures=720&etat=partiel",
    "/messages?heures=720&etat=refusee",
    "/messages?heures=720&type=place.vacante",
    "/messages?heures=720&type=rien.de.tel",
    "/orientations?etat=PROPOSEE&chez=p-7",
    "/places?etat=DISPONIBLE&chez=p-6",
    "/quarantaine?partenaire=p-7",
    "/quarantaine/groupe?cause=cause-1&empreinte=rien de tel",
    "/livraisons?tout=true",
    "/livraisons?partenaire=p-7",
    "/structures?chez=p-6",
    *(
        f"/{name}?entiere=true"
        for name in ("messages", "orientations", "places", "livraisons", "orphelines", "structures")
    ),
)
"""URLs of searches, some with results and some without. Those without take longest."""


@dataclass(frozen=True, slots=True)
class Took:
    """Response times of one page or search, in seconds: the first, and the slowest of the later ones."""

    path: str
    first_s: float
    then_s: float
    within_s: float

    @property
    def holds(self) -> bool:
        """Whether the later responses came within the limit. The first one after the console's start does not
        count."""
        return self.then_s <= self.within_s


@dataclass(frozen=True, slots=True)
class OpenPages:
    """The cost of a number of open pages: shares of a core for console and PostgreSQL, and transactions per minute."""

    number: int
    console: float
    postgres: float
    transactions: float


def main() -> int:
    """Run the benchmark and return the exit status: 0 when all pages and searches are fast enough and open pages
    cheap enough."""
    parser = argparse.ArgumentParser(
        prog="bench.console", description="Ce que prend chaque page de la console."
    )
    parser.add_argument("--rows", type=int, default=ROWS, help=f"lignes par table ({ROWS})")
    parser.add_argument("--write", action="store_true", help="écrire dans bench/results/")
    options = parser.parse_args()
    result = taken(partial(_measured, options.rows))
    if result is None:
        return 1
    (took, opened), about = result
    paper = Paper(
        title="Pages de la console",
        headers=("Page", "La première fois, ms", "Ensuite, ms", "≤", ""),
        rows=[
            (
                each.path,
                *(number(s * 1000) for s in (each.first_s, each.then_s, each.within_s)),
                mark(each.holds),
            )
            for each in took
        ],
        notes=(
            f"{number(options.rows)} lignes par table ; « ensuite » : la plus lente de {RUNS} fois.",
            *(_told(each) for each in opened),
        ),
        machine=about,
    )
    paper.show(console)
    if options.write:
        whole = {"pages": [asdict(each) for each in took], "ouvertes": [asdict(each) for each in opened]}
        keep(paper, "console", {"lignes": options.rows, **whole})
    cheap = opened[-1].console + opened[-1].postgres - opened[0].console - opened[0].postgres <= OPEN_SHARE
    return 0 if cheap and all(each.holds for each in took) else 1


def _told(opened: OpenPages) -> str:
    return (
        f"{opened.number} pages ouvertes : {number(opened.console * 100, 1)} % d'un cœur pour la console, "
        f"{number(opened.postgres * 100, 1)} % pour PostgreSQL, {number(opened.transactions)} transactions par minute."
    )


async def _measured(rows: int, parts: Parts, folder: Path) -> tuple[list[Took], list[OpenPages]]:
    with reserved_ports(3) as (port, stub, console_port):
        ground = Ground(parts, folder, port, stub)
        await ground.prepare()
        database = Database(ground.database)
        try:
            entries = Registry.of(crowd.partners())
            await registry_store.apply(database, entries, "banc")
            async with ground.sql() as connection:
                await crowd.fill(connection, rows)
            base = f"http://localhost:{console_port}"
            seated: dict[str, Any] = {
                "console__url": base,
                "console__port": console_port,
                "console__issuer": base,
            }
            with ground.hub("console", **seated) as child:
                await until(partial(_answers, base), "la console est ouverte")
                took = await _pages(ground, database, base)
                opened = [await _open(ground, database, base, child, count) for count in (0, 1, OPEN_PAGES)]
                return took, opened
        finally:
            await database.close()
            await ground.remove()


async def _answers(base: str) -> bool:
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{base}/sante") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


@asynccontextmanager
async def _somebody(database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    """Give an HTTP session in which an operator is logged in to the console."""
    person = Personne("banc", "Banc", Profil.OPERATEUR)
    async with database.statement() as connection:
        secret = await begin(connection, person, None, None, LASTS, LASTS)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookies={"siao": secret}, connector=connector) as http:
        yield http


async def _pages(ground: Ground, database: Database, base: str) -> list[Took]:
    """Measure every page and search, in several rounds. Rounds are so far apart that the console reads its figures
    anew in each."""
    async with ground.sql() as connection:
        one = {
            "message": await connection.fetchval("SELECT id FROM inbox LIMIT 1"),
            "delivery": await connection.fetchval("SELECT id FROM delivery LIMIT 1"),
            "subject": await connection.fetchval("SELECT id FROM subject LIMIT 1"),
            "entry": await connection.fetchval("SELECT id FROM quarantine WHERE etat = 'ouverte' LIMIT 1"),
        }
    pages = list(paths(one))
    asked = [(path, PAGE_SECONDS) for path in pages]
    asked += [(quote(path.format(**one), safe="/?&="), SEARCH_SECONDS) for path in SEARCHES]
    asked += [(form.format(**one), SEARCH_SECONDS) for form in FORMS]
    times: dict[str, list[float]] = {path: [] for path, _ in asked}
    for _ in range(1 + RUNS):
        async with _somebody(database) as http:
            for path, _within in asked:
                times[path].append(await _once(http, base, path))
                await asyncio.sleep(0.1)  # a session asks ten times a second at most
        await asyncio.sleep(REFRESH_SECONDS)
    return [Took(path, times[path][0], max(times[path][1:]), within) for path, within in asked]


def paths(one: Mapping[str, object]) -> Iterator[str]:
    """Yield the path of every page in the console's routes. Raises KeyError for a page about an object that this
    module does not know."""
    kinds = {
        "messages": one["message"],
        "livraisons": one["delivery"],
        "sujets": one["subject"],
        "quarantaine": one["entry"],
        "partenaires": "p-7",
        "alertes": "arriere.md",
    }
    for module in PAGES:
        for route in module.router.routes:
            path = str(getattr(route, "path", ""))
            if path.startswith("/bureau"):
                continue  # the bench visits as an operator, who has no desk
            if "GET" in getattr(route, "methods", ()) and not (
                path in ALONE or path.startswith("/connexion")
            ):
                if "{" in path:
                    path = path.format(ident=kinds[path.split("/")[1]])
                yield path + ("?cause=cause-1" if path.endswith("/groupe") else "")


async def _once(http: aiohttp.ClientSession, base: str, path: str) -> float:
    address, _, fields = path.partition(" ")
    form = {"jeton": await _token(http, base), **dict(parse_qsl(fields))} if fields else None
    begun = time.monotonic()
    method, timeout = "POST" if form else "GET", aiohttp.ClientTimeout(total=120)
    async with http.request(method, base + address, data=form, timeout=timeout) as response:
        await response.read()
        assert response.status == 200, (path, response.status)
    return time.monotonic() - begun


async def _token(http: aiohttp.ClientSession, base: str) -> str:
    """Return the token against forged requests that the forms of this session must carry."""
    async with http.get(f"{base}/messages") as response:
        return (await response.text()).partition('name="jeton" value="')[2].partition('"')[0]


async def _open(ground: Ground, database: Database, base: str, child: Child, count: int) -> OpenPages:
    """Return the cost of `count` open pages that keep being refreshed."""
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(ground.sql())
        reading = []
        for _ in range(count):
            http = await stack.enter_async_context(_somebody(database))
            reading.append(asyncio.create_task(_reads(http, f"{base}/direct")))
        await asyncio.sleep(REFRESH_SECONDS)
        meter = ground.meter(child)
        before, transactions = meter.read(), await _transactions(connection)
        await asyncio.sleep(OPEN_SECONDS)
        spent, done = meter.since(before), await _transactions(connection) - transactions
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    shares = {group: spent.get(group, 0.0) / OPEN_SECONDS for group in (HUB, POSTGRES)}
    return OpenPages(count, shares[HUB], shares[POSTGRES], done * 60 / OPEN_SECONDS)


async def _reads(http: aiohttp.ClientSession, url: str) -> None:
    async with http.get(url, timeout=aiohttp.ClientTimeout(total=None)) as response:
        async for _ in response.content:
            pass


async def _transactions(connection: asyncpg.Connection) -> int:
    """Return the number of transactions that PostgreSQL has counted in this database so far."""
    query = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
    return int(await connection.fetchval(query))


if __name__ == "__main__":
    sys.exit(main())
