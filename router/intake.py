"""Accept, then 202: decode a message, and keep everything of it in one committed transaction.

One transaction holds the claim on the key, the sealed bytes, the decoded events with their tokens, and the
audit row. Messages that arrive while a commit runs share the next one.
"""

import asyncio
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import structlog
from pydantic_core import to_json

from adapters.nir import NIR_REFUSED, has_nir
from adapters.registry import ADAPTERS
from connectors.problem import rejet_json
from contracts.base import Contrat
from contracts.envelope import Attributes, row_id
from contracts.errors import BusUnavailable, InvalidContract, InvalidNative
from contracts.partner import Partner
from contracts.ports import IntakeReport, Ligne, Native, Rejet
from contracts.sealed import Decoupe, take_apart, to_bytes
from contracts.v1.attribution import CandidaturePresentee
from contracts.v1.orientation import OrientationProposee
from router.crosswalk import Crosswalk, Foreign, own_ids, references
from router.group_commit import GroupCommit
from router.partners import Registry
from router.privacy.keyring import Keyring
from router.privacy.sealing import Damaged, seal, seal_parts, unseal
from router.routing import addressed
from router.settings import IntakeSettings
from router.store import inbox, log, quarantine
from router.store.database import BULK, OUTBOX, Database
from router.store.sql import Connection
from router.triage import BUG, cause_of

logger = structlog.get_logger()
BACKLOG_SECONDS = 2.0
LISTED_REJECTIONS = 1000
"""Rejections listed one by one in an answer; beyond, they are counted."""
ILLISIBLE = "illisible"
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
REFERRALS = (OrientationProposee, CandidaturePresentee)
"""To send one twice is to send two households: they need a key or an id."""

OUR_BUG = Rejet(
    "erreur_interne",
    "Le hub n'a pas su traiter ce message en entier : la faute est de son côté, et son équipe le voit.",
)
NOT_SEALED = "Le hub n'a pas pu garder cette ligne : la faute est de son côté, et son équipe le voit."
KEY_NEEDED = Rejet(
    "cle_absente",
    "Une orientation ou une candidature doit porter une clé : ajoutez l'en-tête « Idempotency-Key » ou "
    "l'identifiant de message du dialecte, pour qu'une répétition soit reconnue.",
)
ALL_OR_NOTHING = Rejet(
    "tout_ou_rien",
    "Votre entrée demande « tout ou rien » : aucune ligne n'a été retenue. Corrigez les lignes citées et renvoyez.",
)


class DamagedKeys(InvalidContract):
    """Rows that cannot be sealed, for the key of their household is damaged. Of several messages, of any of them."""

    def __init__(self, rows: Collection[int]) -> None:
        super().__init__("clé illisible")
        self.rows = rows


class Origin(NamedTuple):
    """Where an event comes from: a message, its sender, and when it was taken in."""

    message: UUID
    partner: Partner
    received_at: datetime
    traceparent: str | None = None


class Draft(NamedTuple):
    """A decoded message that waits for its commit."""

    origin: Origin
    native: Native
    dialect: str
    key: bytes
    """HMAC of the sender's key, or of the body where there is none: a sender's key may well name somebody."""
    key_expires_at: datetime
    body_hmac: bytes
    etat: str
    acceptes: int
    contrats: Sequence[tuple[int, Contrat]]
    """Those of the accepted rows; of a trial none, for they are only counted."""
    rejets: Sequence[Rejet]
    again: bool
    """Refused before, and taken in again by one of us: who does that says himself what becomes of the old one."""
    keyless: bool = False
    """Known by its bytes alone."""

    @property
    def message(self) -> UUID:
        """Our id of it."""
        return self.origin.message

    @property
    def partner(self) -> Partner:
        """Its sender."""
        return self.origin.partner

    def refused(self, rejets: Sequence[Rejet]) -> "Draft":
        """The same message, and nothing of it is accepted."""
        return self._replace(etat="refuse", acceptes=0, contrats=[], rejets=rejets)

    def without(self, rows: Collection[int]) -> "Draft":
        """The same message without rows that cannot be sealed; refused where nothing may be left of it."""
        contrats = [(number, contrat) for number, contrat in self.contrats if number not in rows]
        rejets = [*self.rejets, *(rejet for number in rows for rejet in not_sealed(number).rejets)]
        if contrats and self.partner.tout_ou_rien:
            return self.refused([*rejets, ALL_OR_NOTHING])
        if not contrats:
            return self.refused(rejets if self.rejets else [OUR_BUG])
        return self._replace(etat="partiel", acceptes=len(contrats), contrats=contrats, rejets=rejets)


