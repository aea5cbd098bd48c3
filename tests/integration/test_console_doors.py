"""What stands before every page of the console: how much may be asked for, what is read of whom, how long a session
lasts, and when somebody has to prove again who they are."""

import asyncio
import secrets
import tempfile
from collections import Counter
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from yarl import URL

from console import guard, live, sessions, visit
from console.oidc import Provider
from console.pages import quarantine as quarantine_page
from console.stream import OVER
from console.visit import BURST
from contracts.errors import Misconfigured
from router.domain.roles import Role
from router.store.database import STATEMENT_SECONDS
from tests.integration import lasting
from tests.integration.clock import (
    console_is_left_alone,
    console_last_proof,
    console_provider_was_heard,
)
from tests.integration.lasting import Lasting
from tests.integration.messages import vacancy
from tests.integration.visited import LIVE, OWNER, WHY, things
from tests.integration.visitors import Visitor, visitor
from tests.integration.waiting import DEADLINE_SECONDS
from tests.integration.world import World

pytestmark = lasting.MARK
console, pages = lasting.console, lasting.pages
ASKED = 2 * int(BURST)
ONE_A_DAY = 1 / 86_400
"""Requests a second: whoever has spent a share gets nothing more while a test runs."""


async def test_cookies_that_nobody_knows_get_no_share_of_their_own(
    lasting: Lasting, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "PER_SECOND", ONE_A_DAY)
    async with lasting.alone(Role.CONSOLE, issuer=issuer) as console:  # the share of this address stays spent
        section = console.settings.console
        async with visitor(section, "supervision") as known, visitor(section) as stranger:
            answers = Counter[int]()
            for _ in range(ASKED):
                stranger.shows(secrets.token_urlsafe(32))
                answers[(await stranger.get("/messages", follow=False)).status] += 1
            assert set(answers) == {303, 429}
            assert BURST / 2 <= answers[303] <= BURST, "une adresse inconnue a une seule part"
            assert (await known.get("/messages")).status == 200, "qui est connu garde la sienne"


async def test_a_page_asked_for_while_the_database_is_frozen_says_so_soon_and_what_to_do(
    pages: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "KNOWN_SECONDS", 0.1)
    async with visitor(pages.settings.console, "astreinte") as operator:
        stranger = await pages.connect()
        try:
            await stranger.execute("BEGIN; LOCK TABLE console_session IN ACCESS EXCLUSIVE MODE")
            async with asyncio.timeout(STATEMENT_SECONDS / 2):
                shown = await operator.get("/")
        finally:
            await stranger.close()
    assert (shown.status, "docs/astreinte/base.md" in shown.text) == (503, True)


async def test_nothing_that_a_stranger_sends_is_read(pages: World) -> None:
    url = URL(str(pages.settings.console.url))
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        f"POST /quarantaine/{uuid4()}/corriger HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: 1000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode()
    )
    async with asyncio.timeout(DEADLINE_SECONDS):
        status = await reader.readline()
    writer.close()
    assert b" 401 " in status


async def test_of_a_form_of_the_login_little_is_read_and_not_for_long(
    pages: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "FORM_SECONDS", 0.2)
    url = URL(str(pages.settings.console.url))
    for size, status in ((1_000_000, b" 413 "), (100, b" 408 ")):
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(
            f"POST /connexion/lien HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: {size}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x".encode()
        )
        async with asyncio.timeout(DEADLINE_SECONDS):
            assert status in await reader.readline()
        writer.close()


