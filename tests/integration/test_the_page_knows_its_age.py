"""A page that nobody feeds any more says so by its own clock, and is itself again once somebody does."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.ports import reserved_ports
from router.settings import Settings
from simulation.hub_process import module
from tests.integration import visitors
from tests.integration.browser import chromium, person
from tests.integration.desk import ROOT, environment_of
from tests.integration.forked import Forked
from tests.integration.waiting import until
from tests.integration.world import World

GREY = "html.perime"
WAIT_MS = 60_000
TOLD_MS = 20_000
"""Less than it takes a grey page to ask for itself anew."""
GREY_AFTER_MS = 15_000
"""By the clock of the browser, which the test turns."""


def command_of(settings: Settings) -> list[str]:
    """The console of these settings, as a program."""
    return [*module("ops.commands", environment_of(settings)), "run", "--role", "console"]


@pytest.fixture
async def apart(prepared: World, issuer: str, tmp_path: Path) -> AsyncIterator[tuple[Settings, Forked]]:
    """A console in a process of its own, which a test can freeze, of a hub at work."""
    await prepared.start()
    with reserved_ports(1) as (port,):
        section = visitors.console_settings(port, issuer, tmp_path)
        settings = prepared.settings.model_copy(update={"console": section})
        child = Forked(ROOT, tmp_path / "console.log")
        child.spawn(command_of(settings))
        try:
            await until(lambda: visitors.is_open(section), "la console est ouverte")
            yield settings, child
        finally:
            child.kill9()


async def test_a_page_whose_console_is_frozen_turns_grey_by_itself_and_is_itself_again_afterwards(
    apart: tuple[Settings, Forked],
) -> None:
    settings, child = apart
    base = str(settings.console.url)
    async with chromium() as browser, person(browser, base, "astreinte") as page:
        await page.clock.install()
        await page.reload()
        await page.wait_for_function("() => htmx.find('[sse-connect]')")
        await page.clock.run_for(GREY_AFTER_MS)
        await page.wait_for_selector(
            "html:not(.perime)", timeout=TOLD_MS
        )  # news come although nothing changes
        child.freeze()
        try:
            await page.clock.run_for(GREY_AFTER_MS)
            assert await page.is_visible(GREY)
            assert await page.is_visible("#ancien")
            assert "Rien de neuf depuis" in await page.inner_text("#ancien")
        finally:
            child.thaw()
        await page.wait_for_selector("html:not(.perime)", timeout=WAIT_MS)
        assert not await page.is_visible("#ancien")
