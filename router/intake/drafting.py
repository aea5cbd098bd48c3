"""From what was read of a message to what is kept of it: its verdict, and what counts as the same message again."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic_core import to_json

from contracts import uuids
from contracts.partner import Partner
from contracts.ports import Native, Rejet
from router.intake.decoding import Message, Reading
from router.intake.draft import (
    ALL_OR_NOTHING,
    KEY_NEEDED,
    Draft,
    Identity,
    Origin,
    Seen,
    holds_nir,
    rejection_rows,
)
from router.intake.once import content_hmac
from router.privacy.keyring import Keyring
from router.settings import IntakeSettings
from router.store import inbox

LOOP_HMAC_BYTES = 256 * 1024
"""What is longer is hashed in a thread: forty megabytes take forty milliseconds."""
OFFERED_AGAIN = timedelta(days=365)
"""How long a key of the transport counts, as long as a message is kept: a system that is read anew shows all that it
holds, however old."""


class Drafting:
    """Makes drafts by the settings of an intake."""

    def __init__(self, keyring: Keyring, settings: IntakeSettings) -> None:
        self._keyring = keyring
        self._sync_rows = settings.sync_rows
        self.key_lifetime = timedelta(days=settings.key_retention_days)
        self.body_lifetime = timedelta(seconds=settings.body_repetition_s)
        """How long the same bytes count as the same message, where it has no key."""

    async def of_body(self, native: Native, partner: Partner, dialect: str) -> bytes:
        """HMAC of a message's bytes, which stands in for the key that it does not have."""
        parts = (partner.id, dialect, native.body)
        if len(native.body) <= LOOP_HMAC_BYTES:
            return self._keyring.fingerprint(*parts)
        return await asyncio.to_thread(self._keyring.fingerprint, *parts)

    async def seen(self, draft: Draft) -> Draft:
        """The draft with what its receipt will say of its bytes."""
        body = draft.native.body
        if len(body) <= LOOP_HMAC_BYTES:
            return draft._replace(seen=Seen.of(body))
        return draft._replace(seen=await asyncio.to_thread(Seen.of, body))

    def draft(
        self,
        message: Message,
        reading: Reading,
        body_hmac: bytes,
        key: str | bytes | None,
        stand_in: bytes | None,
        trace: str | None,
    ) -> Draft:
        """What is to be kept of a message, of which this was read."""
        native, partner, dialect = message
        identity = self._identity(message, reading, body_hmac, key, stand_in)
        etat, rejets = self._verdict(reading, partner, keyless=identity.keyless)
        taken = etat in ("accepte", "partiel")
        stopped = () if reading.arret is None else (reading.arret,)
        now = datetime.now(UTC)
        return Draft(
            origin=Origin(uuids.dated(now), partner, now, trace),
            native=native,
            dialect=dialect,
            identity=identity,
            etat=etat,
            acceptes=reading.accepted if taken else 0,
            contrats=reading.contrats if taken else [],
            rejets=(*stopped, *rejets) if etat == "refuse" else rejets,
            avertissements=() if etat == "refuse" else (*stopped, *reading.avertissements),
            cles={} if identity.by_its_event else reading.cles,
            noms=reading.cles,
            lus=reading.lus,
        )

    def _identity(
        self,
        message: Message,
        reading: Reading,
        body_hmac: bytes,
        key: str | bytes | None,
        stand_in: bytes | None,
    ) -> Identity:
        native, partner, _ = message
        named = key or reading.cle
        key = named or native.cle
        claimed = self._hmac(partner, key) if key else stand_in or body_hmac
        by_its_event = reading.cle is not None and claimed == self._hmac(partner, reading.cle)
        return Identity(
            key=claimed,
            lifetime=self._lifetime(native, named=bool(named)),
            body_hmac=body_hmac,
            content_hmac=self._content(partner, reading) if by_its_event else None,
            by_its_event=by_its_event,
            keyless=key is None and stand_in is None,
            again=isinstance(key, bytes) or stand_in is not None,
        )

    def _lifetime(self, native: Native, *, named: bool) -> timedelta:
        if native.cle is not None and not named:
            return OFFERED_AGAIN
        return self.key_lifetime if named or native.drop is not None else self.body_lifetime

    def _content(self, partner: Partner, reading: Reading) -> bytes | None:
        """HMAC of what a message says that is one event and nothing else: a row that is refused is content, too."""
        if reading.rows != 1 or not reading.contrats:
            return None
        ((_, contrat),) = reading.contrats
        return content_hmac(self._keyring, partner.id, contrat)

    def _verdict(self, reading: Reading, partner: Partner, *, keyless: bool) -> tuple[str, Sequence[Rejet]]:
        """The state of a message, and what its sender is told of the rows that are not accepted."""
        rejets = reading.rejets
        if keyless and reading.needs_key:
            return "refuse", [KEY_NEEDED]
        if not reading.dry_run and reading.rows > self._sync_rows and not holds_nir(rejets):
            return "en_cours", []
        if reading.accepted and rejets and partner.tout_ou_rien:
            return "refuse", [*rejets, ALL_OR_NOTHING]
        if reading.accepted:
            return "partiel" if rejets else "accepte", rejets
        return "refuse", rejets

    def _hmac(self, partner: Partner, key: str | bytes) -> bytes:
        return key if isinstance(key, bytes) else self._keyring.fingerprint(partner.id, key)

    def claim(self, draft: Draft) -> inbox.KeyClaim:
        """The idempotency claim of a message. A refused message does not keep its sender's key: it claims one made of
        key, body and verdict, so only the same refusal counts as a repeat, for as long as a body without a key."""
        identity = draft.identity
        key, lifetime = identity.key, identity.lifetime
        if draft.etat == "refuse":
            verdict = to_json(rejection_rows(draft.rejets))
            parts = (draft.partner.id, "refus", key, identity.body_hmac, verdict)
            key = self._keyring.fingerprint(*parts)
            lifetime = self.body_lifetime
        replaces = draft.etat != "refuse" and not identity.again
        said = identity.content_hmac or identity.body_hmac
        return inbox.KeyClaim(draft.partner.id, key, said, draft.message, lifetime, replaces)
