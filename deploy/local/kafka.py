"""Real Apache Kafka on this machine: one node for development, three for fault tests."""

import base64
import shutil
import signal
import socket
import struct
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from deploy.local import jars
from deploy.local.disk import Disk, mounted_disk
from deploy.local.folder import run_folder
from deploy.local.ports import reserved_ports
from deploy.local.process import Child

SETTINGS = Path(__file__).with_name("kafka.properties")
JVM_FLAGS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m", "-XX:-UsePerfData")
ANSWER_TIMEOUT_SECONDS = 2.0
METADATA_REQUEST = struct.pack(">hhihi", 3, 1, 1, -1, 0)  # API 3, version 1, id 1, no client name, no topic


@dataclass(frozen=True, slots=True)
class Address:
    """The ports of one Kafka node: for clients, and for the other nodes' controllers."""

    node_id: int
    port: int
    controller_port: int


@dataclass(frozen=True, slots=True)
class Guard:
    """Two more listeners of a Kafka node, for clients that authenticate. Its first listener is for operators only."""

    port: int
    """Port for clients that log in with a password."""
    certified_port: int
    """Port for clients with a certificate. Its common name is the account."""
    settings: Mapping[str, str]
    """Further settings of the node, such as keys and the authorizer."""
    accounts: Mapping[str, str]
    """Passwords (SCRAM-SHA-512) by account."""

    @property
    def formatting(self) -> list[str]:
        """Arguments of Kafka's format tool that put the accounts into a new data folder."""
        return [
            f"--add-scram=SCRAM-SHA-512=[name={name},password={password}]"
            for name, password in self.accounts.items()
        ]

    def properties(self, first: str) -> Mapping[str, str]:
        """Return the node's settings for these listeners. `first` is the value of `listeners` without them."""
        return {
            "listeners": f"{first},GARDE://127.0.0.1:{self.port},CERTIFIE://127.0.0.1:{self.certified_port}",
            "listener.security.protocol.map": (
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,GARDE:SASL_SSL,CERTIFIE:SSL"
            ),
            "listener.name.certifie.ssl.client.auth": "required",
            "ssl.principal.mapping.rules": "RULE:^CN=([^,]+)$/$1/,DEFAULT",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.garde.scram-sha-512.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            **self.settings,
        }


class KafkaNode:
    """One Kafka node, both broker and controller. It keeps its data and its port when it is restarted."""

    def __init__(
        self,
        folder: Path,
        address: Address,
        cluster: Sequence[Address],
        cluster_id: str,
        disk: Disk | None = None,
        guard: Guard | None = None,
    ) -> None:
        self.node_id, self.bootstrap = address.node_id, f"127.0.0.1:{address.port}"
        self.log = folder / f"node-{address.node_id}.log"
        self._folder, self._address, self._cluster_id = folder, address, cluster_id
        self._data = (disk.path if disk else folder) / f"node-{address.node_id}"
        self._settings = folder / f"node-{address.node_id}.properties"
        self._settings.write_text(_settings(self._data, address, cluster, guard))
        self._formatting = guard.formatting if guard else []
        self._child = Child(folder, self.log)

    @property
    def pid(self) -> int | None:
        """The process id; None while the node is down."""
        return self._child.pid

    def start(self) -> None:
        """Start the node, and wait until it is a member of the cluster and answers. Raises PartUnavailable."""
        self.launch()
        self.wait_until_it_answers([self.node_id])

    def launch(self, *jvm_flags: str) -> None:
        """Start the node without waiting for it. Formats a new data folder first."""
        jvm = [jars.java(), *JVM_FLAGS, f"-Djava.io.tmpdir={self._folder}", "-cp", jars.classpath()]
        if (archive := jars.class_archive()).exists():
            jvm.append(f"-XX:SharedArchiveFile={archive}")
        if not self._data.exists():
            self._format(jvm)
        self._child.spawn([*jvm, *jvm_flags, "kafka.Kafka", str(self._settings)])

    def _format(self, jvm: Sequence[str]) -> None:
        """Make an empty data folder for this node.

        Kafka's own tool makes the first one, which takes half of the time that a node needs to start. Its features
        file is the same for all nodes without SASL accounts, so it is cached: later folders are made without the tool.
        """
        features = jars.features()
        if not self._formatting and features.exists():
            self._data.mkdir()
            shutil.copy(features, self._data)
            ids = {"node.id": self.node_id, "directory.id": _kafka_id(), "cluster.id": self._cluster_id}
            meta = "".join(f"{name}={value}\n" for name, value in {"version": 1, **ids}.items())
            (self._data / "meta.properties").write_text(meta)
            return
        arguments = [
            "format",
            f"--cluster-id={self._cluster_id}",
            "-c",
            str(self._settings),
            *self._formatting,
        ]
        self._child.run([*jvm, "kafka.tools.StorageTool", *arguments])
        if not self._formatting:
            jars.keep_features(self._data / features.name)

    def wait_until_it_answers(self, members: Sequence[int]) -> None:
        """Wait until this node lists all of `members` as alive. Raises PartUnavailable."""
        self._child.wait_until(lambda: set(members) <= members_seen_by(self._address.port))

    def stop(self) -> None:
        """Shut the node down cleanly: leadership is handed over, logs are flushed."""
        self._child.stop(signal.SIGTERM)

    def kill9(self) -> None:
        """Kill the node at once, like a power cut."""
        self._child.kill9()

    def lose_data(self) -> None:
        """Remove the data of a stopped node. After the next start it is empty."""
        shutil.rmtree(self._data)

    def freeze(self) -> None:
        """Freeze the node (SIGSTOP): connections stay open, and it answers nothing."""
        self._child.freeze()

    def thaw(self) -> None:
        """Undo `freeze` (SIGCONT)."""
        self._child.thaw()


