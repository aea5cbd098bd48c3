"""Output of `siao-hub trace`, which prints the history of a message or subject."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.table import Column, Table
from rich.text import Text

from contracts.envelope import HUB
from contracts.errors import Misconfigured
from ops.finding.files import File, among, files_named
from ops.finding.printed import listed
from ops.finding.shortened import MOST, Meant, meant, short_in
from ops.status.quantities import local, zone_of
from ops.terminal.printing import console, in_json, opened
from ops.tracing.lookup import Way, Words, ways
from ops.tracing.way import Stop, Ton, of_message
from router.domain.partners import Registry
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Connection

FILES = 10
"""The maximum number of files whose history is printed."""
TONES = {Ton.FAIT: "", Ton.ATTEND: "yellow", Ton.MAL: "red", Ton.RIEN: "dim"}


class Sought(NamedTuple):
    """What a search for a typed text has found: histories, or several ids among which a person has to
    choose."""

    ways: Sequence[Way]
    cut: int = 0
    """Number of files found by their name whose histories are left out."""
    alike: Meant = Meant()
    """What the text may mean as a short id. It is empty if the text is a name or a whole id."""
    among: str = ""
    """In French, among which files the text was searched as a part of a name; empty if it was not."""


async def trace(settings: Settings, known_as: str, partner: str | None, as_json: bool) -> int:
    """Print the histories of all that `known_as` can mean: an id, whole or shortened, an idempotency key, or
    a part of a file name. With `partner`, search only this partner's own ids, keys and files. If several ids
    fit a shortened one, list them, and print no history. Return exit code 0 if a history was printed, else
    1."""
    try:
        words = Words.of(Keyring.of(settings))
    except Misconfigured:
        words = None
    async with opened(settings) as database, database.transaction() as connection:
        registry = await registry_store.read(connection)
        partners = [partner] if partner else [*registry.partners, HUB]
        found = await _sought(connection, words, partners, known_as)
    if as_json:
        told = [(way.title, [stop._asdict() for stop in way.stops]) for way in found.ways]
        told = told or [(f"{row.kind} {row.id}", []) for row in found.alike.rows]
        in_json([{"titre": title, "etapes": stops} for title, stops in told])
        return 0 if found.ways else 1
    for way in found.ways:
        _print(way)
        if call := _call(way, registry):
            console.print(f"[dim]à appeler : {call}[/]")
    if found.cut:
        console.print(
            f"[yellow]{FILES} fichiers montrés, les plus récents, sur {FILES + found.cut} : "
            "donnez un nom plus précis[/]"
        )
    if not found.ways:
        _print_alike(known_as, found.alike, words)
    if found.alike.sought:
        console.print(f"[dim]cherché : {found.alike.sought}[/]")
    if found.among:
        console.print(f"[dim]nom d'un fichier : cherché {found.among}[/]")
    return 0 if found.ways else 1


async def _sought(
    connection: Connection, words: Words | None, partners: Sequence[str], known_as: str
) -> Sought:
    short, alike = short_in(known_as), Meant()
    can_be_name = words or short is None or short.is_whole
    found = await ways(connection, words, partners, known_as) if can_be_name else []
    if not found and short is not None:
        alike = await meant(connection, partners, short, MOST)
        if len(alike.rows) == 1:
            found = await ways(connection, None, partners, str(alike.rows[0].id))
    if found or alike.rows or words is None:
        return Sought(found, alike=alike)
    files = await files_named(connection, words.keyring, partners, known_as)
    return Sought(await _of_files(connection, files[:FILES]), len(files[FILES:]), alike, among(partners))


def _call(way: Way, registry: Registry) -> str:
    """Return the name and telephone number of the partner that has to act next; empty if no partner has
    to."""
    last = way.stops[-1] if way.stops else None
    partner = registry.get(last.partner) if last and last.at is None and last.partner else None
    return ", ".join(filter(None, (partner.nom, partner.telephone))) if partner else ""


def _print_alike(known_as: str, alike: Meant, words: Words | None) -> None:
    if alike.rows:
        console.print(f"« {known_as} » en désigne plusieurs ; donnez l'identifiant entier de l'un :")
        console.print(listed(alike.rows))
        console.print(f"[dim]{alike.cut}[/]", end="\n" if alike.cut else "")
        return
    console.print(
        f"[red]✗[/] rien n'est connu sous « {known_as} » ; d'un fichier accepté en entier, le nom n'est pas gardé"
    )
    if words is None:
        console.print("[yellow]les mots des partenaires ne sont cherchés qu'avec les clés du hub[/]")


async def _of_files(connection: Connection, files: Sequence[File]) -> list[Way]:
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
