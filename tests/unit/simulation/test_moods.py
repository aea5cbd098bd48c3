"""A web server in a mood answers badly, and its journal says what it did and what it did not."""

import asyncio

import pytest

from connectors.http_out import HttpSink
from contracts.errors import HubError, OutcomeUnknown, Refused, Throttled
from contracts.partner import SortieHttp
from contracts.ports import Native
from deploy.local.ports import reserved_ports
from simulation import moods
from simulation.inbox import Inbox
from simulation.journal import Journal, read
from simulation.moods import Humour, Mood
from simulation.webhook_server import PATH, webhook_server
from tests.unit.simulation.test_servers import SECRET, _nothing, understand


async def deliver(tmp_path, mood):
    """What the hub's sink makes of a server in a mood, and of the same delivery in good humour afterwards."""
    (tmp_path / "secret").write_text(SECRET)
    file, journal = tmp_path / "humeur.json", Journal(tmp_path / "j")
    outcomes: list[type[HubError] | None] = []
    with reserved_ports(1) as (port,):
        async with (
            asyncio.TaskGroup() as tasks,
            webhook_server(port, SECRET, Inbox(journal, _nothing, tasks), understand, file),
        ):
            url = f"http://127.0.0.1:{port}{PATH}"
            sink = HttpSink(SortieHttp(url=url, secret=f"file:{tmp_path / 'secret'}"))
            for humour in (Humour(mood), None):
                moods.write(file, humour)
                try:
                    await sink.send(Native(b"a", "application/json"), "k")
                    outcomes.append(None)
                except HubError as exc:
                    outcomes.append(type(exc))
            await sink.close()
    journal.close()
    return outcomes, [record["kind"] for record in read(tmp_path / "j")[0]]


@pytest.mark.parametrize(
    ("mood", "error"),
    [(Mood.ERROR, OutcomeUnknown), (Mood.REFUSAL, Refused), (Mood.THROTTLED, Throttled)],
)
async def test_a_server_that_says_no_has_done_nothing_though_a_500_does_not_prove_it(tmp_path, mood, error):
    assert await deliver(tmp_path, mood) == ([error, None], ["declined", "received", "effect"])


async def test_a_server_that_cuts_the_connection_has_done_it(tmp_path):
    outcomes, kinds = await deliver(tmp_path, Mood.CUT)
    assert outcomes == [OutcomeUnknown, None]
    assert kinds == ["received", "effect", "repeated"]


async def test_an_error_inside_a_200_is_journalled_as_nothing_done(tmp_path):
    _, kinds = await deliver(tmp_path, Mood.FALSE_SUCCESS)
    assert kinds[0] == "declined"


def test_no_file_is_good_humour(tmp_path):
    assert moods.read(tmp_path / "humeur.json") is None
    assert moods.read(None) is None
    moods.write(tmp_path / "humeur.json", Humour(Mood.SLOW, 0.5))
    assert moods.read(tmp_path / "humeur.json") == Humour(Mood.SLOW, 0.5)
