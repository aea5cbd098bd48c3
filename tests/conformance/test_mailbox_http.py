"""The mailbox as partners see it, behind the server that the hub runs."""

import json
from datetime import UTC, datetime
from urllib.parse import unquote
from uuid import UUID

import pytest
from aiohttp import ClientSession
from fastapi import FastAPI

from adapters.cloudevents import json as cloudevents_json
from connectors.admission import Admissions
from connectors.mailbox import MailboxSink
from connectors.mailbox_http import mailbox_routes
from contracts.envelope import Attributes, Event
from contracts.errors import BusUnavailable
from contracts.partner import Famille, Partner
from contracts.ports import Native, View
from contracts.v1.place import PlaceLiberee

from .mailbox_partner import MemoryMailbox
from .uvicorn_server import served


def a_partner(name: str) -> Partner:
    return Partner(id=name, nom=name, famille=Famille.CIL, territoire="91")


PARTNERS = {"cle-a": a_partner("partenaire-a"), "cle-b": a_partner("partenaire-b")}


class Box:
    """One partner's client."""

    def __init__(self, session: ClientSession, key: str) -> None:
        self._session = session
        self._headers = {"X-API-Key": key}

    async def call(self, method: str, path: str = ""):
        async with self._session.request(method, f"/v1/boite{path}", headers=self._headers) as response:
            return response.status, response.headers, await response.read()

    async def json(self, method: str, path: str = ""):
        async with self._session.request(method, f"/v1/boite{path}", headers=self._headers) as response:
            return response.status, await response.json(content_type=None)

    async def keys(self, query: str = "") -> list[str]:
        _, content = await self.json("GET", query)
        return [envoi["cle"] for envoi in content["envois"]]


@pytest.fixture
def store() -> MemoryMailbox:
    return MemoryMailbox()


@pytest.fixture
def app(store) -> FastAPI:
    app = FastAPI()
    app.include_router(mailbox_routes(store, Admissions(PARTNERS.get)))
    return app


@pytest.fixture
async def session(app):
    async with served(app) as url, ClientSession(url) as session:
        yield session


@pytest.fixture
def box(session) -> Box:
    return Box(session, "cle-a")


async def deliver(store: MemoryMailbox, *keys: str, partner: str = "partenaire-a") -> None:
    sink = MailboxSink(store, partner)
    for key in keys:
        await sink.send(Native(f"corps de {key}".encode(), "text/csv", f"candidats n°{key}.csv"), key)


async def test_a_delivery_in_a_mailbox_proves_nothing_yet(store):
    receipt = await MailboxSink(store, "partenaire-a").send(Native(b"x", "text/csv"), "cle-1")
    assert not receipt.proven


async def test_what_waits_is_listed_in_order_with_what_one_needs_to_choose(store, box):
    await deliver(store, "1", "2")
    status, content = await box.json("GET")
    assert status == 200
    first, second = content["envois"]
    assert first.pop("depose_le")
    assert first == {
        "cle": "1",
        "type_contenu": "text/csv",
        "fichier": "candidats n°1.csv",
        "taille_octets": len(b"corps de 1"),
    }
    assert second["cle"] == "2"
    assert content["suivant"] is None


async def test_a_long_list_is_read_page_by_page(store, box):
    await deliver(store, "1", "2", "3")
    _, page = await box.json("GET", "?limite=2")
    assert [envoi["cle"] for envoi in page["envois"]] == ["1", "2"]
    _, rest = await box.json("GET", f"?limite=2&apres={page['suivant']}")
    assert [envoi["cle"] for envoi in rest["envois"]] == ["3"]
    assert rest["suivant"] is None


async def test_a_page_goes_on_after_a_delivery_that_was_acknowledged_meanwhile(store, box):
    await deliver(store, "1", "2", "3")
    await box.call("POST", "/2/accuse")
    assert await box.keys("?apres=2") == ["3"]


