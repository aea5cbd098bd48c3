"""Replay what is in quarantine. A job on the server does it at a limited rate. It decodes a refused message
again, as a new message. It makes an event pending again."""

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from contracts.errors import InvalidContract, Permanent, Throttled
from contracts.partner import Partner
from contracts.ports import IntakeReport, Native
from router.domain.partners import Registry
from router.intake.decoding import Incoming
from router.intake.draft import Replayed
from router.intake.drafting import of_body
from router.intake.inbox_rows import native_of
from router.intake.receive import Intake
from router.privacy.keyring import Keyring
from router.process.leases import Lease
from router.process.wakeup import LONGEST_SECONDS, WakeUp
from router.store import inbox, jobs, log, quarantine
from router.store.audit import record
from router.store.database import JOBS, OUTBOX, Connection, Database, Row

OBSERVE_SECONDS = 2.0
THROTTLED_SECONDS = 2.0
"""The longest pause, in seconds, after which a row is tried again if its sender has too many events that
wait."""
BACK_ON_THE_BUS = "rendu au bus"
ACCEPTED = "accepté"
SUPERSEDED = "remplacé : un autre contenu a été accepté depuis sous sa clé"
REPLAYED = (BACK_ON_THE_BUS, ACCEPTED, SUPERSEDED)
"""Outcomes which say that a quarantine row was replayed, or would be in a dry run."""
STILL_REFUSED = "toujours refusé"
UNREADABLE = "illisible : contenu non gardé, données oubliées ou partenaire retiré"
NOTHING_TO_REPLAY = "rien à rejouer : ce n'était pas un événement"
NOTHING_TO_CORRECT = "rien à corriger : cette entrée n'est pas un message refusé qui attend une décision"
ACCEPTED_SINCE = (
    "rien à corriger : un autre contenu a été accepté depuis sous la clé de ce message, comme message {}"
)


class _Refused(NamedTuple):
    """A refused message that the hub tries to receive again."""

    row: UUID
    """The id of the message's quarantine row."""
    kept: Row
    """The message's row in the inbox."""
    native: Native | None
    """The message as its sender sent it; None if its bytes cannot be read."""

    @classmethod
    async def of(cls, connection: Connection, keyring: Keyring, row: UUID, message: UUID) -> "_Refused":
        """Read the refused message `message`, whose quarantine row has the id `row`."""
        kept = await inbox.kept(connection, message)
        cipher = (await keyring.get(connection, [message])).get(message)
        native = None
        if cipher is not None and kept.raw is not None:
            with suppress(InvalidContract):
                native = native_of(kept, cipher)
        return cls(row, kept, native)

    async def receive(
        self, intake: Intake, native: Native, partner: Partner, *, dry_run: bool = False
    ) -> IntakeReport:
        """Receive a message that was refused, or a corrected version of it (`native`), as if the partner sent
        it now. If it had an idempotency key that no other message has claimed since, it keeps this key.
        Otherwise, it gets a new one. With `dry_run`, nothing is stored."""
        dialect, key = self.kept.dialect, self.kept.key
        if key is None or self.kept.key_taken:
            return await intake.receive(native, partner, dialect, f"rejeu:{self.row}", dry_run=dry_run)
        keyless = self.native is not None and key in await of_body(
            intake.keyring.hmacs, Incoming(self.native, partner, dialect)
        )
        return await intake.receive(
            native, partner, dialect, replayed=Replayed(key, keyless), dry_run=dry_run
        )


