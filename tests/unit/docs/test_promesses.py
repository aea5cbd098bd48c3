"""Each promise of `docs/promesses.md` is in the list of its chapter, and has its limit and its proof below, under the
same name."""

import re
from pathlib import Path

from tests.rows import each_row

PAGE = (Path(__file__).parents[3] / "docs" / "promesses.md").read_text(encoding="utf-8")
CHAPTER = re.compile(
    r"^## (?P<title>.+)\n\n(?P<promises>(?:.+\n)+)\n### Limites et preuves : .+\n\n(?P<shown>(?:.+\n)+)", re.M
)
NAME = re.compile(r"^\* \*\*(.+?)\.?\*\*", re.M)
CHAPTERS = list(CHAPTER.finditer(PAGE))


def test_the_page_has_its_chapters() -> None:
    assert len(CHAPTERS) == PAGE.count("### Limites et preuves")
    assert sum(len(NAME.findall(chapter["promises"])) for chapter in CHAPTERS) >= 80


@each_row("chapter", CHAPTERS, ids=lambda chapter: chapter["title"])
def test_every_promise_has_its_limit_and_its_proof_under_its_name(chapter: re.Match[str]) -> None:
    promised = NAME.findall(chapter["promises"])
    shown = re.split(r"^(?=\* )", chapter["shown"], flags=re.M)[1:]
    assert [NAME.findall(each)[0] for each in shown] == promised
    said = re.compile(r"Limite : \S.*Preuve :\s+\S", re.S)
    assert [each for each in shown if not said.search(each)] == []
