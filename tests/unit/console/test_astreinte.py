"""What to do about an alarm, in the console: a page each, and a link to it wherever the alarm is shown."""

import re
from dataclasses import replace

from console.astreinte import about, pages
from console.pages.night import of
from console.rendering import render
from console.rights import Portee
from ops.alarms.configured import rules
from ops.status.findings import Code
from ops.status.verdict import verdict
from router.domain.correspondents import Correspondent
from tests.rows import each_row
from tests.unit.console.test_pages_of_the_night import FACTS, NOW, OPERATOR, SEEN

RULES = rules()


def targets(html: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="([^"]*)"', html))


def test_every_alarm_has_a_page_that_is_served() -> None:
    assert {f"{rule.page}.md" for rule in RULES.values()} <= pages().keys()


@each_row("name", sorted(pages()))
def test_a_link_of_a_page_leads_to_another_that_is_served_and_nothing_is_loaded(name: str) -> None:
    assert targets(pages()[name].html) <= pages().keys()
    assert not re.search(r"<(script|img|link|iframe|style)", pages()[name].html)


def test_whatever_the_night_has_to_tell_leads_to_what_to_do_about_it() -> None:
    shown = render("nuit_etat.html", visite=OPERATOR, nuit=of(SEEN, Portee(), RULES), regles=RULES)
    found = {finding.code for finding in verdict(FACTS, NOW).findings}
    assert found >= {Code.FILET, Code.INJOIGNABLE, Code.REFUSEES, Code.QUARANTAINE}
    assert {f"/alertes/{RULES[code].page}.md" for code in found} <= targets(shown)


def test_what_a_restart_stops_is_one_link_away_though_every_role_works() -> None:
    shown = render("nuit_etat.html", visite=OPERATOR, nuit=of(SEEN, Portee(), RULES), regles=RULES)
    assert "/alertes/role.md" in targets(shown)


def found(words: str, *, in_texts: bool = False) -> list[str]:
    return [name for name, _ in about(words, RULES, in_texts=in_texts)]


def test_a_page_is_found_by_words_of_its_title_or_of_its_alarm_and_by_those_of_its_text_only_if_asked() -> (
    None
):
    assert found("ne relève pas") == []
    assert found("boite releve") == ["boite.md"]
    assert found("clé retirée") == found("cles_inconnues") == ["cles-inconnues.md"]
    assert found("redémarrer") == found("CH-102", in_texts=True) == []
    assert "role.md" in found("redémarrer", in_texts=True)


def test_a_rule_of_an_installation_s_own_whose_page_is_elsewhere_is_no_dead_link() -> None:
    ours = {**RULES, Code.FILET: replace(RULES[Code.FILET], page="notre-page")}
    shown = render("nuit_etat.html", visite=OPERATOR, nuit=of(SEEN, Portee(), ours), regles=ours)
    assert "notre-page" in shown
    assert not {target for target in targets(shown) if "notre-page" in target}


def test_what_was_refused_to_a_partner_leads_to_the_messages_that_say_why():
    lossy = Correspondent(
        "tri",
        "Les Tilleuls",
        partials_24_h=1,
        rows_refused_24_h=1,
        partial_causes=(("champ_absent", 1),),
        partial_rows_read=1,
    )
    night = of(SEEN._replace(facts=replace(FACTS, partners=(lossy,))), Portee(), RULES)
    shown = render("nuit_etat.html", visite=OPERATOR, nuit=night, regles=RULES)
    assert "(1 ligne refusée)\u00a0: champ absent" in shown
    assert 'href="/messages?partenaire=tri&amp;etat=refuse+partiel"' in shown
