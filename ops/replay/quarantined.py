"""Output of the commands that only read the quarantine."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from rich.table import Table
from rich.text import Text

from contracts.plurals import counted
from ops.status.quantities import ago, day_and_hour
from ops.status.wording import REMEDES, RENVOI, also_of, spelled, state_of
from ops.terminal.printing import aged, console, in_json, in_json_list, opened, print_cut
from router.domain.vitals import COUNTED
from router.settings import Settings
from router.store import quarantine
from router.store.database import Row
from router.store.jobs import Filter


async def groups(settings: Settings, partner: str | None, as_json: bool) -> int:
    """Print how many open quarantine rows there are for each cause and sender. With `partner`, count those of
    this sender only. Return exit code 0."""
    async with opened(settings) as database, database.transaction() as connection:
        rows = await quarantine.grouped(connection, COUNTED, partner)
    if as_json:
        in_json_list([dict(row) for row in rows], len(rows))
    elif rows:
        console.print(_groups(rows, datetime.now(UTC)))
        console.print(
            "[dim]--cause C, --empreinte E, ou --partner P avec l'une : les entrées d'un groupe, une à une[/]"
        )
        console.print("[dim]« quarantine correct ID fichier » corrige ; « quarantine replay » rejoue[/]")
    else:
        console.print("[green]✓[/] rien en quarantaine")
    return 0


def _groups(rows: Sequence[Row], now: datetime) -> Table:
    table = aged()
    for row in rows:
        said = Text(f"{counted(row.nombre, row.nombre >= COUNTED)} × {spelled(row.cause)}", style="red")
        said.append(also_of(row.aussi), style="red")
        several = f"{counted(row.raisons)} raisons ; la première : " if row.raisons > 1 else ""
        said.append(
            f", de {row.partner or 'personne'}\n{several}{row.raison or row.fingerprint}", style="default"
        )
        said.append(f"\n{REMEDES.get(row.cause, RENVOI)}\n", style="yellow").append(
            f"{row.exemple}  --cause {row.cause}", style="dim"
        )
        table.add_row(ago(row.depuis, now), said)
    return table


async def members(settings: Settings, wanted: Filter, most: int, as_json: bool) -> int:
    """Print at most `most` open quarantine rows that match the filter `wanted`, oldest first. Return exit
    code 0."""
    async with opened(settings) as database, database.transaction() as connection:
        rows = await quarantine.members(connection, wanted, most + 1)
    if as_json:
        in_json_list([dict(row) for row in rows], most)
        return 0
    table = aged()
    for row in rows[:most]:
        said = Text(str(row.id)).append(
            f"\n{row.raison or row.fingerprint}, de {row.partner or 'personne'}", style="dim"
        )
        table.add_row(ago(row.created_at, datetime.now(UTC)), said)
    console.print(table if rows else "aucune entrée ouverte ne répond à cela")
    print_cut(rows, most, "plus anciennes")
    return 0


async def show(settings: Settings, ident: UUID, as_json: bool) -> int:
    """Print one quarantine row, without the bytes of its message. Return exit code 1 if the row is unknown,
    else 0."""
    async with opened(settings) as database, database.transaction() as connection:
        row = await quarantine.show(connection, ident)
    if row is None:
        console.print(f"[red]✗[/] rien en quarantaine sous {ident}")
        return 1
    if as_json:
        in_json(dict(row))
        return 0
    for title, value in (
        ("État", state_of(row.etat)),
        ("Partenaire", row.partner),
        ("Cause", f"{spelled(row.cause)} (--cause {row.cause})"),
        ("Empreinte", row.fingerprint),
        ("Message", row.message_id),
        ("Événement", row.event_id),
        ("Sujet", row.subject),
        ("Depuis", day_and_hour(row.created_at)),
    ):
        console.print(f"[dim]{title:<12}[/] {value or '—'}")
    console.print_json(data=row.detail)
    if row.message_id is not None:
        console.print(f"[dim]ses octets, masqués : « siao-hub quarantine bytes {ident} »[/]")
    return 0
