"""Take in messages: decode each message, store all of it in one transaction, and only then report it as accepted.

The transaction stores the idempotency claim, the encrypted bytes, the events and the audit row. Messages that
arrive during a commit share the next commit. The rows of a large message are stored later (module `bulk`).
"""

import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import structlog

from adapters.registry import TABULAIRES
from contracts.errors import BusUnavailable, InvalidContract, Throttled
from contracts.frozen import replace
from contracts.partner import Partner
from contracts.ports import IntakeReport, Native
from contracts.v1.attribution import RadiationSne
from router.domain.partners import Registry
from router.intake import undeclared
from router.intake.backlog import AGAIN_SECONDS, Backlog
from router.intake.decoders import Decoders
from router.intake.decoding import DecodedMessage, Incoming, read_small
from router.intake.draft import (
    KEY_TAKEN,
    NOT_SEALED,
    OUR_BUG,
    Draft,
    Replayed,
    holds_nir,
    of_rows,
    rejections_of,
)
from router.intake.drafting import Drafting, of_body
from router.intake.keeping import CannotBeKept, Keeper, Publisher
from router.intake.older_keys import as_known
from router.intake.once import RowsTaken, compared, without_taken
from router.intake.reports import accepted_before, repetition_of, report_of, tell_refused
from router.intake.truth import Truth
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.process.group_commit import GroupCommit
from router.settings import IntakeSettings
from router.store import idempotency, inbox, quarantine
from router.store.database import BULK, Connection, Database
from router.store.hmac_keys import KeyTurned
from router.telemetry import traces
from router.telemetry.metrics import MESSAGES
from router.triage import cause_of

