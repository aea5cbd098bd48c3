"""Trial of a night of faults on real parts: what `status`, the page and the alarms say every five seconds, compared
with the truth.

`make nuit`, a quarter of an hour, outside of `make test`. Every role is a process of its own, as in production. It
fails if anything is green after the time limit of its fault, or if the fault is not named first.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
from playwright.async_api import Error, Page

from contracts.sftp import EntreeSftp
from deploy.local.ports import reserved_ports
from deploy.local.postgres import PostgresServer
from deploy.local.process import Child
from ops.status.findings import Code
from router.domain.roles import AT_WORK
from router.settings import AlarmSettings, DatabaseSettings, DispatcherSettings, Settings
from tests.conformance.droppers import SftpDropper
from tests.integration import visitors
from tests.integration.browser import chromium, person
from tests.integration.desk import ROOT, environment_of, siao_hub
from tests.integration.messages import vacancy
from tests.integration.receiver import Receiver
from tests.integration.waiting import until
from tests.integration.world import World

EVERY_SECONDS = 5.0
OVER_WITHIN_SECONDS = 180.0
NOTHING = "rien"
WHY = "essai de la nuit"
SHOWN = """() => {
    const verdict = document.querySelector('.verdict');
    if (!verdict) return { grey: false, colour: 'sans verdict', first: document.body?.innerText ?? '' };
    return {
        grey: document.documentElement.classList.contains('perime'),
        colour: [...verdict.classList].find((name) => ['green', 'yellow', 'red'].includes(name)),
        first: (verdict.querySelector('li') ?? verdict.querySelector('.phrase')).innerText,
    };
}"""
"""JavaScript that returns what the open page shows: whether it is grey, its colour, and the first finding."""

Act = Callable[[], Awaitable[Any]]


class Fault(NamedTuple):
    """A fault, and what everybody must see of it within a time limit."""

    name: str
    breaks: Act
    mends: Act
    codes: tuple[Code, ...]
    """Findings of which one must come first; empty if nothing stands still because another process takes over."""
    bound_s: float
    lasts_s: float
    told_s: float | None = None
    """Seconds within which somebody must be notified; None if nobody is to be woken up."""
    of_page: bool = False
    """Whether only the page is concerned, which must turn grey."""


class Look(NamedTuple):
    """One observation, `at_s` seconds after the beginning of the fault."""

    at_s: float
    status: str
    page: str
    alarms: str
    false: str
    """What was wrongly green or not first; empty if all was right."""


@dataclass
class Night:
    """A hub whose roles are processes, the page that somebody has open, and the receiver of alarms."""

    world: World
    page: Page
    pager: Receiver
    children: dict[str, Child]
    postgres: PostgresServer
    dropper: SftpDropper
    looks: list[tuple[str, Look]] = field(default_factory=list)
    sent: int = 0
    told_before: int = 0
    """Number of notices sent before the fault began."""

    async def look(self, fault: Fault, at_s: float) -> Look:
        """Observe `status`, the page and the alarms at once. Each answer is judged as of the moment of the
        question, however long the command takes."""
        told, shown = await asyncio.gather(self._status(), self._page())
        opened = self.opened()
        false = [*(_false(fault, told, shown) if at_s > fault.bound_s else ()), *_untold(fault, at_s, opened)]
        return Look(at_s, told, shown, ", ".join(opened[-3:]) or NOTHING, ", ".join(false))

    def opened(self) -> list[str]:
        """Return the alarms that were sent since the fault began, with code and object."""
        news = self.pager.messages[self.told_before :]
        return [f"{each['code']} {each['objet']}" for each in news if each["etat"] == "debut"]

    async def _status(self) -> str:
        """Return code and object of the first finding of `siao-hub status`; `rien` if there is none, `inconnu`
        without an answer."""
        try:
            async with asyncio.timeout(20):
                answer = await siao_hub(self.world.settings, "status", "--json")
            found = answer.content["verdict"]["constats"]
            findings = [
                each for each in found if each["code"] != Code.FILET
            ]  # this machine has no safeguards
        except (TimeoutError, ValueError, KeyError):
            return "inconnu"
        return f"{findings[0]['code']} {findings[0]['objet']}" if findings else NOTHING

    async def _page(self) -> str:
        """Return the page's colour and its first finding. If the page is just loading itself again, wait for it."""
        try:
            shown = await self.page.evaluate(SHOWN)
        except Error:
            await self.page.wait_for_load_state()
            shown = await self.page.evaluate(SHOWN)
        colour = "gris" if shown["grey"] else shown["colour"]
        return f"{colour} : {' '.join(shown['first'].split())[:60]}"

    async def busy(self) -> None:
        """Send a vacancy every two seconds, so that there is always something to deliver, until cancelled."""
        while True:
            self.sent += 1
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                await self.world.send("centre", vacancy(f"N-{self.sent}"))
            await asyncio.sleep(2)


