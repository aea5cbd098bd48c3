"""What a document refers to exists: tests by name, pages by link, duties of the circular by number."""

import re
from functools import cache
from pathlib import Path

from tests.rows import each_row

ROOT = Path(__file__).parents[3]
DECISIONS = ROOT / "docs" / "decisions"
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "bench").rglob("*.md")),
]
SOURCES = ("contracts", "adapters", "connectors", "router")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@cache
def known_tests() -> frozenset[str]:
    """Names of the files of tests, and of the tests in them."""
    found = {path.stem: path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    return frozenset(
        {*found, *(name for text in found.values() for name in re.findall(r"def (test_\w+)\(", text))}
    )


@each_row("page", PAGES, ids=name_of)
def test_every_test_that_a_page_names_exists(page: Path):
    known = known_tests()
    named = re.findall(r"`(test_\w+?)(?:\.py)?`", page.read_text(encoding="utf-8"))
    assert [name for name in named if name not in known] == []


@each_row("page", PAGES, ids=name_of)
def test_every_page_that_a_page_links_to_exists(page: Path):
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_of_the_decisions_is_in_their_index():
    index = (DECISIONS / "README.md").read_text("utf-8")
    listed = re.findall(r"^\| \[[^]]+\]\(([^)]+)\) \|", index, re.MULTILINE)
    assert sorted([*listed, "README.md"]) == sorted(path.name for path in DECISIONS.iterdir())


def test_every_duty_that_the_code_cites_is_in_the_list_of_the_circulars_demands():
    listed = set(re.findall(r"^\| (C\d+) \|", (ROOT / "docs" / "obligations.md").read_text("utf-8"), re.M))
    source = "\n".join(path.read_text("utf-8") for name in SOURCES for path in (ROOT / name).rglob("*.py"))
    cited = {number for said in re.findall(r"dut(?:y|ies) (C\d+(?:(?:, | to | and )C\d+)*)", source)
             for number in re.findall(r"C\d+", said)}  # fmt: skip
    assert cited
    assert cited <= listed


def test_every_picture_of_the_console_is_shown_by_a_page():
    folder = ROOT / "docs" / "console"
    pages = (folder / "README.md", ROOT / "docs" / "console.md")
    shown = {name for page in pages for name in re.findall(r"([\w-]+\.png)\)", page.read_text("utf-8"))}
    assert shown == {path.name for path in folder.glob("*.png")}, "« make captures » les prend"
