"""The table of all faults.

A fault is a context manager: entering it breaks something, leaving it repairs that.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from random import Random

from deploy.local.process import Child
from simulation import moods
from simulation.chaos import (
    clocks,
    disks,
    failover,
    files,
    lasting,
    machines,
    merging,
    partitions,
    points,
    poison,
    readers,
    restoring,
    theirs,
)
from simulation.chaos.crew import ROLES
from simulation.chaos.ground import Ground, Missed
from simulation.chaos.kills import HUB, KAFKA, POSTGRES
from simulation.chaos.points import Point, Sabotage
from simulation.config import Config
from simulation.moods import Humour, Mood

Act = Callable[[Ground, Random], AbstractContextManager[None]]

STORM_EVERY_SECONDS = 2.0
STORM_AT_ONCE = 3
MOODY_SHARE = (0.5, 1.0)
FILES_OF_A_SET = 6


@dataclass(frozen=True, slots=True)
class Fault:
    """Row of the table of faults. `says` is its French description."""

    says: str
    act: Act
    lasts_s: tuple[float, float] = (0.0, 0.0)
    breaks: Sequence[str] = ()
    """Parts that the fault breaks. Two faults with one in common never overlap."""
    often: int = 1
    """Number of times in each round of the table."""
    nodes: int = 1
    """Smallest number of Kafka brokers."""
    apart: str = ""
    """Why `all` does not include the fault, in French; empty if it does."""
    calm_s: float = 0.0
    """Time after its end without another fault of these parts, to measure its recovery alone."""
    own_disks: bool = False
    """Whether it needs separate disks for PostgreSQL and Kafka."""
    standby: bool = False
    """Whether it needs a standby of PostgreSQL behind a moving address."""
    key_replica: bool = False
    """Whether it needs a replica of the encryption keys."""
    machines: bool = False
    """Whether it needs two machines for the hub's processes."""
    first: Callable[[Ground], None] | None = None
    """Preparation, before anything is broken."""


@contextmanager
def kill_role(ground: Ground, chance: Random) -> Iterator[None]:
    """Kill one process of the hub. Raises Missed if it does not run."""
    member = ground.member(chance)
    if not ground.crew.kill([member], member.role):
        raise Missed
    yield


@contextmanager
def kill_all(ground: Ground, _: Random) -> Iterator[None]:
    """Kill all processes of the hub at once, like a power cut."""
    ground.crew.kill(ground.crew.members, HUB)
    yield


@contextmanager
def kill_at_point(ground: Ground, chance: Random) -> Iterator[None]:
    """Make one process kill itself at a named point of its code."""
    member = ground.member(chance)
    ground.crew.arm(member, points.draw(member.role, chance))
    ground.crew.kill([member], member.role)
    yield


@contextmanager
def kill_within_a_set(ground: Ground, chance: Random) -> Iterator[None]:
    """Make every dispatcher kill itself between two files of a set."""
    dispatchers = [member for member in ground.crew.members if member.role == "dispatcher"]
    for member in dispatchers:
        ground.crew.arm(member, Sabotage(Point.WITHIN_SET, chance.randint(1, FILES_OF_A_SET)))
    ground.crew.kill(dispatchers, "dispatcher")
    yield


@contextmanager
def freeze_role(ground: Ground, chance: Random) -> Iterator[None]:
    """Freeze a process beyond its lease and its Kafka session. Raises Missed if it does not run."""
    member = ground.member(chance)
    if member.child.pid is None:
        raise Missed
    member.child.freeze()
    yield
    member.child.thaw()


@contextmanager
def rebalance(ground: Ground, chance: Random) -> Iterator[None]:
    """Start and end a further worker every two seconds, for the Kafka group to rebalance."""
    extra = []
    for number in range(int(chance.uniform(8, 12))):
        extra.append(ground.crew.guest("worker", number))
        if len(extra) > STORM_AT_ONCE:
            _leave(ground, extra.pop(0), gently=number % 2 == 0)
        ground.wait(STORM_EVERY_SECONDS)
    yield
    for child in extra:
        _leave(ground, child, gently=False)


def _leave(ground: Ground, child: Child, *, gently: bool) -> None:
    if gently:
        child.stop()
    else:
        ground.kills.hit("worker", [child])


