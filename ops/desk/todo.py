"""Gather the tasks of a partner's own people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.base import Nature
from contracts.partner import Famille, Partner
from ops.desk import sql
from ops.desk.lines import Lines
from ops.desk.reading import BRINGING
from ops.desk.tasks import Ligne, Tache, answer, demand, to_mend, transfer, urgency
from ops.lists import sql as listing
from ops.tracing.following import Following
from ops.tracing.own import Own
from router.domain.partners import Registry
from router.domain.rulebooks import demande
from router.intake.own_routes import Recherche
from router.store import subjects
from router.store.database import Database

LISTED = 200
"""Limit on the demands and on the messages among which tasks are looked for."""
TO_MEND_SINCE = timedelta(days=7)
"""Age above which a file with refused rows is no longer a task."""
MINE = "vous"
"""Word by which `Following` says that the partner itself has to act."""


@dataclass(frozen=True, slots=True)
class ToDo:
    """Tasks of a partner's people. Each function raises BusUnavailable."""

    database: Database
    following: Following
    own: Own
    lines: Lines

    async def of(self, partner: Partner, registry: Registry, now: datetime) -> list[Tache]:
        """Return the tasks of a partner's people: late ones first, then by deadline."""
        owed = await self.following.owed(partner, registry, now)
        mine = [each for each in owed if each["au_tour_de"] == MINE]
        lines = await self.lines.about(partner, [UUID(each["id"]) for each in mine], registry)
        found = [answer(each, lines[UUID(each["id"])]) for each in mine]
        demands = await self.demands_to_place(partner, registry, now)
        async with self.database.transaction() as connection:
            said = await listing.described(connection, [each.subject.id for each in demands], BRINGING)
        found += [demand(each, said.get(each.subject.id, {}), registry) for each in demands]
        found += [transfer(each, registry) for each in await self.to_take_over(partner, registry, now)]
        wanted = Recherche(limite=LISTED)
        sent = await self.own.messages(partner.id, wanted, now - TO_MEND_SINCE)
        refused = [message for message in sent if message["etat"] in ("partiel", "refuse")]
        ids = [UUID(message["id"]) for message in refused]
        told, settled = await self.own.described(partner, ids), await self.own.settled(ids)
        found += [to_mend(each, told[each["id"]]) for each in refused if each["id"] not in settled]
        return sorted(found, key=urgency)

    async def demands_to_place(self, partner: Partner, registry: Registry, now: datetime) -> list[Ligne]:
        """Return the open demands on which this SIAO has to act, longest in their state first; none for another
        partner."""
        if partner.famille is not Famille.SIAO:
            return []
        async with self.database.transaction() as connection:
            rows = await listing.sent(
                connection, [Nature.DEMANDE], demande.OUVERTES, [partner.id], None, LISTED
            )
            known = await subjects.read(connection, [row.id for row in rows])
        lines = await self.lines.of(partner, [known[row.id] for row in rows], registry, now)
        return [line for line in lines if line.turn.who == partner.id]

    async def to_take_over(self, partner: Partner, registry: Registry, now: datetime) -> list[Ligne]:
        """Return the demands whose transfer is proposed to this SIAO, which has to accept or refuse it; none for
        another partner."""
        if partner.famille is not Famille.SIAO:
            return []
        async with self.database.transaction() as connection:
            asked = await sql.to_take_over(connection, partner.id, LISTED)
        lines = await self.lines.of(partner, asked, registry, now)
        return [line for line in lines if line.turn.who == partner.id]
