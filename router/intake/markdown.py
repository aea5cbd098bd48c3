"""Convert Markdown pages of the repository's `docs` to HTML."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from posixpath import dirname, join, normpath

from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = Path(__file__).parents[2] / "docs"
"""Folder `docs`, in the repository or in the installation."""


def title_of(text: str) -> str:
    """Return the title of a Markdown page, its first line."""
    return text.partition("\n")[0].lstrip("# ")


def html_of(name: str, text: str, known: Collection[str]) -> str:
    """Return the HTML of the Markdown page with the path `name`, without its title. A link to a page that is
    not in `known` becomes plain text."""
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(text.partition("\n")[2])
    for token, after in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(after.content))
    _label(tokens)
    for token in tokens:
        if token.children:
            token.children = list(_linked(name, token.children, known))
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _label(tokens: Sequence[Token]) -> None:
    """Give each table cell its column's title, so that a phone can show a row as a list."""
    titles: list[str] = []
    for token, after in pairwise(tokens):
        match token.type:
            case "table_open":
                token.attrSet("class", "table table-sm")
                titles = []
            case "th_open":
                titles.append(after.content.strip("`*"))
            case "tr_open":
                columns = iter(titles)
            case "td_open" if title := next(columns):
                token.attrSet("data-l", title)


def _linked(name: str, tokens: Sequence[Token], known: Collection[str]) -> Iterator[Token]:
    holds = True
    for token in tokens:
        if token.type == "link_open":
            holds = _holds(name, str(token.attrs["href"]), known)
        if holds or not token.type.startswith("link_"):
            yield token


def _holds(name: str, href: str, known: Collection[str]) -> bool:
    page = href.partition("#")[0]
    return not page or normpath(join(dirname(name), page)) in known


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
