"""Every question of whoever is on duty is answered by looking things up: no big table is read from end to end."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest_asyncio

from bench.crowd import BIG, PARTNERS, fill, partners
from ops.acts import sql as acts
from ops.duplicates import sql as duplicates
from ops.finding import sql as finding
from ops.finding.shortened import meant, short_in, shortened
from ops.lists import sql as listing
from ops.lists.sql import Order
from ops.occupation import admissions as occupation
from ops.service import loops
from ops.statement import asking
from ops.statement.statement import month_of
from ops.status import sql as store
from ops.status import vitals
from ops.status.correspondents import correspondents
from ops.status.piles import piles, take_sample
from ops.tasks import sql as tasks
from ops.tracing import lookup
from router.domain.books import AWAITED_OF
from router.domain.partners import Registry
from router.domain.rulebooks.acte import Acte
from router.domain.vitals import COUNTED, Answer, Etape, Vitals
from router.store import audit, idempotency, orphans, quarantine
from router.store import registry as registry_store
from router.store.database import Connection, Row
from router.store.jobs import Filter
from router.store.sql import Sql
from tests.integration import cost, lasting
from tests.integration.lasting import Lasting
from tests.integration.world import World

pytestmark = lasting.MARK
prepared = lasting.prepared

ROWS = 60_000
ROWS_OF_ONE = 20_000
"""Rows of a table that is asked alone."""
FEW = 100
NAMES = [f"p-{number}" for number in range(PARTNERS)]
REGISTRY = Registry.of(partners())
NOW = datetime.now(UTC)
YESTERDAY = NOW - timedelta(days=1)
_IN_ONE_BATCH = Sql("""
    UPDATE delivery SET created_at = date_trunc('month', now()), seq = -abs(seq)
    WHERE partner = 'p-10' AND etat = 'deposee'
""")
"""The deliveries of one batch have one moment, and their numbers are not in the order of their ids."""
_IN_ITS_MAILBOX = Sql(
    "SELECT id FROM delivery WHERE partner = 'p-10' AND etat = 'deposee' ORDER BY created_at, id"
)

_CLAIMED = Sql("""
    INSERT INTO idempotency_key (partner, key, body_hmac, message_id, expires_at)
    SELECT 'p-' || n % 40, decode(md5('k' || n), 'hex'), '', CAST(md5('m' || n) AS uuid), now() + interval '1 day'
    FROM generate_series(1, CAST(:rows AS int)) n
""")
"""Claims of forty senders, one for each message."""
_PAIRS = Sql("""
    INSERT INTO duplicate (menage, autre, etat, indices, siaos, created_at, decided_at)
    SELECT CAST(md5('m' || n) AS uuid), CAST(md5('o' || n) AS uuid), (ARRAY['propose', 'ecarte'])[n % 2 + 1], '{}',
           CAST(CASE n % 500 / 2 WHEN 0 THEN '{ours}' WHEN 1 THEN '{ours,beside}' WHEN 2 THEN '{beside,ours}'
                ELSE '{other,beside}' END AS text[]),
           now() - n / 2000 * interval '1 hour', now() - n / 2000 * interval '1 hour'
    FROM generate_series(1, CAST(:rows AS int)) n
