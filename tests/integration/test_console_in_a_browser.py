"""The console in a browser: what an operator does at night, by keyboard alone, and that everybody can read it."""

import pytest
from playwright.async_api import Page

from console import live
from console.pages import messages
from console.rendering import said
from console.rights import MAY, Droit
from contracts.base import Nature
from contracts.mots import etat_of
from router.domain.roles import AT_WORK, Role
from tests.integration.browser import (
    DESKTOP,
    OF_COLOURS,
    PHONE,
    chromium,
    faults,
    looked_at,
    person,
    picture,
    told_anew,
    walked,
)
from tests.integration.messages import vacancy
from tests.integration.orphaned import an_exit_that_cites_its_place
from tests.integration.quarantined import refused
from tests.integration.test_families import with_names
from tests.integration.visited import LIVE, gathered, routes, things
from tests.integration.visitors import ELSEWHERE, is_open
from tests.integration.waiting import until
from tests.integration.world import World

WHY = "appel du centre à 3 h"
PICTURED = {f"/{name}" for name in (
    "", "orientations", "places", "messages", "quarantaine", "orphelines", "livraisons", "partenaires", "flux",
    "territoires", "alertes", "alertes/refusees.md", "rejeux", "audit", "partenaires/centre",
    "mur", "a-traiter", "compte", "structures", "actes",
)}  # fmt: skip
"""The others are pictured where a test works with them."""
SCREENS = (
    (DESKTOP, False, ""),
    (PHONE, False, None),
    (DESKTOP, True, None),
    (PHONE, True, "-sombre-telephone"),
)
"""Each with what the name of its picture ends with; without one none is taken."""


async def a_night(world: World) -> None:
    """Places, a referral without an answer, refused messages, a delivery that the SIAO refused; the partners under
    the names that a person reads."""
    await with_names(world)
    await world.referred(4711, "CH-101")
    await world.referred(4712, "CH-102")
    await refused(world, 3)
    await world.settled()
    await world.refused_by_the_siao(vacancy("CH-103"))


async def enter(page: Page) -> None:
    """Press Enter, and wait for the page that comes of it."""
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def search(page: Page, words: str) -> None:
    """Type words into the search box, and send them."""
    await page.keyboard.press("/")
    await page.keyboard.type(words)
    await page.keyboard.press("Enter")


async def say_why(page: Page, form: str) -> None:
    """Type a reason into a form, and send it."""
    await page.focus(f"form[action$={form}] input[name=motif]")
    await page.keyboard.type(WHY)
    await enter(page)