@dataclass(frozen=True, slots=True)
class KafkaCluster:
    """Kafka nodes that form a cluster. With three, topics have three replicas, of which two must acknowledge."""

    nodes: tuple[KafkaNode, ...]
    disk: Disk | None = None
    """The disk with the data of all nodes; None if the data is not on a disk of its own."""

    @property
    def bootstrap(self) -> str:
        """The value of SIAO_HUB_KAFKA__BOOTSTRAP for this cluster."""
        return ",".join(node.bootstrap for node in self.nodes)

    def start(self) -> None:
        """Start all nodes at once, and wait until each lists all of them. Raises PartUnavailable."""
        jars.classpath()
        _archive_classes()
        self._launch()

    def _launch(self, *jvm_flags: str) -> None:
        for node in self.nodes:
            node.launch(*jvm_flags)
        for node in self.nodes:
            node.wait_until_it_answers([each.node_id for each in self.nodes])

    def stop(self) -> None:
        """Shut all nodes down cleanly."""
        for node in self.nodes:
            node.stop()

    def kill9(self) -> None:
        """Kill all nodes at once, like a power cut."""
        for node in self.nodes:
            node.kill9()


@contextmanager
def kafka_cluster(
    nodes: int = 1, *, own_disk: bool = False, guard: Guard | None = None
) -> Iterator[KafkaCluster]:
    """Give a cluster that is not started yet, until the block ends; then kill its nodes and remove their data.
    `own_disk` puts the data on a disk of its own."""
    with ExitStack() as stack:
        folder = stack.enter_context(run_folder("kafka"))
        ports = stack.enter_context(reserved_ports(2 * nodes))
        disk = stack.enter_context(mounted_disk(folder / "disque")) if own_disk else None
        addresses = [Address(n + 1, ports[2 * n], ports[2 * n + 1]) for n in range(nodes)]
        cluster_id = _kafka_id()
        members = tuple(KafkaNode(folder, each, addresses, cluster_id, disk, guard) for each in addresses)
        cluster = KafkaCluster(members, disk)
        try:
            yield cluster
        finally:
            cluster.kill9()  # its data are removed next: no need for an orderly end


@contextmanager
def local_kafka(nodes: int = 1, *, guard: Guard | None = None) -> Iterator[KafkaCluster]:
    """Give a started cluster until the block ends. Raises PartUnavailable."""
    with kafka_cluster(nodes, guard=guard) as cluster:
        cluster.start()
        yield cluster


def members_seen_by(port: int) -> set[int]:
    """Return the ids of the brokers that the node at this port lists as alive; none while it does not answer."""
    with (
        suppress(OSError, EOFError),
        socket.create_connection(("127.0.0.1", port), ANSWER_TIMEOUT_SECONDS) as line,
        line.makefile("rb") as answer,
    ):
        line.sendall(struct.pack(">i", len(METADATA_REQUEST)) + METADATA_REQUEST)
        _size, _request_id, count = _read(answer, ">iii")
        return {_read_member(answer) for _ in range(count)}
    return set()


def _read_member(answer: BinaryIO) -> int:
    node_id, host_length = _read(answer, ">ih")
    _read(answer, f">{host_length}si")
    (rack_length,) = _read(answer, ">h")
    _read(answer, f">{max(rack_length, 0)}s")  # -1: no rack
    return node_id


def _read(answer: BinaryIO, layout: str) -> tuple[int, ...]:
    size = struct.calcsize(layout)
    if len(data := answer.read(size)) < size:
        raise EOFError
    return struct.unpack(layout, data)


def _archive_classes() -> None:
    """Make the JVM archive Kafka's parsed classes, once for each JVM; this halves the time of every later start.

    With a JVM that cannot do it, or refuses the archive, nodes only start more slowly.
    """
    archive = jars.class_archive()
    if archive.exists():
        return
    with jars.locked_cache():
        if archive.exists():
            return
        with kafka_cluster() as trainee:
            unfinished = trainee.nodes[0].log.with_suffix(".jsa")
            trainee._launch("-XX:+IgnoreUnrecognizedVMOptions", f"-XX:ArchiveClassesAtExit={unfinished}")
            trainee.stop()
            jars.keep(unfinished, archive)


def _kafka_id() -> str:
    """Return a new id for a cluster or a data folder, in Kafka's form."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def _settings(data: Path, address: Address, cluster: Sequence[Address], guard: Guard | None) -> str:
    replicas, in_sync = (3, 2) if len(cluster) >= 3 else (1, 1)
    voters = ",".join(f"{each.node_id}@127.0.0.1:{each.controller_port}" for each in cluster)
    first = f"PLAINTEXT://127.0.0.1:{address.port},CONTROLLER://127.0.0.1:{address.controller_port}"
    own: dict[str, object] = {
        "node.id": address.node_id,
        "controller.quorum.voters": voters,
        "listeners": first,
        "log.dirs": data,
        "default.replication.factor": replicas,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": replicas,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": in_sync,
    }
    if guard is not None:
        own |= guard.properties(first)
    return SETTINGS.read_text() + "".join(f"{key}={value}\n" for key, value in own.items())