@dataclass(slots=True)
class _Read:
    """What was read of a message. Of a trial the contracts are counted and let go, and no more rejections are kept
    than are told: a file of any size is judged in constant memory."""

    essai: bool = False
    lignes: int = 0
    acceptes: int = 0
    contrats: list[tuple[int, Contrat]] = field(default_factory=list)
    rejets: list[Rejet] = field(default_factory=list)
    referral: bool = False
    """Whether one of its rows needs a key."""

    def add(self, ligne: Ligne) -> None:
        """One more row."""
        self.lignes += 1
        self.rejets += ligne.rejets[: LISTED_REJECTIONS - len(self.rejets)] if self.essai else ligne.rejets
        if ligne.contrat is not None:
            self.acceptes += 1
            self.referral = self.referral or isinstance(ligne.contrat, REFERRALS)
            if not self.essai:
                self.contrats.append((ligne.numero, ligne.contrat))


Row = tuple[Origin, int, Contrat]
"""A contract with its message and its row number in it."""


class Intake:
    """The one way in, for every transport."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        crosswalk: Crosswalk,
        settings: IntakeSettings,
        registry: Callable[[], Registry],
    ) -> None:
        self._database = database
        self.keyring = keyring
        self._crosswalk = crosswalk
        self._sync_rows = settings.sync_rows
        self._key_lifetime = timedelta(days=settings.key_retention_days)
        self._body_lifetime = timedelta(seconds=settings.body_repetition_s)
        self._registry = registry
        self._max_backlog = settings.max_backlog
        self._full = False
        self._commits = GroupCommit(self._commit, settings.max_group)
        self._trials = ThreadPoolExecutor(1, "essai")
        """One at a time: each may take as much memory as the largest file."""

    async def watch(self) -> None:
        """Look at the backlog now and then: who sends into a full one is asked to come back later."""
        while True:
            await asyncio.sleep(BACKLOG_SECONDS)
            await self.look()

    async def look(self) -> None:
        """See whether the backlog is full; to be done before the first message is taken in."""
        with suppress(BusUnavailable):
            async with self._database.transaction() as connection:
                self._full = await log.backlog_exceeds(connection, self._max_backlog)

    async def receive(
        self,
        native: Native,
        partner: Partner,
        dialect: str,
        key: str | bytes | None = None,
        *,
        stand_in: bytes | None = None,
        essai: bool = False,
    ) -> IntakeReport:
        """What became of a message; everything it says is committed. With `essai`, nothing is kept.

        One that was refused and is taken in again brings what it was known by: its key, as bytes its HMAC, or a
        `stand_in` where it had none. Raises BusUnavailable when the outcome is in doubt: the sender tries again
        under the same key.
        """
        decode = partial(self._decode, native, partner, dialect, key, stand_in, essai=essai)
        if essai:
            draft = await asyncio.get_running_loop().run_in_executor(self._trials, decode)
            return _report(draft, draft.etat if draft.etat == "refuse" else "valide")
        if self._full:
            raise BusUnavailable("trop d'événements attendent d'être appliqués")
        draft = decode()
        try:
            return await self._commits.submit(draft)
        except InvalidContract as exc:  # a key of ours that is damaged: its rows alone wait for us
            logger.error("intake.bug", partner=partner.id, where=cause_of(exc)[1])
            told = draft.without(exc.rows) if isinstance(exc, DamagedKeys) else draft.refused([OUR_BUG])
            return await self._commits.submit(told)

    def of_body(self, native: Native, partner: Partner, dialect: str) -> bytes:
        """HMAC of a message's bytes, which stands in for the key that it does not have."""
        return self.keyring.master.fingerprint(partner.id, dialect, native.body)

    async def moved_away(self, native: Native, partner: Partner, dialect: str, message: UUID) -> None:
        """A file is settled for good. Until then its bytes are a repetition for as long as a key is kept; from
        now on for as long as those of any message without a key. Raises BusUnavailable."""
        if native.drop is not None:
            expiry = datetime.now(UTC) + self._body_lifetime
            async with self._database.transaction() as connection:
                await inbox.shorten(connection, message, self.of_body(native, partner, dialect), expiry)

    async def report(self, message: UUID, partner: Partner) -> IntakeReport:
        """What has become of a message so far. Raises BusUnavailable."""
        async with self._database.transaction() as connection:
            row = await inbox.fate(connection, message, partner.id)
        assert row is not None, "a message that was taken in is in the inbox"
        rejets = _rejets(row.rejections)
        return IntakeReport(message, row.etat, row.accepted, rejets, recu_le=row.received_at)

    def _decode(
        self,
        native: Native,
        partner: Partner,
        dialect: str,
        key: str | bytes | None,
        stand_in: bytes | None,
        *,
        essai: bool,
    ) -> Draft:
        now = datetime.now(UTC)
        read = _Read(essai)
        try:
            decoded = ADAPTERS[dialect].decode(native, partner)
            key = key or decoded.cle
            for ligne in islice(decoded.lignes, None if essai else self._sync_rows + 1):
                read.add(ligne)
        except InvalidNative as exc:
            read = _Read(rejets=[Rejet(ILLISIBLE, str(exc)), *_forbidden_inside(native.body)])
        except Exception as exc:  # noqa: BLE001  our bug: this message is refused and kept, the others go on
            logger.error("intake.bug", partner=partner.id, where=cause_of(exc)[1])
            read = _Read(rejets=[OUR_BUG, *_forbidden_inside(native.body)])
        keyless = key is None and stand_in is None
        large = not essai and read.lignes > self._sync_rows
        etat, rejets = "refuse", read.rejets
        if keyless and read.referral:
            rejets = [KEY_NEEDED]
        elif large and not _holds_nir(rejets):
            etat, rejets = "en_cours", []
        elif read.acceptes and rejets and partner.tout_ou_rien:
            rejets = [*rejets, ALL_OR_NOTHING]
        elif read.acceptes:
            etat = "partiel" if rejets else "accepte"
        taken = etat in ("accepte", "partiel")
        body_hmac = self.of_body(native, partner, dialect)
        return Draft(
            origin=Origin(uuid4(), partner, now, _trace(native.headers.get("traceparent", ""))),
            native=native,
            dialect=dialect,
            key=self._hmac(partner, key) if key else stand_in or body_hmac,
            key_expires_at=now + (self._key_lifetime if key or native.drop else self._body_lifetime),
            body_hmac=body_hmac,
            etat=etat,
            acceptes=read.acceptes if taken else 0,
            contrats=read.contrats if taken else [],
            rejets=rejets,
            again=isinstance(key, bytes) or stand_in is not None,
            keyless=keyless,
        )

    def _hmac(self, partner: Partner, key: str | bytes) -> bytes:
        return key if isinstance(key, bytes) else self.keyring.master.fingerprint(partner.id, key)

    def _claim(self, draft: Draft) -> inbox.KeyClaim:
        """What makes a message that comes again a repetition. A refused one leaves its key to whatever is accepted
        under it: only the same refusal is a repetition of it, for as long as that of a body without key."""
        key, expiry = draft.key, draft.key_expires_at
        if draft.etat == "refuse":
            verdict = to_json(rejection_rows(draft.rejets))
            parts = (draft.partner.id, "refus", draft.key, draft.body_hmac, verdict)
            key = self.keyring.master.fingerprint(*parts)
            expiry = draft.origin.received_at + self._body_lifetime
        replaces = draft.etat != "refuse" and not draft.again
        return inbox.KeyClaim(draft.partner.id, key, draft.body_hmac, draft.message, expiry, replaces)

    async def _commit(self, drafts: Sequence[Draft]) -> list[IntakeReport]:
        """One transaction for a group; equal keys within it are settled before the insert."""
        claims = [self._claim(draft) for draft in drafts]
        first = {claim.pair: claim for claim in reversed(claims)}
        async with self._database.transaction() as connection:
            fresh = await inbox.claim_keys(connection, list(first.values()))
            new = [draft for draft in drafts if draft.message in fresh]
            rows = [(draft.origin, number, contrat) for draft in new for number, contrat in draft.contrats]
            held = await self._behind(connection, new)
            resolved = await self.keep(connection, new, rows, held)
            if any(draft.etat == "en_cours" for draft in new):
                await self._database.notify(connection, BULK)
            repeated = {claim.pair for claim in claims if claim.message_id not in fresh}
            holders = await inbox.holders_of(connection, sorted(repeated)) if repeated else {}
        self._crosswalk.remember(resolved)
        return [
            _report(draft) if draft.message in fresh else _repetition(draft, holders[claim.pair])
            for draft, claim in zip(drafts, claims, strict=True)
        ]

    async def _behind(self, connection: Connection, drafts: Sequence[Draft]) -> set[UUID]:
        """The messages whose events wait: those behind a large message of their sender that is not wholly
        decoded (a partner is heard in the order of its 202s), and a large one of all or nothing."""
        busy = await inbox.busy(connection, {draft.partner.id for draft in drafts})
        behind = set()
        for draft in drafts:
            large = draft.etat == "en_cours"
            waits = draft.partner.tout_ou_rien if large else draft.contrats and draft.partner.id in busy
            if waits:
                behind.add(draft.message)
            if large:
                busy.add(draft.partner.id)
        return behind

    async def keep(
        self,
        connection: Connection,
        drafts: Sequence[Draft],
        rows: Sequence[Row],
        held: Collection[UUID] = (),
    ) -> dict[Foreign, UUID]:
        """Seal and keep messages and the events of their rows, those of the `held` messages without tokens
        yet, and wake up the relay. Returns the partners' ids that were resolved, to be remembered after the
        commit. Raises DamagedKeys."""
        foreign = {Foreign.of(o.partner.id, ref) for o, _, c in rows for ref in references(c)}
        resolved = await self._crosswalk.resolve(connection, foreign) if foreign else {}
        registry = self._registry()
        prepared = [
            Prepared.of(o, number, addressed(own_ids(c, o.partner.id, resolved), registry))
            for o, number, c in rows
        ]
        links = {(event.titulaire, event.message) for event in prepared if event.decoupe.secrets}
        holders = {draft.message for draft in drafts} | {titulaire for titulaire, _ in links}
        ciphers = await self.keyring.get_or_create(connection, holders)
        damaged = {event.row for event in prepared if event.is_locked_out_by(ciphers)}
        if damaged:
            raise DamagedKeys(sorted(damaged))
        await self.keyring.link(connection, links)
        if drafts:
            await inbox.insert(
                connection, [_inbox_row(d, ciphers[d.message], d.message in held) for d in drafts]
            )
            refused = [draft for draft in drafts if draft.etat == "refuse"]
            await inbox.keep_keys(connection, {draft.message: draft.key for draft in refused})
            await quarantine.keep_messages(connection, [_quarantined(draft) for draft in refused])
        free = [event.entry(ciphers) for event in prepared if event.message not in held]
        waiting = [event.entry(ciphers) for event in prepared if event.message in held]
        await log.append(connection, free)
        await log.append(connection, waiting, held=True)
        if free:
            await self._database.notify(connection, OUTBOX)
        return resolved


