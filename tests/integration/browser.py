"""The console in Debian's Chromium: pages as people see and use them, and what axe-core finds wrong with them."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Literal

import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize, async_playwright, expect

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SCREENS = ((DESKTOP, False, ""), (PHONE, True, "-sombre-telephone"))
"""Screens on which a page is judged: size, whether dark, and the suffix of the picture's name."""
JUDGED = r"""async () => {
    const judged = ["serious", "critical"];
    const others = axe._audit.rules.filter(each => !judged.includes(each.impact));
    const rules = Object.fromEntries(others.map(each => [each.id, {enabled: false}]));
    const found = await axe.run({resultTypes: ["violations"], rules});
    const wrong = found.violations.filter(each => judged.includes(each.impact))
        .flatMap(each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 120)}`));
    if (document.documentElement.scrollWidth > innerWidth) wrong.push(`plus large que l'écran de ${innerWidth} points`);
    const broken = new Set(), range = document.createRange();
    const lines = () => new Set([...range.getClientRects()].filter(each => each.width).map(each => each.top.toFixed()));
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        range.selectNodeContents(text);
        if (lines().size < 2 || !text.parentElement.checkVisibility()) continue;
        for (const chunk of text.data.matchAll(/\S+/g)) {
            if (chunk[0].length > LONG) continue;
            for (const word of chunk[0].matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
                range.setStart(text, chunk.index + word.index);
                range.setEnd(text, chunk.index + word.index + word[0].length);
                if (lines().size > 1) broken.add(chunk[0]);
            }
        }
    }
    return [...wrong, ...[...broken].map(each => `« ${each} » coupé sur l'écran de ${innerWidth} points`)];
}""".replace("LONG", "24")
"""JavaScript that returns what is wrong with a page: the serious faults that axe-core finds, each with the HTML where
it is; that it is wider than the screen; its words that are broken inside over two lines. A word of more than 24
characters, such as an id or an address, may be. Rules of axe-core whose faults are not serious are not run."""
CAPTURES = os.environ.get("SIAO_CAPTURES")
"""Folder for pictures of the pages; None to take no pictures."""
DOCS = Path(__file__).parents[2] / "docs"
PAGES = (DOCS / "console" / "README.md", DOCS / "console.md")
"""Pages of the documentation that show pictures."""
PATIENCE_MILLISECONDS = 120_000
"""Longest wait for what a page shows: on a busy machine it may only be slow."""
expect.set_options(timeout=PATIENCE_MILLISECONDS)
TALLEST = 1_600
"""Largest height of a picture, in points. A longer page is cut off there."""
INSTALLED = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        texts.currentNode.data = texts.currentNode.data.replace(/(file:)?\\/tmp\\/[^ ]*/g, "$1/var/lib/siao-hub");
    }
}"""
"""JavaScript that replaces a test's temporary folder on the page by that of an installation."""
QUICK, WHOLE = "chromium-headless-shell", "chromium"
"""Programs: without a window, for half of the computing time, but with its own words (« Choose File ») in English; and
as people have it, for pictures."""
MISSING = f"il manque Chromium : « make chromium » l'installe, ou « apt-get install {QUICK} »"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Give a Chromium with French as its language. Fails, with what to install, if there is none."""
    program = (None if CAPTURES else shutil.which(QUICK)) or shutil.which(WHOLE)
    assert program is not None, MISSING
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--lang=fr"], env={**os.environ, "LANGUAGE": "fr"}
        )
        try:
            yield browser
        finally:
            await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_browser() -> AsyncIterator[Browser]:
    """A browser for all tests of a module: each person in it has cookies of their own."""
    async with chromium() as browser:
        yield browser


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
    context.set_default_timeout(PATIENCE_MILLISECONDS)
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


async def looked_at(page: Page, viewport: ViewportSize, *, dark: bool) -> None:
    """Show the open page on a screen of this size, in dark or light colours, without loading it again."""
    await page.set_viewport_size(viewport)
    theme: Literal["dark", "light"] = "dark" if dark else "light"
    await page.emulate_media(color_scheme=theme)
    await page.wait_for_function("theme => document.documentElement?.dataset.bsTheme === theme", arg=theme)


async def wrong_on_screens(page: Page, name: str) -> list[str]:
    """Return the faults of a page on all `SCREENS`, and take its pictures under this name. The page is shown on a
    light desktop afterwards."""
    wrong: list[str] = []
    if not await page.evaluate("'axe' in window"):
        await page.context.add_init_script(AXE_SCRIPT)  # the next pages have it without being sent it
        await page.evaluate(AXE_SCRIPT)
    for viewport, dark, suffix in SCREENS:
        await looked_at(page, viewport, dark=dark)
        await picture(page, name + suffix)
        wrong += [f"{name}: {fault}" for fault in await page.evaluate(JUDGED)]
    await looked_at(page, DESKTOP, dark=False)
    return wrong


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
