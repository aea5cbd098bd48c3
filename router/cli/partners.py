"""The registry at the command line: what a file would change, who is in it, one entry with all that holds for it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic_core import to_json
from rich.table import Column, Table

from connectors.secrets import read_secret
from contracts.errors import Misconfigured
from contracts.partner import Partner, SortieHttp
from router.cli.terminal import agreed, console, opened, told
from router.domain.partners import Difference, Registry
from router.domain.vitals import collected_every_h, expected_every_h
from router.settings import Settings
from router.store import registry as registry_store

SECRETS = ("secret", "cle_privee")
"""Fields that say where a secret is."""


async def apply(settings: Settings, file: Path, actor: str, *, yes: bool, as_json: bool) -> int:
    """Show the difference, warn of secrets that nobody can read here, ask, apply."""
    from router.domain.registry_file import load  # knows every dialect

    new = load(file)
    async with opened(settings) as database:
        async with database.transaction() as connection:
            current, change = await registry_store.compared(connection, new)
        unreadable = [warning for partner in new.partners.values() for warning in _unreadable(partner)]
        lines = [*_difference(change, current, new), *(f"[yellow]![/] {each}" for each in unreadable)]
        facts = {"ajoutes": change.added, "modifies": change.changed, "retires": change.removed}
        if not as_json:
            for line in lines:
                console.print(line)
        done = bool(change) and (yes or (not as_json and agreed("Appliquer ?")))
        if done:
            await registry_store.apply(database, new, actor)
    applied = ["[green]✓[/] registre appliqué ; les processus en cours l'ont pris"] if done else []
    told(as_json, {**facts, "applique": done, "secrets_illisibles": unreadable}, *applied)
    return 0


def _unreadable(partner: Partner) -> Iterator[str]:
    """Secrets of an entry that this machine cannot read: it may be another one that needs them."""
    for way in ("entree", "sortie"):
        for field in SECRETS:
            place = getattr(getattr(partner, way), field, None)
            if place is not None:
                try:
                    read_secret(place)
                except Misconfigured as exc:
                    yield f"{partner.id}, {way}.{field} : {exc} (sur cette machine)"


def _difference(change: Difference, current: Registry, new: Registry) -> Iterator[str]:
    if not change:
        yield "registre inchangé"
    for ident in change.added:
        yield f"[green]+[/] {ident}  {new.partners[ident].nom}"
    for ident in change.removed:
        gone = current.get(ident)
        yield f"[red]−[/] {ident}  {gone.nom if gone else '(illisible)'}"
    for ident in change.changed:
        before, after = current.partners[ident].model_dump(), new.partners[ident].model_dump()
        fields = ", ".join(name for name in after if after[name] != before[name])
        yield f"[yellow]~[/] {ident}  ({fields})"


async def show_all(settings: Settings, *, as_json: bool) -> int:
    """Every partner, in a few words."""
    async with opened(settings) as database, database.transaction() as connection:
        registry = await registry_store.read(connection)
    if as_json:
        console.print_json(to_json([_effective(p) for p in registry.partners.values()]).decode())
        return 0
    words = (
        Column(title, overflow="fold") for title in ("Id", "Nom", "Famille", "Terr.", "Dialectes", "Sortie")
    )
    table = Table(*words, box=None, padding=(0, 2, 0, 0), header_style="dim")
    for partner in registry.partners.values():
        dialects = ", ".join(partner.dialectes)
        table.add_row(
            partner.id, partner.nom, partner.famille, partner.territoire, dialects, _way_out(partner)
        )
    console.print(table)
    return 0


def _way_out(partner: Partner) -> str:
    if isinstance(partner.sortie, SortieHttp) and partner.sortie.leaves_in_clear:
        return "[red]http en clair[/]"
    return partner.sortie.type if partner.sortie else "—"


async def show(settings: Settings, ident: str, *, as_json: bool) -> int:
    """The entry with all that holds for it, its defaults too; hashes of keys and places of secrets, never a secret."""
    async with opened(settings) as database, database.transaction() as connection:
        partner = (await registry_store.read(connection)).get(ident)
    if partner is None:
        return told(as_json, {"partenaire": ident}, f"[red]✗[/] aucun partenaire « {ident} »", done=False)
    if as_json:
        console.print_json(to_json(_effective(partner)).decode())
        return 0
    said = partner.model_dump(mode="json", exclude_unset=True)
    table = Table.grid(Column(no_wrap=True, style="dim"), Column(overflow="fold"), padding=(0, 2, 0, 0))
    for name, value in _flat(_effective(partner)):
        default = "" if _is_said(name, said) else " [dim](sans rien dire)[/]"
        table.add_row(name, f"{_spelled(value)}{default}")
    console.print(table)
    return 0


def _effective(partner: Partner) -> Mapping[str, Any]:
    """The entry, and what follows from its family and way out."""
    silence, collected = expected_every_h(partner), collected_every_h(partner)
    return {**partner.model_dump(mode="json"), "attendu_toutes_les_h": silence, "boite_relevee_h": collected}


def _flat(entry: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in entry.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield path + name, value


def _is_said(path: str, said: Mapping[str, Any]) -> bool:
    value: Any = said
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return True


def _spelled(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "—"
    return {None: "—", True: "oui", False: "non"}.get(value, str(value))
