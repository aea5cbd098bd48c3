"""The console in Debian's Chromium: pages as people see them, by keyboard, and what axe-core says of them."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize, async_playwright

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
OF_COLOURS = ("color-contrast",)
"""What a dark page may do wrong that the light one does not."""
FAULTS = """options => axe.run(options).then(found => found.violations
    .filter(each => ["serious", "critical"].includes(each.impact))
    .flatMap(each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 120)}`)))
"""
"""Has axe-core judge a page, and tell the serious faults alone."""
CAPTURES = os.environ.get("SIAO_CAPTURES")
"""Where pictures of the pages go; without it none is taken."""
DOCS = Path(__file__).parents[2] / "docs"
PAGES = (DOCS / "console" / "README.md", DOCS / "console.md")
"""The pages that show pictures."""
TALLEST = 1_600
"""Limit on the height of a picture, in points: a long page is shown by its beginning."""
INSTALLED = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        texts.currentNode.data = texts.currentNode.data.replace(/(file:)?\\/tmp\\/[^ ]*/g, "$1/var/lib/siao-hub");
    }
}"""
"""Has a picture show the folder of an installation in the place of a test's own."""
MISSING = "il manque Chromium : « make chromium » l'installe, ou « apt-get install chromium »"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One browser, which speaks French like its readers. Fails, saying what to install, where there is none."""
    program = shutil.which("chromium")
    assert program is not None, MISSING
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--lang=fr"], env={**os.environ, "LANGUAGE": "fr"}
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def person(
    browser: Browser, base: str, sub: str, *, refusal: str = "", forgiving: bool = False
) -> AsyncIterator[Page]:
    """Somebody who has logged in, at a desk, and does not want things to move: a colour is what it is at once. What a
    page complains of in its console is a failure, but for the status code `refusal`, and for who is `forgiving`."""
    context = await browser.new_context(
        viewport=DESKTOP, color_scheme="light", reduced_motion="reduce", locale="fr-FR"
    )
    page = await context.new_page()
    complaints: list[str] = []

    def noted(said: ConsoleMessage) -> None:
        if said.type == "error" and not (refusal and refusal in said.text):
            complaints.append(said.text)

    page.on("console", noted)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        await page.goto(base)
        await page.fill("input[name=sub]", sub)
        await page.press("input[name=sub]", "Enter")
        await page.wait_for_selector("header.entete")
        complaints.clear()  # those of the provider's own page
        yield page
        assert forgiving or complaints == []
    finally:
        await context.close()


async def told_anew(page: Page) -> None:
    """Wait until the page «Maintenant», which somebody has open, shows a later look at the hub."""
    seen = "document.querySelector('.verdict .discret').innerText"
    await page.wait_for_function(f"before => {seen} !== before", arg=await page.evaluate(seen))


async def walked(page: Page, links: str = "a") -> dict[str, str]:
    """All pages that somebody comes to by clicking on these links, from the one that is open on, each with what stands
    in it. Every link is clicked once, where it was first found; a file to keep is no page."""
    shown, found = {page.url: await page.content()}, await _links(page, links)
    while found:
        href, where = found.popitem()
        link = page.locator(f'a[href="{href}"]').first
        if not await link.count():
            await page.goto(where)
        async with page.expect_navigation():
            await link.click()
        shown[href] = await page.content()
        found |= {
            each: at for each, at in (await _links(page, links)).items() if each not in {*shown, *found}
        }
    return shown


async def _links(page: Page, links: str) -> dict[str, str]:
    """Where these links of a page lead within the console, each with where the page is. A file that is given leads
    nowhere."""
    targets = await page.eval_on_selector_all(
        f"{links}[href^='/']:not([download])", "all => all.map(a => a.getAttribute('href'))"
    )
    return dict.fromkeys(targets, page.url)


async def looked_at(page: Page, viewport: ViewportSize, *, dark: bool) -> None:
    """The same page on such a screen, as the system of its reader asks for it; nothing is loaded anew."""
    await page.set_viewport_size(viewport)
    theme: Literal["dark", "light"] = "dark" if dark else "light"
    await page.emulate_media(color_scheme=theme)
    await page.wait_for_function("theme => document.documentElement?.dataset.bsTheme === theme", arg=theme)


async def faults(page: Page, *, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds serious on a page by these rules, or by all, each with where it is. A page gets axe-core,
    half a megabyte of it, once."""
    only = {"runOnly": list(rules)} if rules else {}
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(FAULTS, {"resultTypes": ["violations"], **only})
    return found


async def picture(page: Page, name: str) -> None:
    """Keep how a page looks, where pictures are wanted and a page of the documentation shows this one."""
    if CAPTURES is not None and f"{name}.png" in shown():
        await page.evaluate(INSTALLED)
        tall = min(TALLEST, await page.evaluate("document.documentElement.scrollHeight"))
        assert page.viewport_size is not None
        await page.screenshot(
            path=Path(CAPTURES) / f"{name}.png",
            full_page=True,
            clip={"x": 0, "y": 0, "width": page.viewport_size["width"], "height": tall},
        )


@cache
def shown() -> frozenset[str]:
    """The names of the pictures that the documentation shows."""
    return frozenset(
        found for page in PAGES for found in re.findall(r"([\w-]+\.png)\)", page.read_text("utf-8"))
    )