class Prepared(NamedTuple):
    """An event about to be sealed: ids are ours, classes are apart."""

    attributes: Attributes
    message: UUID
    row: int
    titulaire: UUID
    decoupe: Decoupe

    @classmethod
    def of(cls, origin: Origin, row: int, contrat: Contrat) -> "Prepared":
        """The event that one row of a message becomes."""
        attributes = Attributes(
            id=row_id(origin.message, row),
            type=contrat.TYPE,
            source=origin.partner.id,
            subject=contrat.sujet,
            time=origin.received_at,
            territoire=origin.partner.territoire,
            correlationid=origin.message,
            traceparent=origin.traceparent,
        )
        return cls(attributes, origin.message, row, contrat.titulaire, take_apart(contrat))

    def is_locked_out_by(self, ciphers: Mapping[UUID, Any]) -> bool:
        """Whether it has something to seal, under a key that is damaged."""
        return bool(self.decoupe.secrets) and isinstance(ciphers[self.titulaire], Damaged)

    def entry(self, ciphers: Mapping[UUID, Any]) -> log.Entry:
        """The sealed row of the log."""
        parts = seal_parts(
            ciphers.get(self.titulaire), self.attributes.id, self.titulaire, self.decoupe.secrets
        )
        return log.Entry(self.attributes, to_bytes(self.decoupe.clair, parts), self.row)