logger = structlog.get_logger()
KEYS_TAKEN_KEPT = 1_000
"""Largest number of messages of one partner that wait for an operator's decision because their idempotency key was
already used for different content. At this number, nothing more is fetched from the partner."""
TOO_MANY_KEYS_TAKEN = (
    f"au moins {KEYS_TAKEN_KEPT} messages attendent une décision, car leur clé a déjà servi à un autre contenu : rien "
    "n'est plus relevé chez ce partenaire avant qu'ils soient rejoués ou classés"
)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class Intake:
    """Entry point of all messages, whatever transport brings them."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        crosswalk: Crosswalk,
        settings: IntakeSettings,
        registry: Callable[[], Registry],
        decoders: Decoders,
        backlog: Backlog,
        relays: Publisher | None = None,
    ) -> None:
        """`relays` are the relays of this process, which publish accepted events right after the commit.
        It is None in a process without relays."""
        self._database = database
        self.backlog = backlog
        self.keyring = keyring
        self.drafting = Drafting(keyring, settings)
        lifetime = self.drafting.key_lifetime
        self.keeper = Keeper(database, keyring, crosswalk, registry, lifetime, relays)
        self._crosswalk = crosswalk
        self.truth = Truth(keyring, crosswalk, registry)
        self._sync_rows = settings.sync_rows
        self._commits = GroupCommit(self._commit, "porte", settings.max_group)
        self._decoders = decoders

    async def watch(self) -> None:
        """Start the fork server, from which decoding processes are started. Then count the pending and deferred
        events of each partner again and again, until cancelled. By these counts, `receive` knows when a partner has
        too many, and has to come back later."""
        await self._decoders.warm_up()
        await self.backlog.watch()

    async def receive(
        self,
        native: Native,
        partner: Partner,
        dialect: str,
        key: str | None = None,
        *,
        replayed: Replayed | None = None,
        dry_run: bool = False,
        picked_up: bool = False,
        by_hand: bool = False,
    ) -> IntakeReport:
        """Decode a message, store it, and return the report.

        - `key`: idempotency key that came with the message, or None
        - `replayed`: key under which the message was refused, if an operator replays it
        - `dry_run`: True if nothing is to be stored
        - `picked_up`: True if the hub fetched the message. Such a message is stored as refused if its key was
          already used for different content
        - `by_hand`: True if a person sends the message. If it is a table, rows that would create a subject again
          are rejected; in a table from a machine, they are ignored

        Raises BusUnavailable if the hub cannot take the message now, or if the outcome is unknown: send the message
        again under the same key. Raises Throttled if too many of the partner's events are not yet applied, or if
        too many of its fetched messages wait for an operator's decision.
        """
        if native.recu_le is None:
            native = replace(native, recu_le=datetime.now(UTC))
        if not dry_run:
            self.backlog.check(partner)
            self.backlog.wake.set()
        sent = _trace(native.headers.get("traceparent", ""))
        with traces.span("intake", "SERVER", sent, partner=partner.id, dialecte=dialect) as span:
            message = Incoming(native, partner, dialect)
            report = await self._received(
                message,
                key,
                replayed,
                span.traceparent,
                dry_run=dry_run,
                picked_up=picked_up,
                by_hand=by_hand,
            )
            if not dry_run:
                report = await self._kept_to_mend(report, message)
            span.note(etat=report.etat, message=str(report.message_id))
        return report

    async def _received(
        self,
        message: Incoming,
        key: str | None,
        replayed: Replayed | None,
        trace: str | None,
        *,
        dry_run: bool,
        picked_up: bool,
        by_hand: bool,
    ) -> IntakeReport:
        decoded = await self._read(message, dry_run=dry_run)
        drafted = partial(self.drafting.draft, message, decoded, key, replayed, trace, picked_up=picked_up)
        if dry_run:
            return await self._tried(await drafted(), by_hand=by_hand)
        if by_hand:
            drafted = partial(self._without_rows_in_vain, drafted)
        try:
            return await self._kept_as_sent(await drafted())
        except KeyTurned:
            async with self._database.statement() as connection:
                await self.keyring.follow(connection)
        return await self._kept_as_sent(await drafted())

    async def _without_rows_in_vain(self, drafted: Callable[[], Awaitable[Draft]]) -> Draft:
        draft = await drafted()
        async with self._database.transaction() as connection:
            return (await compared(connection, self.keyring, self._crosswalk, draft, by_hand=True))[0]

    async def _kept_as_sent(self, draft: Draft) -> IntakeReport:
        report = await self._kept(draft)
        if report.etat == "conflit" and draft.picked_up:
            return await self._kept(await self._refused_for_its_key(draft))
        return report

    async def _refused_for_its_key(self, draft: Draft) -> Draft:
        async with self._database.transaction() as connection:
            number = await quarantine.open_of(
                connection, draft.partner.id, quarantine.KEY_TAKEN, KEYS_TAKEN_KEPT
            )
        if number >= KEYS_TAKEN_KEPT:
            raise Throttled(TOO_MANY_KEYS_TAKEN, AGAIN_SECONDS)
        return draft.refused([KEY_TAKEN, *draft.rejets])

    async def _kept(self, draft: Draft) -> IntakeReport:
        try:
            return await self._commits.submit(draft)
        except RowsTaken as exc:
            return await self._kept(without_taken(draft, exc.rows))
        except InvalidContract as exc:  # a key is damaged: reject the rows that need it
            if draft.etat == "refuse":
                raise
            logger.error("intake.bug", partner=draft.partner.id, where=cause_of(exc)[1])
            blamed = exc.rows if isinstance(exc, CannotBeKept) else None
            spared = (
                draft.refused([OUR_BUG]) if blamed is None else draft.without(of_rows(blamed, NOT_SEALED))
            )
            return await self._kept(spared)

    async def _tried(self, draft: Draft, *, by_hand: bool) -> IntakeReport:
        holder, repeated = None, set[int]()
        try:
            async with self._database.transaction() as connection:
                (draft,) = await as_known(connection, self.drafting, [draft])
                (draft,) = await self.truth.judged(connection, [draft])
                draft, repeated = await compared(
                    connection, self.keyring, self._crosswalk, draft, by_hand=by_hand
                )
                holder = (await idempotency.claimants_of(connection, [draft.key])).get(draft.key)
        except BusUnavailable:
            if draft.etat != "refuse":
                raise
        again = None if holder is None else repetition_of(draft, holder)
        # If the key is taken, a refused draft stays refused, and any other is a conflict.
        # A repetition of an accepted message stays accepted.
        if again is not None and again.repetition == (draft.etat == "refuse"):
            return replace(again, etat="valide" if again.etat == "accepte" else again.etat)
        (draft,) = await undeclared.with_warnings(self._database, self._crosswalk, [draft])
        report = report_of(draft, "valide" if draft.etat == "accepte" else draft.etat)
        return replace(report, deja_envoyees=tuple(sorted(repeated)))

    async def moved_away(self, native: Native, partner: Partner, dialect: str, message: UUID) -> None:
        """Record that a file has left its folder. `message` is the id under which it was received. If the same bytes
        come again within `body_repetition_s` seconds, they count as a repetition; after this time, they count as a
        new message. Raises BusUnavailable if the database cannot be reached."""
        if native.drop is not None:
            keys = await of_body(self.keyring.hmacs, Incoming(native, partner, dialect))
            async with self._database.transaction() as connection:
                await idempotency.shorten(connection, partner.id, message, keys, self.drafting.body_lifetime)

    async def with_rows_to_mend(
        self,
        report: IntakeReport,
        native: Native,
        partner: Partner,
        dialect: str,
        *,
        as_workbook: bool = False,
    ) -> IntakeReport:
        """Return the report with a file of the message's rejected rows added, for the sender to correct. The report
        gets no file if the message is no table, is not fully decoded, has no rejected row, or contains a social
        security number, or if the file cannot be made. With `as_workbook`, the file is a workbook if the sender's
        column profile reads workbooks. Raises BusUnavailable if no decoding process can be started."""
        if report.a_corriger is not None or dialect not in TABULAIRES or holds_nir(report.rejets):
            return report
        if report.etat not in ("partiel", "refuse") or not report.rejets:
            return report
        message = Incoming(native, partner, dialect)
        file = await self._decoders.to_mend(message, report.rejets, as_workbook=as_workbook)
        return replace(report, a_corriger=file)

    async def _kept_to_mend(self, report: IntakeReport, message: Incoming) -> IntakeReport:
        report = await self.with_rows_to_mend(report, *message)
        if report.a_corriger is None or report.etat == "refuse":
            return report
        async with self._database.transaction() as connection:
            kept = await self.keeper.keep_rows_to_mend(connection, report.message_id, report.a_corriger)
        return report if kept else replace(report, a_corriger=None)

    async def candidacies(self, partner: Partner, numbers: Collection[str]) -> Mapping[str, Sequence[UUID]]:
        """Return, by numéro unique, the open candidacies of demands that the partner may report as removed from the
        SNE, the national register of demands for housing. Raises BusUnavailable if the database cannot be reached.
        """
        async with self._database.transaction() as connection:
            return await self.truth.numbers.candidacies(connection, partner, RadiationSne, numbers)

    async def report(self, message: UUID, partner: Partner) -> IntakeReport:
        """Return the report on a stored message of the partner, in its present state. Raises BusUnavailable
        if the database cannot be reached."""
        async with self._database.transaction() as connection:
            row = await inbox.fate(connection, message, partner.id)
        assert row is not None, "a message that was taken in is in the inbox"
        rejets, warnings = rejections_of(row.rejections), rejections_of(row.warnings)
        return IntakeReport(message, row.etat, row.accepted, rejets, warnings, recu_le=row.received_at)

    async def _read(self, message: Incoming, *, dry_run: bool) -> DecodedMessage:
        long_trial = dry_run and message.rows_at_most > self._sync_rows
        decoded = None if long_trial else await self._read_at_once(message)
        if decoded is None or (dry_run and decoded.rows > self._sync_rows):
            decoded = await self._decoders.try_out(message)
        if decoded.bug is not None:
            logger.error("intake.bug", partner=message.partner.id, where=decoded.bug)
        return decoded

    async def _read_at_once(self, message: Incoming) -> DecodedMessage:
        return read_small(message) or await self._decoders.read(message, self._sync_rows)

    async def _commit(self, drafts: Sequence[Draft]) -> list[IntakeReport]:
        hmacs = self.keyring.hmacs
        if any(draft.hmacs is not hmacs for draft in drafts):
            raise KeyTurned
        if hmacs.older:
            async with self._database.statement() as connection:
                drafts = await as_known(connection, self.drafting, drafts)
        drafts = await undeclared.with_warnings(self._database, self._crosswalk, drafts)
        kept = await self._commit_at_once(drafts)
        reports = {draft.message: report_of(draft) for draft in drafts if draft.message in kept}
        if left := [draft for draft in drafts if draft.message not in kept]:
            reports |= await self._commit_in_steps(left)
        for draft in drafts:
            report = reports[draft.message]
            if (
                report.etat != "conflit" or not draft.picked_up
            ):  # a fetched conflict is counted when it is stored as refused
                MESSAGES.labels(draft.partner.id, "repetition" if report.repetition else report.etat).inc()
        return [reports[draft.message] for draft in drafts]

    async def _commit_at_once(self, drafts: Sequence[Draft]) -> set[UUID]:
        plain = [draft for draft in drafts if self._is_plain(draft)]
        claims = {draft.message: self.drafting.claim_of(draft) for draft in plain}
        first = {claim.key: claim.message_id for claim in reversed(claims.values())}
        one_a_key = frozenset(first.values())
        try:
            return await self.keeper.keep_at_once(claims, [d for d in plain if d.message in one_a_key])
        except CannotBeKept:  # it may be a repetition: the transaction finds out
            return set()

    def _is_plain(self, draft: Draft) -> bool:
        accepted = draft.etat in ("accepte", "partiel")
        return accepted and not draft.gives_rows_back and not self.truth.concerns([draft])

    async def _commit_in_steps(self, drafts: Sequence[Draft]) -> dict[UUID, IntakeReport]:
        read_at, writer = time.monotonic(), drafts[0].writer
        async with self._database.transaction() as connection:
            judged = await self.truth.judged(connection, drafts)
            before = await accepted_before(connection, judged)
            drafts = [draft for draft in judged if draft.message not in before]
            claims = [self.drafting.claim_of(draft) for draft in drafts]
            first = {claim.key: claim for claim in reversed(claims)}
            fresh = await idempotency.claim_keys(connection, writer, list(first.values()))
            new = [draft for draft in drafts if draft.message in fresh]
            rows = [row for draft in new for row in draft.rows]
            deferred = await self._behind(connection, new)
            cited = [draft.cited for draft in new]
            resolved = await self.keeper.keep(connection, new, rows, cited, deferred)
            if any(draft.etat == "en_cours" for draft in new):
                await self._database.notify(connection, BULK)
            repeated = {claim.key for claim in claims if claim.message_id not in fresh}
            claimants = await idempotency.claimants_of(connection, sorted(repeated)) if repeated else {}
        self._crosswalk.remember(resolved, read_at)
        tell_refused([draft for draft in new if draft.etat == "refuse"])
        return before | {
            draft.message: report_of(draft)
            if draft.message in fresh
            else repetition_of(draft, claimants[claim.key])
            for draft, claim in zip(drafts, claims, strict=True)
        }

    async def _behind(self, connection: Connection, drafts: Sequence[Draft]) -> set[UUID]:
        """Return the messages of `drafts` whose events are deferred. The events of a large message are deferred if
        its sender wants all or nothing. The events of a small message are deferred if a large message of the same
        sender is still being decoded, or if earlier events of the sender are deferred."""
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


def _trace(header: str) -> str | None:
    return header if _TRACEPARENT.fullmatch(header) else None
