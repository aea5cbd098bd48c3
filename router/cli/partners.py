"""The registry at the command line: what a file would change, who is in it, one entry."""

from pathlib import Path

import typer
from rich.json import JSON
from rich.table import Table

from contracts.partner import Partner, SortieHttp
from router.cli.terminal import console, opened
from router.domain.partners import Difference, Registry
from router.domain.registry_file import load
from router.settings import Settings
from router.store import registry as registry_store


async def apply_partners(settings: Settings, file: Path, yes: bool, actor: str) -> int:
    """Show the difference, ask, apply."""
    new = load(file)
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
