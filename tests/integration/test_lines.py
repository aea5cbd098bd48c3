"""Kafka and PostgreSQL behind TLS, with accounts and rights: the hub works, and nobody else reads or writes."""

import asyncio
import re
import secrets
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from aiokafka.protocol.admin import CreateAclsRequest
from aiokafka.structs import RecordMetadata
from pydantic import SecretStr

from connectors.kafka import KafkaSink, KafkaSource
from contracts.errors import BusUnavailable, Misconfigured, OutcomeUnknown, PartnerUnavailable
from contracts.kafka import EntreeKafka, SortieKafka
from contracts.ports import IntakeReport, Native
from contracts.topics import TOPICS
from deploy.kafka.rights import Right, rights
from deploy.local.kafka import Guard, KafkaCluster, local_kafka
from deploy.local.ports import reserved_ports
from deploy.local.postgres import PostgresServer, local_postgres
from ops.terminal.environment import settings_of
from router.domain.roles import Role
from router.domain.vitals import Answer
from router.process.topics_admin import ensure_topics, probe
from router.settings import DatabaseSettings, KafkaSettings, Settings, Tls
from router.settings.lines import kafka_options
from router.store.database import Database
from router.store.migrations import upgrade
from tests.conformance.certificates import Authority, Pair
from tests.conformance.kafka_partner import Topic
from tests.integration.messages import vacancy
from tests.integration.receiver import Receiver
from tests.integration.tables import answer
from tests.integration.waiting import until
from tests.integration.world import World, opened

README = Path(__file__).parents[2] / "README.md"
SSL_REQUEST = b"\0\0\0\x08\x04\xd2\x16\x2f"
RESOURCES = {"topic": 2, "group": 3}
OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
PREFIXED, ALLOW = 4, 3
"""As Kafka's protocol numbers them."""
READING_SECONDS, READING_IN_VAIN_SECONDS = 40, 5
ENDED_SECONDS = 10
ACCOUNTS = {"siao-hub": "mot-de-passe-du-hub", "intrus": "mot-de-passe-intrus"}


@pytest.fixture(autouse=True)
async def tls_ends(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Wait at the end of a test until TLS has ended each connection to Kafka. aiokafka closes its first one, and
    does not wait for it."""
    ends = list[asyncio.Future[None]]()
    close = AIOKafkaConnection.close

    def closed(connection: AIOKafkaConnection, *why: Any, **more: Any) -> Any:
        ends.append(close(connection, *why, **more))
        return ends[-1]

    monkeypatch.setattr(AIOKafkaConnection, "close", closed)
    yield
    if ends:
        await asyncio.wait(ends, timeout=ENDED_SECONDS)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("autorite"))


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with local_postgres() as started:
        yield started


class Doors(NamedTuple):
    """Of a broker that asks who one is."""

    cluster: KafkaCluster
    by_password: str
    by_certificate: str


@pytest.fixture(scope="module")
def doors(authority: Authority) -> Iterator[Doors]:
    """The guarded doors of a broker, with the rights that the repository ships."""
    with (
        reserved_ports(2) as (port, certified_port),
        local_kafka(guard=_guard(port, certified_port, authority)) as cluster,
    ):
        asyncio.run(_give(cluster.bootstrap, list(rights("siao"))))
        yield Doors(cluster, f"127.0.0.1:{port}", f"127.0.0.1:{certified_port}")


@pytest.fixture(scope="module")
def guarded(doors: Doors) -> str:
    return doors.by_password


async def _give(bootstrap: str, all_of_them: list[Right]) -> None:
    """As `kafka-acls.sh` does."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    for right in all_of_them:
        for operation in right.operations:
            about = (RESOURCES[right.resource], right.beginning, PREFIXED)
            whom = (f"User:{right.account}", "*", OPERATIONS[operation], ALLOW)
            answer = await client.send(client.get_random_node(), CreateAclsRequest(*about, *whom))
            assert [code for code, _ in answer.creation_responses] == [0]
    await client.close()


def _guard(port: int, certified_port: int, authority: Authority) -> Guard:
    pair = authority.server()
    settings = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.certificate.chain": _in_one_line(pair.certificate),
        "ssl.keystore.key": _in_one_line(pair.key),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.certificates": _in_one_line(authority.file.read_text()),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",  # the operator's own door
    }
    return Guard(port, certified_port, settings, ACCOUNTS)


