"""One broker and one database for the whole run, started by the first test that asks.

Each test has names of its own in them. A test that takes none of these fixtures starts nothing.
"""

import secrets
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local import Parts, local_parts


@pytest.fixture(scope="session")
def parts() -> Iterator[Parts]:
    """Kafka and PostgreSQL: those of the environment, else real ones that end with the run."""
    with local_parts() as started:
        yield started


@pytest.fixture
async def prefix(parts: Parts) -> AsyncIterator[str]:
    """What the names of this test's topics begin with; such topics are deleted afterwards."""
    name = f"test-{secrets.token_hex(6)}."
    yield name
    admin = AIOKafkaAdminClient(bootstrap_servers=parts.bootstrap)
    await admin.start()
    try:
        if own := [topic for topic in await admin.list_topics() if topic.startswith(name)]:
            await admin.delete_topics(own)
    finally:
        await admin.close()


@pytest.fixture
async def schema(parts: Parts) -> AsyncIterator[str]:
    """The name of this test's own database schema; it and its schema of keys are dropped afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    yield name
    connection = await asyncpg.connect(parts.dsn)
    try:
        await connection.execute("SET lock_timeout = '10s'")  # a transaction left open is a fault: say so
        await connection.execute(f"DROP SCHEMA IF EXISTS {name}, {name}_cles CASCADE")
    finally:
        await connection.close()
