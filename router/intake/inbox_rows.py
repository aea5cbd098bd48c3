"""Make the inbox row of a message, and read a message back from its row. The row has four encrypted values: the
message's bytes, its file name, the nonce of its receipt, and the titles of its columns that were not read."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from connectors.problem import rejet_kept
from contracts.ports import Native, Rejet
from router.intake.draft import Draft, listed, rejected_rows, rejection_rows
from router.privacy.crosswalk import HUB_HOLDER
from router.privacy.sealing import Damaged, seal, unseal
from router.store import inbox, keys


def nonce_holders(drafts: Sequence[Draft], links: keys.Links) -> Mapping[UUID, UUID]:
    """Return, by accepted message, the holder whose data key encrypts the nonce of the message's signed
    receipt. The holder is the message itself if it names people or if its bytes are stored; otherwise it
    is the hub. The messages that name people are those in `links`: each pair there has a household,
    referral… and a message that names it."""
    own = {message for _, message in links.pairs} | {d.message for d in drafts if d.bytes_are_stored}
    accepted = [draft.message for draft in drafts if draft.etat != "refuse"]
    return {message: message if message in own else HUB_HOLDER for message in accepted}


def inbox_row(
    draft: Draft, ciphers: Mapping[UUID, Any], nonces: Mapping[UUID, UUID], deferred: bool
) -> inbox.InboxRow:
    """Return the inbox row of a message. `draft` is the message. `ciphers` has the ciphers, by holder. `nonces`
    has, by accepted message, the holder whose data key encrypts the nonce of the message's signed receipt.
    `deferred` tells whether the message's events are deferred."""
    ident, filename = draft.message.bytes, draft.native.filename
    cipher = ciphers[draft.message] if draft.bytes_are_stored else None
    holder = ciphers.get(nonces[draft.message]) if draft.message in nonces else None
    nonce = _sealed(holder, draft.seen.nonce, ident)
    return inbox.InboxRow(
        id=draft.message,
        partner=draft.partner.id,
        dialect=draft.dialect,
        media_type=draft.native.media_type,
        filename=None if cipher is None or filename is None else seal(cipher, filename.encode(), ident),
        etat=draft.etat,
        raw=None if cipher is None else seal(cipher, draft.native.body, ident),
        accepted=draft.acceptes,
        rejected=rejected_rows(draft.rejets),
        rejections=rejection_rows(draft.rejets),
        warnings=[_warning(each, holder, ident) for each in listed(draft.avertissements)],
        deferred=deferred,
        keyless=draft.keyless,
        nonce=nonce,
        digest=None if nonce is None else draft.seen.digest.hex(),
    )


def _sealed(cipher: Any, value: bytes, ident: bytes) -> bytes | None:
    return None if cipher is None or isinstance(cipher, Damaged) else seal(cipher, value, ident)


def _warning(rejet: Rejet, cipher: Any, ident: bytes) -> dict[str, object]:
    titres = _sealed(cipher, rejet.titres.encode(), ident) if rejet.titres else None
    return rejet_kept(rejet) | ({"titres": b64encode(titres).decode()} if titres else {})


def native_of(row: Any, cipher: Any) -> Native:
    """Return the message that an inbox row stores, as it was sent. It comes with the time at which the hub received
    it first. Raises InvalidContract if the message cannot be decrypted."""
    filename = None if row.filename is None else unseal(cipher, row.filename, row.id.bytes).decode()
    raw = unseal(cipher, row.raw, row.id.bytes)
    return Native(raw, row.media_type, filename, recu_le=row.received_at.astimezone(UTC))
