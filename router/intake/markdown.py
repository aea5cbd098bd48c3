"""Pages of the repository's `docs`, as HTML."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from posixpath import dirname, join, normpath

from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = Path(__file__).parents[2] / "docs"
"""Beside the packages, in a checkout as in an installation."""


def title_of(text: str) -> str:
    """What stands above a page."""
    return text.partition("\n")[0].lstrip("# ")


def html_of(name: str, text: str, known: Collection[str]) -> str:
    """What stands below its title. A link from the page of this name holds where it leads to one of these names: the
    others lead to files for who has the sources."""
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(text.partition("\n")[2])
    for token, after in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(after.content))
    for token in tokens:
        if token.children:
            token.children = list(_linked(name, token.children, known))
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _linked(name: str, tokens: Sequence[Token], known: Collection[str]) -> Iterator[Token]:
    """The same without the links to any other page."""
    holds = True
    for token in tokens:
        if token.type == "link_open":
            holds = _holds(name, str(token.attrs["href"]), known)
        if holds or not token.type.startswith("link_"):
            yield token


def _holds(name: str, href: str, known: Collection[str]) -> bool:
    """Whether a link leads to a place on its own page, or to one of these pages."""
    page = href.partition("#")[0]
    return not page or normpath(join(dirname(name), page)) in known


def _anchor(heading: str) -> str:
    """What a link to a heading says after its `#`, as the forges that show the same files have it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