""")
"""Pairs of which one in eighty is for a SIAO to decide, many of one moment; half are decided."""
_AT_ONE_MOMENT = Sql("UPDATE delivery SET created_at = :at WHERE partner = 'p-11' AND etat = 'livree'")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def crowded(lasting: Lasting) -> AsyncIterator[World]:
    """Tables with many rows, and nobody at work; filled once for all questions."""
    async with lasting.prepared() as world:
        await cost.left_alone(world, *BIG, "audit_queue")
        connection = await world.connect()
        try:
            await fill(connection, ROWS)
        finally:
            await connection.close()
        yield world


async def everything_at_once(connection: Connection) -> None:
    await correspondents(connection, await registry_store.read(connection), COUNTED)
    await piles(connection, (), COUNTED)
    await vitals.beats(connection)


async def who_owes_an_answer(connection: Connection) -> None:
    assert await store.unanswered(connection, AWAITED_OF, vitals.NOT_OWED, 1000)


async def what_is_in_quarantine(connection: Connection) -> None:
    assert await store.quarantined(connection, 1000)
    groups = await quarantine.grouped(connection, 1000)
    assert len(groups) == len({(row.cause, row.partner) for row in groups}), (
        "une ligne par cause et expéditeur"
    )
    assert {row.raisons for row in groups} == {7}, "si différentes que soient leurs raisons"
    assert await quarantine.members(connection, Filter(cause="cause-1", partner="p-6"), 10)


async def who_did_what(connection: Connection) -> None:
    await audit.search(connection, audit.Wanted(people=True), 5)
    assert len(await audit.changes(connection, 5, 100)) == 5
    await tasks.takers(connection)


async def what_waits_for_somebody(connection: Connection) -> None:
    assert await tasks.oldest(connection, None, dict.fromkeys(NAMES, tasks.Patience()), 50)


async def what_waits_for_some(connection: Connection) -> None:
    some = ["p-6", "p-7"]
    first = await tasks.oldest(connection, some, dict.fromkeys(some, tasks.Patience()), 50)
    last = first[-1].created_at, first[-1].id
    then = await tasks.oldest(connection, some, dict.fromkeys(some, tasks.Patience()), 50, last)
    assert len({row.id for row in (*first, *then)}) == 100


async def what_lies_in_a_mailbox(connection: Connection) -> None:
    await _IN_ONE_BATCH.run(connection)
    waits = {"p-10": tasks.Patience(timedelta(0), timedelta(0))}
    deposited = await _IN_ITS_MAILBOX.column(connection)
    assert len(deposited) > FEW
    shown: list[UUID] = []
    after = None
    while rows := await tasks.oldest(connection, ["p-10"], waits, 50, after):
        shown += [row.id for row in rows if row.etat == "deposee"]
        after = rows[-1].created_at, rows[-1].id
    assert shown == list(deposited), "page après page, rien n'est sauté ni montré deux fois"


async def what_answers_nothing(connection: Connection) -> None:
    assert await orphans.grouped(connection, 1000)
    assert await orphans.waiting(connection, None, 20)


async def what_a_partner_answered(connection: Connection) -> None:
    some_were_received_this_month = NOW - timedelta(days=3)  # or in the month before, if it has just begun
    assert await loops.of_partner(connection, REGISTRY, "p-7", some_were_received_this_month)


async def what_structures_did(connection: Connection) -> None:
    found = await asking.of_the_month(connection, REGISTRY, month_of(NOW), NOW, NAMES[:10], FEW)
    assert {each.partner for each in found if each.places} == set(NAMES[:10:2])


async def where_is_it(connection: Connection) -> None:
    for known_as in (_id("m"), _id("e"), _id("d"), _id("s"), _id("q"), uuid4()):
        await lookup.ways(connection, None, NAMES, str(known_as))
    for text in (shortened(_id("m")), str(_id("e"))[:8], str(_id("s"))[-6:]):
        await _meant(connection, text)


async def what_came_yesterday(connection: Connection) -> None:
    wanted = finding.Wanted(tuple(NAMES), YESTERDAY, NOW, words="commune")
    assert await finding.find(connection, wanted, 20)
    await _AT_ONE_MOMENT.run(connection, at=YESTERDAY)
    wanted = finding.Wanted(("p-11",), YESTERDAY, NOW)
    every = await finding.find(connection, wanted, ROWS)
    assert len({row.at for row in every}) < len(every) - FEW, "beaucoup ont le même instant"
    shown: list[tuple[str, UUID]] = []
    while rows := await finding.find(connection, wanted, 50):
        shown += [(row.kind, row.id) for row in rows]
        wanted = wanted._replace(until=rows[-1].at, before=rows[-1].id)
    assert shown == [(row.kind, row.id) for row in every], "page après page, rien n'est sauté"


async def what_is_occupied(connection: Connection) -> None:
    month = month_of(NOW)
    assert (await occupation.figures(connection, month, "p-6"))["p-6"].occupations[0].places
    assert await occupation.figures(connection, month)


async def which_places_in_any_order(connection: Connection) -> None:
    for order, column in ((Order.STATE, "etat"), (Order.PARTY, "gestionnaire")):
        behind, seen = None, list[tuple[str, datetime]]()
        for _ in range(3):
            rows = await listing.places(connection, listing.PLACES, NAMES, behind, FEW, order)
            keys = [row.etat if column == "etat" else row.donnees[column] for row in rows]
            seen += zip(keys, (row.changed_at for row in rows), strict=True)
            behind = listing.Behind(rows[-1].changed_at, rows[-1].id, keys[-1])
        assert seen == sorted(seen), order
        assert len(seen) == 3 * FEW


async def which_acts(connection: Connection) -> None:
    every = await acts.acts(connection, ["siao-01"])
    assert len(every) == len({act.id for act in every}) == ROWS / 5000
    shown: list[Acte] = []
    behind = None
    while page := await acts.acts(connection, ["siao-01"], behind, 5):
        shown += page
        behind = acts.position_of(page[-1])
    assert shown == every
    assert not await acts.acts(connection, ["p-11"]), "qui n'y a aucune part"


async def _meant(connection: Connection, text: str) -> Sequence[Row]:
    """Return what a short id means among all partners' things."""
    short = short_in(text)
    assert short is not None
    return (await meant(connection, NAMES, short, FEW)).rows


