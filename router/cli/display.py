"""What the commands print, and the questions they ask."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import typer
from rich.console import Console
from rich.json import JSON
from rich.table import Column, Table
from rich.tree import Tree

from contracts.partner import Partner, SortieHttp
from router.domain.partners import Difference, Registry, load
from router.ops import tracking as fate
from router.ops.forgetting import forget
from router.ops.recovery import recover
from router.settings import Settings
from router.store import inbox, quarantine
from router.store import registry as registry_store
from router.store.database import Database

console = Console()

COLOURS = {
    "applique": "green",
    "livree": "green",
    "deposee": "cyan",
    "en_attente": "yellow",
    "accepte": "yellow",
    "en_vol": "yellow",
    "sans_effet": "dim",
    "anomalie": "red",
    "quarantaine": "red",
    "refusee": "red",
    "incertaine": "red",
    "oubliee": "dim",
    "classee": "dim",
}


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """A database for one command."""
    database = Database(settings.database)
    try:
        yield database
    finally:
        await database.close()


async def apply_partners(settings: Settings, file: Path, yes: bool, actor: str) -> int:
    """Show the difference, ask, apply."""
    new = load(file, settings.profiles_folder)
    async with opened(settings) as database:
        async with database.transaction() as connection:
            current, change = await registry_store.compared(connection, new)
        _show_difference(change, current, new)
        if change and (yes or typer.confirm("Appliquer ?")):
            await registry_store.apply(database, new, actor)
            console.print("[green]✓[/] registre appliqué ; les processus en cours l'ont pris")
    return 0


def _show_difference(change: Difference, current: Registry, new: Registry) -> None:
    if not change:
        console.print("registre inchangé")
    for ident in change.added:
        console.print(f"[green]+[/] {ident}  {new.partners[ident].nom}")
    for ident in change.removed:
        gone = current.get(ident)
        console.print(f"[red]−[/] {ident}  {gone.nom if gone else '(illisible)'}")
    for ident in change.changed:
        before, after = current.partners[ident].model_dump(), new.partners[ident].model_dump()
        fields = ", ".join(name for name in after if after[name] != before[name])
        console.print(f"[yellow]~[/] {ident}  ({fields})")


async def list_partners(settings: Settings) -> None:
    """One line a partner."""
    async with opened(settings) as database, database.transaction() as connection:
        registry = await registry_store.read(connection)
    table = Table("Id", "Nom", "Famille", "Territoire", "Dialectes", "Sortie")
    for partner in registry.partners.values():
        table.add_row(
            partner.id,
            partner.nom,
            partner.famille,
            partner.territoire,
            ", ".join(partner.dialectes),
            _way_out(partner),
        )
    console.print(table)


def _way_out(partner: Partner) -> str:
    if isinstance(partner.sortie, SortieHttp) and partner.sortie.leaves_in_clear:
        return "[red]http en clair[/]"
    return partner.sortie.type if partner.sortie else "—"


async def show_partner(settings: Settings, ident: str) -> int:
    """The entry; hashes of keys and places of secrets, never a secret."""
    async with opened(settings) as database, database.transaction() as connection:
        partner = (await registry_store.read(connection)).get(ident)
    if partner is None:
        console.print(f"[red]✗[/] aucun partenaire « {ident} »")
        return 1
    console.print(JSON(partner.model_dump_json(exclude_none=True)))
    return 0


async def trace(settings: Settings, ident: UUID) -> int:
    """The whole way of a message, or of every message of a subject, with times."""
    async with opened(settings) as database, database.transaction() as connection:
        messages = await fate.messages_of(connection, ident)
        for message in messages:
            header = await inbox.fate(connection, message)
            console.print(_tree(message, header, await fate.events_of(connection, message)))
    if not messages:
        console.print(f"[red]✗[/] rien n'est connu sous {ident}")
    return 0 if messages else 1


def _tree(message: UUID, header: Any, events: Sequence[dict[str, Any]]) -> Tree:
    title = f"[bold]message {message}[/]"
    if header is not None:
        when = time_of(header.received_at.isoformat())
        title += f"\nreçu de [bold]{header.partner}[/] ({header.dialect}) le {when}, "
        title += f"{header.etat} : {header.accepted} accepté(s), {header.rejected} rejeté(s)"
    tree = Tree(title)
    for event in events:
        label = f"{time_of(event['accepte_le'])}  {event['type'].split('.', 3)[3]}  {coloured(event['etat'])}"
        why = [event["raison"] or "", "repris du bus" if event["repris_du_bus"] else ""]
        label += (
            f"  [dim]{' '.join(filter(None, why))}[/]\n[dim]sujet {event['sujet']}, de {event['source']}[/]"
        )
        branch = tree.add(label)
        for delivery in event["livraisons"]:
            when = time_of(delivery["regle_le"]) if delivery["regle_le"] else "—"
            branch.add(
                f"{when}  → {delivery['partenaire']}  {coloured(delivery['etat'])}  {delivery['erreur'] or ''}"
            )
    return tree


def time_of(iso: str) -> str:
    """A moment to the millisecond, as people here read it: by the local clock, which it names."""
    local = datetime.fromisoformat(iso).astimezone()
    return local.isoformat(" ", "milliseconds")


def coloured(etat: str) -> str:
    """A state in its colour."""
    return f"[{COLOURS.get(etat, 'white')}]{etat}[/]"


def ident_column(title: str) -> Column:
    """A column of ids, shown whole however narrow the terminal: they are there to be copied."""
    return Column(title, no_wrap=True, min_width=36)


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


async def recover_since(settings: Settings, since: datetime, actor: str) -> int:
    """Erase again, and take in again what the bus knows."""
    async with opened(settings) as database:
        done = await recover(settings, database, since, actor)
    console.print(
        f"[green]✓[/] depuis {since.isoformat(' ', 'seconds')} : {done.erased} clé(s) détruite(s) de nouveau"
    )
    console.print(f"[green]✓[/] {done.records} enregistrement(s) du bus relu(s) : démarrez le hub")
    return 0


async def forget_menage(settings: Settings, menage: UUID, actor: str, force: bool) -> int:
    """Destroy a household's keys."""
    async with opened(settings) as database:
        destroyed = await forget(database, settings.erasures_file, menage, actor, force=force)
    if not destroyed:
        console.print(
            "[red]✗[/] rien à oublier : ménage inconnu (l'ID est celui du champ « menage » des envois), ou déjà oublié"
        )
        return 1
    console.print(f"[green]✓[/] ménage oublié : {destroyed} clé(s) détruite(s)")
    return 0
