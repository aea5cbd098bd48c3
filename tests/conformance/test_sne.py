"""The SNE is asked, over mutual TLS, which demands have left it; only those that the hub knows come in."""

import base64
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.sne.xml import decode
from connectors.soap import source
from connectors.soap.envelope import envelope
from contracts.errors import HubError, Misconfigured, PartnerUnavailable
from contracts.partner import Famille, Partner
from contracts.ports import IntakeReport
from contracts.v1.attribution import RadiationAnnulee, RadiationSne

from .certificates import Authority, asking, written
from .http_partner import Script
from .reports import MESSAGE
from .sne_partner import DAY, SneDropper, candidacy_of, number_of
from .sne_service import asked_since, demand, removing
from .soap_partner import faulty

REPORT = IntakeReport(MESSAGE, "accepte", 1)
KNOWN, OTHER, UNKNOWN, NEW = map(number_of, (1, 2, 3, 4))
PREFECT = Partner(
    id="ddets", nom="DDETS", famille=Famille.CONTINGENT, territoire="11", dialectes=("sne_xml",)
)
ANOMALY = (
    '<listeAnomalie><anomalie code="CERT_0001"><message>non conforme</message></anomalie></listeAnomalie>'
)


@pytest.fixture
async def dropper(tmp_path: Path) -> AsyncIterator[SneDropper]:
    dropper = SneDropper(tmp_path)
    await dropper.start()
    yield dropper
    await dropper.stop()


def since(dropper: SneDropper) -> datetime:
    """The moment since which the register was last asked."""
    asked = asked_since(dropper.server.requests[-1].body)
    return datetime.fromisoformat(asked.findtext("dateRadiationDepuisLe") or "")


async def test_of_a_household_that_the_hub_knows_only_its_removal_comes_in_and_nothing_of_the_others(
    dropper: SneDropper,
) -> None:
    dropper.unknown.add(UNKNOWN)
    dropper.remove(demand(UNKNOWN, DAY), demand(KNOWN, DAY, "RADIRR", sous_motif="IRRSEJ"))
    [native] = await dropper.offered()
    (row,) = decode(native, PREFECT).lignes
    said = RadiationSne(candidature=candidacy_of(KNOWN), motif="IRRECEVABILITE_SEJOUR", radiation_le=DAY)
    assert row.contrat == said
    whole = native.body.decode()
    for never in ("FICTIF", "listeHandicap", "soir", "adresse", UNKNOWN, KNOWN):
        assert never not in whole, never


async def test_removals_reactivations_and_mergers_are_read_as_those_that_a_landlord_sends(
    dropper: SneDropper,
) -> None:
    dropper.remove(
        demand(OTHER, "2026-04-03", "RADFUS", associe=NEW),
        demand(KNOWN, "2026-04-02", ""),
        demand(KNOWN, "2026-03-01"),
    )
    rows = [row.contrat for native in await dropper.offered() for row in decode(native, PREFECT).lignes]
    assert rows == [
        RadiationSne(candidature=candidacy_of(KNOWN), motif="NON_REPONSE", radiation_le="2026-03-01"),
        RadiationAnnulee(candidature=candidacy_of(KNOWN), annulee_le="2026-04-02"),
        RadiationSne(
            candidature=candidacy_of(OTHER), motif="FUSION", radiation_le="2026-04-03", numero_unique=NEW
        ),
    ], "par date, quel que soit l'ordre du fichier"


async def test_the_register_is_asked_as_its_wsdl_says_and_never_gets_the_private_key(
    dropper: SneDropper,
) -> None:
    await dropper.offered()
    (request,) = dropper.server.requests
    asked = asked_since(request.body)
    sent = base64.b64decode(asked.findtext("certificat") or "").decode()
    assert asked.findtext("nomCertificat") == "CERG1104-2026.pem"
    assert sent in dropper.certificate.read_text() + "\n"
    assert "PRIVATE" not in sent
    assert request.headers["content-type"].endswith('getDemandesRadieesDepuisLe"')


