"""Store the partner registry, which operators apply from a reviewed file. Notify the processes of its
changes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from contracts.errors import Misconfigured
from contracts.partner import Partner
from contracts.reference.regle import RELU
from router.domain.partners import Difference, Registry, difference, field_changes
from router.store import key_uses, mailbox
from router.store.audit import record
from router.store.database import REGISTRY, Database
from router.store.sql import Connection, Row, Sql

_READ = Sql("""
    SELECT id, entry, CAST(NULL AS text) AS successeur FROM partner
    UNION ALL SELECT siao, CAST(NULL AS jsonb), successeur FROM succession ORDER BY id
""")
_TERRITORIES = Sql("""
    SELECT entry ->> 'territoire' AS code FROM partner
    UNION SELECT jsonb_array_elements_text(entry -> 'autres_territoires') FROM partner
    WHERE jsonb_typeof(entry -> 'autres_territoires') = 'array'
""")
_PUT = Sql("""
    INSERT INTO partner (id, entry) VALUES (:id, CAST(:entry AS jsonb))
    ON CONFLICT (id) DO UPDATE SET entry = excluded.entry, applied_at = now()
""")
_TURN = Sql("SELECT pg_advisory_xact_lock(hashtext('registre des partenaires'))")
_REMOVE = Sql("DELETE FROM partner WHERE id = ANY(CAST(:ids AS text[]))")


CHANGED_MEANWHILE = (
    "le registre a été changé pendant que vous lisiez : rien n'est appliqué ; relancez pour voir ce que votre "
    "fichier y change maintenant"
)


async def read(connection: Connection, before: Registry | None = None) -> Registry:
    """Return the stored registry. If an entry cannot be read:

    * If `before` is None or empty, raise Misconfigured.
    * If `before` has the partner, log the fault. The partner keeps its entry of `before`, with only those API keys
      that the unreadable entry still lists.
    * Otherwise, log the fault, and leave the partner out."""
    known = before or Registry()
    rows = await _READ.all(connection)
    entries = [entry for row in rows if row.successeur is None and (entry := _entry(row, known))]
    return Registry.of(entries, {row.id: row.successeur for row in rows if row.successeur is not None})


async def territories(connection: Connection) -> list[str]:
    """Return the territories that registry entries name, even unreadable entries."""
    return [code for code in await _TERRITORIES.column(connection) if code]


async def compared(connection: Connection, new: Registry) -> tuple[Registry, Difference]:
    """Return the stored registry without its unreadable entries, and the changes from the stored registry to
    `new`."""
    rows = [row for row in await _READ.all(connection) if row.successeur is None]
    old = Registry.of([partner for row in rows if isinstance(partner := _partner(row), Partner)])
    removed = tuple(sorted({row.id for row in rows} - new.partners.keys()))
    return old, replace(difference(old, new), removed=removed)


def _entry(row: Row, before: Registry) -> Partner | None:
    partner, kept = _partner(row), before.get(row.id)
    if isinstance(partner, Partner):
        return partner
    if not before.partners:
        raise Misconfigured(
            f"registre : l'entrée « {row.id} » ne peut être lue ({partner}) ; corrigez-la, puis « partners apply »"
        )
    import structlog  # imported late: it takes half of a command's start-up time

    structlog.get_logger().error("partner.unreadable", partner=row.id, fault=partner)
    return kept and kept.model_copy(
        update={"cles_api": tuple(k for k in kept.cles_api if k in _keys(row.entry))}
    )


def _keys(entry: Any) -> Sequence[Any]:
    keys = entry.get("cles_api") if isinstance(entry, dict) else None
    return keys if isinstance(keys, list) else ()


def _partner(row: Row) -> Partner | str:
    try:
        return Partner.model_validate(row.entry, extra="ignore", context=RELU)
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False, include_context=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'entrée'} : {first['type']}"


def _sealed(partner: Partner) -> str:
    if partner.structures_protegees and not isinstance(partner.structures_protegees, str):
        raise Misconfigured(f"{partner.id} : « structures_protegees » ne se garde que scellé")
    return to_json(partner).decode()


def _holders(registry: Registry) -> dict[str, str]:
    return {key: partner.id for partner in registry.partners.values() for key in partner.cles_api}


async def one_change_at_a_time(connection: Connection) -> None:
    """Lock the registry until the transaction ends, so that nobody else applies a registry or merges SIAO
    meanwhile."""
    await _TURN.run(connection)


async def apply(database: Database, new: Registry, actor: str, shown: Registry | None = None) -> Difference:
    """Store the registry `new`, audit each change, notify the processes, and return the changes. Raises
    Misconfigured if protected structures are not encrypted, or if the stored registry is no longer what the
    operator saw (`shown`)."""
    async with database.transaction() as connection:
        await one_change_at_a_time(connection)
        before, change = await compared(connection, new)
        if shown is not None and before != shown:
            raise Misconfigured(CHANGED_MEANWHILE)
        for ident in (*change.added, *change.changed):
            await _PUT.run(connection, id=ident, entry=_sealed(new.partners[ident]))
        if change.removed:
            await _REMOVE.run(connection, ids=list(change.removed))
        if change:
            await mailbox.empty_mailboxes(connection)
            await key_uses.replace(connection, _holders(before), _holders(new))
            detail = {"ajoutes": change.added, "modifies": change.changed, "retires": change.removed}
            await record(connection, actor, "partenaires.appliquer", "registre", detail)
            for ident in change.changed:
                fields = field_changes(before.partners[ident], new.partners[ident])
                await record(connection, actor, "partenaire.changer", ident, fields)
            await database.notify(connection, REGISTRY)
    return change
