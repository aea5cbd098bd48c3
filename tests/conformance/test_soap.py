"""A SOAP service is believed for what its envelope says, and knows us by an account or by our certificate."""

import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from connectors.soap import SoapSink
from connectors.soap.envelope import envelope
from contracts.errors import HubError, Misconfigured, OutcomeUnknown, Refused
from contracts.ports import Native
from contracts.soap import SortieSoap
from tests.golden import cas

from . import sne_service
from .certificates import Authority, asking, written
from .http_partner import HttpServer, Script
from .soap_partner import TAKEN, XML, carried, faulty

DEADLINE_SECONDS = 30
DOCUMENT = b'<?xml version="1.0" encoding="UTF-8"?>\n<a xmlns="urn:a">\xc3\xa9</a>'
NATIVE = Native(DOCUMENT, "application/xml; charset=utf-8")


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    server = HttpServer()
    server.script = TAKEN
    await server.start()
    yield server
    await server.stop()


@asynccontextmanager
async def reaching(url: str, **entry: Any) -> AsyncIterator[SoapSink]:
    sink = SoapSink(SortieSoap(url=url, **entry))
    try:
        yield sink
    finally:
        await sink.close()


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (faulty("Client"), Refused),
        (faulty("Client.Authentication", 200), Refused),
        (faulty("Client", 400), Refused),
        (faulty("Server"), OutcomeUnknown),
        (faulty("MustUnderstand"), Misconfigured),
        (Script(200, {"Content-Type": "text/html"}, b"<html>Connectez-vous</html>"), OutcomeUnknown),
        (Script(200, XML, b"<soap:Envelope"), OutcomeUnknown),
        (Script(200, XML, envelope(b"<a>%70000d</a>" % 1, "1.1")), OutcomeUnknown),
        (Script(500), OutcomeUnknown),
        (Script(400), Refused),
    ],
)
async def test_only_an_envelope_without_a_fault_proves_a_delivery(
    server: HttpServer, script: Script, error: type[HubError]
) -> None:
    server.script = script
    async with reaching(server.url) as sink:
        with pytest.raises(HubError) as raised:
            await sink.send(NATIVE, "cle-1")
    assert type(raised.value) is error


async def test_a_one_way_service_proves_it_by_its_status(server: HttpServer) -> None:
    server.script = Script(202)
    async with reaching(server.url) as sink:
        assert (await sink.send(NATIVE, "cle-1")).proven