async def test_an_item_about_what_its_partner_calls_by_any_letters_is_read_and_its_header_says_them(
    store, box
):
    partner = Partner(
        id="centre",
        nom="Centre",
        famille=Famille.HEBERGEMENT,
        territoire="91",
        dialectes=("cloudevents_json",),
    )
    ours = UUID(int=5)
    for key, theirs in (("1", "l’œil"), ("2", '100 %, "né"\n'), ("3", "CH-102")):
        event = PlaceLiberee(place=ours)
        attributes = Attributes(
            UUID(int=6), event.TYPE, "siao-hub", ours, datetime.now(UTC), "91", UUID(int=6)
        )
        native = cloudevents_json.encode([Event(attributes, event)], View(partner, {ours: theirs}))
        await MailboxSink(store, "partenaire-a").send(native, key)
        status, headers, body = await box.call("GET", f"/{key}")
        assert (status, json.loads(body)["subject"]) == (200, theirs)
        assert unquote(headers["partitionkey"], errors="strict") == theirs
    assert headers["partitionkey"] == "CH-102"


async def test_the_content_comes_back_exactly_and_is_not_to_be_kept_by_proxies(store, box):
    await deliver(store, "1")
    status, headers, body = await box.call("GET", "/1")
    assert (status, body) == (200, b"corps de 1")
    assert headers["content-type"] == "text/csv"
    assert "filename*=UTF-8''candidats%20n%C2%B01.csv" in headers["content-disposition"]
    assert headers["cache-control"] == "no-store"


async def test_reading_is_no_acknowledgement(store, box):
    await deliver(store, "1")
    await box.call("GET", "/1")
    assert await box.keys() == ["1"]
    assert store.acknowledged == set()


async def test_an_acknowledged_delivery_leaves_the_list_and_repeating_is_harmless(store, box):
    await deliver(store, "1", "2")
    for _ in range(2):
        assert await box.json("POST", "/1/accuse") == (200, {"cle": "1", "etat": "recu"})
    assert await box.keys() == ["2"]
    assert store.acknowledged == {("partenaire-a", "1")}


async def test_a_delivery_sent_again_after_its_acknowledgement_does_not_come_back(store, box):
    await deliver(store, "1")
    await box.call("POST", "/1/accuse")
    await deliver(store, "1")
    assert await box.keys() == []


@pytest.mark.parametrize(("method", "path"), [("GET", "/1"), ("POST", "/1/accuse")])
async def test_anybody_elses_delivery_is_404_like_one_that_never_was(store, box, method, path):
    await deliver(store, "1", partner="partenaire-b")
    status, foreign = await box.json(method, path)
    _, unknown = await box.json(method, path.replace("1", "9"))
    assert status == 404
    assert foreign == unknown
    assert await box.keys() == []
    assert store.acknowledged == set()


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/1"), ("POST", "/1/accuse")])
@pytest.mark.parametrize("key", ["", "autre"])
async def test_without_a_known_key_everything_is_401(store, session, key, method, path):
    await deliver(store, "1")
    status, headers, _ = await Box(session, key).call(method, path)
    assert status == 401
    assert headers["content-type"] == "application/problem+json"
    assert headers["www-authenticate"].startswith("Bearer")


async def test_the_key_may_come_as_bearer(store, session):
    await deliver(store, "1")
    async with session.get("/v1/boite", headers={"Authorization": "Bearer cle-a"}) as response:
        assert response.status == 200


@pytest.mark.parametrize("limite", ["0", "501", "beaucoup"])
async def test_a_wrong_parameter_is_named_in_french(box, limite):
    status, content = await box.json("GET", f"?limite={limite}")
    assert (status, content["type"]) == (400, "urn:siao:probleme:parametre-invalide")
    [rejet] = content["rejets"]
    assert (rejet["champ"], rejet["code"]) == ("limite", "parametre_invalide")
    assert "entre 1 et 500" in rejet["message"]


async def test_a_database_that_is_away_is_503_with_a_time_to_come_back(store, box, monkeypatch):
    async def away(*_):
        raise BusUnavailable("PostgreSQL ne répond pas")

    monkeypatch.setattr(store, "list", away)
    status, headers, _ = await box.call("GET")
    assert (status, headers["retry-after"]) == (503, "5")


def test_the_description_for_integrators_is_in_french(app):
    paths = app.openapi()["paths"]
    assert {path: set(methods) for path, methods in paths.items()} == {
        "/v1/boite": {"get"},
        "/v1/boite/{cle}": {"get"},
        "/v1/boite/{cle}/accuse": {"post"},
    }
    listing = paths["/v1/boite"]["get"]
    assert listing["summary"] == "Lister les envois qui attendent"
    assert {parameter["name"] for parameter in listing["parameters"]} == {"limite", "apres"}
    assert len(listing["security"]) == 2
    assert all("422" not in operation["responses"] for path in paths.values() for operation in path.values())
