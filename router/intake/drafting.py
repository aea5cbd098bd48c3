"""Make the draft of a decoded message: decide its state, and compute its idempotency keys."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic_core import to_json

from contracts import uuids
from contracts.partner import Partner
from contracts.ports import Native, Rejet
from router.intake.decoding import DecodedMessage, Incoming
from router.intake.draft import (
    ALL_OR_NOTHING,
    KEY_NEEDED,
    Draft,
    Replayed,
    holds_nir,
    rejection_rows,
)
from router.intake.once import content_hmac
from router.intake.rows import Origin
from router.privacy.hmac_keys import HmacKeys
from router.privacy.keyring import Keyring
from router.privacy.sealing import HmacKey
from router.privacy.seen import LOOP_BYTES, seen
from router.settings import IntakeSettings
from router.store import idempotency

OFFERED_AGAIN = timedelta(days=365)
"""Lifetime of an idempotency key that the transport of a source makes. Messages are stored for the same time. So
if a source is read again from its beginning, the hub recognises all messages that it has stored."""


async def of_body(hmacs: HmacKeys, message: Incoming) -> Sequence[bytes]:
    """Return HMACs of a message's sender, dialect and bytes: one for each HMAC key, newest key first. Such an HMAC
    stands for the idempotency key if the message has none."""
    native, partner, dialect = message
    parts = partner.id, dialect, native.body
    if len(native.body) <= LOOP_BYTES:
        return hmacs.fingerprints(*parts)
    return await asyncio.to_thread(hmacs.fingerprints, *parts)


class Drafting:
    """Maker of drafts. It decides the state of each decoded message, and computes its idempotency keys."""

    def __init__(self, keyring: Keyring, settings: IntakeSettings) -> None:
        self._keyring = keyring
        self._sync_rows = settings.sync_rows
        self.key_lifetime = timedelta(days=settings.key_retention_days)
        self.body_lifetime = timedelta(seconds=settings.body_repetition_s)
        """Time within which messages with equal bytes and without idempotency key count as one message."""

    async def draft(
        self,
        message: Incoming,
        decoded: DecodedMessage,
        key: str | None,
        replayed: Replayed | None,
        trace: str | None,
        *,
        picked_up: bool,
    ) -> Draft:
        """Return the draft of a decoded message.

        - `key`: idempotency key that came with the message, if any
        - `replayed`: the key under which the message was refused, if an operator replays it. The draft gets
          this key again, except in one case: if this key was made from the body, and another key came with
          the message or in its content, the draft gets that other key
        - `trace`: `traceparent` of the events, which links them to the trace of the request
        - `picked_up`: True if the hub fetched the message
        """
        native, partner, dialect = message
        hmacs = self._keyring.hmacs
        written = decoded.cle  # the sender's own id of the message, or of its only event
        ids = [None if written is None else each.fingerprint(partner.id, written) for each in hmacs.all]
        made = list(zip(hmacs.all, await of_body(hmacs, message), ids, strict=True))
        if replayed is not None:
            made = [each for each in made if each[0] is hmacs.maker_of(replayed.hmac)]
        now = datetime.now(UTC)
        origin = Origin(uuids.dated(now), partner, now, trace)
        claim, *others = (self._claim(message, decoded, origin, *each, key, replayed) for each in made)
        keyless = replayed is None and (key or decoded.cle or native.cle) is None
        etat, rejets = self._verdict(decoded, partner, keyless=keyless)
        accepted = etat in ("accepte", "partiel")
        stopped = () if decoded.arret is None else (decoded.arret,)
        return Draft(
            origin=origin,
            native=native,
            dialect=dialect,
            hmacs=hmacs,
            claim=claim,
            keyless=keyless,
            etat=etat,
            acceptes=decoded.accepted if accepted else 0,
            contrats=decoded.contrats if accepted else [],
            rejets=(*stopped, *rejets) if etat == "refuse" else rejets,
            avertissements=() if etat == "refuse" else (*stopped, *decoded.avertissements),
            cles={} if claim.key[1] == made[0][2] else decoded.cles,
            noms=decoded.cles,
            seen=await seen(native.body),
            lus=decoded.lus,
            picked_up=picked_up,
            others=others,
        )

    def _claim(
        self,
        message: Incoming,
        decoded: DecodedMessage,
        origin: Origin,
        under: HmacKey,
        body_hmac: bytes,
        id_hmac: bytes | None,
        key: str | None,
        replayed: Replayed | None,
    ) -> idempotency.Claim:
        native, partner, _ = message
        named = key or decoded.cle
        key = named or native.cle
        under_its_key = replayed is not None and not replayed.of_body
        if replayed is not None and (under_its_key or not key):
            key_hmac = replayed.hmac
        else:
            key_hmac = under.fingerprint(partner.id, key) if key else body_hmac
        claim = idempotency.Claim(
            key=(partner.id, key_hmac),
            content_hmac=body_hmac,
            message_id=origin.message,
            lifetime=self._lifetime(native, named=bool(named) or under_its_key),
            replaces=replayed is None,
            body_hmac=body_hmac,
        )
        content = _content(under, partner, decoded) if key_hmac == id_hmac else None
        return claim._replace(content_hmac=content) if content else claim

    def _lifetime(self, native: Native, *, named: bool) -> timedelta:
        if native.cle is not None and not named:
            return OFFERED_AGAIN
        return self.key_lifetime if named or native.drop is not None else self.body_lifetime

    def _verdict(
        self, decoded: DecodedMessage, partner: Partner, *, keyless: bool
    ) -> tuple[str, Sequence[Rejet]]:
        rejets = decoded.rejets
        if keyless and decoded.needs_key:
            return "refuse", [KEY_NEEDED]
        if not decoded.dry_run and decoded.rows > self._sync_rows and not holds_nir(rejets):
            return "en_cours", []
        if decoded.accepted and rejets and partner.tout_ou_rien:
            return "refuse", [*rejets, ALL_OR_NOTHING]
        if decoded.accepted:
            return "partiel" if rejets else "accepte", rejets
        return "refuse", rejets

    def claim_of(self, draft: Draft) -> idempotency.Claim:
        """Return the idempotency claim of a message. A message that is not refused claims its idempotency key. A
        refused message claims a fingerprint of its key, its body and its rejections together. So the sender may
        use the key again for a corrected message, and only the same refusal counts as a repetition."""
        claim = draft.claim
        if draft.etat != "refuse":
            return claim
        partner, key = claim.key
        assert claim.body_hmac is not None, "the claim of a message has the HMAC of its body"
        parts = (partner, "refus", key, claim.body_hmac, to_json(rejection_rows(draft.rejets)))
        refused = partner, draft.hmacs.maker_of(key).fingerprint(*parts)
        return claim._replace(key=refused, lifetime=self.body_lifetime, replaces=False)


def _content(under: HmacKey, partner: Partner, decoded: DecodedMessage) -> bytes | None:
    if decoded.rows != 1 or not decoded.contrats:
        return None
    ((_, contrat),) = decoded.contrats
    return content_hmac(under, partner.id, contrat)
