"""People without an identity provider: a link in a mail, then a code of their telephone, and what they are told."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count

import pyotp
import pytest
import pytest_asyncio
from pydantic import BaseModel
from yarl import URL

from console import by_mail, visit
from deploy.local.ports import reserved_ports
from ops.accounts import reminding
from ops.accounts.accounts import MOST_FAILURES, MOST_LINKS
from ops.desk import todo
from router.domain.partners import Registry
from router.domain.roles import Role
from router.settings import AlarmSettings, ConsoleSettings
from simulation.mail_sink import MailSink
from tests.integration import clock, lasting
from tests.integration.browser import PHONE, chromium
from tests.integration.desk import siao_hub
from tests.integration.lasting import MOVING, Lasting
from tests.integration.messages import NOM
from tests.integration.test_desk_in_a_browser import wrong_on
from tests.integration.visitors import Shown, Visitor, visitor
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared = lasting.prepared
SHARES = count(1)
ADDRESS = "Camille.Veilleur@exemple.fr"
_LINK = re.compile(r"http://\S+/connexion/lien/\S+")
_KEY = re.compile(r"<code>([A-Z2-7 ]{39})</code>")
_TOKEN = re.compile(r'name="jeton" value="([0-9a-f]+)"')


@pytest.fixture(scope="module")
def sink() -> Iterator[MailSink]:
    """The mails of the hubs of this module."""
    with reserved_ports(1) as (port,), MailSink(port).running() as sink:
        yield sink


def by_mails(sink: MailSink, port: int) -> Mapping[str, BaseModel]:
    """Settings by which a console lets people of partners in by mail."""
    section = ConsoleSettings(port=port, url=f"http://localhost:{port}", accounts=True)
    return {"console": section, "alarms": AlarmSettings(smtp_host="127.0.0.1", smtp_port=sink.port)}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with reserved_ports(1) as (port,):
        yield port


@pytest.fixture(autouse=True)
def shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test spends the share of requests or links of the next, from the same address of the net."""
    monkeypatch.setattr(visit, "BURST", 1000.0)
    monkeypatch.setattr(by_mail, "LINKS_PER_SECOND", by_mail.LINKS_PER_SECOND / next(SHARES))


@pytest_asyncio.fixture(loop_scope="module")
async def hub(lasting: Lasting, sink: MailSink, port: int) -> World:
    """A hub that is only its console."""
    return await lasting.running(Role.CONSOLE, sections=by_mails(sink, port))


@pytest.fixture
def post(hub: World, sink: MailSink) -> MailSink:
    """The mails of that hub, none of an earlier test."""
    sink.mails.clear()
    return sink


async def invited(world: World, address: str = ADDRESS) -> str:
    """Have the operator open an account at the shelter's desk; return its id."""
    said = await siao_hub(
        world.settings, "comptes", "inviter", "centre", address, "--nom", "Camille", "--json"
    )
    assert said.status == 0, said.errors
    return str(said.content["compte"])


async def link(world: World, post: MailSink, address: str = ADDRESS, **headers: str) -> str:
    """Ask for a link as somebody with this address, and return the one in the mail."""
    before = len(post.mails)
    async with visitor(world.settings.console) as somebody:
        shown = await asked(somebody, address, **headers)
        assert shown.status == 200
    await until(lambda: len(post.mails) > before, "le lien arrive")
    found = _LINK.search(post.mails[-1].get_content())
    assert found is not None
    return found[0]


async def asked(somebody: Visitor, address: str, **headers: str) -> Shown:
    data = {"adresse": address, "vers": "/bureau/recu"}
    async with somebody.http.post(somebody.url("/connexion/lien"), data=data, headers=headers) as response:
        return Shown(response.status, await response.text(), response.headers, response.url.path)


async def follows(somebody: Visitor, url: str) -> Shown:
    """Press the button of a link."""
    async with somebody.http.post(url, data={"vers": URL(url).query["vers"]}) as response:
        return Shown(response.status, await response.text(), response.headers, response.url.path)