async def test_the_message_is_the_body_and_each_version_names_its_action_in_its_own_way(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIAO_SECRET_MOT_DE_PASSE", "é:secret")
    account = {"utilisateur": "hub", "mot_de_passe": "env:SIAO_SECRET_MOT_DE_PASSE"}
    async with reaching(server.url, action="urn:a", **account) as sink:
        await sink.send(NATIVE, "cle-1")
    async with reaching(server.url, action="urn:a", version="1.2") as sink:
        await sink.send(NATIVE, "cle-2")
    old, new = server.requests
    assert old.headers["soapaction"] == '"urn:a"'
    assert old.headers["content-type"] == "text/xml; charset=utf-8"
    assert base64.b64decode(old.headers["authorization"].removeprefix("Basic ")) == "hub:é:secret".encode()
    assert new.headers["content-type"] == 'application/soap+xml; charset=utf-8; action="urn:a"'
    assert not {"soapaction", "authorization"} & set(new.headers)
    assert [(message.tag, message.text) for message in (carried(old.body), carried(new.body))] == [
        ("{urn:a}a", "é")
    ] * 2


async def test_what_is_no_xml_never_leaves(server: HttpServer) -> None:
    async with reaching(server.url) as sink:
        with pytest.raises(Misconfigured):
            await sink.send(Native(b"{}", "application/json"), "cle-1")
    assert server.requests == []


@pytest.fixture
async def mutual(tmp_path: Path) -> AsyncIterator[tuple[HttpServer, Authority]]:
    server, authority = HttpServer(), Authority(tmp_path)
    server.script = TAKEN
    await server.start(asking(authority, tmp_path))
    yield server, authority
    await server.stop()


async def test_the_hub_shows_its_certificate_and_a_renewed_one_is_taken_up_without_a_new_object(
    mutual: tuple[HttpServer, Authority], tmp_path: Path
) -> None:
    server, authority = mutual
    file = tmp_path / "hub.pem"
    written(file, Authority(tmp_path, "inconnue").account("hub"))
    entry = {"certificat": str(file), "autorite": str(authority.file), "version": "1.2"}
    async with reaching(server.https_url, **entry) as sink:
        with pytest.raises(HubError):
            await sink.send(NATIVE, "cle-1")
        assert server.requests == []
        written(file, authority.account("hub"))
        assert (await sink.send(NATIVE, "cle-1")).proven
        assert len(server.requests) == 1


async def test_the_register_is_spoken_to_as_its_wsdl_says_and_its_anomalies_are_refusals(
    mutual: tuple[HttpServer, Authority], tmp_path: Path
) -> None:
    server, authority = mutual
    certificat = written(tmp_path / "hub-sne.pem", authority.account("hub"))
    entry = {"certificat": certificat, "autorite": str(authority.file), "version": "1.2"}
    refus = {"dans": "fichierXmlRetour", "champ": "anomalie"}
    known = {str(case): case for case in cas.a_encoder()}
    presented, taken_back = (
        known[f"sne_xml/{name}.evenement.json"] for name in ("candidature_presentee", "candidature_retiree")
    )
    server.script = sne_service.ADDED
    async with reaching(server.https_url, refus=refus, **entry) as sink:
        assert (await sink.send(cas.encode(presented), "cle-1")).proven
        server.script = sne_service.ANOMALY
        with pytest.raises(Refused):
            await sink.send(cas.encode(taken_back), "cle-2")
    first, _ = (sne_service.asked(request.body) for request in server.requests)
    assert first.findtext(".//{*}numUnique") == "1110318016982G1104"


async def test_a_certificate_that_the_service_does_not_know_needs_a_human(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificat = written(tmp_path / "hub.pem", Authority(tmp_path, "inconnue").account("hub"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        refusing = asyncio.create_task(asyncio.to_thread(_refuse_one, listening, asking(authority, tmp_path)))
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        async with reaching(url, certificat=certificat, autorite=str(authority.file)) as sink:
            with pytest.raises(Misconfigured, match="certificat du hub"):
                await sink.send(NATIVE, "cle-1")
        await refusing


def _refuse_one(listening: socket.socket, context: ssl.SSLContext) -> None:
    """Tell one caller in TLS why its handshake fails, and wait for it to leave: a reset could overtake the alert."""
    accepted, _ = listening.accept()
    accepted.settimeout(DEADLINE_SECONDS)
    handshake = context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
    with suppress(ssl.SSLError):
        handshake.do_handshake()
    with socket.socket(fileno=handshake.detach()) as line, suppress(ConnectionError):
        line.settimeout(DEADLINE_SECONDS)
        while line.recv(65536):
            pass


@pytest.mark.parametrize(
    "spoilt",
    [lambda file: file.chmod(0o644), lambda file: file.write_text("rien"), lambda file: file.unlink()],
    ids=["open to others", "no certificate", "gone"],
)
async def test_a_certificate_that_cannot_be_used_needs_a_human(
    mutual: tuple[HttpServer, Authority], tmp_path: Path, spoilt: Callable[[Path], object]
) -> None:
    server, authority = mutual
    file = tmp_path / "hub.pem"
    written(file, authority.account("hub"))
    spoilt(file)
    async with reaching(server.https_url, certificat=str(file), autorite=str(authority.file)) as sink:
        with pytest.raises(Misconfigured) as raised:
            await sink.send(NATIVE, "cle-1")
    assert server.requests == []
    assert str(file) not in raised.value.told, "l'expéditeur du message lit « told »"


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/related; ((((",
        "multipart/related; " + "(" * 4000,
        "multipart/related" + ";" * 8000,
        "é" * 4000,
    ],
)
async def test_a_media_type_that_nobody_writes_leaves_the_outcome_unknown(
    server: HttpServer, kind: str
) -> None:
    server.script = Script(200, {"Content-Type": kind}, b"--a\r\n\r\n<a/>")
    async with reaching(server.url) as sink:
        with pytest.raises(OutcomeUnknown):
            await sink.send(NATIVE, "cle-1")
    assert len(server.requests) == 1
