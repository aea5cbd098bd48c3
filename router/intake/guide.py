"""Serve the partners' guide, the pages of the dialects and the example files.

A file `docs/…` of the repository has the path `/docs/…`, so that links between them work.
"""

import re
from collections.abc import Mapping
from functools import cache
from mimetypes import guess_type
from pathlib import Path, PurePath
from typing import NamedTuple

from router.intake.api_page import document
from router.intake.markdown import DOCS, html_of, title_of

START = "guide-partenaire.md"
WRITTEN = "/sortie/"
"""Part of an example's path that marks the examples written by the hub. All others are read by it."""
_EXAMPLE = re.compile(r"<!-- exemple ([\w./]+) -->\n```\w+\n(.*?)```", re.DOTALL)
SERVED = (START, "guide-partenaire/*.md", "dialectes/*.md", "profils.md", "exemples/*.*")


class Page(NamedTuple):
    """Content to send to a client, with its media type."""

    media_type: str
    body: bytes


@cache
def served() -> Mapping[str, Path]:
    """Return the documentation files that anybody may read, by their paths below `docs`."""
    return {path.relative_to(DOCS).as_posix(): path for pattern in SERVED for path in DOCS.glob(pattern)}


def examples(dialect: str) -> Mapping[str, str]:
    """Return, by file name, the example messages of a dialect, except those that the hub writes. The messages
    are in the order of the dialect's page."""
    page = served().get(f"dialectes/{dialect}.md")
    found = _EXAMPLE.findall(page.read_text("utf-8")) if page is not None else ()
    return {PurePath(name).name: text for name, text in found if WRITTEN not in name}


@cache
def guide_page(name: str) -> Page:
    """Return a documentation file, one of those listed by `served` as public. A Markdown file is returned as an
    HTML page."""
    text, known = served()[name].read_text("utf-8"), served()
    if not name.endswith(".md"):
        kind = guess_type(name)[0] or "text/plain"
        return Page(kind if kind.startswith("text/") else "text/plain", text.encode())
    return Page("text/html", document(title_of(text), html_of(name, text, known)).encode())
