"""Pages of the on-call handbook (`docs/astreinte/`), one for each alarm: what it means, what to check, what
to do."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import NamedTuple

from markupsafe import Markup

from router.intake.markdown import DOCS, html_of, title_of

FOLDER = DOCS / "astreinte"


class Page(NamedTuple):
    """Page of the on-call handbook, with its title and its text as HTML."""

    titre: str
    html: Markup


@cache
def pages() -> Mapping[str, Page]:
    """Return all pages of the on-call handbook, by file name."""
    texts = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.md"))}
    return {name: Page(title_of(text), _shown(name, text, texts)) for name, text in texts.items()}


def _shown(name: str, text: str, known: Collection[str]) -> Markup:
    return Markup(html_of(name, text, known))  # noqa: S704 - from a page of ours
