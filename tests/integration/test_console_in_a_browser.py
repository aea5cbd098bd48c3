"""The console in a browser: what an operator does at night, by keyboard alone, and that everybody can read it."""

import pytest
from playwright.async_api import Browser, Page

from console import live
from console.pages import messages
from console.rendering import said
from console.rights import Droit
from tests.integration import lasting
from tests.integration.browser import one_browser, person, told_anew, wrong_on_screens
from tests.integration.messages import vacancy
from tests.integration.quarantined import refused
from tests.integration.test_families import with_names
from tests.integration.visited import LIVE, gathered, routes
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
console = lasting.console
browser = one_browser
WHY = "appel du centre à 3 h"


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


async def test_an_operator_sees_what_happens_finds_it_and_mends_it_by_keyboard_alone(
    console: World, browser: Browser
) -> None:
    base = str(console.settings.console.url)
    async with person(browser, base, "astreinte") as page:
        await page.wait_for_selector("text=Rien n'attend de décision.")
        await a_night(console)
        await page.wait_for_selector("text=livraison refusée")  # the open page tells it by itself
        await search(page, "CH-102")
        await page.wait_for_selector("text=place.vacante accepté, de centre")
        await by_keyboard(page, "Ouvrir")
        await page.wait_for_selector("text=Son histoire")
        await page.go_back()
        # Chrome asks for a form that was sent once more, and shows an error.
        await page.wait_for_selector("text=livraison refusée")

        await by_keyboard(page, "À traiter au hub")
        await by_keyboard(page, "Livraisons")
        (delivery,) = [each for each in await console.deliveries("siao-01") if each.etat == "refusee"]
        await by_keyboard(page, f"…{str(delivery.id)[-8:]}")
        await page.wait_for_selector("text=Le partenaire l'a refusée")
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
        await say_why(page, "corriger")
        await page.wait_for_selector("text=Son chemin")
        await by_keyboard(page, "Journal")
        await by_keyboard(page, "Audit")
        await page.wait_for_selector("text=octets.lire")
        assert await page.locator("tr", has_text="octets.lire").locator(f"text={WHY}").count() == 1


async def test_a_list_that_is_longer_than_its_page_is_sorted_as_a_whole_by_keyboard(
    console: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LISTED", 1)
    for number in range(3):
        await console.accepted("centre", vacancy(f"CH-{number}"))
    await console.settled()
    base = str(console.settings.console.url)
    async with person(browser, base, "astreinte") as page:
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
    console: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "REFRESH_SECONDS", 0.2)
    base = str(console.settings.console.url)
    async with person(browser, base, "astreinte") as page:
        # After a stall, the page would load itself anew.
        await page.route("**/sante", lambda route: route.abort())
        for link in ("/orientations", "/flux", "/partenaires/centre"):
            await page.focus(f"main a[href='{link}']")
            await told_anew(page)
            assert await page.evaluate("document.activeElement.getAttribute('href')") == link


async def test_a_search_on_a_live_page_never_turns_grey_and_says_that_the_session_is_over(
    console: World, browser: Browser
) -> None:
    base = str(console.settings.console.url)
    async with person(browser, base, "astreinte", refusal="401") as page:
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


async def test_every_page_can_be_read_by_everybody_in_light_and_dark_at_a_desk_and_on_a_phone(
    console: World, browser: Browser
) -> None:
    await a_night(console)
    there = await gathered(console)
    await with_names(console)
    base = str(console.settings.console.url)
    wrong: list[str] = []
    opened = [r for r in routes() if r.method == "GET" and r.path not in LIVE and r.droit is not Droit.PARLER]
    pages = [there.asked_of(route) for route in opened]
    async with person(browser, base, "astreinte") as page:
        for path in (*pages, "/alertes/README.md", "/adieu"):
            await page.goto(base + path)
            name = path[1:].removesuffix(".md").replace("/", "-")
            wrong += await wrong_on_screens(page, name or "maintenant")
    assert wrong == []