def _false(fault: Fault, status: str, page: str) -> Iterator[str]:
    """Yield, in French, what is green or does not name the fault first after its time limit."""
    grey = page.startswith("gris")
    if fault.of_page:
        if not grey:
            yield "la page n'est pas grise"
    elif not fault.codes:
        if status.startswith((Code.ROLE_MUET, Code.ROLE_ATTEND)):
            yield "status dit qu'un rôle manque"
    else:
        if not status.startswith(fault.codes):
            yield f"status dit « {status} »"
        if page.startswith("green"):
            yield "la page est verte"


def _untold(fault: Fault, at_s: float, opened: list[str]) -> Iterator[str]:
    """Yield a French text if nobody was notified of the fault in time."""
    told = {each.partition(" ")[0] for each in opened}
    if fault.told_s is not None and at_s > fault.told_s and not told & {*fault.codes}:
        yield "personne n'est averti"


@pytest.fixture
def settings(settings: Settings, postgres: PostgresServer, pager_port: int) -> Settings:
    """Return production settings, with alarms sent to the test's receiver."""
    database = DatabaseSettings(url=postgres.url, schema_name=settings.database.schema_name)
    told = AlarmSettings(webhook_url=f"http://127.0.0.1:{pager_port}/")
    changes = {"database": database, "alarms": told, "lease_s": 10.0, "dispatcher": DispatcherSettings()}
    return settings.model_copy(update=changes)


@pytest.fixture
def pager_port() -> Iterator[int]:
    with reserved_ports(1) as (port,):
        yield port


@pytest.fixture
async def night(
    prepared: World,
    issuer: str,
    pager_port: int,
    postgres: PostgresServer,
    dropper: SftpDropper,
    tmp_path: Path,
) -> AsyncIterator[Night]:
    """Give a hub at work, without any fault."""
    world = prepared
    entree = EntreeSftp(**dropper.server.entry(), dossier="depot", dialecte="hebergement_json")
    await world.write_registry(world.registry(centre={"entree": entree}))
    async with Receiver(pager_port).running() as pager, _processes(world, issuer, tmp_path) as children:
        base = str(world.settings.console.url)
        async with chromium() as browser, person(browser, base, "astreinte", forgiving=True) as page:
            at_night = Night(world, page, pager, children, postgres, dropper)
            sending = asyncio.create_task(at_night.busy())
            yield at_night
            sending.cancel()


@asynccontextmanager
async def _processes(world: World, issuer: str, folder: Path) -> AsyncIterator[dict[str, Child]]:
    """Run each role as a process, with two schedulers, and the console, until the block ends."""
    with reserved_ports(1) as (port,):
        section = visitors.console_settings(port, issuer, folder)
        world.settings = world.settings.model_copy(update={"console": section})
        variables = [f"{name}={value}" for name, value in environment_of(world.settings).items()]
        names = [*map(str, AT_WORK), "scheduler-2", "console"]
        children = {name: Child(ROOT, folder / f"{name}.log") for name in names}
        for name, child in children.items():
            role = name.removesuffix("-2")
            hub = [sys.executable, "-m", "ops.commands", "run", "--role", role]
            child.spawn(["/usr/bin/env", *variables, *hub])
        try:
            await until(lambda: visitors.is_open(section), "la console est ouverte")
            yield children
        finally:
            for child in children.values():
                child.kill9()


