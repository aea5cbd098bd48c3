"""The console in a browser: what an operator does at night, by keyboard alone, and that everybody can read it."""

from playwright.async_api import Page

from router.roles import AT_WORK, Role
from tests.integration.browser import (
    DESKTOP,
    OF_COLOURS,
    PHONE,
    chromium,
    faults,
    looked_at,
    person,
    picture,
)
from tests.integration.messages import vacancy
from tests.integration.orphaned import an_exit_that_cites_its_place
from tests.integration.quarantined import refused
from tests.integration.visited import LIVE, gathered, routes
from tests.integration.visitors import is_open, visitor
from tests.integration.waiting import until
from tests.integration.world import World

WHY = "appel du centre à 3 h"
PICTURED = {f"/{name}" for name in (
    "", "orientations", "places", "messages", "quarantaine", "orphelines", "livraisons", "partenaires", "flux",
    "territoires", "alertes", "rejeux", "audit", "partenaires/centre",
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
    """Places, a referral without an answer, refused messages, a delivery that the SIAO refused."""
    await world.referred(4711, "CH-101")
    await world.referred(4712, "CH-102")
    await refused(world, 3)
    await world.settled()
    world.siao.status = 422
    await world.send("centre", vacancy("CH-103"))

    async def is_refused() -> bool:
        return any(each.etat == "refusee" for each in await world.deliveries("siao-01"))

    await until(is_refused, "le SIAO refuse")


async def enter(page: Page) -> None:
    """Press Enter, and wait for the page that comes of it."""
    async with page.expect_navigation():
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
        await page.wait_for_selector("text=livraisons refusées")  # the open page tells it by itself
        await page.keyboard.press("/")
        await page.keyboard.type("CH-102")
        await enter(page)
        await page.wait_for_selector("text=place.vacante accepté, de centre")
        await picture(page, "recherche")
        await by_keyboard(page, "sa page")
        await page.wait_for_selector("text=Son histoire")
        await picture(page, "sujet")

        await by_keyboard(page, "Livraisons")
        (delivery,) = [each for each in await console.deliveries("siao-01") if each.etat == "refusee"]
        await by_keyboard(page, str(delivery.id)[:8])
        await page.wait_for_selector("text=Le partenaire l'a refusée")
        await picture(page, "livraison")
        console.siao.status = 200
        before = len(console.siao.messages)
        await say_why(page, "renvoyer")
        await until(lambda: len(console.siao.messages) > before, "la livraison arrive au SIAO")

        await by_keyboard(page, "Quarantaine")
        entry = (await console.quarantined())[0]
        await by_keyboard(page, entry.cause)
        await by_keyboard(page, str(entry.id)[:8])
        await page.wait_for_selector("text=masqués")
        await say_why(page, "clair")
        await page.wait_for_selector("text=Corriger et soumettre à nouveau")
        await picture(page, "entree")
        await say_why(page, "corriger")
        await page.wait_for_selector("text=Son chemin")
        await picture(page, "message")
        await by_keyboard(page, "Audit")
        await page.wait_for_selector("text=octets.lire")
        assert await page.locator("tr", has_text="octets.lire").locator(f"text={WHY}").count() == 1


async def test_an_orphan_answer_is_attached_by_keyboard_to_what_it_was_about(console: World) -> None:
    await an_exit_that_cites_its_place(console, *AT_WORK, Role.CONSOLE)
    await until(lambda: is_open(console.settings.console), "la console est ouverte")
    base = str(console.settings.console.url)
    async with chromium() as browser, person(browser, base, "astreinte") as page:
        await by_keyboard(page, "Orphelines")
        await page.wait_for_selector("text=l'identifiant cité est celui de sa place")
        await picture(page, "orpheline")
        action = await page.get_attribute("form[action$=rattacher]", "action")
        ours = await page.get_attribute("form[action$=rattacher] input[name=envoi]", "value")
        await say_why(page, "rattacher")
        await page.wait_for_url(f"**/sujets/{ours}")
        await until(lambda: console.siao.of_type("sortie.declaree"), "le SIAO apprend la sortie")
        await page.goto(f"{base}/orphelines")
        await page.wait_for_selector("text=Aucune réponse n'attend")
    async with visitor(console.settings.console, "astreinte") as second:
        assert (await second.post(str(action), motif=WHY, envoi=ours)).status == 409
    (act,) = await console.audited("orpheline.rattacher")
    assert act.actor == "console:astreinte"


async def test_every_page_can_be_read_by_everybody_in_light_and_dark_at_a_desk_and_on_a_phone(
    console: World,
) -> None:
    await a_night(console)
    there = await gathered(console)
    base = str(console.settings.console.url)
    wrong: list[str] = []
    pages = [there.asked_of(route) for route in routes() if route.method == "GET" and route.path not in LIVE]
    async with chromium() as browser, person(browser, base, "astreinte") as page:
        for path in (*pages, "/adieu"):
            await page.goto(base + path)
            for viewport, dark, suffix in SCREENS:
                await looked_at(page, viewport, dark=dark)
                if path in PICTURED and suffix is not None:
                    await picture(page, (path[1:].replace("/", "-") or "cette-nuit") + suffix)
                wrong += await faults(page, rules=OF_COLOURS if dark else ())
                if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    wrong.append(f"{path}: plus large que l'écran de {viewport['width']} points")
    assert wrong == []
