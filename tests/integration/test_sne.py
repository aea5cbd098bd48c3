"""A landlord's certificate lets the hub ask the SNE itself: what it says of known households is heard once, and of
nobody else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from contracts.sne import EntreeSne
from tests.conformance import sne_service
from tests.conformance.certificates import Authority, asking, written
from tests.conformance.http_partner import HttpServer
from tests.integration import lasting
from tests.integration.test_numbers import NEW, NUR, presented
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world
STRANGER = "1110318016999G1104"
DIALECTS = ("bailleur_xml", "sne_xml")


Register = tuple[HttpServer, EntreeSne]


@pytest_asyncio.fixture(loop_scope="module")
async def register(tmp_path: Path) -> AsyncIterator[Register]:
    """The SNE, over mutual TLS, and how a landlord's entry names it."""
    server, authority = HttpServer(), Authority(tmp_path)
    server.script = sne_service.removing()
    await server.start(asking(authority, tmp_path))
    certificat = written(tmp_path / "bailleur.pem", authority.account("bailleur"))
    entree = EntreeSne(
        url=server.https_url,
        certificat=certificat,
        autorite=str(authority.file),
        dialecte="sne_xml",
        intervalle_s=0.1,
    )
    yield server, entree
    await server.stop()


async def looked(server: HttpServer, times: int = 2) -> None:
    """The register has been asked so many times from now on."""
    before = len(server.requests)
    await until(lambda: len(server.requests) >= before + times, "le SNE est interrogé")


async def test_a_removal_reaches_the_siao_once_however_often_the_register_says_it(
    world: World, register: Register
) -> None:
    server, entree = register
    await world.apply(world.registry(bailleur={"dialectes": DIALECTS, "entree": entree}))
    await presented(world, 31, logement="0123456789")
    await presented(world, 32, logement="9876543210")
    said = (sne_service.demand(STRANGER, "2026-04-16"), sne_service.demand(NUR, "2026-04-16", "RADREN"))
    server.script = sne_service.removing(*said)
    told = await until(
        lambda: (found := world.siao.of_type("radiation.sne"))[1:] and found,
        "le SIAO l'apprend, pour chacune",
    )
    assert sorted(each["candidature"]["id"] for each in told) == [31, 32]
    assert {each["suite"]["motifRadiation"] for each in told} == {"NON_RENOUVELLEMENT"}

    server.script = sne_service.removing(*said, sne_service.demand(NUR, "2026-05-02", ""))
    await until(lambda: len(world.siao.of_type("radiation.annulee")) == 2, "le SIAO apprend la réactivation")
    await looked(server)
    await world.settled()
    assert len(world.siao.of_type("radiation.sne")) == 2
    assert await world.quarantined() == []
    kept = await world.everything()
    assert STRANGER.encode() not in kept
    assert b"FICTIF" not in kept


async def test_a_new_process_reads_all_again_and_repeats_nothing(world: World, register: Register) -> None:
    server, entree = register
    await world.apply(world.registry(bailleur={"dialectes": DIALECTS, "entree": entree}))
    await presented(world, 31)
    server.script = sne_service.removing(sne_service.demand(NUR, "2026-04-16", "RADFUS", associe=NEW))
    await until(lambda: world.siao.of_type("radiation.sne"), "le SIAO l'apprend")
    await world.stop()
    await world.start()
    await looked(server)
    await world.settled()
    (told,) = world.siao.of_type("radiation.sne")
    assert told["suite"]["nouveauNumeroUnique"] == NEW
