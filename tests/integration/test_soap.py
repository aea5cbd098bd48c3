"""A landlord whose software speaks SOAP: a candidacy comes to it in an envelope; it answers as the WSDL says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
import requests
from lxml import etree
from zeep import Client
from zeep.exceptions import Fault
from zeep.transports import Transport

from contracts.soap import SortieSoap
from tests.conformance.http_partner import HttpServer
from tests.conformance.soap_partner import TAKEN, carried, faulty
from tests.integration import lasting
from tests.integration.registry import SIRET_BAILLEUR, key_of
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world
BAILLEUR = "{urn:siao-hub:bailleur:1}"
HUB = "{urn:siao-hub:soap:1}"
PRESENTED = {
    "idMessage": 1,
    "type": "candidature.presentee",
    "candidature": {"id": 512, "bailleur": SIRET_BAILLEUR, "canal": "CONTINGENT"},
    "ficheGroupe": {
        "id": 4711,
        "composition": 10,
        "nbAdultes": 1,
        "personnes": [{"nom": "Fictif", "prenom": "Camille"}],
        "numeroUnique": "1110318016982G1104",
    },
}


@pytest_asyncio.fixture(loop_scope="module")
async def landlord(world: World) -> AsyncIterator[HttpServer]:
    """Its own service; the landlord deduplicates, and what it first refuses it may take later."""
    service = HttpServer()
    service.script = TAKEN
    await service.start()
    await world.apply(world.registry(bailleur={"sortie": SortieSoap(url=service.url)}))
    yield service
    await service.stop()


async def called(world: World, key: str, call: Callable[[Client], Any]) -> Any:
    """What a client makes of the WSDL as the hub serves it, unchanged, in a thread of its own."""

    def with_client() -> Any:
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {key}"
            return call(Client(f"{world.base}/v1/soap?wsdl", transport=Transport(session=session)))

    return await asyncio.to_thread(with_client)


def acknowledging(candidature: str, ident: str, *headers: etree._Element) -> Callable[[Client], Any]:
    """The landlord has it: one record, under an id of its own."""
    record = [{"accuse": {"refCandidature": candidature}}]
    said = {"versionInterface": "01.00", "idMessage": ident}
    return lambda client: client.service.deposer(_value_1=record, _soapheaders=list(headers), **said)


def header(**attributes: str) -> etree._Element:
    """Of some standard that the hub does not speak."""
    soap = "{http://schemas.xmlsoap.org/soap/envelope/}"
    return etree.Element("{urn:a}b", {f"{soap}{name}": value for name, value in attributes.items()})


async def test_a_candidacy_leaves_in_an_envelope_and_its_answer_comes_in_one_once(
    world: World, landlord: HttpServer
) -> None:
    assert (await world.send("siao-01", PRESENTED))[0] == 202
    await until(lambda: landlord.requests, "la candidature arrive au service du bailleur")
    (delivery,) = landlord.requests
    message = carried(delivery.body)
    candidature = message.findtext(f"{BAILLEUR}presentation/{BAILLEUR}refCandidature")
    assert message.findtext(f".//{BAILLEUR}nom") == "Fictif"
    assert candidature is not None

    demanding, relaxed = header(mustUnderstand="1"), header()
    with pytest.raises(Fault) as not_understood:
        await called(world, key_of("bailleur"), acknowledging(candidature, "BLR-1", relaxed, demanding))
    assert not_understood.value.code == "soap:MustUnderstand"
    first = await called(world, key_of("bailleur"), acknowledging(candidature, "BLR-1", relaxed))
    again = await called(world, key_of("bailleur"), acknowledging(candidature, "BLR-1"))
    assert (first.etat, first.acceptes, first.rejet) == ("accepte", 1, [])
    assert again.id == first.id
    await until(lambda: world.siao.of_type("candidature.accusee"), "l'accusé arrive au SIAO")
    await world.settled()
    assert len(world.siao.of_type("candidature.accusee")) == 1


async def test_what_is_refused_is_a_fault_in_french_and_what_the_landlord_refuses_waits_for_a_person(
    world: World, landlord: HttpServer
) -> None:
    with pytest.raises(Fault) as unknown:
        await called(world, "inconnue", acknowledging("c2a7d5e0-3b1f-4f6e-9a58-2f60b1d0e201", "BLR-1"))
    assert (unknown.value.code, unknown.value.message.startswith("Clé d'API")) == ("soap:Client", True)
    with pytest.raises(Fault) as refused:
        await called(world, key_of("bailleur"), acknowledging("pas-un-uuid", "BLR-2"))
    assert refused.value.message.startswith("Aucune ligne acceptée")
    detail: etree._Element = refused.value.detail
    assert detail.findtext(f".//{HUB}rejet/{HUB}champ") == "refCandidature"

    landlord.script = faulty("Client")
    assert (await world.send("siao-01", PRESENTED))[0] == 202
    await until(lambda: landlord.requests, "la candidature arrive au service du bailleur")
    await world.settled()
    _, own = await world.get("bailleur", "/v1/livraisons")
    assert [each["etat"] for each in own["livraisons"]] == ["refusee"]
    assert len(landlord.requests) == 1
