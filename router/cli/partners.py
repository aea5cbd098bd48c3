"""The registry at the command line: what a file would change, who is in it, one entry as it works."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from contracts.partner import Partner, SortieHttp
from router.cli.terminal import console, opened
from router.domain.partners import Difference, Registry, flattened, told
from router.domain.registry_file import load
from router.privacy import protected
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store import key_uses
from router.store import registry as registry_store

Uses = Mapping[str, datetime]


async def apply_partners(settings: Settings, file: Path, yes: bool, actor: str) -> int:
    """Show the difference, ask, apply."""
    new = load(file, settings.profiles_folder)
    async with opened(settings) as database:
        async with database.transaction() as connection:
            if protected.is_needed(new):
                await protected.check(connection, Keyring.of(settings), new)
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


async def seal_structures(settings: Settings, ident: str, structures: Sequence[str]) -> int:
    """The line for the registry; the structures themselves are told nowhere."""
    keyring = Keyring.of(settings)
    async with opened(settings) as database, database.transaction() as connection:
        sealed = await protected.seal_structures(connection, keyring, ident, structures)
    typer.echo(f'structures_protegees = "{sealed}"')  # as it is to be copied: a console would wrap it
    return 0


async def list_partners(settings: Settings) -> None:
    """One line a partner."""
    registry, uses = await _known(settings)
    table = Table("Id", "Nom", "Famille", "Territoire", "Dialectes", "Sortie", "Clés utilisées le")
    for partner in registry.partners.values():
        table.add_row(
            partner.id,
            partner.nom,
            partner.famille,
            partner.territoire,
            ", ".join(partner.dialectes),
            _way_out(partner),
            "\n".join(_last(uses.get(key)) for key in partner.cles_api) or "—",
        )
    console.print(table)


async def show_partner(settings: Settings, ident: str, as_json: bool) -> int:
    """Every setting of one partner as it works, defaults included, and its keys; no secret, and of structures, of which
    some are, only their number."""
    registry, uses = await _known(settings)
    partner = registry.get(ident)
    if partner is None:
        console.print(f"[red]✗[/] aucun partenaire « {ident} »")
        return 1
    keys = dict(zip(_settings(partner)["cles_api"], map(uses.get, partner.cles_api), strict=True))
    if as_json:
        used = {key: at and at.isoformat() for key, at in keys.items()}
        typer.echo(json.dumps({**_settings(partner), "cles_api": used}, ensure_ascii=False, indent=2))
        return 0
    table = Table("Réglage", "Valeur")
    for name, value in _settings(partner).items():
        if name != "cles_api":
            table.add_row(name, _readable(value))
    for key, at in keys.items():
        table.add_row("clé d'API", f"{key}…  {_last(at)}")
    console.print(table)
    return 0


async def _known(settings: Settings) -> tuple[Registry, Uses]:
    async with opened(settings) as database, database.transaction() as connection:
        return await registry_store.read(connection), await key_uses.read(connection)


def _settings(partner: Partner) -> dict[str, Any]:
    return {name: told(name, value) for name, value in flattened(partner.model_dump(mode="json")).items()}


def _readable(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "—"
    return {None: "—", True: "oui", False: "non"}.get(value, str(value))


def _last(used_at: datetime | None) -> str:
    return f"{used_at.astimezone():%Y-%m-%d %H:%M}" if used_at is not None else "[dim]jamais[/]"


def _way_out(partner: Partner) -> str:
    if isinstance(partner.sortie, SortieHttp) and partner.sortie.leaves_in_clear:
        return "[red]http en clair[/]"
    return partner.sortie.type if partner.sortie else "—"
