"""Every golden case, and the documentation that shows them."""

from adapters.registry import ADAPTERS, TABULAIRES
from tests.golden import automates, cas, documentation, exploitation, reference
from tests.rows import each_row

DECODES = cas.a_decoder()
ENCODES = cas.a_encoder()


@each_row("case", DECODES)
def test_a_message_decodes_to_what_we_promised(case):
    wanted = cas.expected(case)
    assert cas.decode(case, wanted.get("partenaire", {})) == wanted


@each_row("case", ENCODES)
def test_an_event_is_encoded_to_the_bytes_that_we_promised(case):
    assert cas.whole(cas.encode(case)) == case.attendu.read_bytes()


@each_row("case", ENCODES)
def test_the_same_event_gives_the_same_native_again(case):
    assert cas.encode(case) == cas.encode(case)


@each_row("page", documentation.pages(), ids=lambda page: page.stem)
def test_the_documentation_shows_the_golden_files_and_the_tables_of_the_code(page):
    assert page.read_text("utf-8") == documentation.regenerated(page), "lancer « python -m tests.golden »"


def test_every_setting_and_every_field_of_the_registry_has_its_sentence():
    assert reference.untold() == set(), "à dire dans docs/reglages.toml ou docs/registre.toml"


def test_every_table_of_an_entry_stands_on_the_page_of_the_registry():
    page = (documentation.DOCS / "registre.md").read_text("utf-8")
    assert {name for name in reference.SECTIONS if f"<!-- table registre {name} -->" not in page} == set()


def test_the_rules_of_prometheus_are_those_of_the_hub():
    written = exploitation.CONDITIONS.read_text("utf-8")
    assert written == exploitation.conditions(), "lancer « python -m tests.golden »"


def test_every_dialect_has_cases_for_what_it_declares_and_a_page():
    assert {case.dialecte for case in DECODES} == cas.attendus(lit=True)
    assert {case.dialecte for case in ENCODES} == cas.attendus(lit=False)
    assert {page.stem for page in documentation.dialect_pages()} == cas.attendus(lit=True) | cas.attendus(
        lit=False
    )
    assert set(ADAPTERS) - set(TABULAIRES) < cas.attendus(lit=True) | cas.attendus(lit=False)


def test_every_rule_book_is_drawn_on_the_page_of_rule_books():
    page = (documentation.DOCS / "automates" / "README.md").read_text("utf-8")
    undrawn = {name for name in automates.MACHINES if f"<!-- table automate {name} -->" not in page}
    assert not undrawn, "dans docs/automates/README.md, un titre et `<!-- table automate … -->`"