def _in_one_line(pem: str) -> str:
    return pem.replace("\n", "\\n")


def account(guarded: str, authority: Authority, name: str = "siao-hub") -> KafkaSettings:
    return KafkaSettings(
        bootstrap=guarded,
        prefix="siao",
        tls=Tls(ca_file=authority.file),
        username=name,
        password=SecretStr(ACCOUNTS[name]),
    )


@pytest.fixture
async def hub_behind_a_guard(
    guarded: str,
    authority: Authority,
    settings: Settings,
    siao: Receiver,
    shelter: Receiver,
    tmp_path: Path,
) -> AsyncIterator[World]:
    kafka = account(guarded, authority)
    changed = settings.model_copy(update={"kafka": kafka})
    async with opened(World(changed, siao, shelter, tmp_path)) as world:
        await world.start(Role.GATEWAY, Role.RELAY, Role.WORKER, Role.DISPATCHER)
        yield world


async def test_a_hub_with_an_account_publishes_applies_and_delivers(hub_behind_a_guard: World) -> None:
    world = hub_behind_a_guard
    assert (await world.send("centre", vacancy("A-1")))[0] == 202
    await until(lambda: world.siao.messages, "le SIAO apprend la vacance")


async def test_another_account_neither_reads_nor_writes_nor_makes_topics(
    guarded: str, authority: Authority
) -> None:
    await ensure_topics(account(guarded, authority))
    ours, stranger = account(guarded, authority), account(guarded, authority, "intrus")
    topic = TOPICS["orientation"].name("siao")
    async with started(AIOKafkaProducer(**kafka_options(ours))) as producer:
        where = await producer.send_and_wait(topic, b"vrai")
    async with started(AIOKafkaProducer(**kafka_options(stranger))) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(topic, b"faux")
    assert await read_at(ours, where) == b"vrai"
    with pytest.raises((TopicAuthorizationFailedError, TimeoutError)):
        await read_at(stranger, where, READING_IN_VAIN_SECONDS)
    with pytest.raises(BusUnavailable):
        await ensure_topics(stranger.model_copy(update={"prefix": "siao.autre"}))


async def read_at(
    kafka: KafkaSettings, where: RecordMetadata, within_s: float = READING_SECONDS
) -> bytes | None:
    """What an account is given of a record, in a few seconds."""
    partition = TopicPartition(where.topic, where.partition)
    async with started(AIOKafkaConsumer(**kafka_options(kafka), auto_offset_reset="none")) as consumer:
        consumer.assign([partition])
        consumer.seek(partition, where.offset)
        async with asyncio.timeout(within_s):
            value: bytes | None = (await consumer.getone()).value
            return value


@asynccontextmanager
async def started(client: Any) -> AsyncIterator[Any]:
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


@pytest.mark.parametrize("wrong", ["password", "authority"])
async def test_neither_a_wrong_password_nor_an_unknown_server_is_accepted(
    guarded: str, authority: Authority, tmp_path: Path, wrong: str
) -> None:
    changes: dict[str, dict[str, object]] = {
        "password": {"password": SecretStr("faux")},
        "authority": {"tls": Tls(ca_file=Authority(tmp_path, "autre").file)},
    }
    producer = AIOKafkaProducer(
        **kafka_options(account(guarded, authority).model_copy(update=changes[wrong]))
    )
    with pytest.raises(KafkaError):
        await producer.start()
    await producer.stop()


def certified(doors: Doors, known: Authority, signed_by: Authority, name: str, folder: Path) -> KafkaSettings:
    """The settings of whoever has a certificate in this name, and no password."""
    pair, files = signed_by.account(name), (folder / f"{name}.pem", folder / f"{name}.key")
    for file, text in zip(files, pair, strict=True):
        file.write_text(text)
    tls = Tls(ca_file=known.file, cert_file=files[0], key_file=files[1])
    return KafkaSettings(bootstrap=doors.by_certificate, prefix="siao", tls=tls)


