"""`siao-hub trace`: the way of one message, place or referral."""

from rich.table import Column, Table
from rich.text import Text

from contracts.errors import Misconfigured
from ops.terminal.printing import console, in_json, opened
from ops.tracing.lookup import Way, Words, ways
from ops.tracing.way import Stop, Ton
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store import registry as registry_store

TONES = {Ton.FAIT: "", Ton.ATTEND: "yellow", Ton.MAL: "red", Ton.RIEN: "dim"}


async def trace(settings: Settings, known_as: str, partner: str | None, as_json: bool) -> int:
    """Print the ways of everything known under an id, a name or a key. Return 1 if nothing is."""
    try:
        words = Words.of(Keyring.of(settings))
    except Misconfigured:
        words = None
    async with opened(settings) as database, database.transaction() as connection:
        partners = [partner] if partner else list((await registry_store.read(connection)).partners)
        found = await ways(connection, words, partners, known_as)
    if as_json:
        in_json([{"titre": way.title, "etapes": [stop._asdict() for stop in way.stops]} for way in found])
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
