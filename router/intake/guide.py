"""What partners read, served by the hub: the guide, the pages of the dialects and the samples.

Each is served under `/docs/` and the path that it has in the repository's `docs`, so that the links between them hold.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from router.intake.api_page import document

DOCS = Path(__file__).parents[2] / "docs"
"""Beside the packages, in a checkout as in an installation."""
START = "guide-partenaire.md"
SERVED = (START, "guide-partenaire/*.md", "dialectes/*.md", "profils.md", "exemples/*.*")


class Page(NamedTuple):
    """One page, or one file to copy."""

    media_type: str
    body: bytes


@cache
def served() -> Mapping[str, Path]:
    """All that is served, by its path below `docs`."""
    return {path.relative_to(DOCS).as_posix(): path for pattern in SERVED for path in DOCS.glob(pattern)}


@cache
def guide_page(name: str) -> Page:
    """What is served under a name of `served`. Made when it is first asked for: all of them at once would hold up the
    door."""
    text, known = served()[name].read_text("utf-8"), served()
    if not name.endswith(".md"):
        kind = guess_type(name)[0] or "text/plain"
        return Page(kind if kind.startswith("text/") else "text/plain", text.encode())
    title = text.partition("\n")[0].lstrip("# ")
    return Page("text/html", document(title, _html(name, text.partition("\n")[2], known)).encode())


def _html(name: str, text: str, known: Collection[str]) -> str:
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(text)
    for token in tokens:
        if token.children:
            token.children = list(_linked(name, token.children, known))
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _linked(name: str, tokens: Sequence[Token], known: Collection[str]) -> Iterator[Token]:
    """The same without the links to what is not served: those lead to files for who has the sources."""
    holds = True
    for token in tokens:
        if token.type == "link_open":
            holds = normpath(join(dirname(name), str(token.attrs["href"]))) in known
        if holds or not token.type.startswith("link_"):
            yield token