@contextmanager
def kill_postgres(ground: Ground, _: Random) -> Iterator[None]:
    """Kill PostgreSQL; it recovers from its write-ahead log at its next start."""
    ground.kills.hit(POSTGRES, [ground.postgres])
    yield
    ground.postgres.start()


@contextmanager
def kill_kafka(ground: Ground, chance: Random) -> Iterator[None]:
    """Kill one Kafka broker."""
    node = chance.choice(ground.nodes)
    ground.kills.hit(KAFKA, [node])
    yield
    node.start()


@contextmanager
def kill_two_brokers(ground: Ground, chance: Random) -> Iterator[None]:
    """Kill two of three Kafka brokers: nobody can write until one is back."""
    pair = chance.sample(list(ground.nodes), 2)
    ground.kills.hit(KAFKA, pair)
    yield
    for node in pair:
        node.launch()
    for node in pair:
        node.wait_until_it_answers([node.node_id])


@contextmanager
def freeze_kafka(ground: Ground, chance: Random) -> Iterator[None]:
    """Freeze a Kafka broker: its connections stay open, and it answers nothing."""
    node = chance.choice(ground.nodes)
    node.freeze()
    yield
    node.thaw()


@contextmanager
def hub_away(ground: Ground, _: Random) -> Iterator[None]:
    """Keep all processes of the hub down."""
    ground.crew.kill(ground.crew.members, HUB)
    with ground.crew.without(*ROLES):
        yield


def in_a(mood: Mood, partner: Callable[[Ground, Random], Config] = Ground.with_a_server) -> Act:
    """Return the fault of a partner that receives deliveries badly. `partner` chooses it."""

    @contextmanager
    def moody(ground: Ground, chance: Random) -> Iterator[None]:
        config = partner(ground, chance)
        moods.write(config.mood, Humour(mood, chance.uniform(*MOODY_SHARE)))
        yield
        moods.write(config.mood, None)

    return moody


def answering(manner: Mood) -> Act:
    """Return the fault of a partner that sends its answers and acknowledgements badly."""

    @contextmanager
    def ill_mannered(ground: Ground, chance: Random) -> Iterator[None]:
        config = ground.with_answers(chance)
        moods.write(config.manner, Humour(manner))
        yield
        moods.write(config.manner, None)

    return ill_mannered


def a_minute(says: str, act: Act) -> Fault:
    """Return a fault of sixty seconds that runs alone, to measure the recovery from its backlog."""
    return Fault(says, act, (60, 60), EVERYTHING, apart="elle dure, et veut être seule", calm_s=40)


def partition(says: str, number: int) -> Fault:
    """Return the fault that cuts off one machine for a minute."""
    return replace(
        a_minute(f"{says} coupée des autres une minute", partitions.cut_off(number)), machines=True
    )


