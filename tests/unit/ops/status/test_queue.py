"""What waits for somebody is one queue: grouped, the most harmful for households first."""

from dataclasses import replace

from ops.status.findings import Code
from ops.status.queue import queue, task_in_words
from router.domain.correspondents import OUR_FAULT, Correspondent, Count, SourceState
from router.domain.vitals import Held
from tests.unit.console.test_pages_of_the_night import FACTS, NOW

WRONG = Held("champ_absent", "loin", 4, NOW, refused=True)


def test_everything_that_waits_stands_in_one_queue_the_most_harmful_first() -> None:
    doubtful = Correspondent("cil", "cil", uncertain=Count(1, NOW))
    facts = replace(
        FACTS,
        partners=(*FACTS.partners, doubtful),
        quarantine=(WRONG,),
        orphans=(Held("orpheline", "loin", 1, NOW),),
    )
    found = [each.code for each in queue(facts)]
    assert set(found) == {
        Code.INCERTAINES,
        Code.REFUSEES,
        Code.ORPHELINES,
        Code.LECTURE,
        Code.ECART,
        Code.VACANCES,
        Code.LIGNES_REFUSEES,
    }
    assert found.index(Code.INCERTAINES) < found.index(Code.REFUSEES) < found.index(Code.ORPHELINES)
    assert found[-1] is Code.LIGNES_REFUSEES
    one_each = {each.what for each in queue(facts) if each.code in (Code.INCERTAINES, Code.ORPHELINES)}
    assert one_each == {"livraison d'issue incertaine", "réponse qui ne correspond à rien"}


def test_each_line_says_whose_task_it_is_and_a_source_that_cannot_be_read_is_among_them() -> None:
    unread = Correspondent("muet", "muet", reading=SourceState(5, NOW, failing_since=NOW, cause="fermé"))
    siao = Correspondent("siao", "siao", is_siao=True)
    bug = Held("bug", "loin", 1, NOW, refused=True)
    wrong = Held("champ_absent", "siao", 1, NOW, refused=True)
    fault = Correspondent("z", "z", reading=SourceState(5, NOW, failing_since=NOW, cause=OUR_FAULT))
    facts = replace(
        FACTS, partners=(unread, siao, fault), quarantine=(WRONG, bug, wrong), doubts=(), halts=()
    )
    assert [(each.what, each.who, each.turn) for each in queue(facts)] == [
        ("lecture impossible : fermé", "muet", "le partenaire"),
        (f"lecture impossible : {OUR_FAULT}", "z", "le hub"),
        ("quarantaine : faute du hub", "loin", "le hub"),
        ("quarantaine : champ absent", "siao", "le SIAO"),
        ("quarantaine : champ absent", "loin", "le partenaire"),
    ]


def test_a_source_that_an_operator_has_to_resume_is_one_line_that_says_where() -> None:
    unread = Correspondent(
        "ailleurs", "ailleurs", reading=SourceState(5, NOW, failing_since=NOW, cause="fermé")
    )
    facts = replace(FACTS, partners=(unread,))
    assert [each.code for each in queue(facts) if each.who == "ailleurs"] == [Code.LECTURE]


def test_what_is_decided_as_a_whole_can_be_chosen_and_what_is_decided_one_by_one_cannot() -> None:
    chosen = {each.code: each.key for each in queue(replace(FACTS, quarantine=(WRONG,)))}
    assert chosen[Code.LIGNES_REFUSEES] == "quarantaine:loin:champ_absent"
    assert chosen[Code.REFUSEES] == "refusees:centre:"
    assert chosen[Code.ECART] == ""


def test_every_task_and_partner_is_read_by_its_name_and_an_id_without_one_stays_as_it_is() -> None:
    names = {"loin": "Foyer du Lac", "centre": "Les Tilleuls"}

    def in_words(task: str) -> str:
        return task_in_words(task, lambda ident: names.get(ident, ident))

    named = {in_words(each.task) for each in queue(replace(FACTS, quarantine=(WRONG,)))}
    assert {"quarantaine : champ absent, Foyer du Lac", "livraisons refusées, Les Tilleuls"} <= named
    assert not [each for each in named if ":" in each.replace(" : ", "") or "_" in each]
    assert in_words("centre") == "Les Tilleuls", "une entrée changée"
    for ident in ("registre", "parti", "7e9b1c9e-0000-4000-8000-000000000001"):
        assert in_words(ident) == ident


def test_a_group_of_refused_messages_names_their_further_causes() -> None:
    held = replace(WRONG, also={"structure_etrangere": 3})
    whats = [each.what for each in queue(replace(FACTS, quarantine=(held,)))]
    assert "quarantaine : champ absent (3 aussi structure étrangère)" in whats