def not_sealed(row: int) -> Ligne:
    """A row whose household's key is damaged."""
    return Ligne(row, rejets=(Rejet(OUR_BUG.code, NOT_SEALED, row),))


def rejection_rows(rejets: Sequence[Rejet]) -> list[dict[str, object]]:
    """Rejections as the inbox keeps them: as the sender reads them, up to a number."""
    return [rejet_json(rejet) for rejet in rejets[:LISTED_REJECTIONS]]


def _trace(header: str) -> str | None:
    """The sender's trace (W3C Trace Context), where it is one: it rests in clear, and may say nothing else."""
    return header if _TRACEPARENT.fullmatch(header) else None


def _forbidden_inside(body: bytes) -> list[Rejet]:
    """The social security number (NIR) that stands in bytes which no adapter can read."""
    return [NIR_REFUSED] if has_nir(body.decode("latin-1")) else []


def _holds_nir(rejets: Sequence[Rejet]) -> bool:
    """Whether the bytes may not be kept: a NIR is never stored, not even sealed."""
    return any(rejet.code == NIR_REFUSED.code for rejet in rejets)


def _inbox_row(draft: Draft, cipher: Any, held: bool) -> inbox.InboxRow:
    """The message as it is kept: its bytes and its file name, which a sender may have made of anything, sealed."""
    ident, filename = draft.message.bytes, draft.native.filename
    return inbox.InboxRow(
        id=draft.message,
        partner=draft.partner.id,
        dialect=draft.dialect,
        media_type=draft.native.media_type,
        filename=None if filename is None else seal(cipher, filename.encode(), ident),
        etat=draft.etat,
        raw=None if _holds_nir(draft.rejets) else seal(cipher, draft.native.body, ident),
        accepted=draft.acceptes,
        rejected=rejected_rows(draft.rejets),
        rejections=rejection_rows(draft.rejets),
        held=held,
        keyless=draft.keyless,
    )


