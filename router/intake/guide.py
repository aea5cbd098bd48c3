"""Serve the partners' guide, the pages of the dialects and the example files.

A file `docs/…` of the repository has the path `/docs/…`, so that the links between the pages work.
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
"""Part of the path of each example that the hub writes. All other examples are messages that the hub reads."""
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
    """Return the example messages of a dialect that the hub reads, by file name. They have the order of the
    dialect's page."""
    page = served().get(f"dialectes/{dialect}.md")
    found = _EXAMPLE.findall(page.read_text("utf-8")) if page is not None else ()
    return {PurePath(name).name: text for name, text in found if WRITTEN not in name}


@cache
def guide_page(name: str) -> Page:
    """Return one of the documentation files in `served`. A Markdown file is returned as an HTML page."""
    text, known = served()[name].read_text("utf-8"), served()
    if not name.endswith(".md"):
        kind = guess_type(name)[0] or "text/plain"
        return Page(kind if kind.startswith("text/") else "text/plain", text.encode())
    return Page("text/html", document(title_of(text), html_of(name, text, known)).encode())