async def test_the_recipe_of_the_readme_reaches_a_kafka_and_a_postgresql_of_others(
    guarded: str, authority: Authority, postgres: PostgresServer, schema: str, tmp_path: Path
) -> None:
    """Its addresses, its password and its authority are replaced, and nothing else."""
    recipe = re.findall(r"^\$ export (.*)$", README.read_text("utf-8"), re.M)
    said = dict(re.findall(r"(SIAO_HUB_\w+)=(\S+)", "\n".join(recipe)))
    password = tmp_path / "kafka.mdp"
    password.write_text(ACCOUNTS[said["SIAO_HUB_KAFKA__USERNAME"]])
    async with behind_tls(postgres, authority.server(), tmp_path) as url:
        ours = {"KAFKA__BOOTSTRAP": guarded, "KAFKA__PASSWORD_FILE": str(password), "DATABASE__URL": url}
        ours |= {f"{line}__TLS__CA_FILE": str(authority.file) for line in ("KAFKA", "DATABASE")}
        settings = settings_of(said | {f"SIAO_HUB_{name}": value for name, value in ours.items()})
        assert {f"SIAO_HUB_{name}" for name in ours} <= said.keys()
        await ensure_topics(settings.kafka.model_copy(update={"replication": 1, "min_insync_replicas": 1}))
        assert await probe(settings.kafka) is Answer.OK
        database = settings.database.model_copy(update={"schema_name": schema})
        await asyncio.to_thread(upgrade, database)
        assert await answered(database) == 42


async def test_a_certificate_is_an_account_and_gives_the_rights_of_that_account_alone(
    doors: Doors, authority: Authority, tmp_path: Path
) -> None:
    ours, stranger = (certified(doors, authority, authority, name, tmp_path) for name in ACCOUNTS)
    await ensure_topics(ours)
    topic = TOPICS["orientation"].name("siao")
    async with started(AIOKafkaProducer(**kafka_options(ours))) as producer:
        where = await producer.send_and_wait(topic, b"vrai")
    assert await read_at(ours, where) == b"vrai"
    async with started(AIOKafkaProducer(**kafka_options(stranger))) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(topic, b"faux")
    assert await probe(ours) is Answer.OK


async def test_who_has_no_certificate_or_one_of_another_authority_is_nobody(
    doors: Doors, authority: Authority, tmp_path: Path
) -> None:
    without = KafkaSettings(bootstrap=doors.by_certificate, prefix="siao", tls=Tls(ca_file=authority.file))
    other = certified(doors, authority, Authority(tmp_path, "autre"), "siao-hub", tmp_path)
    for refused in (without, other):
        with pytest.raises(BusUnavailable):
            await ensure_topics(refused)
        assert await probe(refused) in (Answer.REFUSE, Answer.MUET)


