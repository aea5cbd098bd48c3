"""A SOAP service in a mood answers badly, and its journal says what it did and what it did not."""

import asyncio

import pytest

from connectors.soap import SoapSink
from contracts.errors import HubError, OutcomeUnknown, Refused, Throttled
from contracts.ports import Native
from contracts.soap import SortieSoap
from deploy.local.ports import reserved_ports
from simulation import moods
from simulation.inbox import Inbox
from simulation.journal import Journal, read
from simulation.moods import Humour, Mood, Temper
from simulation.soap_server import soap_server
from simulation.webhook_server import PATH
from tests.unit.simulation.test_servers import _nothing


def understand(body):
    if b"inconnu" in body:
        raise ValueError
    return {"ref": body.decode()}


async def call(tmp_path, mood, body=b"<dossier/>"):
    """What the hub's sink makes of a service in a mood, and of the same call in good humour afterwards."""
    file, journal = tmp_path / "humeur.json", Journal(tmp_path / "j")
    outcomes: list[type[HubError] | None] = []
    with reserved_ports(1) as (port,):
        async with (
            asyncio.TaskGroup() as tasks,
            soap_server(port, Inbox(journal, _nothing, tasks), understand, Temper(file, "")),
        ):
            sink = SoapSink(SortieSoap(url=f"http://127.0.0.1:{port}{PATH}"))
            for humour in (None if mood is None else Humour(mood), None):
                moods.write(file, humour)
                try:
                    await sink.send(Native(body, "application/xml"), "k")
                    outcomes.append(None)
                except HubError as exc:
                    outcomes.append(type(exc))
            await sink.close()
    journal.close()
    return outcomes, [record["kind"] for record in read(tmp_path / "j")[0]]


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        (Mood.ERROR, OutcomeUnknown),
        (Mood.REFUSAL, Refused),
        (Mood.FALSE_SUCCESS, Refused),
        (Mood.THROTTLED, Throttled),
    ],
)
async def test_a_fault_says_that_nothing_was_done_though_that_of_a_server_proves_nothing(
    tmp_path, mood, error
):
    assert await call(tmp_path, mood) == ([error, None], ["declined", "received", "effect"])


async def test_a_service_that_cuts_its_answer_in_half_has_done_it(tmp_path):
    outcomes, kinds = await call(tmp_path, Mood.CUT)
    assert outcomes == [OutcomeUnknown, None]
    assert kinds == ["received", "effect", "repeated"]


async def test_what_makes_no_sense_is_refused_and_leaves_nothing(tmp_path):
    assert await call(tmp_path, None, b"<inconnu/>") == ([Refused, Refused], [])