async def test_a_file_that_somebody_sends_never_lies_on_the_disk(
    pages: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk: list[object] = []
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", on_disk.append)
    async with visitor(pages.settings.console, "partenaire") as partenaire:
        body = b"[" + b" " * 1_500_000 + b"]"
        sent: dict[str, Any] = {"dialecte": "hebergement_json", "fichier": BytesIO(body)}
        shown = await partenaire.post("/partenaires/centre/fichier", **sent)
        assert "1 500 002" in shown.text.replace("\u202f", " ").replace("\xa0", " ")
    assert on_disk == []


async def test_what_no_list_can_be_asked_for_is_misread_and_no_bug_of_the_console(pages: World) -> None:
    never = "0001-01-01T00:00:00%2B14:00"
    async with visitor(pages.settings.console, "supervision") as supervision:
        for path in (f"/messages?avant={never}", f"/livraisons?apres={never}&apres_id={uuid4()}"):
            assert (await supervision.get(path)).status == 422, path
        for path, field in (("/messages", "mots"), ("/messages", "type"), ("/recherche", "q")):
            assert (await supervision.post(path, **{field: "a\0b"})).status == 422, (path, field)


async def test_a_group_shows_what_is_ours_however_much_of_others_is_older(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine_page, "LISTED", 1)
    for partner in ("centre-boite", OWNER):
        await console.send(partner, vacancy(f"de-{partner}", commune="99999"))
    (_, ours) = await console.quarantined()
    async with visitor(console.settings.console, "partenaire") as partenaire:
        shown = await partenaire.get(f"/quarantaine/groupe?cause={ours.cause}")
    assert str(ours.id) in shown.text


async def test_a_session_that_nobody_uses_ends_though_its_page_shows_itself_anew(pages: World) -> None:
    section = pages.settings.console
    almost = timedelta(minutes=section.idle_min - 1)
    async with visitor(section, "supervision") as supervision:
        for _ in range(3):
            await console_is_left_alone(pages, almost)
            assert (await supervision.get("/messages")).status == 200
        await console_is_left_alone(pages, almost)
        assert "event: etat" in await first_event(supervision)
        await console_is_left_alone(pages, timedelta(minutes=2))
        assert (await supervision.get("/messages", follow=False)).status == 303
        assert "event: fin" in await first_event(supervision)


async def first_event(visiting: Visitor) -> str:
    accept = {"Accept": "text/event-stream"}
    async with visiting.http.get(visiting.url("/direct"), headers=accept) as stream:
        return (await stream.content.readuntil(b"\n\n")).decode()


async def test_an_open_page_ends_when_its_session_does(pages: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "REFRESH_SECONDS", 0.1)
    for path in LIVE:
        async with visitor(pages.settings.console, "supervision") as supervision:
            token = await supervision.token()
            async with supervision.http.get(supervision.url(path)) as stream:
                assert b"event: etat" in await stream.content.readuntil(b"\n\n")
                await supervision.post("/deconnexion", token=token)
                async with asyncio.timeout(30):
                    told = await stream.content.read()
        assert told.endswith(OVER.encode()), path


async def test_while_the_provider_is_silent_a_session_lasts_twenty_minutes(
    pages: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_silent(*_: object) -> None:
        raise Misconfigured("muet")

    async with visitor(pages.settings.console, "supervision") as supervision:
        monkeypatch.setattr(Provider, "again", is_silent)
        await console_provider_was_heard(pages, timedelta(minutes=15))
        assert (await supervision.get("/messages", follow=False)).status == 200
        await console_provider_was_heard(pages, timedelta(minutes=25))
        assert (await supervision.get("/messages", follow=False)).status == 303
    assert len(await pages.audited("console.fermer")) == 1


async def test_who_reads_in_clear_has_just_proved_who_they_are(console: World) -> None:
    there = await things(console)
    async with visitor(console.settings.console, "astreinte") as astreinte:
        pages = [f"/{kind}/{ident}" for kind, ident in (("messages", there.message),
                 ("quarantaine", there.entry), ("livraisons", there.delivery))]  # fmt: skip
        await console_last_proof(console, timedelta(minutes=11))
        for page in pages:
            refused = await astreinte.post(f"{page}/clair", motif=WHY)
            assert refused.status == 401
            assert f"/connexion?preuve=true&amp;vers={page}" in refused.text
            assert (await astreinte.get(page)).status == 200, "masqué, rien ne change"
        assert await console.audited("octets.lire") == []
        before = astreinte.secret()
        again = await astreinte.enters("astreinte", f"/connexion?preuve=true&vers={pages[1]}")
        assert again.path == pages[1]
        assert "N-0" in (await astreinte.post(f"{pages[1]}/clair", motif=WHY)).text
        now = astreinte.secret()
        astreinte.shows(before)
        assert (await astreinte.get("/messages", follow=False)).status == 303, "l'ancienne session a pris fin"
        astreinte.shows(now)
    assert len(await console.audited("octets.lire")) == 1