class Replays:
    """A runner of the replay jobs that people ask for. It runs one job at a time, in one process at a
    time."""

    def __init__(
        self,
        database: Database,
        intake: Intake,
        keyring: Keyring,
        registry: Callable[[], Registry],
        wake: WakeUp,
        lease: Lease,
    ) -> None:
        self._database = database
        self._intake = intake
        self._keyring = keyring
        self._registry = registry
        self._wake = wake
        self._lease = lease
        self._observed_at = -math.inf

    async def run(self) -> None:
        """Run replay jobs until cancelled."""
        await self._lease.work(self._wake, LONGEST_SECONDS, self._work)

    async def _work(self) -> None:
        while self._lease.holds() and (pause := await self._step_or_wait()) is not None:
            if time.monotonic() - self._observed_at > OBSERVE_SECONDS:  # a job may take hours
                await self._observe()
            await asyncio.sleep(pause)
            await self._lease.take()
        await self._observe()

    async def _observe(self) -> None:
        async with self._database.transaction() as connection:
            await quarantine.observe(connection)
        self._observed_at = time.monotonic()

    async def _step_or_wait(self) -> float | None:
        try:
            return await self._step()
        except Throttled as exc:  # the sender's events fill its share of the queue: the same row comes again
            return min(exc.retry_after_seconds, THROTTLED_SECONDS)

    async def _step(self) -> float | None:
        async with self._database.transaction() as connection:
            job = await jobs.current(connection)
            if job is None:
                return None
            row = await jobs.candidate(connection, job)
            if row is None:
                await jobs.move(connection, job.id, jobs.DONE, [jobs.RUNNING])
                return 0.0
        outcome, new = await self._replay(job, row)
        async with self._database.transaction() as connection:
            if new is not None or await jobs.still_runs(
                connection, job.id
            ):  # a stored message counts even if the job was paused
                await self._settle(connection, job, row, outcome, new)
        return 1 / float(job.par_seconde)

    async def _replay(self, job: Row, row: Row) -> tuple[str, UUID | None]:
        """Replay a quarantine row. Return the outcome in French, and the id of the new message; this id is
        None if there is no new message."""
        if row.event_id is not None:
            return BACK_ON_THE_BUS, None
        if row.message_id is None:
            return NOTHING_TO_REPLAY, None
        async with self._database.transaction() as connection:
            refused = await _Refused.of(connection, self._keyring, row.id, row.message_id)
        native, partner = refused.native, self._registry().get(refused.kept.partner)
        if native is None or partner is None:
            return UNREADABLE, None
        tried = await refused.receive(self._intake, native, partner, dry_run=True)
        if tried.etat == "refuse":
            return STILL_REFUSED, None
        if job.essai:
            return SUPERSEDED if tried.etat == "conflit" else ACCEPTED, None
        report = await refused.receive(self._intake, native, partner)
        if report.etat == "refuse":
            return STILL_REFUSED, None
        return SUPERSEDED if report.etat == "conflit" else ACCEPTED, report.message_id

    async def _settle(
        self, connection: Connection, job: Row, row: Row, outcome: str, new: UUID | None
    ) -> None:
        if not job.essai and outcome in REPLAYED:
            if not await quarantine.replayed(connection, row.id, job.id, new):
                return  # another process has replayed the row while this one stood still
            detail: dict[str, Any] = {"travail": str(job.id), "nouveau": str(new) if new else None}
            await record(connection, job.demande_par, "quarantaine.rejouer", str(row.id), detail)
            if row.event_id is not None:
                await log.make_pending(connection, row.event_id)
                await self._database.notify(connection, OUTBOX)
        await jobs.advance(connection, job.id, row.id, row.created_at, outcome)


async def correct(
    database: Database, intake: Intake, registry: Registry, row: UUID, body: bytes, actor: str, why: str
) -> UUID:
    """Receive `body` as the corrected version of a refused message, whose quarantine row is `row`. Return the
    new message's id. Raises InvalidContract if the corrected version is refused too. Raises Permanent, with
    the reason in French, if the message can no longer be corrected."""
    async with database.transaction() as connection:
        kept = await quarantine.show(connection, row)
        if kept is None or kept.message_id is None or kept.etat != "ouverte":
            raise Permanent(NOTHING_TO_CORRECT)
        refused = await _Refused.of(connection, intake.keyring, row, kept.message_id)
    partner = registry.get(refused.kept.partner)
    if partner is None:
        raise Permanent(f"le partenaire « {refused.kept.partner} » n'est plus au registre")
    report = await refused.receive(intake, Native(body, refused.kept.media_type), partner)
    if report.etat == "conflit":
        raise Permanent(ACCEPTED_SINCE.format(report.message_id))
    if report.etat == "refuse":
        lines = [f"ligne {r.ligne or '—'}, {r.champ or 'message'} : {r.message}" for r in report.rejets[:20]]
        raise InvalidContract("la version corrigée est refusée aussi\n  " + "\n  ".join(lines))
    async with database.transaction() as connection:
        await quarantine.replayed(connection, row, None, report.message_id)
        detail = {"nouveau": str(report.message_id), "motif": why}
        await record(connection, actor, "quarantaine.corriger", str(row), detail)
        await database.notify(connection, JOBS)
    return report.message_id
