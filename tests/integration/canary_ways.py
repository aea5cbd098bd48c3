"""Everything that reaches a partner by each transport: contents, file names, headers, keys.

A new transport of the registry that has no row in `WAYS` fails the test of the canaries.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from aiohttp import web

from contracts.http import SortieHttp
from contracts.kafka import SortieKafka
from contracts.partner import Partner, Sortie, SortieBoite
from contracts.rest import SortieRest
from contracts.sftp import EntreeSftp, SortieSftp
from contracts.soap import SortieSoap
from deploy.local.ports import reserved_ports
from tests.conformance.kafka_partner import Topic
from tests.conformance.sftp_server import FaultySftpServer
from tests.integration import beside
from tests.integration.waiting import until
from tests.integration.world import World

DROPS, DELIVERED = "depot", "livraisons"
ARCHIVES, REPORTS = "depot/archives", "depot/rapports"


def transports() -> set[type]:
    """Return all types of delivery that a registry entry may have."""
    union, _ = get_args(Sortie)
    return {*get_args(union)}


@dataclass
class Ways:
    """The servers of all partners in the test of the canaries."""

    world: World
    secret: Path
    bootstrap: str
    sftp: FaultySftpServer
    port: int
    posted: dict[str, list[str]] = field(default_factory=dict)
    """Requests that each partner's server got: path, headers and body as text."""
    topics: dict[str, Topic] = field(default_factory=dict)

    def out(self, kind: type, partner: str) -> Any:
        """Return a registry entry for this kind of delivery to a partner."""
        return WAYS[kind].made(self, partner)

    async def got(self, partner: Partner) -> str:
        """Return everything that reached a partner by its transport, as text."""
        return await WAYS[type(partner.sortie)].got(self, partner)

    async def create_topics(self) -> None:
        for topic in self.topics.values():
            await topic.create()

    # --- folders

    def drops(self, partner: str, dialecte: str) -> EntreeSftp:
        """Return the registry entry of the folder in which a partner drops files of one dialect."""
        there = self.folder(partner, DROPS)
        return EntreeSftp(
            **self.sftp.entry(), dossier=there, dialecte=dialecte, stable_s=0.0, intervalle_s=1.0
        )

    def folder(self, partner: str, name: str) -> str:
        """Make a folder of a partner, and return its path on the SFTP server."""
        (self.sftp.root / partner / name).mkdir(parents=True, exist_ok=True)
        return f"{partner}/{name}"

    async def drop(self, partner: str, name: str, body: bytes) -> None:
        """Drop a file, and wait until the hub has written its report."""
        root = self.sftp.root / partner
        (root / DROPS / name).write_bytes(body)
        await until(lambda: (root / REPORTS / f"{name}.rapport.json").exists(), f"{name} a son rapport")

    def files(self, partner: str, *folders: str) -> dict[str, str]:
        """Return the files in these folders of a partner: content by path."""
        found = {}
        for folder in folders:
            for path in (self.sftp.root / partner / folder).glob("*"):
                if path.is_file():
                    found[f"{folder}/{path.name}"] = path.read_bytes().decode("utf-8-sig", "replace")
        return found

    # --- what each transport brings

    def _http(self, partner: str) -> SortieHttp:
        return SortieHttp(url=self._url(partner), secret=f"file:{self.secret}")

    def _soap(self, partner: str) -> SortieSoap:
        return SortieSoap(url=self._url(partner))

    def _rest(self, partner: str) -> SortieRest:
        return SortieRest(url=self._url(partner), utilisateur="hub", mot_de_passe=f"file:{self.secret}")

    def _sftp(self, partner: str) -> SortieSftp:
        return SortieSftp(**self.sftp.entry(), dossier=self.folder(partner, DELIVERED))

    def _kafka(self, partner: str) -> SortieKafka:
        topic = self.topics[partner] = Topic(
            self.bootstrap, f"{self.world.settings.kafka.prefix}.{partner}.entendu"
        )
        return SortieKafka(**topic.entry)

    def _url(self, partner: str) -> str:
        self.posted[partner] = []
        return f"http://127.0.0.1:{self.port}/{partner}"

    async def _requests(self, partner: Partner) -> str:
        return "\n".join(self.posted[partner.id])

    async def _delivered(self, partner: Partner) -> str:
        return str(self.files(partner.id, DELIVERED))

    async def _records(self, partner: Partner) -> str:
        records = await self.topics[partner.id].records()
        return "\n".join(f"{r.key!r} {r.headers} {r.value.decode()}" for r in records)

    async def _box(self, partner: Partner) -> str:
        _, box = await self.world.get(partner.id, "/v1/boite?limite=500")
        contents = [await self.world.get(partner.id, f"/v1/boite/{item['cle']}") for item in box["envois"]]
        return str([box, contents])

    async def _take(self, request: web.Request) -> web.Response:
        partner = request.path.split("/")[1]
        body = (await request.read()).decode("utf-8", "replace")
        self.posted[partner].append(f"{request.path_qs}\n{dict(request.headers)}\n{body}")
        return web.Response(status=204)


@dataclass(frozen=True)
class Way:
    """One transport: functions that make its registry entry, and that return what reached the partner."""

    made: Callable[[Ways, str], Any]
    got: Callable[[Ways, Partner], Awaitable[str]]
    only: str | None = None
    """The only dialect with which the transport works; None for any."""


WAYS: Mapping[type, Way] = {
    SortieHttp: Way(Ways._http, Ways._requests),
    SortieSftp: Way(Ways._sftp, Ways._delivered),
    SortieBoite: Way(lambda _, __: SortieBoite(), Ways._box),
    SortieKafka: Way(Ways._kafka, Ways._records),
    SortieRest: Way(Ways._rest, Ways._requests, "si_siao_fiches"),
    SortieSoap: Way(Ways._soap, Ways._requests, "bailleur_xml"),
}
"""All transports by which the hub delivers to partners."""


@asynccontextmanager
async def opened(world: World, bootstrap: str, folder: Path) -> AsyncIterator[Ways]:
    """Give the servers of all partners, which accept anything, until the block ends."""
    async with AsyncExitStack() as stack:
        (port,) = stack.enter_context(reserved_ports(1))
        (folder / "dossiers").mkdir()
        server = FaultySftpServer(folder / "dossiers")
        await server.start()
        stack.push_async_callback(server.stop)
        ways = Ways(world, world.secret, bootstrap, server, port)
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/{path:.*}", ways._take)
        await stack.enter_async_context(beside.server(app, port))
        yield ways
