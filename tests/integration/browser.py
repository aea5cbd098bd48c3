"""The console in Debian's Chromium: pages as people see and use them, and what axe-core finds wrong with them."""

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
"""Rules of axe-core that depend on colours, so that they are checked again on dark pages."""
FAULTS = """options => axe.run(options).then(found => found.violations
    .filter(each => ["serious", "critical"].includes(each.impact))
    .flatMap(each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 120)}`)))
"""
"""JavaScript that runs axe-core on a page and returns its serious faults."""
CAPTURES = os.environ.get("SIAO_CAPTURES")
"""Folder for pictures of the pages; None to take no pictures."""
DOCS = Path(__file__).parents[2] / "docs"
PAGES = (DOCS / "console" / "README.md", DOCS / "console.md")
"""Pages of the documentation that show pictures."""
TALLEST = 1_600
"""Largest height of a picture, in points. A longer page is cut off there."""
INSTALLED = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        texts.currentNode.data = texts.currentNode.data.replace(/(file:)?\\/tmp\\/[^ ]*/g, "$1/var/lib/siao-hub");
    }
}"""
"""JavaScript that replaces a test's temporary folder on the page by that of an installation."""
MISSING = "il manque Chromium : « make chromium » l'installe, ou « apt-get install chromium »"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Give a Chromium with French as its language. Fails, with what to install, if there is none."""
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
    """Give the page of a person `sub` who has logged in to the console, without animations, so that colours do not
    change while they are judged.

    Fails if a page reports an error in the browser's console, other than the status `refusal`; never if
    `forgiving`.
    """
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
    """Wait until the open page «Maintenant» shows a later state of the hub."""
    seen = "document.querySelector('.verdict .discret').innerText"
    await page.wait_for_function(f"before => {seen} !== before", arg=await page.evaluate(seen))


async def walked(page: Page, links: str = "a") -> dict[str, str]:
    """Return all pages that clicks on these links lead to, from the open page on: content by URL. Each link is
    clicked once; links to files are not followed."""
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
    """Return the targets of these links within the console, each with the page's URL. Links to files are left out."""
    targets = await page.eval_on_selector_all(
        f"{links}[href^='/']:not([download])", "all => all.map(a => a.getAttribute('href'))"
    )
    return dict.fromkeys(targets, page.url)


async def looked_at(page: Page, viewport: ViewportSize, *, dark: bool) -> None:
    """Show the open page on a screen of this size, in dark or light colours, without loading it again."""
    await page.set_viewport_size(viewport)
    theme: Literal["dark", "light"] = "dark" if dark else "light"
    await page.emulate_media(color_scheme=theme)
    await page.wait_for_function("theme => document.documentElement?.dataset.bsTheme === theme", arg=theme)


async def faults(page: Page, *, rules: Sequence[str] = ()) -> list[str]:
    """Return the serious faults that axe-core finds on a page, each with the HTML where it is. `rules` limits the
    search to these rules."""
    only = {"runOnly": list(rules)} if rules else {}
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(FAULTS, {"resultTypes": ["violations"], **only})
    return found


async def picture(page: Page, name: str) -> None:
    """Take a picture of a page, if pictures are wanted and the documentation shows one of this name."""
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
    """Return the file names of the pictures that the documentation shows."""
    return frozenset(
        found for page in PAGES for found in re.findall(r"([\w-]+\.png)\)", page.read_text("utf-8"))
    )