def _id(letter: str) -> UUID:
    """The id of a row of the crowd."""
    return UUID(hashlib.md5(f"{letter}7777".encode(), usedforsecurity=False).hexdigest())


QUESTIONS = (
    everything_at_once,
    who_owes_an_answer,
    what_is_in_quarantine,
    who_did_what,
    what_waits_for_somebody,
    what_waits_for_some,
    what_lies_in_a_mailbox,
    what_answers_nothing,
    what_a_partner_answered,
    what_structures_did,
    where_is_it,
    what_came_yesterday,
    what_is_occupied,
    which_places_in_any_order,
    which_acts,
)


async def test_what_was_refused_today_is_counted_without_reading_what_was_accepted(crowded: World) -> None:
    async with crowded.database.transaction() as connection, cost.rows_read(connection) as rows:
        found = await correspondents(connection, REGISTRY, COUNTED)
    assert sum(each.refusals_24_h for each in found)
    assert rows["inbox"] < FEW


async def test_of_the_messages_of_a_minute_the_newest_are_read_and_of_referrals_the_open_and_recent_ones(
    crowded: World,
) -> None:
    for generic in (False, True):
        async with crowded.database.transaction() as connection:
            if generic:
                await cost.plan_for_any_values(connection)
            async with cost.rows_read(connection) as read:
                assert len(await _meant(connection, f"{1790000007777:012x}"[:8])) == FEW
            assert all(number <= 3 * FEW for number in read.values()), read
            async with cost.rows_read(connection) as read:
                (referral,) = await _meant(connection, str(_id("s"))[-6:])
            assert referral.id == _id("s")
            assert read["subject"] <= ROWS / 6, "ouvertes, ou finies depuis sept jours"


async def test_no_question_reads_a_big_table_from_end_to_end(crowded: World) -> None:
    for question in QUESTIONS:
        for generic in (False, True):
            assert await _scanned(crowded, question, generic=generic) == {}, (question.__name__, generic)


async def _scanned(
    world: World, question: Callable[[Connection], Awaitable[None]], *, generic: bool
) -> dict[str, int]:
    """The big tables that a question read from end to end, and how often."""
    async with world.database.transaction() as connection:
        if generic:
            await cost.plan_for_any_values(connection)
        async with cost.scans(connection) as scans:
            await question(connection)
    return {table: number for table, number in scans.items() if table in BIG}


async def test_the_first_pages_read_an_open_referral_once_and_no_more_places_than_they_show(
    crowded: World,
) -> None:
    async with crowded.database.transaction() as connection:
        async with cost.rows_read(connection) as read:
            owed = await store.unanswered(connection, AWAITED_OF, vitals.NOT_OWED, COUNTED)
        open_ones = sum(row.number for row in owed)
        assert open_ones > ROWS / 30
        assert read["deadline"] <= len(owed), "aucune n'est passée : une est lue, celle de qui attend le plus"
        assert read["subject"] <= open_ones + 10 * PARTNERS
        async with cost.rows_read(connection) as read:
            free = await listing.places_by_manager(connection, NAMES, [listing.FREE], FEW)
        assert {row.number for row in free} == {FEW}
        assert read["subject"] <= FEW * len(free)
        behind = listing.Behind(NOW - timedelta(days=999), UUID(int=0), max(NAMES))
        async with cost.rows_read(connection) as read:
            await listing.places(connection, listing.PLACES, NAMES, behind, FEW, Order.PARTY)
        assert read["subject"] <= FEW * len(listing.PLACES), "rien des gestionnaires d'avant"
        async with cost.rows_read(connection) as read:
            assert await acts.acts(connection)
        assert read["subject"] <= ROWS / 1000, "ni place ni ménage"
        async with cost.rows_read(connection) as read:
            await what_structures_did(connection)
        assert read["subject"] <= 5 * FEW + ROWS / 100, "des places, une part ; du mois, ce qu'ils ont reçu"
        async with cost.rows_read(connection) as read:
            await what_a_partner_answered(connection)
        assert read["subject"] <= ROWS / PARTNERS, "rien de ce qu'ont reçu les autres"


