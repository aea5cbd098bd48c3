"""Output of `siao-hub trace`: the history of a message, place or referral."""

from collections.abc import Sequence

from rich.table import Column, Table
from rich.text import Text

from contracts.errors import Misconfigured
from ops.finding.files import File, files_named
from ops.status.quantities import local, zone_of
from ops.terminal.printing import console, in_json, opened
from ops.tracing.lookup import Way, Words, ways
from ops.tracing.way import Stop, Ton, of_message
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Connection

FILES = 10
"""Limit on the files whose history is printed for one name."""
TONES = {Ton.FAIT: "", Ton.ATTEND: "yellow", Ton.MAL: "red", Ton.RIEN: "dim"}


async def trace(settings: Settings, known_as: str, partner: str | None, as_json: bool) -> int:
    """Print the histories of all messages and subjects that `known_as` can mean: an id, a name, a key, or
    part of a file name. Return 1 if nothing is found, else 0."""
    try:
        words = Words.of(Keyring.of(settings))
    except Misconfigured:
        words = None
    cut = 0
    async with opened(settings) as database, database.transaction() as connection:
        partners = [partner] if partner else list((await registry_store.read(connection)).partners)
        found = await ways(connection, words, partners, known_as)
        if not found and words is not None:
            files = await files_named(connection, words.keyring, partners, known_as)
            found, cut = await _of_files(connection, files[:FILES]), len(files[FILES:])
    if as_json:
        in_json([{"titre": way.title, "etapes": [stop._asdict() for stop in way.stops]} for way in found])
    for way in () if as_json else found:
        _print(way)
    if cut and not as_json:
        console.print(
            f"[yellow]{FILES} fichiers montrés, les plus récents, sur {FILES + cut} : donnez un nom plus précis[/]"
        )
    if not found:
        console.print(
            f"[red]✗[/] rien n'est connu sous « {known_as} » ; d'un fichier accepté en entier, le nom n'est pas gardé"
        )
    return 0 if found else 1


async def _of_files(connection: Connection, files: Sequence[File]) -> list[Way]:
    """Return, for each of these files, the history of the message that arrived as this file."""
    return [
        Way(each.message, is_of_a_subject=False, stops=await of_message(connection, each.message))
        for each in files
    ]


def _print(way: Way) -> None:
    console.print(f"[bold]{way.title}[/]")
    day = None
    for stop in way.stops:
        at = local(stop.at) if stop.at else None
        if at is not None and at.date() != day:
            day = at.date()
            console.print(f"[dim]{at:%d/%m/%Y} ({zone_of(at)})[/]")
        when = f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}" if at else "maintenant"
        console.print(_line(when, stop))


def _line(when: str, stop: Stop) -> Table:
    line = Table.grid(Column(width=14, no_wrap=True), Column(overflow="fold"))
    said = Text(stop.sentence, style=TONES[stop.ton])
    if stop.about is not None and stop.ton in (Ton.MAL, Ton.ATTEND):
        said.append(f"\n{stop.about}", style="dim")
    line.add_row(Text(when, style="dim"), said)
    return line
