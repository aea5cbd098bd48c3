"""Export the data that the hub holds about a person, for that person."""

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from contracts.errors import InvalidContract, Misconfigured, Permanent
from contracts.sealed import from_bytes, put_together
from contracts.v1 import CONTRATS
from contracts.v1.menage import Personne
from ops.duplicates.sql import cards, confirmed
from ops.forgetting import sql as together
from ops.person import sql as store
from ops.person.telling import Retention, Said, document, lines, members
from ops.protection.protected import protected
from ops.protection.referents import Entrusted, entrusted, named
from router.domain.partners import Registry
from router.privacy.keyring import Keyring
from router.privacy.sealing import unseal_part
from router.store import registry as registry_store
from router.store.audit import record
from router.store.database import Connection, Database, Row
from router.store.log import KEPT

EXPORTED = "personne.exporter"
HOUSEHOLD_KEPT = timedelta(days=730)
RIGHTS = (
    "Vous pouvez faire corriger ces données, en faire limiter l'usage, vous y opposer, ou les faire effacer. Le hub "
    "ne les a que de ceux qui les ont dites : demandez-le à celui qui suit votre demande, ou à l'équipe du hub. La "
    "réponse vient en un mois.",
    "Vous pouvez vous plaindre à la CNIL.",
)


class Several(Permanent):
    """Raised if it is unclear which member of a household is meant: the household has several and the caller
    has named none, or no member has the number that the caller gave."""

    def __init__(self, people: Sequence[Personne]) -> None:
        listed = [
            f"{n} ({p.sexe or 'sexe non dit'}, {p.tranche_age or 'âge non dit'})"
            for n, p in enumerate(people, 1)
        ]
        super().__init__(
            f"ce ménage a {len(people)} personnes : dites laquelle par --membre. Dans l'ordre de sa fiche : "
            f"{', '.join(listed)}"
        )


class Protected(Permanent):
    """Raised if a household is protected and the export is not made for its referent. If other protected
    households are confirmed duplicates of it, the referent must be appointed for each of them too."""

    def __init__(self) -> None:
        super().__init__(
            "ce ménage est protégé : qui demande ce fichier est peut-être celui qu'il fuit. Seul un référent nommé "
            "pour lui (« siao-hub protection nommer »), et pour chaque fiche confirmée comme la sienne, le fait "
            "établir, pour la personne qu'il connaît : dites-le par --referent"
        )


class Wanted(NamedTuple):
    """What is asked of an export: the household, the number of the member whose data are exported (from 1),
    who exports them, and why."""

    ident: UUID
    member: int | None
    actor: str
    why: str
    referent: str | None = None
    """The referent for whom the export is made, by their name in the audit."""


async def export(database: Database, keyring: Keyring, wanted: Wanted, now: datetime) -> str:
    """Return a French text that says what the hub holds about one member of a household, under all ids of the
    household. Record the export in the audit. Raises:

    * Permanent if nothing is readable;
    * Several if the household has several members and `wanted` names none, or if no member has the wanted
      number;
    * Protected if the household is protected, and `wanted` names no referent appointed for it.
    """
    member = wanted.member
    async with database.transaction() as connection:
        tied = await together.tied_ids(connection, wanted.ident)
        own = [tied.own] if tied.own else []
        menages = await confirmed(connection, own)
        registry = await registry_store.read(connection)
        if shielded := await protected(connection, keyring, {*tied.households, *menages}):
            await _referred(connection, wanted.referent, shielded.intersection(menages) or own, registry)
        said = await _said(connection, keyring, own)
        people = members(said)
        who = _asked(people, member)
        said += await _said(connection, keyring, [each for each in menages if each not in own])
        said.sort(key=lambda each: each.at)
        heard = await store.last_named(connection, menages)
        detail = {"motif": wanted.why, "membre": member or 1}
        if wanted.referent is not None:
            detail["referent"] = wanted.referent
        await record(connection, wanted.actor, EXPORTED, str(wanted.ident), detail)
    names = {partner.id: partner.nom for partner in registry.partners.values()}
    listed = ", ".join(map(str, menages))
    beside = _beside([each for each in tied.others if each not in menages])
    head = (f"Établi le {now:%d/%m/%Y}, du ménage connu sous : {listed}.", *beside)
    return document(
        head, list(lines(said, who, people, _secret(registry), names)), _kept(heard.at, now), RIGHTS
    )


async def _referred(
    connection: Connection, referent: str | None, menages: Collection[UUID], registry: Registry
) -> None:
    theirs = await entrusted(connection, named(referent), registry) if referent else Entrusted()
    followed = {
        each.menage: registry.present(each.siao) for each in (await cards(connection, menages)).values()
    }
    if not all(theirs.covers(each, followed.get(each, "")) for each in menages):
        raise Protected


def _asked(people: Sequence[Personne], member: int | None) -> Personne:
    if not people:
        raise Permanent("rien de lisible de ce ménage : inconnu, oublié, ou aucune personne n'y est décrite")
    if member is None and len(people) > 1:
        raise Several(people)
    if not 1 <= (number := member or 1) <= len(people):
        raise Several(people)
    return people[number - 1]


def _beside(others: Sequence[UUID]) -> Sequence[str]:
    if not others:
        return ()
    return ("", f"D'autres identifiants sont peut-être aussi les vôtres : {', '.join(map(str, others))}.")


async def _said(connection: Connection, keyring: Keyring, menages: Sequence[UUID]) -> list[Said]:
    rows = await store.events(connection, menages)
    handed: dict[UUID, list[tuple[str, datetime | None]]] = {}
    for row in await store.handed_over(connection, [each.id for each in rows]):
        handed.setdefault(row.event_id, []).append((row.partner, row.settled_at))
    parts = {row.id: from_bytes(row.payload) for row in rows}
    holders = {part.titulaire for _, sealed in parts.values() for part in sealed}
    ciphers = await keyring.get(connection, holders)
    opened = (_opened(row, *parts[row.id], ciphers, handed) for row in rows)
    return [each for each in opened if each is not None]


def _opened(
    row: Row, clair: Any, parts: Any, ciphers: Mapping[UUID, Any], handed: Mapping[UUID, Any]
) -> Said | None:
    kind = CONTRATS.get(row.type)
    if kind is None or not all(part.titulaire in ciphers for part in parts):
        return None
    try:
        trees = [unseal_part(ciphers[part.titulaire], row.id, part) for part in parts]
        contrat = put_together(kind, clair, trees)
    except InvalidContract:
        return None
    return Said(row.time, row.source, contrat, tuple(handed.get(row.id, ())))


def _secret(registry: Registry) -> frozenset[str]:
    """Return the ids that could reveal where a household lives: those of the partners that have a protected
    structure, and those of all their structures."""
    keeping = [partner for partner in registry.partners.values() if partner.structures_protegees]
    return frozenset({*(p.id for p in keeping), *(each for p in keeping for each in p.structures)})


def _kept(named: datetime | None, now: datetime) -> Sequence[Retention]:
    last = named or now
    return (
        Retention(
            "vos données, lisibles", f"le {last + HOUSEHOLD_KEPT:%d/%m/%Y}, deux ans après le dernier message"
        ),
        Retention("chaque message", f"{KEPT.days} jours ; tant qu'une demande est ouverte, avec elle"),
        Retention("qui a fait quoi, sans vos données", "un an"),
    )


def write(path: Path, content: str) -> None:
    """Write a new file that only its owner can read. Raises Misconfigured if a file with this path exists
    already, or if the file cannot be written."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as exc:
        raise Misconfigured(f"{path} ne peut être écrit ({exc.strerror})") from exc
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
