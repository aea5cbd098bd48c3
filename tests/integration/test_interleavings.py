"""Intake, relay, worker, dispatcher and scheduler on real PostgreSQL, in any order, whoever dies or freezes.

`SIAO_ENTRELACEMENTS` says which seeds, from the first to before the last: `17:18` takes the steps of seed 17 again.
"""

import asyncio
import os
import secrets
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from deploy.local import Parts
from router.settings import DatabaseSettings, Settings
from tests.integration.interleaving_story import tell
from tests.integration.interleaving_tables import drop, prepare
from tests.integration.migrated import migrated

SEEDS = range(*map(int, os.environ.get("SIAO_ENTRELACEMENTS", "0:3").split(":")))

ONE_WAITER = 2
"""A seed by which no commit frees two statements at once: PostgreSQL chooses which of two goes first."""


@pytest.fixture(scope="module")
def settings(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Tables for all stories, one after the other."""
    name = f"test_{secrets.token_hex(6)}"
    database = DatabaseSettings(url=parts.database_url, schema_name=name)
    erasures = tmp_path_factory.mktemp("menages") / "effacements.jsonl"
    asyncio.run(migrated(database))
    asyncio.run(prepare(database))
    yield Settings(
        master_key=SecretStr("11" * 32),
        hmac_key=SecretStr("33" * 32),
        erasures_file=erasures,
        database=database,
    )
    asyncio.run(drop(database))


@pytest.mark.parametrize("seed", SEEDS)
async def test_in_any_order_and_whoever_fails_each_accepted_event_has_one_effect_and_in_order(
    settings: Settings, seed: int
) -> None:
    steps = await tell(settings, seed)
    if seed == ONE_WAITER:
        assert await tell(settings, seed) == steps, "la même graine prend les mêmes pas"
