"""The hub works with the rights that the repository ships, and with these nobody rewrites the audit, or reads a key in
vain."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from deploy.postgres.rights import rights
from ops.retention import sweeping as retention
from ops.status import sql as status
from ops.status.vitals import vitals
from router.domain.roles import AT_WORK
from router.domain.vitals import Answer
from router.settings import DatabaseSettings
from router.store.database import Database
from router.store.key_replica import bring_back
from router.store.tables import keys_metadata, metadata
from tests.integration import clock, lasting
from tests.integration.grants import FORBIDDEN, Accounts, granted, may, refused
from tests.integration.large_files import in_hundreds
from tests.integration.lasting import Lasting
from tests.integration.messages import referral, vacancy
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK

YEAR_AND_MORE = timedelta(days=400)
FORBIDDEN_ACTS = [(who, act) for who, acts in FORBIDDEN.items() for act in acts]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prepared(lasting: Lasting) -> AsyncIterator[World]:
    """Tables for all tests, because rights are part of a table: no other module could have them afterwards."""
    async with lasting.prepared() as world:
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def accounts(prepared: World) -> AsyncIterator[Accounts]:
    async with granted(prepared.settings.database) as given:
        yield given
        await prepared.stop()


def as_the_hub(world: World, database: DatabaseSettings) -> None:
    """What starts from now on uses this account; the test itself is the owner still."""
    world.settings = world.settings.model_copy(update={"database": database})


async def test_every_table_has_its_rights_written_down() -> None:
    given = {(right.schema, table) for right in rights("h") if right.role == "h" for table in right.tables}
    ours = {("h", name) for name in metadata.tables} | {("h_cles", name) for name in keys_metadata.tables}
    assert given == ours


async def test_nobody_may_do_more_with_the_audit_than_read_it_and_add_to_it() -> None:
    given = {
        p for right in rights("h") if {"audit", "audit_link"} & {*right.tables} for p in right.privileges
    }
    assert given == {"SELECT", "INSERT"}


async def test_the_hub_may_run_every_statement_of_its_own(accounts: Accounts) -> None:
    assert await refused(accounts.hub) == []


async def test_a_table_that_a_migration_has_made_and_nobody_has_given_to_the_hub_is_told(
    prepared: World, accounts: Accounts
) -> None:
    for account in accounts:
        assert await not_granted(account) == []
    await prepared.sql("CREATE TABLE de_plus (x int)")
    for account in accounts:
        assert await not_granted(account) == ["de_plus"]
    assert await not_granted(prepared.settings.database) == []
    await prepared.sql("DROP TABLE de_plus")


async def not_granted(settings: DatabaseSettings) -> list[str]:
    """What `status` knows of it, asked with this account."""
    database = Database(settings)
    try:
        async with database.transaction() as connection:
            return list((await status.server(connection)).not_granted)
    finally:
        await database.close()


async def test_every_role_may_ask_all_that_the_state_of_the_hub_is_judged_by(
    prepared: World, accounts: Accounts
) -> None:
    """The scheduler judges it under an account that reads no key: a right that it lacks would hide everything else."""
    for account in accounts:
        database = Database(account)
        try:
            facts = await vitals(database, prepared.settings)
        finally:
            await database.close()
        assert (facts.base, facts.unknown) == (Answer.OK, ())


async def test_a_lost_key_comes_back_from_the_replica_to_an_account_that_may_make_no_table(
    prepared: World, accounts: Accounts
) -> None:
    (named,) = await prepared.sql("SELECT quote_ident(current_database()) AS database")
    await prepared.sql(f"REVOKE TEMPORARY ON DATABASE {named['database']} FROM PUBLIC")
    await prepared.sql("INSERT INTO heard (holder) VALUES (gen_random_uuid())")
    database = Database(accounts.hub)
    try:
        async with database.transaction() as connection:
            await connection.execute("DELETE FROM heard")
            assert await bring_back(connection, prepared.settings.database) == 1
    finally:
        await database.close()
        await prepared.sql(f"GRANT TEMPORARY ON DATABASE {named['database']} TO PUBLIC")


async def test_what_a_role_has_no_need_of_it_may_not_do(accounts: Accounts) -> None:
    may_all_the_same = [(who, act) for who, act in FORBIDDEN_ACTS if await may(getattr(accounts, who), act)]
    assert may_all_the_same == []


async def test_the_closed_loop_runs_with_the_rights_that_are_shipped_and_removes_no_audit_of_less_than_a_year(
    prepared: World, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = prepared
    as_the_hub(world, accounts.hub)
    await world.start(*AT_WORK)
    in_hundreds(world, monkeypatch)
    ours = await world.referred()
    await world.accepted("centre", {"type": "orientation.acceptee", "orientation": ours})
    await until(lambda: world.siao.of_type("orientation.acceptee"), "la réponse arrive au SIAO")
    await world.accepted("centre", [vacancy(f"B-{number}") for number in range(110)], "fichier")
    await until(lambda: len(world.siao.of_type("place.vacante")) > 110, "un gros fichier aussi")
    assert (await world.send("siao-01", referral("inconnue", 2)))[0] in (202, 422)
    await world.settled()
    assert world.alive
    assert not [entry for entry in await world.quarantined() if entry.cause == "bug"]

    await until(lambda: is_bound(world), "l'audit est lié")
    await world.stop()
    database = Database(accounts.hub)
    try:
        assert (await retention.sweep(database, world.settings))["audit"] == 0
        assert not await may(accounts.hub, "SELECT audit_expired('0 days', 10)")
        await clock.grow_older(world, "audit", YEAR_AND_MORE)
        await clock.grow_older(world, "audit_link", YEAR_AND_MORE)
        assert (await retention.sweep(database, world.settings))["audit"] > 0
    finally:
        await database.close()


async def is_bound(world: World) -> bool:
    return await world.count("audit_link") > 0 and await world.count("audit_queue") == 0
