"""A SIAO's own service, as the hub's connectors and its adapter meet it."""

import asyncio
import json
from datetime import date
from functools import partial
from uuid import uuid4

import pytest

from adapters.registry import ADAPTERS
from connectors.rest import RestSink, RestSource
from contracts.errors import OutcomeUnknown, Refused
from contracts.partner import Famille, Partner
from contracts.ports import IntakeReport, Native
from contracts.rest import DocumentRest, EntreeRest, SortieRest
from contracts.v1.demande import DemandeAnnulee
from contracts.v1.pret_logement import PretLogementDeclare
from deploy.local.ports import reserved_ports
from simulation import moods, people, rest_server, siao_rest, story
from simulation.cast import SIAO_REST
from simulation.inbox import Inbox
from simulation.journal import Journal, read
from simulation.moods import Humour, Mood, Temper
from simulation.rest_server import API, DOCUMENTS, LISTED, USER, Fiches
from simulation.siao_messages import closing, understand

TODAY = date(2026, 3, 2)
NUMBER = story.dossier(44, story.DEMAND_SLOT)
SIAO = Partner(
    id=SIAO_REST.id,
    nom="SIAO",
    famille=Famille.SIAO,
    territoire="62",
    dialectes=("si_siao_fiches", *SIAO_REST.aussi),
)


async def nothing(_effect):
    return


@pytest.fixture
async def service(tmp_path, monkeypatch):
    """A running service, what its fiches are, how it is reached, and its journal."""
    monkeypatch.setenv("SIAO_SECRET_MOT_DE_PASSE", "secret")
    journal, fiches = Journal(tmp_path / "j"), Fiches()
    with reserved_ports(1) as (port,):
        where = {
            "url": f"http://127.0.0.1:{port}{API}",
            "utilisateur": USER,
            "mot_de_passe": "env:SIAO_SECRET_MOT_DE_PASSE",
        }
        async with (
            asyncio.TaskGroup() as tasks,
            rest_server.rest_server(
                port,
                "secret",
                Inbox(journal, nothing, tasks),
                partial(understand, to=SIAO.id),
                fiches,
                Temper(tmp_path / "humeur.json", ""),
            ),
        ):
            yield fiches, where, tmp_path
    journal.close()


async def test_a_household_on_its_list_is_read_by_the_hub_once_and_is_the_one_that_was_brought(service):
    fiches, where, _ = service
    documents = tuple(DocumentRest(**document) for document in DOCUMENTS)
    source = RestSource(EntreeRest(**where, dialecte="si_siao_fiches", liste=LISTED, documents=documents))
    fiches.add(NUMBER, "2026-03-02T00:00", siao_rest.documents(NUMBER, TODAY))
    (native,) = [native async for native in source.fetch()]
    (ligne,) = ADAPTERS["si_siao_fiches"].decode(native, SIAO).lignes
    assert ligne.rejets == ()
    assert isinstance(ligne.contrat, PretLogementDeclare)
    (person,) = ligne.contrat.menage.personnes
    assert person.date_naissance is not None
    assert people.brought_number(person.date_naissance) == 44
    await source.done(native, IntakeReport(uuid4(), "accepte", 1))
    assert [native async for native in source.fetch()] == []
    await source.close()


async def test_an_object_that_is_put_again_has_one_effect_and_a_session_that_ends_is_opened_again(
    service, monkeypatch
):
    monkeypatch.setattr(rest_server, "SESSION_REQUESTS", 1)
    _, where, folder = service
    sink = RestSink(SortieRest(**where))
    native = vacancy()
    for _ in range(2):
        await sink.send(native, "cle")
    with pytest.raises(Refused):
        await sink.send(Native(b"{}", "application/json", None, {"content-location": "/place/"}), "autre")
    await sink.close()
    assert [record["kind"] for record in read(folder / "j")[0]] == ["received", "effect", "repeated"]


async def test_a_service_that_cuts_the_connection_has_taken_the_object_once(service):
    _, where, folder = service
    sink = RestSink(SortieRest(**where))
    moods.write(folder / "humeur.json", Humour(Mood.CUT))
    with pytest.raises(OutcomeUnknown):
        await sink.send(vacancy(), "cle")
    moods.write(folder / "humeur.json", None)
    await sink.send(vacancy(), "cle")
    await sink.close()
    first, second, *again = [record["kind"] for record in read(folder / "j")[0]]
    assert (first, second, {*again}) == ("received", "effect", {"repeated"})


def vacancy():
    """A place, as an object to put."""
    said = {"type": "place.vacante", "version": 1, "place": {"identifiantExterne": "p"}}
    return Native(json.dumps(said).encode(), "application/json", None, {"content-location": "/place/"})


def test_the_hub_reads_that_it_closes_a_demand():
    demande = "7b0e8f1c-5d7c-4a57-9f3e-0c2f6f0a1101"
    body = closing(NUMBER, demande)
    (ligne,) = ADAPTERS["si_siao_json"].decode(Native(body, "application/json"), SIAO).lignes
    assert ligne.rejets == ()
    assert isinstance(ligne.contrat, DemandeAnnulee)
    assert str(ligne.contrat.demande) == demande
