"""A sender gives up neither its key nor its bytes while the hub is away."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from simulation import hub_door, moods
from simulation.config import Config
from simulation.hub_door import HubAway, Sending
from simulation.journal import Journal, Row, read
from simulation.moods import Humour, Mood

ROW = Row("r", "f", "s", 1)
SENDING = Sending("cle", b"octets", "text/csv", "hebergement_csv", [ROW])


@asynccontextmanager
async def door(tmp_path, answers, seen):
    """A door to a hub that gives these (status, body) answers, one after the other, the last one for ever."""

    async def receive(request):
        seen.append((dict(request.headers), await request.read(), len(read(tmp_path / "j")[0])))
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_post("/v1/messages", receive)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        config = Config("escale", tmp_path, Path(), url, "secret", 1, date(2026, 3, 2))
        journal = Journal(tmp_path / "j")
        async with hub_door.hub_door(config, journal) as opened:
            yield opened
        journal.close()


async def test_it_is_journalled_before_it_leaves_and_after_it_is_answered(tmp_path):
    seen: list[Any] = []
    async with door(tmp_path, [(202, {"id": "m", "rejets": []})], seen) as opened:
        await opened.send(SENDING)
    ((headers, body, lines_on_disk),) = seen
    assert body == b"octets"
    assert headers["Authorization"] == "Bearer secret"
    assert headers["SIAO-Dialecte"] == "hebergement_csv"
    assert lines_on_disk == 1
    assert [r["kind"] for r in read(tmp_path / "j")[0]] == ["about_to_send", "answered"]
    assert read(tmp_path / "j")[0][1]["message"] == "m"


async def test_it_is_sent_again_under_the_same_key_while_the_hub_is_away(tmp_path):
    seen: list[Any] = []
    answers = [(503, {}), (503, {}), (202, {"id": "m", "rejets": []})]
    async with door(tmp_path, answers, seen) as opened:
        await opened.send(SENDING)
    assert {(headers["Idempotency-Key"], body) for headers, body, _ in seen} == {("cle", b"octets")}
    assert len(seen) == 3


async def test_a_refusal_is_an_answer_and_is_kept_with_its_rejections(tmp_path):
    rejection = {"ligne": 1, "champ": "x", "code": "c", "message": "non"}
    seen: list[Any] = []
    async with door(tmp_path, [(422, {"rejets": [rejection]})], seen) as opened:
        await opened.send(SENDING)
    assert len(seen) == 1
    answered = read(tmp_path / "j")[0][1]
    assert (answered["status"], answered["rejections"]) == (422, [rejection])


async def test_a_restarted_partner_does_not_send_again_what_was_answered(tmp_path):
    seen: list[Any] = []
    for _life in range(2):
        async with door(tmp_path, [(202, {"id": "m", "rejets": []})], seen) as opened:
            await opened.send(SENDING)
    assert len(seen) == 1


async def test_it_gives_up_aloud_in_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(hub_door, "GIVE_UP_SECONDS", 0.2)
    async with door(tmp_path, [(503, {})], []) as opened:
        with pytest.raises(HubAway):
            await asyncio.wait_for(opened.send(SENDING), 5)


async def test_a_partner_that_sends_twice_does_so_under_one_key_and_journals_both_answers(tmp_path):
    seen: list[Any] = []
    moods.write(tmp_path / "manieres.json", Humour(Mood.TWICE))
    async with door(tmp_path, [(202, {"id": "m", "rejets": []})], seen) as opened:
        await opened.send(SENDING)
    assert [headers["Idempotency-Key"] for headers, _, _ in seen] == ["cle", "cle"]
    assert [r["kind"] for r in read(tmp_path / "j")[0]] == ["about_to_send", "answered", "answered"]


async def test_an_error_that_is_no_later_please_is_journalled(tmp_path):
    seen: list[Any] = []
    async with door(tmp_path, [(500, {}), (503, {}), (202, {"id": "m", "rejets": []})], seen) as opened:
        await opened.send(SENDING)
    kinds = [r["kind"] for r in read(tmp_path / "j")[0]]
    assert kinds == ["about_to_send", "failed", "answered"]
