"""Output of `siao-hub audit list`, which searches the audit."""

from rich.table import Column, Table
from rich.text import Text

from ops.audit.words import act_of
from ops.status.quantities import here, local
from ops.terminal.printing import console, hours_of, in_json_list, opened, print_cut
from router.settings import Settings
from router.store import audit


async def search(settings: Settings, wanted: audit.Wanted, most: int, as_json: bool) -> int:
    """Print the newest rows of the audit that match `wanted`, at most `most`. Return exit code 0."""
    async with opened(settings) as database, database.transaction() as connection:
        wanted = wanted._replace(since=here(wanted.since) if wanted.since else None)
        rows = await audit.search(connection, wanted, most + 1)
    if as_json:
        in_json_list([row._asdict() for row in rows], most)
        return 0
    table = Table.grid(Column(width=16, no_wrap=True), Column(overflow="fold"))
    for row in rows[:most]:
        said = Text(f"{row.actor}  {act_of(row.action)} ({row.action})  {row.object}")
        if row.detail:
            said.append(
                "\n" + ", ".join(f"{name} {value}" for name, value in row.detail.items()), style="dim"
            )
        table.add_row(Text(f"{local(row.at):%d/%m %H:%M:%S}", style="dim"), said)
    console.print(table if rows else "aucune ligne de l'audit ne répond à cela")
    if rows:
        console.print(hours_of())
    print_cut(rows, most, "plus récentes")
    return 0
