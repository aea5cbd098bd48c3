"""The quarantine at the command line: what waits for a decision, by cause; one entry."""

from uuid import UUID

from rich.table import Table

from router.cli.terminal import console, ident_column, opened, time_of
from router.settings import Settings
from router.store import quarantine


async def list_quarantine(settings: Settings, partner: str | None) -> None:
    """Open rows by cause and fingerprint."""
    async with opened(settings) as database, database.transaction() as connection:
        rows = await quarantine.grouped(connection, partner)
    if not rows:
        console.print("[green]✓[/] rien en quarantaine")
        return
    table = Table(ident_column("Exemple"), "Nombre", "Partenaire", "Cause", "Empreinte", "Depuis")
    for row in rows:
        table.add_row(
            str(row.exemple),
            str(row.nombre),
            row.partner or "—",
            row.cause,
            row.fingerprint,
            time_of(row.depuis.isoformat()),
        )
    console.print(table)


async def show_quarantine(settings: Settings, ident: UUID) -> int:
    """One row; its bytes stay sealed."""
    async with opened(settings) as database, database.transaction() as connection:
        row = await quarantine.show(connection, ident)
    if row is None:
        console.print(f"[red]✗[/] rien en quarantaine sous {ident}")
        return 1
    for label, value in (
        ("État", row.etat),
        ("Partenaire", row.partner),
        ("Cause", row.cause),
        ("Empreinte", row.fingerprint),
        ("Message", row.message_id),
        ("Événement", row.event_id),
        ("Sujet", row.subject),
        ("Depuis", time_of(row.created_at.isoformat())),
    ):
        console.print(f"[dim]{label:<12}[/] {value or '—'}")
    console.print_json(data=row.detail)
    return 0
