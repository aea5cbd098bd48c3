"""What local parts promise: real answers, nothing shared between runs, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local import Parts, PartUnavailable, jars, local_parts
from deploy.local.folder import PREFIX, sweep
from deploy.local.kafka import local_kafka
from deploy.local.parts import BOOTSTRAP_VARIABLE, DATABASE_VARIABLE
from deploy.local.postgres import local_postgres
from deploy.local.process import POLL_SECONDS, descendants, processes, wait_until_gone
from tests.integration.tables import keep, kept, setting

DEADLINE_SECONDS = 60


@dataclass(frozen=True)
class Run:
    """`python -m deploy.local` in a process of its own, once it answers."""

    process: subprocess.Popen[str]
    bootstrap: str
    database_url: str

    @property
    def children(self) -> list[int]:
        return descendants(self.process.pid)

    @property
    def folders(self) -> set[Path]:
        """The temporary folders that its children work in."""
        working = [os.path.realpath(f"/proc/{pid}/cwd") for pid in self.children]
        return {path for work in working for path in Path(work, "_").parents if path.name.startswith(PREFIX)}


@pytest.fixture
def start_run() -> Iterator[Callable[..., Run]]:
    named = (BOOTSTRAP_VARIABLE, DATABASE_VARIABLE)
    environment = {key: value for key, value in os.environ.items() if key not in named}
    command = [sys.executable, "-m", "deploy.local"]
    with ExitStack() as started:

        def start(**naming: str) -> Run:
            process = subprocess.Popen(command, env=environment | naming, stdout=subprocess.PIPE, text=True)
            started.enter_context(process)
            started.callback(process.kill)
            assert process.stdout
            return Run(process, *(process.stdout.readline().strip().partition("=")[2] for _ in range(2)))

        yield start


def until_swept(folders: set[Path]) -> None:
    """A run beside this one may be the sweeper: its own start sweeps too."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while any(folder.exists() for folder in folders):
        assert time.monotonic() < deadline, f"not swept: {folders}"
        sweep()
        time.sleep(POLL_SECONDS)


async def test_the_broker_gives_back_what_it_took(parts: Parts, prefix: str) -> None:
    topic, where = f"{prefix}essai", {"bootstrap_servers": parts.bootstrap}
    admin = AIOKafkaAdminClient(**where)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(acks="all", enable_idempotence=True, **where) as producer:
        await producer.send_and_wait(topic, b"une place est libre", key=b"place")
    async with AIOKafkaConsumer(topic, auto_offset_reset="earliest", **where) as consumer:
        record = await consumer.getone()
    assert (record.key, record.value) == (b"place", b"une place est libre")


async def test_what_was_committed_survives_kill_9_of_the_database() -> None:
    with local_postgres() as server:
        dsn = server.url.replace("+asyncpg", "")
        before = await asyncpg.connect(dsn)
        assert [await setting(before, name) for name in ("fsync", "synchronous_commit")] == ["on", "on"]
        await keep(before, "Chambre 12")
        server.kill9()
        assert server.pid is None
        server.start()
        after = await asyncpg.connect(dsn)
        assert await kept(after) == "Chambre 12"
        await after.close()
        before.terminate()


def test_a_cluster_of_three_goes_on_without_one_and_takes_it_back_and_leaves_nothing() -> None:
    with local_kafka(nodes=3) as cluster:
        assert jars.features().exists()
        assert jars.class_archive().exists()
        first, *others = cluster.nodes
        first.kill9()
        assert first.pid is None
        assert all(other.pid for other in others)
        first.start()
        first.wait_until_it_answers([node.node_id for node in cluster.nodes])
        pids = [pid for node in cluster.nodes if (pid := node.pid)]
    assert len(pids) == 3
    assert not {*pids} & {*processes()}


def test_runs_side_by_side_share_nothing_and_whether_killed_or_stopped_none_leaves_anything(
    parts: Parts, start_run: Callable[..., Run]
) -> None:
    """Beside the run of these tests, which has Kafka and PostgreSQL too, one is killed; the one that is stopped is
    given the Kafka of these tests, because a cluster stops in the test above."""
    killed = start_run()
    stopped = start_run(**{BOOTSTRAP_VARIABLE: parts.bootstrap})
    assert killed.bootstrap != parts.bootstrap == stopped.bootstrap
    assert len({killed.database_url, stopped.database_url, parts.database_url}) == 3
    children, folders = killed.children, killed.folders
    assert len(children) > 2  # a JVM, and the tree of PostgreSQL
    assert len(folders) == 2
    assert not folders & stopped.folders
    killed.process.kill()
    killed.process.wait(DEADLINE_SECONDS)
    wait_until_gone(children)
    until_swept(folders)
    children, folders = stopped.children, stopped.folders
    assert all(folder.exists() for folder in folders), "l'un survit à l'autre"
    assert children
    stopped.process.send_signal(signal.SIGINT)
    assert stopped.process.wait(DEADLINE_SECONDS) == 0
    wait_until_gone(children)
    assert not any(folder.exists() for folder in folders)


def test_what_the_environment_names_is_taken_and_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BOOTSTRAP_VARIABLE, "kafka.example:9092")
    monkeypatch.setenv(DATABASE_VARIABLE, "postgresql+asyncpg://siao@postgres.example/siao")
    with local_parts() as named:
        assert named.bootstrap == "kafka.example:9092"
        assert named.dsn == "postgresql://siao@postgres.example/siao"
        assert (named.kafka, named.postgres) == (None, None)


def test_without_java_the_message_names_three_ways_to_a_broker(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(BOOTSTRAP_VARIABLE, raising=False)
    monkeypatch.setenv(DATABASE_VARIABLE, "postgresql+asyncpg://siao@postgres.example/siao")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PartUnavailable) as refused, local_parts():
        pass
    message = str(refused.value)
    assert "openjdk-17-jre-headless maven" in message
    assert "docker run" in message
    assert f"export {BOOTSTRAP_VARIABLE}=" in message


def test_what_a_first_start_has_formatted_is_kept_while_it_holds_the_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(jars, "cache", lambda: tmp_path)
    jars.features().parent.mkdir()
    (written := tmp_path / "ecrit").touch()

    with jars.locked_cache():
        keep = Thread(target=jars.keep_features, args=(written,), daemon=True)
        keep.start()
        keep.join(DEADLINE_SECONDS)
        assert not keep.is_alive(), "le premier démarrage s'attend lui-même"
    assert jars.features().exists()