async def gives(somebody: Visitor, page: Shown, code: str) -> Shown:
    token = _TOKEN.search(page.text)
    assert token is not None
    data = {"code": code, "jeton": token[1]}
    async with somebody.http.post(somebody.url("/connexion/code"), data=data) as response:
        return Shown(response.status, await response.text(), response.headers, response.url.path)


async def enters(world: World, post: MailSink, somebody: Visitor) -> tuple[pyotp.TOTP, str]:
    """Enter for the first time; return what the telephone knows from then on, and the code that it gave."""
    page = await follows(somebody, await link(world, post))
    key = _KEY.search(page.text)
    assert key is not None, page.text
    telephone = pyotp.TOTP(key[1].replace(" ", ""))
    code = telephone.now()
    assert (await gives(somebody, page, code)).status == 200
    return telephone, code


async def test_somebody_enters_by_a_link_and_a_code_and_the_audit_knows(hub: World, post: MailSink) -> None:
    ident = await invited(hub)
    (invitation,) = post.mails
    assert f"{hub.settings.console.url}/connexion" in invitation.get_content()
    async with visitor(hub.settings.console) as camille:
        begun = await camille.get("/bureau/recu")
        assert begun.path == "/connexion", "sans session, la page demande l'adresse"
        url = await link(hub, post, ADDRESS.upper())
        async with camille.http.get(url) as first, camille.http.get(url) as again:
            assert "Bonjour Camille" in await first.text()
            assert again.status == 200, "un logiciel de courrier ouvre les liens lui-même"
        page = await follows(camille, url)
        telephone = pyotp.TOTP(_KEY.search(page.text)[1].replace(" ", ""))  # type: ignore[index]
        assert (await camille.get("/bureau", follow=False)).status == 303, "rien ne se lit avant le code"
        wrong = await gives(camille, page, "000000" if telephone.now() != "000000" else "111111")
        assert wrong.status == 403
        assert (await gives(camille, wrong, telephone.now())).path == "/bureau/recu"
        assert "Camille" in (await camille.get("/bureau")).text
        await camille.post("/deconnexion", token=_TOKEN.search((await camille.get("/bureau")).text)[1])  # type: ignore[index]
        page = await follows(camille, await link(hub, post))
        assert _KEY.search(page.text) is None, "la clé ne se montre plus"
        after = telephone.at(datetime.now(UTC) + timedelta(seconds=30))
        assert (await gives(camille, page, after)).path == "/bureau/recu"
    for action in ("compte.inviter", "compte.inscrire"):
        assert [row.object for row in await hub.audited(action)] == [ident]
    assert len(await hub.audited("console.entrer")) == 2
    assert ADDRESS.lower() not in str(await hub.sql("SELECT * FROM account"))
    assert "Camille" not in str(await hub.sql("SELECT detail FROM audit"))


async def test_a_link_serves_once_and_for_a_quarter_of_an_hour(hub: World, post: MailSink) -> None:
    await invited(hub)
    url = await link(hub, post)
    async with visitor(hub.settings.console) as one, visitor(hub.settings.console) as other:
        both = await asyncio.gather(follows(one, url), follows(other, url))
        assert sorted(shown.status for shown in both) == [200, 403]
        assert (await follows(one, url)).status == 403
        old = await link(hub, post)
        await clock.links_grow_older(hub, timedelta(minutes=15))
        async with one.http.get(old) as shown:
            assert shown.status == 403
        assert "Demandez-en un autre" in (await follows(one, old)).text


async def test_a_code_serves_once_also_in_two_browsers_at_once(hub: World, post: MailSink) -> None:
    await invited(hub)
    section = hub.settings.console
    async with visitor(section) as one, visitor(section) as other, visitor(section) as third:
        telephone, used = await enters(hub, post, one)
        pages = [await follows(each, await link(hub, post)) for each in (other, third)]
        assert (await gives(other, pages[0], used)).status == 403, "un code déjà servi"
        code = telephone.at(datetime.now(UTC) + timedelta(seconds=30))
        both = await asyncio.gather(gives(other, pages[0], code), gives(third, pages[1], code))
        assert sorted(shown.status for shown in both) == [200, 403]


