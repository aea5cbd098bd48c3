"""A SIAO's own worker in a browser: three suspected duplicates decided, one transfer accepted."""

from uuid import uuid4

from playwright.async_api import expect

from contracts.partner import Famille
from ops.duplicates import sql
from tests.integration.browser import DESKTOP, chromium, person
from tests.integration.test_desk_in_a_browser import wrong_on
from tests.integration.test_duplicates import household
from tests.integration.test_families import demand, joined, mailbox
from tests.integration.test_transfers import SECOND, about, brought
from tests.integration.visitors import works_at
from tests.integration.waiting import until
from tests.integration.world import World

UNDECIDED = "section[aria-label='Deux ménages qui se ressemblent']"
SAME, TWO = "C'est le même ménage", "Ce sont deux ménages"


async def put_to_the_second(console: World) -> str:
    """Three pairs that may be one household, the oldest of two that it follows, and a demand that the first SIAO
    proposes; its id."""
    await joined(
        console,
        mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"),
        mailbox("ccas-69", Famille.PRESCRIPTEUR, "prescripteur_json", territoire="69"),
        mailbox(SECOND, Famille.SIAO, "si_siao_json", territoire="69"),
    )
    for number in (1, 2):
        await console.accepted("ccas-69", household(number))
    await console.settled()
    followed = await console.sql("SELECT menage FROM subject WHERE nature = 'demande'")
    for one, other in ([row["menage"] for row in followed], (uuid4(), uuid4()), (uuid4(), uuid4())):
        async with console.database.transaction() as connection:
            await sql.propose(connection, one, other, ["DATE_INVERSEE", "NOM_IDENTIQUE"], [SECOND])
    await console.accepted("ccas", demand(dispositif="INSERTION"))
    demande = await brought(console)
    suite = {"territoire": "69", "composition": 20, "nbAdultes": 1}
    await console.accepted("siao-01", about(demande, 60, "demande.transferee", suite=suite))
    await console.settled()
    return demande


async def test_a_worker_decides_three_pairs_and_takes_a_demand_over(console: World) -> None:
    demande = await put_to_the_second(console)
    sub = await works_at(console.settings.console.issuer, SECOND)
    base = str(console.settings.console.url)
    async with chromium() as browser, person(browser, base, sub) as page:
        await page.locator("td a", has_text="Doublons").click()
        await page.wait_for_url("**/bureau/doublons")
        wrong = await wrong_on(page, "doublons")
        seen = page.get_by_role("link", name="Églantine Canarimiel")
        await expect(seen).to_have_count(2)
        for width, beside in ((700, True), (390, False)):
            await page.set_viewport_size({"width": width, "height": 900})
            one, other = [await each.bounding_box() for each in await seen.all()]
            assert one is not None
            assert other is not None
            assert (one["y"] == other["y"]) == beside, width
        await page.set_viewport_size(DESKTOP)
        await seen.last.click()
        await expect(page.locator("main")).to_contain_text("Canarimiel")
        wrong += await wrong_on(page, "doublon-vu")
        await page.go_back()
        for left, decision in ((2, SAME), (1, TWO), (0, SAME)):
            card = page.locator(UNDECIDED).first
            await card.locator("[name=motif]").fill("vus ensemble au guichet")
            await card.get_by_role("button", name=decision).click()
            await expect(page.locator(f"{UNDECIDED} form.actes")).to_have_count(left)
        await page.goto(f"{base}/bureau")
        assert "qui se ressemblent" not in await page.inner_text("main")
        task = page.locator("tr", has=page.locator(f"a[href='/bureau/recu/{demande}']"))
        assert "bien reçu" in await task.inner_text()
        await task.locator("a").click()
        await page.get_by_role("button", name="J'ai bien reçu").click()
        await expect(page.get_by_role("button", name="J'ai bien reçu")).to_have_count(0)
        await console.settled()
        await page.goto(f"{base}/bureau")
        assert "accepter ou refuser le transfert" in await task.inner_text()
        assert "pas de date limite" not in await task.inner_text(), "son délai court"
        wrong += await wrong_on(page, "a-faire-transfert")
        await task.locator("a").click()
        wrong += await wrong_on(page, "transfert")
        assert "Orienter ce ménage" not in await page.inner_text("main"), "elle n'est pas encore à lui"
        await page.get_by_role("button", name="Accepter son transfert").click()
        await until(lambda: console.siao.of_type("demande.transfert-accepte"), "le premier SIAO l'apprend")
        await console.settled()
        await page.goto(f"{base}/bureau/recu/{demande}")
        await page.wait_for_selector("text=Orienter ce ménage")
        wrong += await wrong_on(page, "demande-reprise")
    decided = await console.sql("SELECT etat, count(*) AS n FROM duplicate GROUP BY etat ORDER BY etat")
    assert [(row["etat"], row["n"]) for row in decided] == [("confirme", 2), ("ecarte", 1)]
    assert wrong == []
