"""Without Prometheus, too: e-mail and webhook tell whoever is on call, once when it starts and once when it ends."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from connectors import notices
from contracts.partner import ClasseLivraison
from deploy.local.ports import reserved_ports
from deploy.local.postgres import PostgresServer
from ops.alarms import watch as alarm_watch
from ops.status import vitals
from ops.status.findings import Code
from router.process import topics_admin
from router.settings import AlarmSettings, DatabaseSettings, Settings
from router.store import database
from simulation.mail_sink import MailSink
from tests.integration.messages import NOM, to_structure, vacancy
from tests.integration.owed import with_class
from tests.integration.quarantined import everything_decided
from tests.integration.receiver import Receiver
from tests.integration.waiting import DEADLINE_SECONDS, until
from tests.integration.world import World

SOON = "\n".join(f"[{code}]\napres_s = 0.5\nfin_s = 0.5" for code in Code if code is not Code.ROLE_ATTEND)
"""The hub's rules, with times that a test can wait for. At its start a worker waits for its partitions for longer."""

PAGES = {
    "quarantaine": "quarantaine",
    "livraisons_refusees": "refusees",
    "partenaire_injoignable": "partenaire-absent",
}
"""What happens in the night, and the page of each."""


PATIENCE = (
    (database, "PROBE_SECONDS"),
    (topics_admin, "PROBE_SECONDS"),
    (vitals, "ANSWER_SECONDS"),
    (vitals, "THEN_SECONDS"),
    (notices, "TIMEOUT_SECONDS"),
)
"""Times after which a busy machine would count as a breakdown, and be told: module and constant."""


@pytest.fixture
def more_ports() -> Iterator[list[int]]:
    """The mail server's, the webhook's."""
    with reserved_ports(2) as free:
        yield free


@pytest.fixture
def postmaster(more_ports: list[int]) -> Iterator[MailSink]:
    with MailSink(more_ports[0]).running() as postmaster:
        yield postmaster


@pytest.fixture
async def pager(more_ports: list[int]) -> AsyncIterator[Receiver]:
    """What gets the webhook."""
    async with Receiver(more_ports[1]).running() as receiver:
        yield receiver


@pytest.fixture
def settings(
    settings: Settings, more_ports: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setattr(alarm_watch, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(alarm_watch, "QUIET_SECONDS", 0.1)
    for module, name in PATIENCE:
        monkeypatch.setattr(module, name, DEADLINE_SECONDS)
    rules = tmp_path / "regles.toml"
    rules.write_text(SOON)
    alarms = AlarmSettings(
        email_to=("astreinte@exemple.fr",),
        smtp_host="127.0.0.1",
        smtp_port=more_ports[0],
        webhook_url=f"http://127.0.0.1:{more_ports[1]}/",
        rules_file=rules,
    )
    return settings.model_copy(update={"alarms": alarms})


@pytest.fixture
def night(world: World, postmaster: MailSink, pager: Receiver) -> World:
    """A hub at work, in which nothing is wrong, and whom it tells."""
    return world


def nobody_s() -> object:
    """A referral to a structure that nobody manages: it is kept in quarantine."""
    return to_structure("010000040", 1)


def told(pager: Receiver) -> Counter[tuple[str, str]]:
    """How often the webhook was told that a condition started or ended."""
    return Counter((body["code"], body["etat"]) for body in pager.messages)


async def test_every_condition_of_a_night_is_told_once_when_it_starts_and_once_when_it_is_over(
    night: World, postmaster: MailSink, pager: Receiver
) -> None:
    world = night
    await with_class(world, ClasseLivraison.AUCUNE)
    await world.send("centre", b"n'importe quoi")  # its sender has been told: no alarm
    await world.accepted("siao-01", nobody_s())
    await until(lambda: told(pager)["quarantaine", "debut"], "la quarantaine est dite")
    world.siao.status = 422
    await world.accepted("centre", vacancy("A-1"))
    await until(lambda: told(pager)["livraisons_refusees", "debut"], "le refus est dit")
    world.siao.status = 503
    for number in range(6):
        await world.accepted("centre", vacancy(f"B-{number}"))
    await until(lambda: told(pager)["partenaire_injoignable", "debut"], "l'absence est dite")

    world.siao.status = 204
    await until(lambda: told(pager)["partenaire_injoignable", "fin"], "le retour est dit")
    await everything_decided(world)
    await until(lambda: told(pager)["quarantaine", "fin"], "la quarantaine vidée est dite")
    await until(lambda: told(pager)["livraisons_refusees", "fin"], "le refus classé est dit")

    both = {(code, etat) for code in PAGES for etat in ("debut", "fin")}
    assert both <= told(pager).keys()
    assert set(told(pager).values()) == {1}
    for page in PAGES.values():
        assert postmaster.texts.count(f"Que faire : docs/astreinte/{page}.md") == 1
    assert postmaster.texts.count("FIN : ") == len(PAGES)
    assert NOM not in postmaster.texts


async def test_a_channel_that_takes_nothing_is_told_later_and_a_hub_that_starts_again_tells_nothing_again(
    night: World, pager: Receiver, postmaster: MailSink
) -> None:
    postmaster.away = True
    await night.accepted("siao-01", nobody_s())
    await until(lambda: told(pager)["quarantaine", "debut"], "le webhook est dit")
    assert "ALERTE : La quarantaine" not in postmaster.texts
    postmaster.away = False
    await until(lambda: "ALERTE : La quarantaine" in postmaster.texts, "le courriel suit")

    async def on_record() -> bool:
        return await night.told_of("quarantaine") >= {"debut:courriel", "debut:webhook"}

    await until(on_record, "la quarantaine est dite")
    await night.stop()
    await night.start()
    await everything_decided(night)
    await until(lambda: told(pager)["quarantaine", "fin"], "la fin est dite")
    assert told(pager)["quarantaine", "debut"] == 1
    assert postmaster.texts.count("ALERTE : La quarantaine") == 1


class TestWithoutDatabase:
    """The table of alarms is away with the database."""

    @pytest.fixture
    def settings(self, settings: Settings, postgres: PostgresServer) -> Settings:
        own = DatabaseSettings(url=postgres.url, schema_name=settings.database.schema_name)
        return settings.model_copy(update={"database": own})

    async def test_a_database_that_goes_away_is_told_once_and_its_return_once_and_is_remembered(
        self, night: World, pager: Receiver, postmaster: MailSink, postgres: PostgresServer
    ) -> None:
        await asyncio.to_thread(postgres.stop)
        await until(lambda: told(pager)["base", "debut"], "l'absence est dite")
        await asyncio.to_thread(postgres.start)
        await until(lambda: told(pager)["base", "fin"], "le retour est dit")

        async def remembered() -> bool:
            return "fin:webhook" in await night.told_of(Code.BASE)

        await until(remembered, "la table des alertes a celle de la base")
        assert (told(pager)["base", "debut"], told(pager)["base", "fin"]) == (1, 1)
        assert night.alive
