"""Stored bytes, shown to a person: a message, an event's content, or a partner's reply. All values are masked
(replaced by x), unless the person gives a reason to see them in clear. The audit records the reason."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

from pydantic_core import to_json

from contracts.errors import InvalidContract, Permanent
from contracts.ports import Native
from contracts.sealed import from_bytes
from ops.status.wording import in_words
from ops.unsealing import sql as sealed_bytes
from router.delivery.rendering import answer_holder, unseal_reply
from router.intake.decoders import Decoders, TooCostly
from router.intake.decoding import INLINE_BYTES
from router.intake.inbox_rows import native_of
from router.privacy.crosswalk import HUB_HOLDER
from router.privacy.keyring import Keyring
from router.privacy.masking import masked
from router.privacy.sealing import unseal_part
from router.store import inbox
from router.store.audit import record
from router.store.database import Connection, Database

SEEN = "octets.lire"
GONE = "ce contenu n'est plus lisible : données oubliées, trop anciennes, ou jamais gardées"
NO_ERROR = "elle n'est pas encore venue, ou elle est sans corps"
SHAPE_ALONE = "(cet envoi ne nomme aucun ménage : de la réponse, seule la forme est gardée)"
TOO_COSTLY = "(ce contenu demande trop de calcul pour être masqué : lisez-le en clair, avec un motif)"
MASKING_SECONDS = 1.0
MASKING_SECONDS_PER_MIB = 4.0
"""CPU seconds that masking may take for each MiB, in addition to `MASKING_SECONDS`."""
SHOWN_CHARACTERS = 2**20
CUT = "\n(la suite n'est pas montrée)"


class Kept(NamedTuple):
    """Stored bytes, decrypted. `whole` tells whether a person who gives a reason may see them in clear. If it
    is False, everybody sees them masked."""

    native: Native
    whole: bool = True


class Seen(NamedTuple):
    """Stored bytes as a person sees them: in clear, or as a masked text."""

    media_type: str
    size: int
    text: str
    body: bytes | None = None
    """The bytes in clear; None if the person sees only a masked text."""


async def message(
    database: Database, keyring: Keyring, decoders: Decoders, ident: UUID, actor: str, why: str | None
) -> Seen:
    """Return the bytes of a message, or the content of an event. They are in clear if `why` gives a reason,
    which the audit records; else they are masked. `ident` is the id of the message, of the event or of a
    quarantine row. Raises Permanent if the bytes cannot be read."""

    async def read(connection: Connection) -> Kept:
        named = await sealed_bytes.message(connection, ident)
        if named is None:
            return await _event(connection, keyring, ident)
        kept = await inbox.kept(connection, named)
        cipher = (await keyring.get(connection, [named])).get(named)
        if cipher is None or kept.raw is None:
            raise Permanent(GONE)
        return Kept(native_of(kept, cipher))

    native, _ = await _opened(database, read, ident, actor, why)
    return _seen(native, await masked_apart(decoders, actor, native.body) if why is None else None)


async def _event(connection: Connection, keyring: Keyring, ident: UUID) -> Kept:
    row = await sealed_bytes.event(connection, ident)
    if row is None:
        raise Permanent("aucun message, aucun événement, ni entrée de quarantaine sous cet identifiant")
    clair, parts = from_bytes(row.payload)
    ciphers = await keyring.get(connection, {part.titulaire for part in parts})
    known = [part for part in parts if part.titulaire in ciphers]
    said = {"clair": clair, "scelle": [unseal_part(ciphers[part.titulaire], row.id, part) for part in known]}
    return Kept(Native(to_json(said), "application/json"))


async def reply(database: Database, keyring: Keyring, delivery: UUID, actor: str, why: str | None) -> Seen:
    """Return what a partner replied to a delivery. The reply is in clear if `why` gives a reason, which the
    audit records; else it is masked. If the delivery is about no household, the reply is always masked.
    Raises Permanent if there is no reply that can be read."""

    async def read(connection: Connection) -> Kept:
        row = await sealed_bytes.reply(connection, delivery)
        if row is None:
            raise Permanent("aucune livraison n'a cet identifiant")
        if row.reply is None:
            raise Permanent(
                f"le partenaire n'a rien écrit dans sa réponse ({in_words(row.error) if row.error else NO_ERROR})"
            )
        _, parts = from_bytes(row.payload)
        household = answer_holder(row.type, row.subject, parts, row.menage)
        holder = household or HUB_HOLDER
        cipher = (await keyring.get(connection, [holder])).get(holder)
        if cipher is None:
            raise Permanent(GONE)
        kept = unseal_reply(cipher, delivery, row.reply)
        return Kept(kept, whole=household is not None)

    native, whole = await _opened(database, read, delivery, actor, why)
    if whole:
        return _seen(native, masked(native.body) if why is None else None)
    return _seen(native, f"{SHAPE_ALONE}\n{masked(native.body)}")


async def _opened(
    database: Database,
    read: Callable[[Connection], Awaitable[Kept]],
    ident: UUID,
    actor: str,
    why: str | None,
) -> Kept:
    async with database.transaction() as connection:
        try:
            kept = await read(connection)
        except InvalidContract as exc:
            raise Permanent(GONE) from exc
        if why is not None:
            await record(connection, actor, SEEN, str(ident), {"motif": why})
    return kept


async def masked_apart(decoders: Decoders, actor: str, body: bytes) -> str:
    """Return a body as text in which all values are replaced by x, for a person who may not read them. If
    masking would take too much computation, return a French text that says so. A large body is masked in
    another process, which `decoders` runs; it masks one body of each `actor` at a time."""
    if len(body) <= INLINE_BYTES:
        return masked(body)
    try:
        return await decoders.apart(actor, seconds_to_mask(body), _masked_at_most, body)
    except TooCostly:
        return TOO_COSTLY


def seconds_to_mask(body: bytes) -> float:
    """Return how many CPU seconds it may take, at most, to mask a body. To mask it is to replace all its
    values by x."""
    return MASKING_SECONDS + MASKING_SECONDS_PER_MIB * len(body) / 2**20


def _masked_at_most(body: bytes) -> str:
    text = masked(body)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + CUT


def _seen(native: Native, masked_text: str | None) -> Seen:
    if masked_text is not None:
        return Seen(native.media_type, len(native.body), masked_text)
    text = native.body.decode("utf-8", errors="replace")
    return Seen(native.media_type, len(native.body), text, native.body)
