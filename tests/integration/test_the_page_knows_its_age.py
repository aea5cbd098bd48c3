"""A page that nobody feeds any more says so by its own clock, and is itself again once somebody does."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.ports import reserved_ports
from deploy.local.process import Child
from router.settings import ConsoleSettings
from tests.integration import visitors
from tests.integration.browser import chromium, person, picture
from tests.integration.desk import ROOT, environment_of
from tests.integration.waiting import until
from tests.integration.world import World

GREY = "html.perime"
WAIT_MS = 60_000


@pytest.fixture
async def frozen(
    prepared: World, issuer: str, tmp_path: Path
) -> AsyncIterator[tuple[ConsoleSettings, Child]]:
    """A console in a process of its own, which a test can freeze, of a hub at work."""
    await prepared.start()
    with reserved_ports(1) as (port,):
        section = visitors.console_settings(port, issuer, tmp_path)
        settings = prepared.settings.model_copy(update={"console": section})
        child = Child(ROOT, tmp_path / "console.log")
        variables = (f"{name}={value}" for name, value in environment_of(settings).items())
        child.spawn(
            ["/usr/bin/env", *variables, sys.executable, "-m", "ops.commands", "run", "--role", "console"]
        )
        try:
            await until(lambda: visitors.is_open(section), "la console est ouverte")
            yield section, child
        finally:
            child.kill9()


async def test_a_page_whose_console_is_frozen_turns_grey_by_itself_and_is_itself_again_afterwards(
    frozen: tuple[ConsoleSettings, Child],
) -> None:
    section, child = frozen
    async with chromium() as browser, person(browser, str(section.url), "astreinte") as page:
        assert not await page.is_visible(GREY)
        child.freeze()
        try:
            await page.wait_for_selector(GREY, timeout=WAIT_MS)
            assert "Rien de neuf depuis" in await page.inner_text("#ancien")
            await picture(page, "page-ancienne")
        finally:
            child.thaw()
        await page.wait_for_selector("html:not(.perime)", timeout=WAIT_MS)
        assert not await page.is_visible("#ancien")