MOODY_SECONDS = (8.0, 20.0)
BUS, PARTNER, ANSWERS = ("kafka",), ("partner",), ("answers",)
EVERYTHING = ("postgres", *BUS, *PARTNER, "group")
MERGER = "merger"
FAULTS: Mapping[str, Fault] = {
    "kill-role": Fault("kill -9 d'un processus du hub", kill_role, often=8),
    "kill-all": Fault("kill -9 de tous les processus du hub", kill_all),
    "points": Fault("kill -9 en un point nommé du code", kill_at_point, often=4),
    "set-kill": Fault("kill -9 du hub entre deux fichiers d'un jeu", kill_within_a_set),
    "freeze-role": Fault("processus du hub gelé au-delà de son bail", freeze_role, (20, 30), often=2),
    "rebalance": Fault("ouvriers qui entrent et sortent du groupe", rebalance, breaks=("group",)),
    "kill-postgres": Fault("kill -9 de PostgreSQL", kill_postgres, (0.5, 4), ("postgres",)),
    "kill-kafka": Fault("kill -9 d'un nœud Kafka", kill_kafka, (0.5, 6), BUS),
    "kill-two-brokers": Fault("deux nœuds Kafka sur trois tués", kill_two_brokers, (4, 10), BUS, nodes=3),
    "freeze-kafka": Fault("nœud Kafka gelé", freeze_kafka, (45, 45), BUS),
    "kafka-lost": Fault("Kafka perdu tout entier", lasting.kafka_lost, (0.5, 4), BUS),
    "retention": Fault(
        "bus qui efface avant que les ouvriers ne lisent",
        lasting.short_retention,
        (10, 16),
        ("kafka", "group"),
    ),
    "disk-full": Fault(
        "disque plein : PostgreSQL, Kafka ou un partenaire", disks.full, (8, 16), EVERYTHING, own_disks=True
    ),
    "postgres-restored": Fault(
        "PostgreSQL revenu à la sauvegarde du début",
        restoring.postgres_restored,
        (10, 14),
        EVERYTHING,
        first=restoring.keep_a_backup,
        apart="elle peut coûter ce que dit docs/exploitation.md, et se demande par son nom",
    ),
    "failover": Fault(
        "PostgreSQL tué, un secours asynchrone prend sa place",
        failover.failover(),
        breaks=EVERYTHING,
        standby=True,
        apart="elle peut coûter ce que dit docs/postgresql-avec-secours.md, et se demande par son nom",
        calm_s=20,
    ),
    "failover-sync": Fault(
        "PostgreSQL tué, un secours synchrone prend sa place",
        failover.failover(synchronous=True),
        breaks=EVERYTHING,
        standby=True,
        apart="elle prend un second PostgreSQL, et se demande par son nom",
        calm_s=20,
    ),
    "failover-behind": Fault(
        "PostgreSQL tué, un secours en retard de plusieurs secondes prend sa place, une réplique a les clés",
        failover.failover(behind=True),
        breaks=EVERYTHING,
        standby=True,
        key_replica=True,
        apart="elle peut coûter ce que dit docs/postgresql-avec-secours.md, et se demande par son nom",
        calm_s=20,
    ),
    MERGER: Fault(
        "deux SIAO qui fusionnent en un troisième",
        merging.merged,
        apart="elle change qui reçoit, et se demande par son nom",
    ),
    "minute-hub": a_minute("le hub tout entier tué, absent une minute", hub_away),
    "minute-postgres": a_minute("PostgreSQL tué, absent une minute", kill_postgres),
    "minute-kafka": a_minute("Kafka tué, absent une minute", kill_kafka),
    "minute-partner": a_minute("partenaire en erreur 500 une minute", in_a(Mood.ERROR)),
    "partition-1": partition("machine de la porte et de la moitié des rôles", 1),
    "partition-2": partition("machine de l'autre moitié des rôles", 2),
    "partition-3": partition("machine de PostgreSQL et de Kafka", machines.BASE),
    "clock-off": Fault("processus du hub à l'heure fausse de cinq minutes", clocks.off, (15, 30), often=2),
    "slow": Fault("partenaire lent", in_a(Mood.SLOW), MOODY_SECONDS, PARTNER),
    "error-500": Fault("partenaire en erreur 500", in_a(Mood.ERROR), MOODY_SECONDS, PARTNER),
    "false-200": Fault(
        "partenaire : 200, et une erreur dedans",
        in_a(Mood.FALSE_SUCCESS, Ground.with_a_webhook),
        (3, 6),
        PARTNER,
    ),
    "refuse": Fault("partenaire qui refuse (422)", in_a(Mood.REFUSAL), (3, 6), PARTNER),
    "cut": Fault("partenaire qui coupe après avoir pris", in_a(Mood.CUT), MOODY_SECONDS, PARTNER),
    "throttle": Fault("partenaire saturé (429)", in_a(Mood.THROTTLED), MOODY_SECONDS, PARTNER),
    "sftp-closed": Fault(
        "serveur SFTP d'un partenaire fermé", in_a(Mood.CLOSED, Ground.with_a_folder), MOODY_SECONDS, PARTNER
    ),
    "sftp-cut": Fault(
        "serveur SFTP qui coupe après avoir rangé",
        in_a(Mood.CUT, Ground.with_a_folder),
        MOODY_SECONDS,
        PARTNER,
    ),
    "set-cut": Fault(
        "serveur SFTP qui coupe au milieu d'un jeu",
        in_a(Mood.CUT, Ground.with_sets),
        MOODY_SECONDS,
        PARTNER,
    ),
    "soap-fault": Fault(
        "service SOAP d'un partenaire : faute du serveur, rien n'est fait",
        in_a(Mood.ERROR, Ground.with_a_soap_service),
        MOODY_SECONDS,
        PARTNER,
    ),
    "soap-refuse": Fault(
        "service SOAP qui refuse par une faute",
        in_a(Mood.REFUSAL, Ground.with_a_soap_service),
        (3, 6),
        PARTNER,
    ),
    "soap-slow": Fault(
        "service SOAP lent", in_a(Mood.SLOW, Ground.with_a_soap_service), MOODY_SECONDS, PARTNER
    ),
    "soap-half": Fault(
        "service SOAP qui prend, et coupe au milieu de sa réponse",
        in_a(Mood.CUT, Ground.with_a_soap_service),
        MOODY_SECONDS,
        PARTNER,
    ),
    "topics-closed": Fault(
        "topics d'un partenaire qui ne prennent plus rien", theirs.closed, MOODY_SECONDS, BUS
    ),
    "mailbox-silent": Fault(
        "boîte relevée sans accusé", in_a(Mood.SILENT, Ground.with_a_mailbox), MOODY_SECONDS, PARTNER
    ),
    "reader-lost": Fault("lecteur de la liste qui a perdu sa copie", readers.lost),
    "reader-away": Fault(
        "lecteur de la liste dont le périmètre est ailleurs, puis de nouveau le sien",
        readers.away,
        (2, 10),
        ("registry",),
        often=2,
    ),
    "twice": Fault("réponses et accusés envoyés deux fois", answering(Mood.TWICE), MOODY_SECONDS, ANSWERS),
    "late": Fault("réponses et accusés en retard", answering(Mood.LATE), MOODY_SECONDS, ANSWERS),
    "swapped": Fault("réponses et accusés en désordre", answering(Mood.SWAPPED), MOODY_SECONDS, ANSWERS),
    "sftp-again": Fault("même fichier sous un autre nom", files.again),
    "sftp-half": Fault("fichiers déposés en deux fois, ou à moitié", files.half, (0.7, 0.7)),
    "sftp-renewed": Fault("nouveau contenu sous le même nom", files.renewed),
    "poison": Fault("poison sur le bus", poison.poured, breaks=BUS),
    "replay": Fault("enregistrements du bus écrits de nouveau", poison.replayed, breaks=BUS),
}
"""Every fault, by its name on the command line."""