async def test_after_ten_wrong_codes_an_account_is_shut_until_the_operator_opens_it(
    hub: World, post: MailSink
) -> None:
    ident = await invited(hub)
    async with visitor(hub.settings.console) as camille:
        telephone, _ = await enters(hub, post, camille)
        page = await follows(camille, await link(hub, post))
        for _ in range(MOST_FAILURES):
            shown = await gives(camille, page, "12345")
        shut = await gives(camille, page, telephone.at(datetime.now(UTC) + timedelta(seconds=30)))
        assert shown.status == shut.status == 403
        assert "ce compte est fermé" in shown.text, "le dixième code faux le dit"
        assert "ce compte est fermé" in shut.text
        done = await siao_hub(hub.settings, "comptes", "telephone", ident, "--motif", "téléphone perdu")
        assert done.status == 0
        assert (await gives(camille, page, telephone.now())).status == 403, "l'entrée commencée a pris fin"
        await clock.links_grow_older(hub, timedelta(minutes=15))
        await enters(hub, post, camille)


async def test_whoever_is_withdrawn_is_out_at_once_and_no_link_of_theirs_serves(
    hub: World, post: MailSink
) -> None:
    ident = await invited(hub)
    section = hub.settings.console
    async with visitor(section) as camille, visitor(section) as halfway, visitor(section) as late:
        telephone, _ = await enters(hub, post, camille)
        page = await follows(halfway, await link(hub, post))
        unused = await link(hub, post)
        assert (await camille.get("/bureau", follow=False)).status == 200
        done = await siao_hub(hub.settings, "comptes", "retirer", ident, "--motif", "a quitté le centre")
        assert done.status == 0
        assert (await camille.get("/bureau", follow=False)).status == 303
        after = telephone.at(datetime.now(UTC) + timedelta(seconds=30))
        assert (await gives(halfway, page, after)).status == 403
        assert (await follows(late, unused)).status == 403
        before = len(post.mails)
        assert (await asked(late, ADDRESS)).status == 200
        await invited(hub, "autre@exemple.fr")
        await link(hub, post, "autre@exemple.fr")
    assert [mail["To"] for mail in post.mails[before:]] == ["autre@exemple.fr"] * 2
    (row,) = await hub.audited("compte.retirer")
    assert row.object == ident
    assert ident in hub.settings.erasures_file.read_text()


async def test_an_open_session_ends_with_the_partner_of_its_account(hub: World, post: MailSink) -> None:
    await invited(hub)
    async with visitor(hub.settings.console) as camille:
        await enters(hub, post, camille)
        assert (await camille.get("/bureau", follow=False)).status == 200
        await hub.apply(Registry.of([p for p in hub.registry().partners.values() if p.id != "centre"]))
        assert (await camille.get("/bureau", follow=False)).status == 303


HOSTILE = (
    "personne@exemple.fr",
    f"{ADDRESS}\r\nBcc: voleur@exemple.org",
    f"{ADDRESS}, voleur@exemple.org",
    f"<{ADDRESS}>",
    "",
)


async def test_nobody_learns_from_the_answer_whether_an_address_has_an_account(
    hub: World, post: MailSink
) -> None:
    await invited(hub)
    async with visitor(hub.settings.console) as stranger:
        answers = {(await asked(stranger, address)).text for address in (ADDRESS, *HOSTILE[:-1])}
    assert len(answers) == 1
    await until(lambda: len(post.mails) == 2, "un seul lien part")
    url = await link(hub, post)
    assert {mail["To"] for mail in post.mails} == {ADDRESS.lower()}
    assert all(mail["Bcc"] is None for mail in post.mails)
    assert url.startswith(f"{hub.settings.console.url}/connexion/lien/")


