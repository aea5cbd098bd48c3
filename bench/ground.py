"""Sets up one hub for one round of a benchmark: schema, topics, partners, and the programs that run."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg

from bench.cpu import Meter, Spent
from bench.errors import BenchFailed
from bench.measure import HUB, KAFKA, LOAD, POSTGRES
from bench.territories import AIN, Territory
from contracts.http import SortieHttp
from contracts.partner import ClasseLivraison, Famille, Limites, Partner
from deploy.local import Parts
from deploy.local.process import Child
from router.domain.partners import Registry
from router.settings import DatabaseSettings
from router.store import registry as registry_store
from router.store.database import Database
from router.store.migrations import upgrade
from simulation.hub_process import module, own_environment, tail

SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLasw"
DEADLINE_SECONDS = 90.0
POLL_SECONDS = 0.02
REST_SECONDS, REST_SHARE = 0.5, 0.1
"""A hub is at rest once it takes less than this share of a core for so many seconds."""
_AT_GATE = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = to_regclass($1)"

Release = Callable[..., Awaitable[tuple[Meter, Spent, float]]]


class Ground:
    """A hub for one or more territories, and the programs beside it. Each SIAO listens on a port, and with
    `shelters_listen` each shelter too. Several partners may share the receiving program on `stub_port`."""

    def __init__(
        self,
        parts: Parts,
        folder: Path,
        port: int,
        stub_port: int,
        profiles: Path | None = None,
        *,
        listening: Mapping[Territory, int] | None = None,
        shelters_listen: bool = False,
    ) -> None:
        self.parts, self.folder, self.port, self.stub_port = parts, folder, port, stub_port
        self._listening = listening or {AIN: stub_port}
        self._shelters_listen = shelters_listen
        self.database = DatabaseSettings(url=parts.database_url, schema_name=f"bench_{secrets.token_hex(4)}")
        self.prefix = self.database.schema_name.replace("_", "-")
        self._profiles = profiles
        self.environment = {
            **parts.environment,
            **own_environment(self.database.schema_name, folder, port),
            "SIAO_HUB_MASTER_KEY": "11" * 32,
            "SIAO_HUB_HMAC_KEY": "33" * 32,
            "SIAO_HUB_AUDIT_KEY": "22" * 32,
            "SIAO_SECRET_BENCH": SIGNING,
        }

    async def prepare(self, others: Sequence[Partner] = ()) -> None:
        """Create the hub's tables and load its partners, `others` included."""
        await asyncio.to_thread(upgrade, self.database)
        database = Database(self.database)
        try:
            partners = [
                partner
                for territory, port in self._listening.items()
                for partner in _partners(territory, listens_on(port), self._shelters_listen)
            ]
            await registry_store.apply(database, Registry.of([*partners, *others]), "banc")
        finally:
            await database.close()

    async def remove(self) -> None:
        """Drop the hub's tables. Topics are not deleted: they end with Kafka."""
        async with self.sql() as connection:
            schemas = f"{self.database.schema_name}, {self.database.keys_schema}"
            await connection.execute(f"DROP SCHEMA {schemas} CASCADE")

    def command(self, *roles: str, through: Sequence[str] = (), **settings: object) -> list[str]:
        """Return the command `siao-hub run` for these roles, or for all. `through`: a module of the bench that is
        to run it, with arguments. `settings`: further settings of the hub."""
        more = {f"SIAO_HUB_{key.upper()}": str(value) for key, value in settings.items()}
        command = module("ops.commands", {**self.environment, **more})
        if self._profiles and roles:
            name = "-".join(roles)
            through = ("bench.profiled", str((self._profiles / f"{name}.piles").resolve()))
        if through:
            command[-1:] = through
        return [*command, "run", *(f"--role={role}" for role in roles)]

    @contextmanager
    def hub(self, *roles: str, through: Sequence[str] = (), **settings: object) -> Iterator[Child]:
        """Run the hub until the block ends, then stop it cleanly. Arguments are those of `command`."""
        command = self.command(*roles, through=through, **settings)
        with self._running("-".join(roles) or "hub", command) as child:
            yield child

    @contextmanager
    def stub(self, results: Path, delay_ms: float = 0.0) -> Iterator[Child]:
        """Run the receiving partner, which writes its arrivals to `results`, until the block ends."""
        command = [*module("bench.stub"), str(self.stub_port), str(results), f"--delay-ms={delay_ms}"]
        with self._running("stub", command) as child:
            yield child

    @contextmanager
    def mute(self, port: int) -> Iterator[Child]:
        """Run a partner that accepts connections and never answers, until the block ends."""
        command = [*module("bench.stub"), str(port), "/dev/null", "--mute"]
        with self._running("muet", command) as child:
            yield child

    @contextmanager
    def tutorial(self, source: str, target: str) -> Iterator[Child]:
        """Run the FastStream tutorial between two topics until the block ends."""
        command = [*module("bench.tutorial"), self.parts.bootstrap, source, target]
        with self._running("tutoriel", command) as child:
            yield child

    @contextmanager
    def _running(self, name: str, command: list[str]) -> Iterator[Child]:
        child = Child(self.folder, self.folder / f"{name}.log")
        child.spawn(command)
        try:
            yield child
            if child.pid is None:
                raise BenchFailed(f"« {name} » s'est arrêté.\n{tail(self.folder / f'{name}.log')}")
        finally:
            child.stop()

    def meter(self, hub: Child, stub: Child | None = None) -> Meter:
        """Return a meter of the CPU time of the hub, PostgreSQL, Kafka and the receiving partner."""
        postgres, kafka = self.parts.postgres, self.parts.kafka
        return Meter(
            **{
                HUB: hub.pid,
                POSTGRES: postgres.pid if postgres else None,
                KAFKA: kafka.nodes[0].pid if kafka else None,
                LOAD: stub.pid if stub else None,
            }
        )

    async def at_rest(self, hub: Child) -> None:
        """Wait until the hub is at rest, so that its start does not count in a measure."""
        meter = self.meter(hub)

        async def rests() -> bool:
            before = meter.read()
            await asyncio.sleep(REST_SECONDS)
            return meter.since(before)[HUB] < REST_SHARE * REST_SECONDS

        await until(rests, "le hub a fini de démarrer")

    @asynccontextmanager
    async def sql(self) -> AsyncIterator[asyncpg.Connection]:
        """Give a connection to PostgreSQL that sees this hub's tables."""
        path = f"{self.database.schema_name},{self.database.keys_schema}"
        connection = await asyncpg.connect(self.parts.dsn, server_settings={"search_path": path})
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def gate(self, table: str) -> AsyncIterator[Release]:
        """Lock `table`, so that a role which starts has to wait, and its start is not measured.

        Gives a function. Call it with the role's process: it waits until the role waits for the lock, releases the
        lock, and returns the meter, its reading just before, and the monotonic time.
        """
        async with self.sql() as connection, self.sql() as guard:
            transaction = guard.transaction()
            await transaction.start()
            await guard.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")

            async def release(hub: Child, stub: Child | None = None) -> tuple[Meter, Spent, float]:
                await until(lambda: connection.fetchval(_AT_GATE, table), f"un rôle attend « {table} »")
                await self.at_rest(hub)
                meter = self.meter(hub, stub)
                before = meter.read()
                await transaction.commit()
                return meter, before, time.monotonic()

            yield release


