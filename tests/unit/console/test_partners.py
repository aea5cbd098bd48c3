"""What the page of a partner says of its answers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from console.pages.partners import COLONNES, Listed, answers, is_ours, worst_first
from ops.service.level import Loop
from ops.status.wording import CONTACTS, UNTRIED
from router.domain.correspondents import Contact, Correspondent, Count, SourceState
from tests.unit.ops.status.test_verdict import WELL

NOW = datetime(2026, 1, 14, 3, 0, tzinfo=UTC)


def answered_after(hours: float | None) -> Loop:
    answered = None if hours is None else NOW + timedelta(hours=hours)
    return Loop(uuid4(), "centre", "siao-01", NOW, answered, None, is_open=hours is None, silent=False)


def test_answers_are_counted_by_how_long_they_took_and_open_loops_are_not():
    counted = answers([answered_after(hours) for hours in (0.5, 1, 3, 200, None)])
    assert [bar.number for bar in counted] == [2, 1, 0, 0, 0, 0, 1]
    assert answers([answered_after(None)]) == []


def test_the_list_begins_with_those_in_the_worst_state_and_ends_with_those_that_have_nothing_to_report():
    away = Correspondent("z-absent", "Z", contact=Contact.INJOIGNABLE)
    refuses = Correspondent("y-refuse", "Y", refused=Count(1, NOW))
    silent = Correspondent("x-muet", "X", silent_since=NOW)
    box = Correspondent("w-boite", "W", in_box=Count(14, NOW))
    wrong = Correspondent("v-fautes", "V", refusals_24_h=1)
    well = Correspondent("a-bien", "A")
    facts = replace(WELL, partners=(well, wrong, box, silent, refuses, away))
    assert worst_first(facts, NOW) == [away, refuses, silent, wrong, box, well]


def test_the_exported_list_has_the_words_of_the_page_and_when_each_was_seen():
    fails = SourceState(5, NOW, failing_since=NOW)
    untried = Correspondent(
        "sftp", "S", contact=Contact.JOIGNABLE, seen_at=NOW, one_server=True, reading=fails
    )
    refused = Correspondent("cle", "C", contact=Contact.ACCES_REFUSE, seen_at=NOW, refusals_24_h=2)
    for each, word in (
        (replace(untried, seen_at=NOW - timedelta(hours=1)), UNTRIED),
        (refused, "accès refusé"),
    ):
        line = {name: column(Listed(each, None)) for name, column in COLONNES.items()}
        assert (line["livrer"], line["livrer_vu_le"]) == (word, each.seen_at)
        assert line["refus_24_h"] == ("2 envois refusés" if each.refusals_24_h else "")
    assert COLONNES["livrer"](Listed(Correspondent("neuf", "N"), None)) == CONTACTS[None]


def test_where_the_hub_keeps_a_secret_is_no_business_of_the_partner():
    assert is_ours("sortie.secret")
    assert is_ours("entree.cle_privee")
    assert not is_ours("sortie.url")
