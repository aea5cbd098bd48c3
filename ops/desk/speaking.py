"""Send messages from the desk. They pass through the gateway's intake: the same checks, rights and audit
apply."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from pydantic_core import to_json

from adapters.cloudevents import json as cloudevents
from adapters.cloudevents.json import SPECVERSION
from adapters.messages import MEDIA_TYPE
from adapters.objets import write
from adapters.si_siao import json as si_siao
from contracts.base import Contrat
from contracts.partner import Famille, Partner
from contracts.ports import IntakeReport, Native, View
from ops.tracing.own import SHOWN_AT_ONCE
from router.intake.receive import Intake
from router.store import queues
from router.store.audit import record
from router.store.database import Connection, Database

SOURCE = "urn:siao-hub:bureau"
SPOKEN = "bureau.dire"
APPLIED_WITHIN_SECONDS = 3.0
LOOK_SECONDS = 0.05
NEVER = 2**63 - 1
"""Number above the sequence number of any event: all events of a subject come before it."""


def written(contrat: Contrat, view: View, key: UUID) -> tuple[Native, str]:
    """Return a message as the software of the partner in `view` would send it, and the dialect in which it is
    written. `view` also has the partner's own ids for the subjects in the message. The event's id is `key`, so
    that a message sent twice counts once."""
    if view.partner.famille is Famille.SIAO and contrat.NOM in si_siao.ENTRANTS:
        said = write(contrat, si_siao.DIALECTE.tables[contrat.NOM], view)
        message: Mapping[str, object] = {si_siao.DIALECTE.cle: str(key), "type": contrat.NOM, **said}
        return Native(to_json(message), MEDIA_TYPE), si_siao.DECLARATION.nom
    table = cloudevents.TABLES[contrat.TYPE].champs["data"]
    assert not hasattr(table, "lire"), "the data of an event are an object"
    event = {"specversion": SPECVERSION, "id": str(key), "source": SOURCE, "type": contrat.TYPE}
    return Native(
        to_json({**event, "data": write(contrat, table, view)}), MEDIA_TYPE
    ), cloudevents.DECLARATION.nom


class Speaker:
    """Sender of messages from the desk. Raises Throttled if the partner sends too much, BusUnavailable if the
    database or Kafka does not answer."""

    def __init__(self, database: Database, intake: Intake) -> None:
        self._database = database
        self._intake = intake

    async def say(self, contrat: Contrat, view: View, key: UUID, actor: str) -> IntakeReport:
        """Send a message in the name of the partner in `view`, and wait up to `APPLIED_WITHIN_SECONDS` until it
        is applied. A message sent twice with the same `key` counts once. The audit records `actor` as sender. A
        refused message is absent from the partner's list of messages to correct, because the caller shows the
        refusal at once."""
        native, dialect = written(contrat, view, key)
        report = await self.send(native, view.partner, dialect, str(key), actor)
        if report.etat == "refuse":
            async with self._database.transaction() as connection:
                detail = {"partenaire": view.partner.id}
                await record(connection, actor, SHOWN_AT_ONCE, str(report.message_id), detail)
        return report

    async def send(
        self, native: Native, partner: Partner, dialect: str, key: str | None, actor: str
    ) -> IntakeReport:
        """Send bytes in a partner's name under the idempotency key `key`, if any, and wait up to
        `APPLIED_WITHIN_SECONDS` until they are applied. A message of more than 100 rows (bulk) is not
        awaited. The audit records `actor` as sender."""
        report = await self._intake.receive(native, partner, dialect, key, by_hand=True)
        async with self._database.transaction() as connection:
            detail = {"partenaire": partner.id, "dialecte": dialect, "etat": report.etat}
            await record(connection, actor, SPOKEN, str(report.message_id), detail)
        await _until(lambda connection: queues.waits_from(connection, [partner.id]), self._database)
        return report

    async def applied(self, subject: UUID) -> None:
        """Wait until every accepted event of a subject is applied. After 3 seconds (`APPLIED_WITHIN_SECONDS`),
        return even if some are not."""
        await _until(
            lambda connection: queues.preceded(connection, [(subject, subject, NEVER)]), self._database
        )


async def _until(waits: Callable[[Connection], Awaitable[object]], database: Database) -> None:
    deadline = time.monotonic() + APPLIED_WITHIN_SECONDS
    while time.monotonic() < deadline:
        async with database.statement() as connection:
            if not await waits(connection):
                return
        await asyncio.sleep(LOOK_SECONDS)