UNBOUNDED = Limites(
    requetes_simultanees=4096,
    requetes_par_seconde=100_000,
    rafale_requetes=100_000,
    corps_simultanes_mio=80,
    evenements_en_attente=100_000_000,
)
"""Limits under which one partner may use all of the hub, so that the hub's capacity is measured and not a partner's
share."""


def _partners(territory: Territory, sortie: SortieHttp, shelters_listen: bool) -> Sequence[Partner]:
    """Return the SIAO and the shelter of a territory, as registry entries."""
    shelter = Partner(
        id=territory.shelter,
        nom="Centre d'hébergement",
        famille=Famille.HEBERGEMENT,
        territoire=territory.code,
        structures=(territory.finess,),
        dialectes=("hebergement_json", "hebergement_csv"),
        dialecte_sortant="hebergement_json" if shelters_listen else None,
        profil="hebergement_standard",
        livraison=ClasseLivraison.DEDUPLIQUE,
        sortie=sortie if shelters_listen else None,
        cles_api=(_hashed(territory.key),),
        limites=UNBOUNDED,
    )
    siao = Partner(
        id=territory.siao,
        nom=f"SIAO ({territory.code})",
        famille=Famille.SIAO,
        territoire=territory.code,
        dialectes=("si_siao_json",),
        dialecte_sortant="si_siao_json",
        livraison=ClasseLivraison.DEDUPLIQUE,
        sortie=sortie,
        cles_api=(_hashed(territory.siao_key),),
        limites=UNBOUNDED,
    )
    return siao, shelter


def listens_on(port: int) -> SortieHttp:
    """Return the registry's entry for HTTP delivery to a port of this machine."""
    return SortieHttp(url=f"http://127.0.0.1:{port}/", secret="env:SIAO_SECRET_BENCH")  # noqa: S106 - a place, no secret


def _hashed(key: str) -> str:
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


async def until(
    condition: Callable[[], Awaitable[object]],
    what: str,
    within_s: float = DEADLINE_SECONDS,
    poll_s: float = POLL_SECONDS,
) -> None:
    """Poll `condition` until it is true. Raises BenchFailed at the deadline; `what` says in French what was
    awaited."""
    deadline = time.monotonic() + within_s
    while not await condition():
        if time.monotonic() > deadline:
            raise BenchFailed(f"{what} : rien après {within_s:.0f} s")
        await asyncio.sleep(poll_s)
