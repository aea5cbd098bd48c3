"""`siao-hub trace` and `siao-hub find`: the way of one thing, and a list of many, by what people know of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from rich.table import Column, Table
from rich.text import Text

from contracts.base import name_of
from contracts.errors import Misconfigured
from ops.finding import sql as finding
from ops.finding.finding import Way, Words, ways
from ops.terminal.printing import COLOURS, console, in_json, opened, time_of
from ops.tracing.way import Stop, Ton
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Row

TONES = {Ton.FAIT: "", Ton.ATTEND: "yellow", Ton.MAL: "red", Ton.RIEN: "dim"}
LISTED = 50
WINDOW = timedelta(days=1)


class Asked(NamedTuple):
    """What somebody knows of what they look for."""

    partner: str | None
    type: str | None
    etat: str | None
    words: str | None
    since: datetime | None
    until: datetime | None


async def trace(settings: Settings, known_as: str, partner: str | None, as_json: bool) -> int:
    """Every stop of what is known under an id, a name or a key."""
    try:
        words = Words.of(Keyring.of(settings))
    except Misconfigured:
        words = None
    async with opened(settings) as database, database.transaction() as connection:
        partners = [partner] if partner else list((await registry_store.read(connection)).partners)
        found = await ways(connection, words, partners, known_as)
    if as_json:
        in_json([{"title": way.title, "stops": way.stops} for way in found])
    for way in () if as_json else found:
        _print(way)
    if not found:
        console.print(f"[red]✗[/] rien n'est connu sous « {known_as} »")
    return 0 if found else 1


def _print(way: Way) -> None:
    console.print(f"[bold]{way.title}[/]")
    day = None
    for stop in way.stops:
        local = stop.at.astimezone() if stop.at else None
        if local is not None and local.date() != day:
            day = local.date()
            console.print(f"[dim]{day:%d/%m/%Y}[/]")
        when = f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}" if local else "maintenant"
        console.print(_line(when, stop))


def _line(when: str, stop: Stop) -> Table:
    line = Table.grid(Column(width=14, no_wrap=True), Column(overflow="fold"))
    said = Text(stop.sentence, style=TONES[stop.ton])
    if stop.about is not None and stop.ton in (Ton.MAL, Ton.ATTEND):
        said.append(f"\n{stop.about}", style="dim")
    line.add_row(Text(when, style="dim"), said)
    return line


async def find(settings: Settings, asked: Asked, as_json: bool) -> int:
    """A list of what matches, newest first."""
    until = asked.until or datetime.now().astimezone()
    async with opened(settings) as database, database.transaction() as connection:
        known = tuple((await registry_store.read(connection)).partners)
        partners = (asked.partner,) if asked.partner else known
        wanted = finding.Wanted(
            partners, asked.since or until - WINDOW, until, asked.type, asked.etat, asked.words
        )
        rows = await finding.find(connection, wanted, LISTED)
    if as_json:
        in_json([dict(row) for row in rows])
    elif rows:
        console.print(_table(rows))
        console.print("[dim]« siao-hub trace ID » dit tout le chemin[/]")
    else:
        span = f"depuis {time_of(wanted.since.isoformat())}"
        console.print(f"rien ne répond à cela {span} ; --depuis remonte plus loin")
    return 0 if rows else 1


def _table(rows: Sequence[Row]) -> Table:
    table = Table.grid(Column(width=16, no_wrap=True), Column(overflow="fold"))
    for row in rows:
        said = Text(f"{row.kind} ").append(row.etat, style=COLOURS.get(row.etat, ""))
        said.append(f", {row.partner}, {name_of(row.type)}\n").append(str(row.id), style="dim")
        if row.error:
            said.append(f"\n{row.error}", style="red")
        table.add_row(Text(f"{row.at.astimezone():%d/%m %H:%M:%S}", style="dim"), said)
    return table