async def test_the_link_leads_to_the_console_whatever_host_a_request_names(
    hub: World, post: MailSink
) -> None:
    await invited(hub)
    forged = {"Host": "voleur.exemple.org", "X-Forwarded-Host": "voleur.exemple.org"}
    url = await link(hub, post, **forged)
    assert url.startswith(f"{hub.settings.console.url}/")


async def test_links_are_counted_by_account_and_by_address_of_the_net(
    hub: World, post: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_mail, "LINKS_PER_SECOND", 1 / 86_400)
    await invited(hub)
    async with visitor(hub.settings.console) as stranger:
        answers = [(await asked(stranger, ADDRESS)).status for _ in range(12)]
    assert answers == [200] * 10 + [429] * 2
    await until(lambda: len(post.mails) == 1 + MOST_LINKS, "les liens partent")
    await siao_hub(hub.settings, "comptes", "inviter", "centre", "b@exemple.fr", "--nom", "B")
    await until(lambda: len(post.mails) == 2 + MOST_LINKS, "l'invitation suivante, et rien entre les deux")


async def test_a_link_whose_mail_could_not_be_sent_is_not_counted_so_its_owner_enters_when_mail_is_back(
    hub: World, post: MailSink
) -> None:
    await invited(hub)
    post.away, post.refused = True, 0
    async with visitor(hub.settings.console) as camille:
        for _ in range(MOST_LINKS):
            await asked(camille, ADDRESS)
        await until(lambda: post.refused == MOST_LINKS, "aucun lien ne part")
        post.away = False
        await enters(hub, post, camille)


async def test_somebody_is_told_once_that_something_waits_and_nothing_of_what(
    prepared: World, sink: MailSink, ports: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminding, "TICK_SECONDS", 0.2)
    monkeypatch.setattr(reminding, "MORNING", 0)
    sink.mails.clear()
    prepared.settings = prepared.settings.model_copy(update=by_mails(sink, ports[0]))
    await invited(prepared)
    await prepared.start(*MOVING, Role.CONSOLE)
    ours = await prepared.referred()
    told = "1 chose vous attend"
    await until(lambda: told in sink.texts, "un courriel dit que quelque chose attend")
    assert "Au moins" not in sink.texts
    monkeypatch.setattr(todo, "LISTED", 1)  # there may be more from now on
    await until(lambda: clock.reminders_grow_older(prepared, timedelta(days=1)), "il est noté, hier")
    await until(lambda: sink.texts.count(told) == 2, "et le redit le lendemain, une fois")
    assert f"Au moins {told}" in sink.texts
    await prepared.settled()
    assert sink.texts.count(told) == 2
    assert NOM not in sink.texts
    assert str(ours) not in sink.texts


async def test_somebody_enters_on_a_phone_and_every_page_of_the_way_can_be_read(
    hub: World, post: MailSink
) -> None:
    await invited(hub)
    base = str(hub.settings.console.url)
    async with chromium() as browser:
        page = await browser.new_page(viewport=PHONE, reduced_motion="reduce", locale="fr-FR")
        await page.goto(f"{base}/bureau")
        wrong = await wrong_on(page, "entrer")
        await page.fill("#adresse", ADDRESS)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("h1:has-text('Regardez votre courrier')")
        await until(lambda: len(post.mails) == 2, "le lien arrive")
        found = _LINK.search(post.mails[-1].get_content())
        assert found is not None
        await page.goto(found[0])
        wrong += await wrong_on(page, "lien")
        await page.click("button:has-text('Entrer')")
        await page.wait_for_selector("summary")
        wrong += await wrong_on(page, "telephone")
        await page.click("summary")
        key = await page.inner_text("code")
        assert await page.evaluate("document.querySelector('img').naturalWidth") > 100, "l'image se lit"
        await page.fill("#code", pyotp.TOTP(key.replace(" ", "")).now())
        await page.keyboard.press("Enter")
        await page.wait_for_selector("h1:has-text('Mes tâches')")
    assert wrong == []