async def test_the_sealer_reads_the_rows_that_it_binds_and_none_that_are_bound(crowded: World) -> None:
    await cost.know_the_sizes(crowded, "audit_queue")  # the rows in it are the oldest of all
    async with crowded.database.transaction() as connection:
        await audit.bind(connection)
        await audit.record(connection, "essai", "essai", "essai", {})
    async with crowded.database.transaction() as connection:
        await cost.plan_for_any_values(connection)
        async with cost.rows_read(connection) as read:
            assert await audit.bind(connection) == 1
    assert read["audit"] == 1


async def test_the_claims_of_a_message_are_looked_for_among_those_of_its_sender(prepared: World) -> None:
    await cost.left_alone(prepared, "idempotency_key")
    async with prepared.database.transaction() as connection:
        await _CLAIMED.run(connection, rows=ROWS_OF_ONE)
    await cost.know_the_sizes(prepared, "idempotency_key")
    for generic in (False, True):
        async with prepared.database.transaction() as connection:
            if generic:
                await cost.plan_for_any_values(connection)
            async with cost.scans(connection) as scans, cost.rows_read(connection) as read:
                await idempotency.release_claims(
                    connection, "p-7", UUID(hashlib.md5(b"m7", usedforsecurity=False).hexdigest())
                )
            assert (scans["idempotency_key"], read["idempotency_key"] <= 2 * ROWS_OF_ONE / PARTNERS) == (
                0,
                True,
            )
            key, message = (hashlib.md5(each, usedforsecurity=False) for each in (b"k8", b"m8"))
            async with cost.rows_read(connection) as read:
                await idempotency.shorten(
                    connection, "p-8", UUID(message.hexdigest()), [key.digest()], timedelta(minutes=10)
                )
            assert read["idempotency_key"] <= 5


async def test_the_pairs_of_a_siao_are_listed_without_reading_those_of_others(prepared: World) -> None:
    await cost.left_alone(prepared, "duplicate")
    async with prepared.database.transaction() as connection:
        await _PAIRS.run(connection, rows=ROWS_OF_ONE)
    await cost.know_the_sizes(prepared, "duplicate")
    for generic in (False, True):
        async with prepared.database.transaction() as connection:
            if generic:
                await cost.plan_for_any_values(connection)
            async with cost.rows_read(connection) as read:
                settled = await duplicates.decided(connection, ["ours"], FEW)
            assert [row for row in settled if "ours" not in row.siaos or row.etat == "propose"] == []
            assert len(settled) == FEW
            assert read["duplicate"] <= 3 * FEW, generic
            both = await duplicates.decided(connection, ["ours", "beside"], FEW)
            assert len({row.menage for row in both}) == FEW, "une paire des deux n'y est qu'une fois"
            shown: list[tuple[datetime, UUID]] = []
            last = None
            async with cost.rows_read(connection) as read:
                while rows := await duplicates.undecided(connection, ["ours"], FEW, last):
                    shown, last = [*shown, *((row.created_at, row.menage) for row in rows)], rows[-1]
            assert shown == sorted(set(shown)), "page après page, rien n'est sauté ni montré deux fois"
            assert len(shown) == 3 * ROWS_OF_ONE / 500
            assert read["duplicate"] <= 3 * len(shown), generic


async def test_what_was_not_counted_to_its_end_is_in_no_sample(crowded: World) -> None:
    async with crowded.database.statement() as connection:
        counted = await piles(connection, (), COUNTED)
        assert {pile.etape for pile in counted if pile.capped} == {Etape.A_APPLIQUER}
        await take_sample(connection, Vitals(Answer.OK, Answer.OK, piles=counted))
    assert await crowded.sampled() == {pile.etape for pile in counted if not pile.capped}