async def test_each_look_asks_for_all_its_days_and_offers_what_is_settled_no_more(
    dropper: SneDropper,
) -> None:
    dropper.remove(demand(KNOWN, DAY))
    [native] = await dropper.offered()
    dropper.seconds += 86_400
    assert await dropper.offered() == [native], "rien n'est acquis : elle est proposée de nouveau"
    await dropper.source.done(native, REPORT)
    dropper.seconds += 86_400
    assert await dropper.offered() == []
    assert since(dropper) == datetime.fromtimestamp(dropper.seconds, UTC) - timedelta(days=90)


async def test_a_candidacy_presented_two_months_after_the_removal_is_told_of_it(dropper: SneDropper) -> None:
    dropper.unknown.add(KNOWN)
    dropper.remove(demand(KNOWN, DAY))
    assert await dropper.offered() == []
    dropper.seconds += 60 * 86_400
    dropper.unknown.clear()
    assert len(await dropper.offered()) == 1


async def test_another_process_offers_it_under_the_same_key(dropper: SneDropper) -> None:
    dropper.remove(demand(KNOWN, DAY))
    [first] = await dropper.offered()
    successor = dropper.new_source()
    [again] = [native async for native in successor.fetch()]
    await successor.close()
    assert again == first


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (removing(ANOMALY), Misconfigured),
        (faulty("Client"), Misconfigured),
        (faulty("Server"), PartnerUnavailable),
        (Script(200, {"Content-Type": "text/html"}, b"<html>Connectez-vous</html>"), PartnerUnavailable),
        (Script(200, {"Content-Type": "text/xml"}, b"<soap:Envelope"), PartnerUnavailable),
        (Script(500), PartnerUnavailable),
        (Script(503), PartnerUnavailable),
        (Script(401), Misconfigured),
        (Script(hang_up=True), PartnerUnavailable),
    ],
)
async def test_an_answer_that_says_no_removals_is_told_apart_from_none(
    dropper: SneDropper, script: Script, error: type[HubError]
) -> None:
    assert await dropper.offered() == []
    dropper.server.script = script
    with pytest.raises(error):
        await dropper.offered()


async def test_a_file_that_cannot_be_decoded_is_no_empty_file(dropper: SneDropper) -> None:
    held = b"<r><fichierDemandesRadiees>%s</fichierDemandesRadiees></r>"
    for file in (b"a", "é".encode(), base64.b64encode(b"PK\x03\x04")):
        dropper.server.script = Script(200, {"Content-Type": "text/xml"}, envelope(held % file, "1.2"))
        with pytest.raises(PartnerUnavailable, match="WSDL"):
            await dropper.offered()


async def test_an_answer_that_is_too_long_says_what_to_change(
    dropper: SneDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "ANSWER_MAX_BYTES", 1024)
    dropper.remove(*(demand(number_of(rank), DAY) for rank in range(9)))
    with pytest.raises(Misconfigured, match="jours"):
        await dropper.offered()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_certificate_that_the_register_does_not_know_is_replaced_without_a_restart(
    dropper: SneDropper, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    await dropper.server.stop()
    register = asking(dropper.authority, tmp_path)
    register.maximum_version = version
    await dropper.server.start(register)
    stranger = tmp_path / "ailleurs"
    stranger.mkdir()
    written(dropper.certificate, Authority(stranger, "inconnue").account("hub"))
    with pytest.raises(HubError):
        await dropper.offered()
    written(dropper.certificate, dropper.authority.account("hub"))
    assert await dropper.offered() == []


async def test_a_certificate_that_is_missing_is_a_mistake_in_the_entry(dropper: SneDropper) -> None:
    dropper.certificate.unlink()
    with pytest.raises(Misconfigured, match="certificat"):
        await dropper.offered()
