"""The guide as the hub serves it: every page, every link between them, and nothing from elsewhere."""

import json
import re
from posixpath import dirname, join, normpath

from contracts.partner import Famille
from contracts.v1 import CONTRATS
from router.intake.documents import contract_schemas
from router.intake.guide import START, guide_page, served
from router.intake.markdown import html_of
from tests.rows import each_row

PAGES = sorted(name for name in served() if name.endswith(".md"))


def shown(name: str) -> str:
    return guide_page(name).body.decode()


def targets(name: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="([^"]*)"', shown(name)))


def test_every_family_has_its_page_and_the_guide_leads_to_it() -> None:
    led = {normpath(join(dirname(START), target)) for target in targets(START)}
    assert {f"guide-partenaire/{famille}.md" for famille in Famille} <= led
    assert "exemples/client.py" in led


@each_row("name", PAGES)
def test_a_link_leads_to_a_page_that_is_served_too_and_nothing_is_loaded(name: str) -> None:
    for target in targets(name):
        page, _, place = target.partition("#")
        led = normpath(join(dirname(name), page)) if page else name
        assert led in served()
        assert not place or f'id="{place}"' in shown(led)
    assert not re.search(r"<(script|img|link|iframe)", shown(name))


def test_a_page_is_what_its_source_says() -> None:
    page = shown("guide-partenaire/hebergement.md")
    assert "<title>Centres d'hébergement" in page.replace("&#x27;", "'")
    assert '<table class="table table-sm">' in page
    assert "&lt;!--" not in page
    assert '<a id="message-refuse">' in shown("guide-partenaire/erreurs.md")


@each_row("name", PAGES)
def test_no_word_of_a_link_is_left_where_it_leads_nowhere(name: str) -> None:
    written = re.findall(r"\]\(([^)]*)\)", served()[name].read_text("utf-8"))
    assert {link for link in written if "://" not in link} <= targets(name)


def test_the_contracts_are_served_as_their_senders_see_them_and_nothing_sealed_is() -> None:
    assert {json.loads(schema)["$id"] for schema in contract_schemas().values()} == {
        f"urn:siao:{contrat.TYPE}" for contrat in CONTRATS.values()
    }


def test_a_link_to_what_is_not_served_is_left_out_and_its_words_stay() -> None:
    shown = html_of("a.md", "# A\n[vers b](b.md#x), [vers c](c.md)", {"a.md", "b.md"})
    assert shown == '<p><a href="b.md#x">vers b</a>, vers c</p>\n'