def native_of(row: Any, cipher: Any) -> Native:
    """The message again, from its row of the inbox. Raises InvalidContract."""
    filename = None if row.filename is None else unseal(cipher, row.filename, row.id.bytes).decode()
    return Native(unseal(cipher, row.raw, row.id.bytes), row.media_type, filename)


def rejected_rows(rejets: Sequence[Rejet]) -> int:
    """How many rows the rejections speak of."""
    return len({rejet.ligne for rejet in rejets})


def _quarantined(draft: Draft) -> quarantine.RefusedMessage:
    return refused_message(draft.message, draft.partner.id, draft.dialect, rejection_rows(draft.rejets))


def refused_message(
    message: UUID, partner: str, dialect: str, rejections: Sequence[Mapping[str, Any]]
) -> quarantine.RefusedMessage:
    """The quarantine row of a message of which nothing was accepted."""
    codes = sorted({f"{rejet['code']}:{rejet['champ'] or ''}" for rejet in rejections})
    return quarantine.RefusedMessage(
        message=message,
        partner=partner,
        cause=_cause([str(rejet["code"]) for rejet in rejections]),
        fingerprint=f"{dialect} {' '.join(codes[:8])}",
        detail={"rejets": rejections, "dialecte": dialect},
    )


def _cause(codes: Sequence[str]) -> str:
    if OUR_BUG.code in codes:
        return BUG
    return codes[0] if codes else "vide"


def _report(draft: Draft, etat: str | None = None) -> IntakeReport:
    rejets = tuple(draft.rejets[:LISTED_REJECTIONS])
    return IntakeReport(
        draft.message, etat or draft.etat, draft.acceptes, rejets, recu_le=draft.origin.received_at
    )


def _repetition(draft: Draft, holder: inbox.KeyHolder) -> IntakeReport:
    if holder.body_hmac != draft.body_hmac:
        return IntakeReport(holder.message_id, "conflit", 0)
    rejets = _rejets(holder.rejections)
    return IntakeReport(
        holder.message_id, holder.etat, holder.accepted, rejets, repetition=True, recu_le=holder.received_at
    )


def _rejets(rows: Sequence[Mapping[str, Any]]) -> tuple[Rejet, ...]:
    return tuple(Rejet(r["code"], r["message"], r["ligne"], r["champ"]) for r in rows)
