"""Turn pages of the repository's `docs` into HTML."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from posixpath import dirname, join, normpath

from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = Path(__file__).parents[2] / "docs"
"""Path of the folder `docs` beside the packages, both in a checkout and in an installation."""


def title_of(text: str) -> str:
    """Return the title of a page, its first line."""
    return text.partition("\n")[0].lstrip("# ")


def html_of(name: str, text: str, known: Collection[str]) -> str:
    """Return a page as HTML, without its title. `name` is the page's own path. A link to a page that is not
    in `known` becomes plain text, because its target is not served."""
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
    """Yield the Markdown tokens of a page, without the links that lead to no page in `known`."""
    holds = True
    for token in tokens:
        if token.type == "link_open":
            holds = _holds(name, str(token.attrs["href"]), known)
        if holds or not token.type.startswith("link_"):
            yield token


def _holds(name: str, href: str, known: Collection[str]) -> bool:
    """Tell whether a link leads to an anchor on its own page, or to a page in `known`."""
    page = href.partition("#")[0]
    return not page or normpath(join(dirname(name), page)) in known


def _anchor(heading: str) -> str:
    """Return the anchor of a heading, as GitHub and similar sites make it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
