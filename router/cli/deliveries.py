"""Deliveries that wait for a human, at the command line: list them, send one again, close one."""

from uuid import UUID

from rich.table import Column, Table

from contracts.v1 import CONTRATS
from router.cli.terminal import coloured, console, ident_column, opened, time_of
from router.ops import tasks
from router.settings import Settings
from router.store.tasks import oldest

LISTED = 200
WAITING = ("en_attente", "en_vol")


async def show(settings: Settings, partner: str | None) -> int:
    """The oldest ones."""
    async with opened(settings) as database, database.transaction() as connection:
        rows = await oldest(connection, partner, LISTED)
    if not rows:
        console.print("[green]✓[/] aucune livraison n'attend de décision, aucune n'est en retard")
        return 0
    words = (Column(title, overflow="fold") for title in ("Partenaire", "Message", "État", "Depuis", "Cause"))
    table = Table(ident_column("Livraison"), *words)
    for row in rows:
        event = CONTRATS[row.type].NOM if row.type in CONTRATS else row.type
        table.add_row(
            str(row.id),
            row.partner,
            event,
            coloured(row.etat),
            time_of(row.created_at.isoformat()),
            row.error or (f"en retard ({row.attempts} essais)" if row.etat in WAITING else "—"),
        )
    console.print(table)
    if len(rows) == LISTED:
        console.print(f"[dim]les {LISTED} plus anciennes[/]")
    return 0


async def resend(settings: Settings, delivery: UUID, actor: str, why: str) -> int:
    """Send it again."""
    async with opened(settings) as database:
        done = await tasks.send_again(database, delivery, actor, why)
    return _told(done, delivery, "repart sous la même clé")


async def resend_refused(settings: Settings, partner: str, actor: str, why: str) -> int:
    """Send all again that a partner refused."""
    async with opened(settings) as database:
        number = await tasks.send_refused_again(database, partner, actor, why)
    console.print(f"[green]✓[/] {number} livraison(s) refusée(s) par {partner} : repartent sous leurs clés")
    return 0


async def close(settings: Settings, delivery: UUID, actor: str, why: str) -> int:
    """Leave it at that."""
    async with opened(settings) as database:
        done = await tasks.close(database, delivery, actor, why)
    return _told(done, delivery, "classée ; rien ne sera renvoyé")


def _told(done: bool, delivery: UUID, what: str) -> int:
    if done:
        console.print(f"[green]✓[/] livraison {delivery} : {what}")
    else:
        console.print(f"[red]✗[/] la livraison {delivery} n'existe pas, ou n'attend aucune décision")
    return 0 if done else 1
