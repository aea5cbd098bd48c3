"""Read the on-call handbook (`docs/astreinte/`), which has a page for each alarm."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from markupsafe import Markup

from contracts.reference.graphie import plain
from ops.alarms.rules import Rules
from ops.status.findings import harms
from router.intake.markdown import DOCS, html_of, title_of

FOLDER = DOCS / "astreinte"


class Page(NamedTuple):
    """Page of the on-call handbook (`docs/astreinte/`)."""

    titre: str
    html: Markup
    text: str


@cache
def pages() -> Mapping[str, Page]:
    """Return all pages of the on-call handbook, by file name."""
    texts = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.md"))}
    return {name: Page(title_of(text), _shown(name, text, texts), text) for name, text in texts.items()}


def about(words: str, rules: Rules, *, in_texts: bool) -> Sequence[tuple[str, str]]:
    """Search the on-call handbook for `words`, and return the file name and title of each page found. A page
    is found if its title, or the names of its alarms, contain all of the words. A word of `words` may be the
    beginning of a longer word. If no page is found and `in_texts` is set, search the pages' whole texts.
    `rules`: all alarms, each with its page."""
    called = {name: page.titre for name, page in pages().items()}
    for code, rule in rules.items():
        if (name := f"{rule.page}.md") in called:
            called[name] += f" {code} {rule.titre} {harms()[code].one} {harms()[code].several}"
    names = {name: frozenset(_words_of(text)) for name, text in called.items()}
    for among in (names, _words_of_pages() if in_texts else {}):
        if found := [name for name, known in among.items() if _has(known, words)]:
            return [(name, pages()[name].titre) for name in found]
    return ()


@cache
def _words_of_pages() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(_words_of(page.text)) for name, page in pages().items()}


def _has(known: frozenset[str], words: str) -> bool:
    wanted = _words_of(words)
    return bool(wanted) and all(any(word.startswith(each) for word in known) for each in wanted)


def _words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", plain(text))


def _shown(name: str, text: str, known: Collection[str]) -> Markup:
    return Markup(html_of(name, text, known))  # noqa: S704 - from a page of ours
