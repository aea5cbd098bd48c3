"""A web server in a mood answers badly, and its journal says what it did and what it did not."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from connectors.http_out import HttpSink
from contracts.errors import HubError, OutcomeUnknown, PartnerUnavailable, Refused, Throttled
from contracts.http import SortieHttp
from contracts.ports import Native
from deploy.local.ports import reserved_ports
from simulation import moods
from simulation import webhook_server as webhook_server_module
from simulation.inbox import Inbox
from simulation.journal import Journal, read
from simulation.moods import Humour, Mood, Temper
from simulation.webhook_server import PATH, QUESTION, webhook_server
from tests.unit.simulation.test_servers import SECRET, _nothing, understand


async def deliver(tmp_path, mood):
    """What the hub's sink makes of a server in a mood, and of the same delivery in good humour afterwards."""
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o600)
    file, journal = tmp_path / "humeur.json", Journal(tmp_path / "j")
    outcomes: list[type[HubError] | None] = []
    with reserved_ports(1) as (port,):
        async with (
            asyncio.TaskGroup() as tasks,
            webhook_server(port, SECRET, Inbox(journal, _nothing, tasks), understand, Temper(file, "")),
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


@asynccontextmanager
async def asked(tmp_path):
    """A server that can be asked, the hub's sink before it, and the file of its mood."""
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o600)
    file, journal = tmp_path / "humeur.json", Journal(tmp_path / "j")
    with reserved_ports(1) as (port,):
        server = f"http://127.0.0.1:{port}"
        sortie = SortieHttp(
            url=server + PATH, question=server + QUESTION, secret=f"file:{tmp_path / 'secret'}", delai_s=1
        )
        sink = HttpSink(sortie)
        async with asyncio.TaskGroup() as tasks:
            inbox = Inbox(journal, _nothing, tasks, recognises=False)
            async with webhook_server(port, SECRET, inbox, understand, Temper(file, "")):
                yield sink, file
                await sink.close()
    journal.close()


NATIVE = Native(b"a", "application/json")


async def test_a_partner_that_can_be_asked_knows_what_it_took_and_denies_what_it_declined(tmp_path):
    async with asked(tmp_path) as (sink, file):
        moods.write(file, Humour(Mood.ERROR))
        with pytest.raises(PartnerUnavailable):
            await sink.send(NATIVE, "k")
        moods.write(file, None)
        assert not await sink.has_received(NATIVE, "k")
        await sink.send(NATIVE, "k")
        assert await sink.has_received(NATIVE, "k")
        assert not await sink.has_received(NATIVE, "l")


async def test_a_partner_in_a_mood_does_not_say_what_it_received(tmp_path):
    async with asked(tmp_path) as (sink, file):
        await sink.send(NATIVE, "k")
        moods.write(file, Humour(Mood.ERROR))
        with pytest.raises(PartnerUnavailable):
            await sink.has_received(NATIVE, "k")


async def test_what_a_slow_partner_still_has_in_hand_is_not_denied(tmp_path, monkeypatch):
    monkeypatch.setattr(webhook_server_module, "SLOW_SECONDS", (3.0, 3.0))
    async with asked(tmp_path) as (sink, file):
        moods.write(file, Humour(Mood.SLOW))
        with pytest.raises(OutcomeUnknown):
            await sink.send(NATIVE, "k")
        moods.write(file, None)
        with pytest.raises(PartnerUnavailable):
            await sink.has_received(NATIVE, "k")


async def test_at_a_partner_that_recognises_nothing_a_blind_repetition_has_a_second_effect(tmp_path):
    async with asked(tmp_path) as (sink, _):
        await sink.send(NATIVE, "k")
        await sink.send(NATIVE, "k")
    assert [record["kind"] for record in read(tmp_path / "j")[0]].count("effect") == 2


def felt(tmp_path, seed):
    """Who feels a mood of half the requests."""
    moods.write(tmp_path / "humeur.json", Humour(Mood.ERROR, 0.5))
    temper = Temper(tmp_path / "humeur.json", seed)
    return {(about, n): bool(temper.at(about)) for about in ("b", "a") for n in range(20)}


def test_the_seed_decides_who_feels_a_mood_whatever_the_order_of_the_requests(tmp_path):
    first, again = felt(tmp_path, "7/escale"), Temper(tmp_path / "humeur.json", "7/escale")
    assert {(about, n): bool(again.at(about)) for n in range(20) for about in ("a", "b")} == first
    assert felt(tmp_path, "8/escale") != first
    assert True in first.values()
    assert False in first.values()
