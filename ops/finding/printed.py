"""Output of `siao-hub find`: messages, deliveries and quarantine entries that match a search."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from rich.table import Column, Table
from rich.text import Text

from contracts.base import name_of
from contracts.plurals import counted
from ops.finding import sql as finding
from ops.status.labels import in_words, spelled, state_of
from ops.status.quantities import day_and_hour, here, local
from ops.terminal.printing import console, hours_of, in_json_list, opened, print_cut, style_of
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Row

WINDOW = timedelta(days=1)
OPEN = "ouverte"
EVER = datetime.min.replace(tzinfo=UTC)
"""Beginning of a search for open quarantine entries, which wait for a decision, however old they are."""


class Asked(NamedTuple):
    """Criteria that a person gave to the command. A criterion that is None matches all."""

    partner: str | None
    type: str | None
    etats: Sequence[str] | None
    words: str | None
    since: datetime | None
    until: datetime | None


async def find(settings: Settings, asked: Asked, most: int, as_json: bool) -> int:
    """Print the matching messages, deliveries and quarantine entries, newest first, at most `most`. Without a
    beginning, search the last day. Return 1 if there are none, else 0."""
    async with opened(settings) as database, database.transaction() as connection:
        until = here(asked.until or datetime.now(UTC))
        known = tuple((await registry_store.read(connection)).partners)
        partners = (asked.partner,) if asked.partner else known
        wanted = finding.Wanted(
            partners,
            here(asked.since) if asked.since else until - WINDOW,
            until,
            asked.type,
            asked.etats,
            asked.words,
            open_since=EVER if asked.since is None and OPEN in (asked.etats or ()) else None,
        )
        rows = await finding.find(connection, wanted, most + 1)
    looked_at = finding.scanned(wanted) if asked.etats or asked.words or asked.type else None
    if as_json:
        in_json_list([dict(row) for row in rows], most, cherche_parmi=looked_at)
    elif rows:
        console.print(_table(rows[:most]))
        print_cut(rows, most, "plus récents")
        console.print(hours_of(), "[dim]« siao-hub trace ID » dit tout le chemin[/]", sep=" ; ")
    else:
        console.print(
            f"rien ne répond à cela depuis le {day_and_hour(wanted.since)} ; --depuis remonte plus loin"
        )
    if looked_at is not None and not as_json:
        console.print(
            f"[dim]cherché parmi les {counted(looked_at)} messages et livraisons les plus récents de chaque "
            "partenaire ; --partner et --jusqu-a vont plus loin[/]"
        )
    return 0 if rows else 1


def _table(rows: Sequence[Row]) -> Table:
    table = Table.grid(Column(width=16, no_wrap=True), Column(overflow="fold"))
    for row in rows:
        said = Text(f"{row.kind} ").append(state_of(row.etat), style=style_of(row.etat))
        kind = spelled(row.type) if row.kind == "quarantaine" else name_of(row.type)
        said.append(f", {row.partner}, {kind}\n").append(str(row.id), style="dim")
        if row.error:
            said.append(f"\n{in_words(row.error)}", style="red")
        table.add_row(Text(f"{local(row.at):%d/%m %H:%M:%S}", style="dim"), said)
    return table
