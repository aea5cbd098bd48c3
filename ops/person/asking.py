"""Record people's requests about their data (GDPR 12 and 15 to 21; GDPR is the European law on personal
data), and the answers, which are due within a month. A person may ask to limit the use of the data, or oppose
it. As long as such a request has effect, deliveries say only what the household needs, without name;
referrals to emergency shelter are excepted. When the effect ends, the deliveries are sent again, complete."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from contracts.envelope import HUB, derived_id
from contracts.errors import HubError, Permanent
from ops.duplicates.sql import one_decision_at_a_time
from ops.forgetting import sql as together
from ops.person import sql as store
from ops.person.rights import LIMITING, Droit, Issue
from ops.person.sql import Again
from router.delivery.rendering import OfANewerVersion, Sealed
from router.domain.books import SET_ASIDE
from router.domain.calendar import months_after
from router.store import limitations
from router.store import registry as registry_store
from router.store.audit import record
from router.store.database import LANES, REGISTRY, Connection, Database, Row

FROM = {
    Issue.ACCORDEE: ("ouverte",),
    Issue.REFUSEE: ("ouverte",),
    Issue.LEVEE: ("accordee",),
}


class Opened(NamedTuple):
    """A person's request about their data, as recorded. The answer is due before `due_at`."""

    id: UUID
    due_at: datetime
    speakers: Sequence[str]
    """The partners that sent messages about the household. If data are wrong, these partners correct them."""
    recipients: Sequence[str]
    """The partners that received data about the household."""


async def ask(
    database: Database, ident: UUID, droit: Droit, received_at: datetime, actor: str, why: str
) -> Opened:
    """Record that a person exercises the right `droit` over the data of the household `ident`, and return the
    recorded request. The answer is due a month after `received_at`. A limitation or opposition has effect at
    once. Raises Permanent if the household is unknown."""
    request, due_at = uuid4(), months_after(received_at, 1)
    async with database.transaction() as connection:
        await one_decision_at_a_time(connection)  # one that ties a further household sees this limitation
        tied = await together.tied_ids(connection, ident)
        if tied.own is None:
            raise Permanent(f"« {ident} » : aucun ménage connu sous cet identifiant")
        idents = sorted({*tied.ids, *tied.households})
        await store.open_request(connection, request, tied.own, droit, received_at, due_at)
        if droit in LIMITING:
            await store.limit(connection, request, idents)
            await database.notify(connection, REGISTRY)
        known = await store.who_knows(connection, idents, HUB)
        detail = {"demande": str(request), "motif": why}
        await record(connection, actor, f"personne.{droit}", str(tied.own), detail)
    partners = [[row.partner for row in known if row.received is received] for received in (False, True)]
    return Opened(request, due_at, *partners)


async def answer(database: Database, request: UUID, issue: Issue, actor: str, why: str) -> int:
    """Record the answer `issue` to a person's request about their data. If the answer ends a restriction on
    the use of these data, the deliveries that left without the data are sent again with them. Return the
    number of these deliveries. Raises Permanent if the request is unknown, or if its state does not allow this
    answer."""
    async with database.transaction() as connection:
        row = await store.decide(connection, request, issue, FROM[issue])
        if row is None:
            raise Permanent(f"« {request} » : aucune demande n'attend cette réponse")
        lifted: Mapping[UUID, datetime] = {}
        again = 0
        if issue is not Issue.ACCORDEE:
            lifted = {row.ident: row.since for row in await store.lift(connection, request)}
            again = await _sent_whole(database, connection, request, lifted)
        await record(
            connection, actor, f"personne.{issue}", str(row.menage), {"demande": str(request), "motif": why}
        )
    if lifted:  # what began to leave before the commit still left without data
        async with database.transaction() as connection:
            again += await _sent_whole(database, connection, request, lifted)
    return again


async def _sent_whole(
    database: Database, connection: Connection, request: UUID, lifted: Mapping[UUID, datetime]
) -> int:
    """Send again the deliveries that left without data because of a limitation that has ended. `lifted` says
    when each of the ended limitations began, by the id of the household or subject. Deliveries that another
    limitation still restricts, or that were already sent again for this request, are skipped. Return how many
    are sent again."""
    if not lifted:
        return 0
    registry = await registry_store.read(connection)
    bare: list[tuple[Row, Sealed, str]] = []
    for row in await store.reached(connection, lifted, min(lifted.values()), SET_ASIDE):
        with suppress(OfANewerVersion, HubError):  # to a partner that may no longer receive it, for example
            if (partner := registry.get(row.partner)) is not None:
                bare.append((row, Sealed.of(row, partner), partner.id))
    still = await limitations.among(connection, {ident for _, sealed, _ in bare for ident in sealed.about})
    again = [
        Again(derived_id(row.event_id, f"levee {request}", to), to, row.id, row.subject_etat)
        for row, sealed, to in bare
        if sealed.parts and sealed.is_limited(lifted) and not sealed.is_limited(still)
    ]
    await database.notify(connection, REGISTRY)
    return await store.send_again(connection, again, database.channel(LANES))
