"""Output of the commands `siao-hub partners`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from connectors.secrets import read_secret, refuse_foreign
from contracts.errors import Misconfigured
from contracts.http import SortieHttp
from contracts.kafka import SortieKafka
from contracts.partner import Partner
from contracts.rest import SortieRest
from contracts.soap import SortieSoap
from ops.halts import resuming as halts
from ops.silences import sql as rhythm
from ops.silences.rhythm import told_rhythm
from ops.silences.sql import UNKNOWN, Known
from ops.status.correspondents import correspondents
from ops.status.quantities import day_and_hour, next_at
from ops.status.wording import reading_of
from ops.terminal.printing import agreed, console, in_json, opened, report
from router.domain.beats import SILENT_BEAT
from router.domain.correspondents import Lecture, collected_every_h
from router.domain.partners import Difference, Registry, flattened, short_key, showable
from router.domain.roles import Role
from router.domain.vitals import COUNTED
from router.settings import Settings
from router.store import heartbeat, key_uses
from router.store import registry as registry_store
from router.store.database import Row

Uses = Mapping[str, datetime]

SECRETS = ("secret", "cle_privee", "mot_de_passe")
"""The fields of a registry entry that say where a secret is stored."""


async def apply(settings: Settings, file: Path, actor: str, *, yes: bool, as_json: bool) -> int:
    """Print what a registry file would change. Apply it if `yes` is true, or if the person at the terminal
    agrees; nobody is asked if `as_json` is true. No secret or protected structure is printed. Return exit
    code 0, applied or not. Raises Misconfigured if the file is invalid."""
    from ops.partners.registry_file import load  # imports every dialect
    from router.privacy import protected
    from router.privacy.keyring import Keyring

    new = load(file, settings.profiles_folder)
    for where, place in _secrets_of(new):
        try:
            refuse_foreign(place)
        except Misconfigured as exc:
            raise Misconfigured(f"{where} : {exc}") from exc
    async with opened(settings) as database:
        async with database.transaction() as connection:
            if protected.is_needed(new):
                await protected.check(connection, Keyring.of(settings), new)
            current, change = await registry_store.compared(connection, new)
        unreadable = list(_unreadable(new))
        lines = [*_difference(change, current, new), *(f"[yellow]![/] {each}" for each in unreadable)]
        facts = {"ajoutes": change.added, "modifies": change.changed, "retires": change.removed}
        if not as_json:
            for line in lines:
                console.print(line)
        done = bool(change) and (yes or (not as_json and agreed("Appliquer ?")))
        if done:
            await registry_store.apply(database, new, actor, current)
    applied = ["[green]✓[/] registre appliqué ; les processus en cours l'ont pris"] if done else []
    report(as_json, {**facts, "applique": done, "secrets_illisibles": unreadable}, *applied)
    return 0


def _secrets_of(registry: Registry) -> Iterator[tuple[str, str]]:
    for partner in registry.partners.values():
        for way in ("entree", "sortie"):
            for field in SECRETS:
                place = getattr(getattr(partner, way), field, None)
                if place is not None:
                    yield f"{partner.id}, {way}.{field}", place


def _unreadable(registry: Registry) -> Iterator[str]:
    for where, place in _secrets_of(registry):
        try:
            read_secret(place)
        except Misconfigured as exc:
            yield f"{where} : {exc} (sur cette machine)"


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


async def seal_structures(settings: Settings, ident: str, structures: Sequence[str], as_json: bool) -> int:
    """Encrypt the list of a partner's protected structures, and print the line to write into the partner's
    registry entry. Return exit code 0."""
    from router.privacy import protected
    from router.privacy.keyring import Keyring

    keyring = Keyring.of(settings)
    async with opened(settings) as database, database.transaction() as connection:
        sealed = await protected.seal_structures(connection, keyring, ident, structures)
    facts = {"partenaire": ident, "structures_protegees": sealed}
    return report(as_json, facts, f'structures_protegees = "{sealed}"')


async def go_on(settings: Settings, ident: str, offset: int, actor: str, why: str, as_json: bool) -> int:
    """End the halt in the reading of a partner's topic: the hub goes on at the record with the number
    `offset`. Return exit code 1 if no reading of this partner is halted, else 0."""
    async with opened(settings) as database:
        halt = await halts.let_go_on(database, ident, offset, actor, why)
    if halt is None:
        return report(
            as_json, {"partenaire": ident}, f"[red]✗[/] aucune lecture en pause pour « {ident} »", done=False
        )
    facts = {"partenaire": ident, **halt.records._asdict(), "reprise": offset}
    where = f"topic {halt.records.topic}, partition {halt.records.partition}"
    return report(as_json, facts, f"[green]✓[/] la lecture reprend à l'offset {offset} ({where})")


async def show_all(settings: Settings, *, as_json: bool) -> int:
    """Print all partners, with the last use of their API keys. Return exit code 0."""
    registry, uses, rhythms = await _known(settings)
    if as_json:
        known = [{"id": p.id, **_effective(p, uses, rhythms)} for p in registry.partners.values()]
        in_json(known)
        return 0
    titles = ("Id", "Nom", "Famille", "Terr.", "Dialectes", "Sortie", "Clés utilisées le")
    table = Table(
        *(Column(title, overflow="fold") for title in titles),
        box=None,
        padding=(0, 1, 0, 0),
        header_style="dim",
    )
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
    return 0


def _way_out(partner: Partner) -> str:
    way_out = partner.sortie
    if isinstance(way_out, SortieHttp | SortieRest | SortieKafka | SortieSoap) and way_out.leaves_in_clear:
        return f"[red]{way_out.type} en clair[/]"
    return way_out.type if way_out else "—"


async def show(settings: Settings, ident: str, *, as_json: bool) -> int:
    """Print the settings of a partner, when each of its API keys was last used, and how the reading of its
    own server goes. Withdrawn keys that somebody still uses are printed too; no secret is. Return exit code 1
    if the hub knows neither the partner nor such a key of it, else 0."""
    registry, uses, rhythms = await _known(settings)
    partner = registry.get(ident)
    async with opened(settings) as database, database.transaction() as connection:
        rows = await key_uses.still_sent(connection, ident)
        state = next((p for p in await correspondents(connection, registry, COUNTED) if p.id == ident), None)
        beats, now = await heartbeat.read(connection), datetime.now(UTC)
    reads = any(beat.role == Role.SOURCES and beat.age <= SILENT_BEAT for beat in beats)
    reading = replace(state.reading, is_watched=reads) if state and state.reading else None
    if partner is None and not rows:
        return report(as_json, {"partenaire": ident}, f"[red]✗[/] aucun partenaire « {ident} »", done=False)
    removed: dict[str, Any] = {"id": ident, "registre": "n'y est plus", "cles_api": {}}
    effective = _effective(partner, uses, rhythms) if partner else removed
    if as_json:
        told = {"lecture": reading and asdict(reading), "cles_retirees": [_refusals(row) for row in rows]}
        in_json({**effective, **told})
        return 0
    table = Table.grid(Column(no_wrap=True, style="dim"), Column(overflow="fold"), padding=(0, 2, 0, 0))
    for name, value in effective.items():
        if name != "cles_api":
            table.add_row(name, _readable(value))
    for key, at in effective["cles_api"].items():
        table.add_row("clé d'API", f"{key}…  {_last(at)}")
    for row in rows:
        said = (
            f"{short_key(row.key)}…  retirée le {day_and_hour(row.retired_at)}, refusée depuis le "
            f"{day_and_hour(row.refused_since)}, en dernier le {day_and_hour(row.refused_at)}"
        )
        table.add_row("clé retirée", Text(said, style="red"))
    if reading is not None:
        look = next_at(reading.next_try(now) if reads else Role.SOURCES, now)
        fails = reading.state(now) is Lecture.ILLISIBLE
        table.add_row("lire", Text(reading_of(reading, look, now), style="red" if fails else ""))
    console.print(table)
    return 0


def _refusals(row: Row) -> dict[str, object]:
    moments = {
        "retiree_le": row.retired_at,
        "refusee_depuis": row.refused_since,
        "refusee_le": row.refused_at,
    }
    return {"cle": short_key(row.key), **moments}


async def _known(settings: Settings) -> tuple[Registry, Uses, Mapping[str, Known]]:
    async with opened(settings) as database, database.transaction() as connection:
        registry, uses = await registry_store.read(connection), await key_uses.read(connection)
        return registry, uses, await rhythm.read(connection)


def _effective(partner: Partner, uses: Uses, rhythms: Mapping[str, Known]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        name: showable(name, value) for name, value in flattened(partner.model_dump(mode="json")).items()
    }
    keys = dict(zip(entry["cles_api"], map(uses.get, partner.cles_api), strict=True))
    expected = told_rhythm(partner, rhythms.get(partner.id, UNKNOWN).learnt)
    return {**entry, "cles_api": keys, "parle": expected, "boite_relevee_h": collected_every_h(partner)}


def _readable(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "—"
    return {None: "—", True: "oui", False: "non"}.get(value, str(value))


def _last(used_at: datetime | None) -> str:
    return day_and_hour(used_at) if used_at is not None else "[dim]jamais[/]"
