"""`siao-hub partners list` and `show`: who is in the registry, under which settings, and whether its keys are used."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import typer
from rich.table import Table

from contracts.partner import Partner, SortieHttp
from router.cli.display import console, opened
from router.domain.partners import Registry, flattened, told
from router.settings import Settings
from router.store import key_uses
from router.store import registry as registry_store

Uses = Mapping[str, datetime]


async def list_all(settings: Settings) -> None:
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


async def show(settings: Settings, ident: str, as_json: bool) -> int:
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