def faults(night: Night) -> list[Fault]:
    """Return the faults of the night, in order."""
    siao, children, folder = night.world.siao, night.children, night.dropper.folder
    away = folder.with_name("ferme")

    async def frozen(name: str) -> None:
        children[name].freeze()

    async def thawed(name: str) -> None:
        children[name].thaw()

    async def closed() -> None:
        folder.rename(away)

    async def opened() -> None:
        away.rename(folder)

    async def silent() -> None:
        siao.silent = True

    async def speaks() -> None:
        siao.silent = False
        siao.speak()

    async def refuses_the_key() -> None:
        for number in range(12):
            await night.world.send("centre", {"type": "place.vacante", f"champ_{number}": 1})
        siao.status = 401

    async def takes_it() -> None:
        siao.status = 204

    async def ten_wrong_files() -> None:
        for number in range(10):
            wrong = json.dumps({"type": "place.vacante", "place": "", "structure": f"F-{number}"})
            await night.dropper.drop(f"faux-{number}.json", wrong.encode())

    async def closed_by_somebody() -> None:
        for cause in {each.cause for each in await night.world.quarantined()}:
            await siao_hub(night.world.settings, "quarantine", "close", "--cause", cause, "--motif", WHY)

    def of(role: str) -> tuple[Act, Act]:
        return (lambda: frozen(role)), (lambda: thawed(role))

    return [
        Fault("dossier illisible", closed, opened, (Code.ILLISIBLE,), 75, 120, 110),
        Fault("SIAO gelé", silent, speaks, (Code.INJOIGNABLE,), 120, 150, 130),
        Fault("clé refusée sous douze fautes", refuses_the_key, takes_it, (Code.ACCES_REFUSE,), 60, 100, 90),
        Fault("console gelée", *of("console"), (), 15, 40, of_page=True),
        Fault("base gelée", _on(night.postgres.freeze), _on(night.postgres.thaw), (Code.BASE,), 30, 60, 30),
        Fault("ordonnanceur gelé", *of("scheduler"), (), 30, 60),
        Fault("livreur gelé", *of("dispatcher"), (Code.ROLE_MUET,), 60, 90, 60),
        Fault("relais gelé", *of("relay"), (Code.ROLE_MUET, Code.RIEN_N_AVANCE), 60, 90, 60),
        Fault("dix fichiers faux", ten_wrong_files, closed_by_somebody, (Code.ENVOIS_REFUSES,), 60, 90, 60),
    ]  # fmt: skip


def _on(act: Callable[[], None]) -> Act:
    async def acts() -> None:
        await asyncio.to_thread(act)

    return acts


async def test_a_night_of_faults_is_never_green_after_its_bound(night: Night) -> None:
    async def well() -> bool:
        return await night._status() == NOTHING

    await until(well, "tout va bien au départ")
    for fault in faults(night):
        await _play(night, fault)
    assert [f"{name}, {look.at_s:.0f} s : {look.false}" for name, look in night.looks if look.false] == []


async def _play(night: Night, fault: Fault) -> None:
    """Cause the fault, observe every five seconds, repair it, and wait until `status` no longer names it."""
    sys.stdout.write(f"\n{fault.name}\n")
    began, night.told_before = time.monotonic(), len(night.pager.messages)
    await fault.breaks()
    while (at := time.monotonic() - began) < fault.lasts_s:
        look = await night.look(fault, at)
        night.looks.append((fault.name, look))
        sys.stdout.write(_line(look))
        sys.stdout.flush()
        await asyncio.sleep(max(0.0, EVERY_SECONDS - (time.monotonic() - began - at)))
    await fault.mends()
    mended = time.monotonic()
    while (await night._status()).startswith(fault.codes):
        assert time.monotonic() - mended < OVER_WITHIN_SECONDS, f"{fault.name} : réparé, et toujours dit"
        await asyncio.sleep(1)


def _line(look: Look) -> str:
    """Return one observation as a line of the report."""
    mark = f"  ✗ {look.false}" if look.false else ""
    return (
        f"  {look.at_s:5.0f} s  status {look.status:32.32}  page {look.page:64.64}  dit {look.alarms}{mark}\n"
    )
