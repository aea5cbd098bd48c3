"""The wall: one look from across the room is enough, and nothing is green that nobody knows."""

from dataclasses import replace
from datetime import timedelta

from console.pages.flows import STEPS, drawn
from console.pages.wall import LISTED, OF_ANSWERS, figures, of
from console.rendering import render
from console.rights import Portee
from ops.alarms.rules import alerts
from ops.status.findings import Code
from ops.status.verdict import verdict
from router.domain.correspondents import Contact, Correspondent, OldKey, SourceState
from router.domain.roles import AT_WORK, Role
from router.domain.vitals import Asked, Held, Unanswered, Vitals
from tests.unit.console.test_pages_of_the_night import FACTS, NOW, RULES, SEEN


def said(facts: Vitals) -> dict[str, tuple[str, str]]:
    judged = verdict(facts, NOW)
    return {
        each.name: (each.said, each.tone)
        for each in figures(facts, judged, alerts(judged.findings, RULES, NOW), NOW)
    }


def test_the_four_figures_are_those_of_the_households_and_of_whom_nobody_reaches() -> None:
    late = Unanswered("loin", "PROPOSEE", 6, 0, NOW - timedelta(hours=5), past=2)
    unread = Correspondent(
        "muet", "muet", reading=SourceState(5, NOW, failing_since=NOW - timedelta(minutes=9))
    )
    refused = Correspondent("refuse", "refuse", old_key=OldKey(NOW - timedelta(days=1), NOW, NOW))
    other = replace(
        refused, id="ouvert", old_key=OldKey(NOW - timedelta(days=1), NOW, NOW, valid_used_at=NOW)
    )
    shown = said(replace(FACTS, unanswered=(late,), partners=(*FACTS.partners, unread, refused, other)))
    assert shown == {
        "ménages sans réponse": ("6", "green"),
        "en retard": ("2", "yellow"),
        "partenaires hors d'atteinte": ("4", "red"),
        "attente la plus longue": ("5 h 00", "yellow"),
    }


def test_what_nobody_could_be_asked_is_unknown_and_neither_zero_nor_green() -> None:
    for asked, names in (
        (Asked.REPONSES, {"ménages sans réponse", "en retard", "attente la plus longue"}),
        (Asked.PARTENAIRES, {"partenaires hors d'atteinte"}),
    ):
        shown = said(replace(FACTS, unknown=(asked,)))
        assert {name for name, figure in shown.items() if figure == ("inconnu", "inconnu")} == names


def test_figures_stand_still_with_what_would_change_them_and_say_since_when() -> None:
    def without(*dead: Role) -> Vitals:
        beats = (
            replace(each, beat_at=NOW - timedelta(minutes=9)) if each.role in dead else each
            for each in FACTS.beats
        )
        return replace(FACTS, beats=tuple(beats), partners=(), halts=(), unanswered=())

    everything, dispatcher = said(without(*AT_WORK)), said(without(Role.DISPATCHER))
    assert (
        everything["partenaires hors d'atteinte"]
        == dispatcher["partenaires hors d'atteinte"]
        == ("inconnu", "inconnu")
    )
    known = replace(without(Role.DISPATCHER), partners=FACTS.partners)
    assert said(known)["partenaires hors d'atteinte, au moins"] == ("1", "yellow"), (
        "celui que l'on savait perdu"
    )
    for facts, age in (
        (without(*AT_WORK), "depuis"),
        (without(Role.WORKER), "9 min"),
        (without(Role.DISPATCHER), ""),
    ):
        judged = verdict(facts, NOW)
        shown = figures(facts, judged, alerts(judged.findings, RULES, NOW), NOW)
        for each in shown:
            assert age in each.age if age and each.name in OF_ANSWERS else not each.age, each


def test_no_figure_is_green_while_the_hub_stands_still() -> None:
    still = replace(FACTS, beats=(), partners=(), halts=())
    assert {tone for _, tone in said(still).values()} == {"inconnu"}


def test_at_most_five_findings_stand_there_the_worst_first_and_what_is_cut_is_named() -> None:
    many = tuple(Held(f"champ_{n}", f"centre-{n}", 1, NOW, refused=True) for n in range(9))
    shown = of(SEEN._replace(facts=replace(FACTS, quarantine=many)), Portee(), RULES)
    assert len(shown.findings) == LISTED
    assert shown.findings[0].code is Code.INJOIGNABLE
    assert "9 expéditeurs qui doivent corriger" in shown.left_out


def test_who_sees_one_territory_learns_nothing_of_another_from_the_wall() -> None:
    shown = of(SEEN, Portee(frozenset({"loin"})), RULES)
    assert "centre" not in repr(shown)
    assert Contact.INJOIGNABLE not in {each.contact for each in shown.seen.facts.partners}


def test_no_step_of_the_way_is_green_while_nobody_does_it_and_boxes_are_opened_by_the_door() -> None:
    picture = drawn(SEEN._replace(facts=replace(FACTS, beats=())), Portee())
    assert render("flux_image.html", image=picture, etapes=STEPS).count('<li class="mal">') == len(STEPS)


def test_a_step_whose_work_nobody_could_count_shows_no_zero() -> None:
    for unknown, shown in (((), ">0</span>"), ((Asked.PARTENAIRES,), ">?</span>")):
        picture = drawn(SEEN._replace(facts=replace(FACTS, piles=(), unknown=unknown)), Portee())
        assert shown in render("flux_image.html", image=picture, etapes=STEPS)
