"""Each page of the handbook of the person on call is played by a script, on real parts (`make manuel`). It names
commands that exist, whole, and ends by saying how to see that all is over."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.ops.commands.typed import faults_of

ROOT = Path(__file__).parents[3]
PLAYED = re.compile(r'(?:Case\(|look\(\s*world,\s*|machine\()\s*"([a-z-]+)"')
PAGES = sorted(page for page in (ROOT / "docs/astreinte").glob("*.md") if page.stem != "README")


def test_no_page_of_the_handbook_is_without_a_script_that_does_what_it_says():
    scripts = (ROOT / "tests/integration").glob("manuel*.py")
    played = {page for script in scripts for page in PLAYED.findall(script.read_text("utf-8"))}
    assert played == {page.stem for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_a_page_of_the_handbook_names_whole_commands_and_ends_with_how_to_see_that_it_is_over(
    page: Path,
) -> None:
    text = page.read_text("utf-8")
    commands = [*commands_of(text)]
    assert commands
    assert {each: faults for each in commands if (faults := faults_of(each))} == {}
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert titles == ["Regarder", "Faire", "C'est fini quand"]


def commands_of(text: str) -> Iterator[str]:
    """The commands of the hub on a page, on lines of their own or within its sentences."""
    yield from re.findall(r"^\$ siao-hub (.*?)(?:\s+#.*)?$", text, re.MULTILINE)
    for each in re.findall(r"`siao-hub ([^`]+)`", text):
        yield " ".join(each.split())