NO_DISKS = "cette machine ne permet pas de monter un disque (il faut être root)"


NO_MACHINES = "il faut être root, et les programmes « ip » et « iptables »"


def impossible(nodes: int, *, disks: bool, machines: bool) -> dict[str, str]:
    """Return the faults that are impossible here, with the reason in French.

    `nodes`: Kafka brokers. `disks`: whether they can be mounted. `machines`: whether network namespaces can
    be made.
    """
    few = {n: f"il faut {f.nodes} nœuds Kafka (--nodes)" for n, f in FAULTS.items() if f.nodes > nodes}
    few |= {n: NO_DISKS for n, f in FAULTS.items() if f.own_disks and not disks}
    return few | {n: NO_MACHINES for n, f in FAULTS.items() if f.machines and not machines}


def left_out(impossible: Mapping[str, str]) -> dict[str, str]:
    """Return the faults that `all` does not include, with the reason in French."""
    return {**impossible, **{n: fault.apart for n, fault in FAULTS.items() if fault.apart}}


def chosen(names: str, impossible: Mapping[str, str]) -> dict[str, Fault]:
    """Return the faults of a comma-separated list, or of `all`. Raises ValueError, in French."""
    if names == "all":
        return {name: fault for name, fault in FAULTS.items() if name not in left_out(impossible)}
    wanted = [name.strip() for name in names.split(",")]
    if unknown := [name for name in wanted if name not in FAULTS]:
        raise ValueError(f"panne inconnue : {', '.join(unknown)} (connues : {', '.join(FAULTS)})")
    if unable := [f"{name} : {impossible[name]}" for name in wanted if name in impossible]:
        raise ValueError("panne impossible ici : " + " ; ".join(unable))
    return {name: FAULTS[name] for name in wanted}