@pytest.fixture
async def topic_of_a_partner(
    doors: Doors, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """A topic of another's broker, on which the hub's account may read and write, and no other topic of it."""
    monkeypatch.setenv("SIAO_SECRET_MOT_DE_PASSE", ACCOUNTS["siao-hub"])
    name = f"residence.{secrets.token_hex(4)}"
    await Topic(doors.cluster.bootstrap, name).create()
    may = [("topic", name, ("Read", "Write", "Describe")), ("group", "siao-hub", ("Read",))]
    await _give(doors.cluster.bootstrap, [Right("siao-hub", *right) for right in may])
    account = {
        "utilisateur": "siao-hub",
        "mot_de_passe": "env:SIAO_SECRET_MOT_DE_PASSE",
        "autorite": str(authority.file),
    }
    return {"serveurs": doors.by_password, "topic": name, **account}


async def test_a_partners_topic_is_written_and_read_with_the_account_that_it_gives(
    topic_of_a_partner: dict[str, Any],
) -> None:
    async with closing(KafkaSink(SortieKafka(**topic_of_a_partner))) as sink:
        await sink.send(Native(b"un", "application/json"), "cle-1")
    async with closing(KafkaSource(EntreeKafka(**topic_of_a_partner, dialecte="x"))) as source:
        (native,) = [native async for native in source.fetch()]
        await source.done(native, IntakeReport(uuid4(), "accepte", 1))
    assert (native.body, native.headers["idempotency-key"]) == (b"un", "cle-1")


@pytest.mark.parametrize("wrong", ["password", "authority", "topic"])
async def test_what_a_partners_broker_refuses_needs_a_human(
    topic_of_a_partner: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("SIAO_SECRET_FAUX", "faux")
    changes = {
        "password": {"mot_de_passe": "env:SIAO_SECRET_FAUX"},
        "authority": {"autorite": str(Authority(tmp_path, "autre").file)},
        "topic": {"topic": "d-un-autre"},
    }
    entry = topic_of_a_partner | changes[wrong]
    async with closing(KafkaSink(SortieKafka(**entry))) as sink:
        with pytest.raises(Misconfigured):
            await sink.send(Native(b"un", "application/json"), "cle-1")
    async with closing(KafkaSource(EntreeKafka(**entry, dialecte="x"))) as source:
        with pytest.raises(Misconfigured):
            await anext(source.fetch())


async def test_a_partners_broker_that_is_away_takes_nothing_and_one_that_falls_silent_leaves_it_open(
    doors: Doors, topic_of_a_partner: dict[str, Any]
) -> None:
    with reserved_ports(1) as (nobody,):
        async with closing(
            KafkaSink(SortieKafka(**topic_of_a_partner | {"serveurs": f"127.0.0.1:{nobody}"}))
        ) as sink:
            with pytest.raises(PartnerUnavailable) as raised:
                await sink.send(Native(b"un", "application/json"), "cle-1")
            assert not isinstance(raised.value, OutcomeUnknown)
    (node,) = doors.cluster.nodes
    async with closing(KafkaSink(SortieKafka(**topic_of_a_partner, delai_s=2))) as sink:
        await until(lambda: sent(sink, b"un", "cle-1"), "le premier envoi, qui ouvre tout, arrive")
        node.freeze()
        try:
            with pytest.raises(OutcomeUnknown):
                await sink.send(Native(b"deux", "application/json"), "cle-2")
        finally:
            node.thaw()
        assert await until(lambda: sent(sink, b"deux"), "le Kafka réveillé prend l'envoi")


async def test_a_partners_broker_that_knows_no_broker_yet_is_away_and_its_topic_is_not_said_to_be_missing(
    topic_of_a_partner: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such is one that just woke up: until it hears from its controller, its metadata name no server."""

    async def unanswered(*_: object) -> bool:
        return False

    monkeypatch.setattr(AIOKafkaClient, "_metadata_update", unanswered)
    async with closing(KafkaSink(SortieKafka(**topic_of_a_partner))) as sink:
        with pytest.raises(PartnerUnavailable):
            await sink.send(Native(b"un", "application/json"), "cle-1")


async def sent(sink: KafkaSink, body: bytes, key: str = "cle-2") -> bool:
    """Whether the partner's Kafka took it. One that just woke up may be away for a moment yet, never refuse."""
    try:
        return (await sink.send(Native(body, "application/json"), key)).proven
    except PartnerUnavailable:
        return False


@asynccontextmanager
async def closing(connector: Any) -> AsyncIterator[Any]:
    try:
        yield connector
    finally:
        await connector.close()


@asynccontextmanager
async def behind_tls(server: PostgresServer, pair: Pair, folder: Path) -> AsyncIterator[str]:
    """The address of a server that takes connections over TLS alone (this build of PostgreSQL knows none): what stands
    before it answers the client's SSLRequest, and passes everything on."""
    for name, text in (("certificate", pair.certificate), ("key", pair.key)):
        (folder / name).write_text(text)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "certificate", folder / "key")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(8) == SSL_REQUEST
        writer.write(b"S")
        try:
            await writer.start_tls(context)
            there, back = await asyncio.open_connection("127.0.0.1", server.port)
            await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        except OSError:  # the client does not believe the certificate, and hangs up
            return
        finally:
            writer.transport.abort()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as front:
        port = front.sockets[0].getsockname()[1]
        yield server.url.replace(f":{server.port}/", f":{port}/")


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def answered(settings: DatabaseSettings) -> object:
    database = Database(settings)
    try:
        async with database.transaction() as connection:
            return await answer(connection)
    finally:
        await database.close()


@pytest.mark.parametrize("wrong", ["authority", "name"])
async def test_a_database_that_does_not_prove_who_it_is_is_not_spoken_to(
    postgres: PostgresServer, authority: Authority, tmp_path: Path, wrong: str
) -> None:
    known = Authority(tmp_path, "autre") if wrong == "authority" else authority
    pair = authority.server("127.0.0.2" if wrong == "name" else "127.0.0.1")
    async with behind_tls(postgres, pair, tmp_path) as url:
        with pytest.raises(Misconfigured, match="certificat"):
            await answered(DatabaseSettings(url=url, tls=Tls(ca_file=known.file)))