async def by_keyboard(page: Page, label: str) -> None:
    """Tab to what bears this label, and press it."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(
            "document.activeElement.innerText?.trim() || document.activeElement.ariaLabel || ''"
        )
        if focused.startswith(label):
            await enter(page)
            return
    raise AssertionError(f"« {label} » n'est pas atteint au clavier")


async def test_an_operator_sees_what_happens_finds_it_and_mends_it_by_keyboard_alone(console: World) -> None:
    base = str(console.settings.console.url)
    async with chromium() as browser, person(browser, base, "astreinte") as page:
        await page.wait_for_selector("text=Rien n'attend de décision.")
        await a_night(console)
        await page.wait_for_selector("text=livraison refusée")  # the open page tells it by itself
        await search(page, "CH-102")
        await page.wait_for_selector("text=place.vacante accepté, de centre")
        await picture(page, "recherche")
        await by_keyboard(page, "ouvrir")
        await page.wait_for_selector("text=Son histoire")
        await picture(page, "sujet")
        await page.go_back()
        # Chrome asks for a form that was sent once more, and shows an error.
        await page.wait_for_selector("text=livraison refusée")

        await by_keyboard(page, "À traiter au hub")
        await by_keyboard(page, "Livraisons")
        (delivery,) = [each for each in await console.deliveries("siao-01") if each.etat == "refusee"]
        await by_keyboard(page, f"…{str(delivery.id)[-8:]}")
        await page.wait_for_selector("text=Le partenaire l'a refusée")
        await picture(page, "livraison")
        console.siao.status = 200
        before = len(console.siao.messages)
        await say_why(page, "renvoyer")
        await until(lambda: len(console.siao.messages) > before, "la livraison arrive au SIAO")

        await by_keyboard(page, "Quarantaine")
        entry = (await console.quarantined())[0]
        await by_keyboard(page, said(entry.cause))
        await by_keyboard(page, f"…{str(entry.id)[-8:]}")
        await page.wait_for_selector("text=masqués")
        await say_why(page, "clair")
        await page.wait_for_selector("text=Corriger et soumettre à nouveau")
        await picture(page, "entree")
        await say_why(page, "corriger")
        await page.wait_for_selector("text=Son chemin")
        await picture(page, "message")
        await by_keyboard(page, "Journal")
        await by_keyboard(page, "Audit")
        await page.wait_for_selector("text=octets.lire")
        assert await page.locator("tr", has_text="octets.lire").locator(f"text={WHY}").count() == 1


async def test_an_orphan_answer_is_attached_by_keyboard_to_what_it_was_about_and_takes_effect(
    console: World,
) -> None:
    ours, _ = await an_exit_that_cites_its_place(console, *AT_WORK, Role.CONSOLE)
    await with_names(console)
    await console.referred(4712, "CH-102")
    await until(lambda: is_open(console.settings.console), "la console est ouverte")
    base = str(console.settings.console.url)
    async with chromium() as browser, person(browser, base, "astreinte") as page:
        await by_keyboard(page, "À traiter au hub")
        await by_keyboard(page, "Orphelines")
        likely = page.locator(".proches li")
        assert "l'identifiant cité est celui de sa place" in await likely.first.inner_text()
        assert await likely.count() == 2, "la plus probable d'abord, puis l'autre"
        await picture(page, "orpheline")
        await say_why(page, "rattacher")
        assert page.url == f"{base}/sujets/{ours}"
        await until(lambda: console.siao.of_type("sortie.declaree"), "le SIAO apprend la sortie")
        await console.settled()
        await page.reload()
        assert etat_of(Nature.ORIENTATION, "SORTIE") in (await page.inner_text("h1")).lower()
        await by_keyboard(page, "À traiter au hub")
        await by_keyboard(page, "Orphelines")
        await page.wait_for_selector("text=Aucune réponse n'attend")
    (act,) = await console.audited("orpheline.rattacher")
    assert act.actor == "console:astreinte"


async def test_a_list_that_is_longer_than_its_page_is_sorted_as_a_whole_by_keyboard(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LISTED", 1)
    for number in range(3):
        await console.accepted("centre", vacancy(f"CH-{number}"))
    await console.settled()
    base = str(console.settings.console.url)
    async with chromium() as browser, person(browser, base, "astreinte") as page:
        await page.goto(f"{base}/messages")
        assert await page.locator(".liste tbody tr").count() == 1
        await page.focus("text=Tout sur une page")
        await page.keyboard.press("Enter")
        await page.focus("[data-tri] th:first-child button")
        for downwards in (False, True):
            await page.keyboard.press("Enter")
            moments = await page.evaluate(
                "[...document.querySelectorAll('.liste tbody tr')].map((row) => Number(row.cells[0].dataset.v))"
            )
            assert len(moments) > 3
            assert moments == sorted(moments, reverse=downwards)


async def test_who_is_on_a_link_of_a_page_that_is_told_anew_stays_on_it(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "REFRESH_SECONDS", 0.2)
    base = str(console.settings.console.url)
    async with chromium() as browser, person(browser, base, "astreinte") as page:
        for link in ("/orientations", "/flux", "/partenaires/centre"):
            await page.focus(f"main a[href='{link}']")
            await told_anew(page)
            assert await page.evaluate("document.activeElement.getAttribute('href')") == link


async def test_a_search_on_a_live_page_never_turns_grey_and_says_that_the_session_is_over(
    console: World,
) -> None:
    base = str(console.settings.console.url)
    async with chromium() as browser, person(browser, base, "astreinte", refusal="401") as page:
        await page.clock.install()
        # A grey page stays grey: it is not loaded anew.
        await page.route("**/sante", lambda route: route.abort())
        await page.goto(base)
        await search(page, "CH-102")
        await page.wait_for_selector("text=Rien ne porte ce numéro")
        await page.clock.fast_forward(int(10_000 * live.OLD_AFTER_SECONDS))
        assert not await page.is_visible("#ancien")
        await page.context.clear_cookies()
        await search(page, "")
        await page.wait_for_selector("text=votre session a pris fin")


async def test_nobody_comes_by_clicking_or_by_address_to_what_is_of_another_territory_or_partner(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "REFRESH_SECONDS", 0.2)
    there = await things(console)
    base = str(console.settings.console.url)
    async with chromium() as browser:
        for profil, sub in ELSEWHERE.items():
            async with person(browser, base, sub, refusal="404") as page:
                pages = await walked(page)
                if Droit.VEILLER in MAY[profil]:
                    await page.goto(base)
                    await told_anew(page)
                    pages["/direct"] = await page.content()
                for path, shown in pages.items():
                    assert not {trace for trace in there.traces() if trace in shown}, (sub, path)
                for path in there.paths():
                    answer = await page.goto(base + path)
                    assert answer is not None
                    assert answer.status == 404, (sub, path)
        # Whoever it belongs to finds links to all of it on the pages of the menu: a partner's own people at their desk.
        for sub, own in (("referente", there.paths()), ("partenaire", there.at_the_desk())):
            async with person(browser, base, sub) as page:
                lists = "".join((await walked(page, "nav a")).values())
                assert not {path for path in own if f'href="{path}"' not in lists}, sub


async def test_every_page_can_be_read_by_everybody_in_light_and_dark_at_a_desk_and_on_a_phone(
    console: World,
) -> None:
    await a_night(console)
    there = await gathered(console)
    await with_names(console)
    base = str(console.settings.console.url)
    wrong: list[str] = []
    opened = [r for r in routes() if r.method == "GET" and r.path not in LIVE and r.droit is not Droit.PARLER]
    pages = [there.asked_of(route) for route in opened]
    async with chromium() as browser, person(browser, base, "astreinte") as page:
        for path in (*pages, "/alertes/README.md", "/adieu"):
            await page.goto(base + path)
            for viewport, dark, suffix in SCREENS:
                await looked_at(page, viewport, dark=dark)
                if path in PICTURED and suffix is not None:
                    name = path[1:].removesuffix(".md").replace("/", "-")
                    await picture(page, (name or "maintenant") + suffix)
                wrong += await faults(page, rules=OF_COLOURS if dark else ())
                if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    wrong.append(f"{path}: plus large que l'écran de {viewport['width']} points")
    assert wrong == []
