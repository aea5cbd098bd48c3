"""Each page of the handbook of the person on call is played by a script, on real parts (`make manuel`)."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PLAYED = re.compile(r'(?:Case\(|look\(\s*world,\s*|machine\()\s*"([a-z-]+)"')


def test_no_page_of_the_handbook_is_without_a_script_that_does_what_it_says():
    pages = {page.stem for page in (ROOT / "docs/astreinte").glob("*.md")} - {"README"}
    scripts = (ROOT / "tests/integration").glob("manuel*.py")
    played = {page for script in scripts for page in PLAYED.findall(script.read_text("utf-8"))}
    assert played == pages
