"""What the first page shows of a look at the hub, and to whom."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from console.charts import HEIGHT, WIDTH, Curve, Rate, per_minute
from console.live import Seen
from console.pages.flows import drawn
from console.pages.night import of
from console.parts import Parts
from console.rendering import ECHEANCES, _environment, render, unbroken, written
from console.rights import Personne, Portee, Profil
from console.visit import Visite
from contracts.errors import HubsOwnFault, RecordRange, told_of
from contracts.v1.echeance import Echeance
from ops.alarms.configured import rules
from ops.status.findings import LISTED, Code, left_out, listed
from ops.status.quantities import at
from ops.status.wording import LECTURES
from router.domain.beats import Beat
from router.domain.correspondents import Contact, Correspondent, Count, Lecture, SourceState
from router.domain.doubts import Doubt, Kind
from router.domain.halts import Halt
from router.domain.partners import Registry
from router.domain.roles import AT_WORK, Role
from router.domain.vitals import (
    Answer,
    Change,
    CountedSince,
    Etape,
    Held,
    LastCount,
    Pile,
    Safeguard,
    Taker,
    Unanswered,
    Vitals,
)

NOW = datetime(2026, 1, 14, 3, 0, tzinfo=UTC)
FACTS = Vitals(
    base=Answer.OK,
    bus=Answer.OK,
    beats=tuple(Beat(role, "machine", 1, "1", NOW, NOW, None) for role in AT_WORK),
    partners=(
        Correspondent(
            "centre", "centre", contact=Contact.INJOIGNABLE, cause="délai dépassé", refused=Count(2, NOW)
        ),
        Correspondent("loin", "loin", contact=Contact.JOIGNABLE, in_box=Count(3, NOW)),
    ),
    quarantine=(Held("champ_absent", "loin", 4, NOW), Held("InvalidNative", None, 1, NOW)),
    doubts=(
        Doubt("centre", Kind.ECART, "INSERTION", NOW, NOW.date(), 9, 6),
        Doubt("loin", Kind.VACANCES, "", NOW, NOW.date(), 2),
    ),
    halts=tuple(Halt(each, RecordRange("t", 0, 7, 8), "abîmé", 2, NOW) for each in ("centre", "ailleurs")),
    unanswered=(Unanswered("centre", "PROPOSEE", 5, 1, NOW), Unanswered("loin", "PROPOSEE", 6, 0, NOW)),
    changes=(Change(NOW, "cli:astreinte", "quarantaine.classer", "x"),),
    takers={"refusees:centre:": Taker("Sam", NOW)},
    safeguards=(Safeguard("disque", "3% libres", holds=False),),
    last_count=LastCount(NOW, NOW, 7),
)
SEEN = Seen(FACTS, NOW)
PARTS = cast("Parts", SimpleNamespace(registry=lambda: Registry({})))
OPERATOR = Visite(Personne("a", "A", Profil.OPERATEUR), Portee(), PARTS, "jeton", b"session")
macros: Any = _environment.get_template("macros.html").module
RULES = rules()


def test_who_sees_all_is_shown_who_fails_what_waits_and_what_is_to_decide():
    night = of(SEEN, Portee(), RULES)
    assert [p.id for p in night.failing] == ["centre"]
    assert [p.id for p in night.beside] == ["loin"]
    assert night.well == 0
    assert {(each.what, each.who, each.taker) for each in night.waiting} >= {
        ("livraisons refusées", "centre", Taker("Sam", NOW)),
        ("quarantaine : champ absent", "loin", None),
    }
    assert [p.id for p in night.in_boxes] == ["loin"]
    assert night.sentence == "Le hub accepte, mais ne livre pas à centre"


def test_the_card_of_those_who_wait_says_how_many_it_shows_of_all_and_names_the_longest_wait():
    owed = tuple(
        Unanswered(f"c-{n}", "PROPOSEE", 3, 0, NOW - timedelta(hours=n), longest=UUID(int=n))
        for n in range(14)
    )
    for number, said in ((14, "36 affichés sur 42"), (12, "36 ménages")):
        facts = replace(FACTS, unanswered=owed[:number])
        night = of(SEEN._replace(facts=facts), Portee(), RULES)
        shown = render("nuit_etat.html", visite=OPERATOR, nuit=night, regles=RULES)
        assert f"{said} · tous</a>" in shown
        assert (
            f'Attend depuis le plus longtemps (hors demandes)&nbsp;: <a href="/sujets/{UUID(int=number - 1)}">'
            in shown
        )


def test_what_lies_in_a_mailbox_is_no_household_without_an_answer():
    template = (files("console") / "templates" / "nuit_etat.html").read_text(encoding="utf-8")
    owing, boxes = template.index('id="reponses"'), template.index('id="boites"')
    assert "in_boxes" not in template[owing : template.index("</section>", owing)]
    assert "nuit.in_boxes[:12]" in template[boxes:]


def test_the_page_ranks_and_cuts_as_the_command_line_does_and_says_what_it_cuts():
    many = tuple(Held("bug", f"centre-{n}", 1, NOW) for n in range(20))
    night = of(SEEN._replace(facts=replace(FACTS, quarantine=many)), Portee(), RULES)
    shown, more = listed(night.said.findings, night.alerts, {}, LISTED)
    assert (night.findings, night.left_out) == (shown, left_out(more, night.seen.facts.names))
    assert night.findings[0].code is Code.INJOIGNABLE
    assert "mises en quarantaine" in night.left_out


def test_what_is_to_be_decided_is_counted_in_decisions_and_not_in_messages():
    held = (Held("champ_absent", "centre", 40, NOW, refused=True), Held("bug", "centre", 2, NOW))
    facts = replace(FACTS, partners=(), quarantine=held, doubts=(), halts=(), unanswered=())
    night = of(SEEN._replace(facts=facts), Portee(), RULES)
    assert " · 2 à décider</div>" in render("nuit_etat.html", visite=OPERATOR, nuit=night, regles=RULES)


def test_nothing_is_green_about_a_partner_that_cannot_be_read_from_its_first_second_on():
    unread = Correspondent(
        "muet",
        "muet",
        contact=Contact.JOIGNABLE,
        seen_at=NOW,
        rythme="chaque heure",
        reading=SourceState(1e9, NOW, None, NOW, 1, "fermé"),
    )
    facts = replace(FACTS, partners=(unread,), unanswered=(), quarantine=(), doubts=(), halts=())
    night = of(SEEN._replace(facts=facts), Portee(), RULES)
    assert [p.id for p in night.failing] == ["muet"]
    assert not night.alerts
    assert "il ne lit pas ce que dépose muet" in night.sentence
    with_green = macros.livraison(unread) + macros.sante(unread)
    assert "green" not in with_green
    assert "illisible" in macros.sante(unread)
    picture = render("flux_image.html", image=drawn(SEEN._replace(facts=facts), Portee()), etapes=())
    assert not re.search(r"pastille green[^<]*muet", picture)


def test_a_server_that_fails_to_be_read_is_not_said_to_be_reached_by_deliveries_that_nobody_tried():
    fails = SourceState(1e9, NOW, None, NOW, 1, "fermé")
    dead = Correspondent(
        "sftp",
        "sftp",
        contact=Contact.JOIGNABLE,
        seen_at=NOW - timedelta(minutes=1),
        one_server=True,
        reading=fails,
    )
    said = macros.livraison(dead)
    assert "pas essayé" in said
    assert "joignable" not in said
    assert "et la lecture du même serveur a échoué depuis lors" in said


def test_a_partner_to_which_nothing_is_sent_is_grey_and_its_last_contact_dated():
    served = Correspondent("rest", "rest", contact=Contact.JOIGNABLE, seen_at=datetime.now(UTC))
    assert "green" in macros.livraison(served)
    last = datetime.now(UTC) - timedelta(minutes=2)
    said = macros.livraison(replace(served, seen_at=last))
    assert "green" not in said
    assert f"joignable à {at(last, datetime.now(UTC))} (dernier contact), rien livré depuis" in said


def test_in_the_picture_nobody_is_green_who_was_not_reached_just_now():
    box = Correspondent("b", "Boîte", contact=Contact.JOIGNABLE, releve_h=4, in_box=Count(3, NOW))
    for polled, is_green in ((datetime.now(UTC), True), (datetime.now(UTC) - timedelta(minutes=2), False)):
        facts = replace(FACTS, partners=(replace(box, seen_at=polled),))
        picture = render("flux_image.html", image=drawn(SEEN._replace(facts=facts), Portee()), etapes=())
        assert bool(re.search(r"pastille green[^<]*Boîte", picture)) is is_green


def test_a_mailbox_is_emptied_and_not_delivered_to():
    now = datetime.now(UTC)
    box = Correspondent(
        "b", "b", contact=Contact.JOIGNABLE, releve_h=4, last_poll=now, seen_at=now, succeeded_at=now
    )
    said = macros.livraison(box)
    assert "boîte relevée il y a" in said
    assert "livré" not in said
    never = macros.livraison(replace(box, contact=None, last_poll=None, seen_at=None, succeeded_at=None))
    assert "boîte jamais relevée" in never
    assert "jamais vu" not in never


def test_the_rate_of_a_curve_is_a_whole_number():
    now = datetime.now(UTC)
    said = macros.courbes((Curve("livraisons demandées", (Rate(now, 184.7),)),))
    assert "<strong>185</strong>" in said
    old = macros.courbes((Curve("livraisons demandées", (Rate(now - timedelta(hours=2), 184.7),)),))
    assert "<strong>inconnu</strong>" in old
    assert "mesuré en dernier à" in old
    stopped = macros.courbes((Curve("livraisons demandées", (Rate(now, 1),)),), "« worker » à l'arrêt")
    assert "« worker » à l'arrêt" in html.unescape(stopped)


def test_a_change_is_told_once_it_is_measured():
    now = datetime.now(UTC)
    for pile, told in (
        (Pile(Etape.A_LIVRER, 4, sampled_at=now), "pas encore mesurée"),
        (Pile(Etape.A_LIVRER, 4, sampled_at=now - timedelta(hours=3)), "plus mesurée depuis"),
        (Pile(Etape.A_LIVRER, 4), "jamais mesurée"),
        (Pile(Etape.A_LIVRER, 4, growth=CountedSince(4, now), sampled_at=now), "4 de plus depuis"),
    ):
        night = of(SEEN._replace(facts=replace(FACTS, piles=(pile,))), Portee(), RULES)
        assert told in render("nuit_etat.html", visite=OPERATOR, nuit=night, regles=RULES)


def test_what_waits_for_a_dispatcher_that_is_dead_does_not_empty():
    pile = Pile(Etape.A_LIVRER, 3, growth=CountedSince(-1, NOW - timedelta(minutes=5)), sampled_at=NOW)
    dead = tuple(
        replace(each, beat_at=NOW - timedelta(minutes=4)) if each.role is Role.DISPATCHER else each
        for each in FACTS.beats
    )
    for beats, told, untold in (
        (FACTS.beats, "1 de moins depuis", "arrêt"),
        (dead, "à l'arrêt depuis", "de moins"),
    ):
        night = of(SEEN._replace(facts=replace(FACTS, piles=(pile,), beats=beats)), Portee(), RULES)
        shown = html.unescape(render("nuit_etat.html", visite=OPERATOR, nuit=night, regles=RULES))
        card = shown[shown.index('id="piles"') : shown.index('id="nouvelles"')]
        assert told in card
        assert untold not in card


def test_nobody_is_said_to_be_well_while_nothing_delivers_reads_or_applies():
    alone = replace(FACTS, partners=(), quarantine=(), doubts=(), halts=(), unanswered=())
    for dead, unknown, untold in (
        (Role.DISPATCHER, "« dispatcher » à l'arrêt depuis", "Aucun échec de"),
        (Role.SOURCES, "« sources » à l'arrêt depuis", "Aucun échec de"),
        (Role.WORKER, "rien n'est appliqué depuis", "Chaque orientation a sa réponse"),
    ):
        shown = render(
            "nuit_etat.html", visite=OPERATOR, nuit=of(Seen(alone, NOW), Portee(), RULES), regles=RULES
        )
        assert untold in html.unescape(shown)
        beats = tuple(
            replace(each, beat_at=NOW - timedelta(minutes=9)) if each.role is dead else each
            for each in alone.beats
        )
        night = of(Seen(replace(alone, beats=beats), NOW), Portee(), RULES)
        shown = html.unescape(render("nuit_etat.html", visite=OPERATOR, nuit=night, regles=RULES))
        assert unbroken(unknown) in shown
        assert untold not in shown


def test_no_line_of_a_finding_begins_with_a_sign_and_no_length_of_time_is_broken():
    said = unbroken("« worker » : muet ; depuis 3 h 05 (12 min)")
    assert said.replace("\u00a0", "_") == "«_worker_»_: muet_; depuis 3_h_05 (12_min)"
    dead = tuple(replace(each, beat_at=NOW - timedelta(hours=3)) for each in FACTS.beats)
    facts = replace(FACTS, beats=dead)
    night = of(SEEN._replace(facts=facts), Portee(), RULES)
    shown = html.unescape(render("nuit_etat.html", visite=OPERATOR, nuit=night, regles=RULES))
    verdict = re.sub(r"<[^>]*>", "", shown[shown.index('class="phrase"') : shown.index("</section>")])
    assert not re.search(r" [;:»]|\d h ", verdict), verdict


def test_a_partner_that_was_never_reached_nor_read_is_unknown_and_not_green():
    never = Correspondent("neuf", "neuf", rythme="chaque heure", reading=SourceState(1e9, NOW))
    said = macros.livraison(never) + macros.lecture(never) + macros.sante(never)
    assert "jamais vu" in said
    assert LECTURES[Lecture.INCONNUE] in said
    assert "green" not in said


def test_the_cause_for_which_a_partner_cannot_be_read_is_told_and_wraps_outside_of_its_state():
    unread = replace(
        FACTS.partners[1], reading=SourceState(1e9, NOW, None, NOW, 1, "Le dossier n'existe pas")
    )
    assert "Le dossier" not in macros.lecture(unread)
    assert "lire : Le dossier n'existe pas" in html.unescape(macros.causes(unread))


def test_who_is_silent_comes_first_then_who_has_a_rhythm():
    def heard(ident: str, hours: int, **more: Any) -> Correspondent:
        return Correspondent(ident, ident, last_in=NOW - timedelta(hours=hours), **more)

    partners = (
        heard("libre", 200),
        heard("a-l-heure", 5, rythme="chaque jour"),
        heard("bientot", 20, rythme="chaque jour"),
        heard("muet", 9, rythme="chaque heure", silent_since=NOW),
    )
    night = of(SEEN._replace(facts=replace(FACTS, partners=partners)), Portee(), RULES)
    assert [p.id for p in night.heard] == ["muet", "bientot", "a-l-heure", "libre"]


def test_who_sees_one_territory_learns_nothing_of_another_nor_of_who_works_on_the_hub():
    orphaned = replace(FACTS, orphans=(Held("orpheline", "loin", 1, NOW),))
    night = of(SEEN._replace(facts=orphaned), Portee(frozenset({"centre"})), RULES)
    assert [doubt.partner for doubt in night.seen.facts.doubts] == ["centre"]
    assert [halt.partner for halt in night.seen.facts.halts] == ["centre"]
    assert "loin" not in repr(night)
    assert "astreinte" not in repr(night)
    assert "InvalidNative" not in repr(night)
    assert not night.seen.facts.safeguards
    assert "7 messages" not in night.lost.sentence
    assert "7 messages" in of(SEEN, Portee(), RULES).lost.sentence


def test_only_who_sees_all_reads_where_the_hub_keeps_a_secret():
    noted = HubsOwnFault("Secret exposé : /secrets/centre").noted
    read = SourceState(5, NOW, failing_since=NOW, cause=noted)
    shut = Correspondent("centre", "centre", contact=Contact.ACCES_REFUSE, cause=noted, reading=read)
    facts = SEEN._replace(facts=replace(FACTS, partners=(shut,)))
    of_one = of(facts, Portee(frozenset({"centre"})), RULES)
    assert "/secrets/centre" not in repr(of_one)
    assert {of_one.failing[0].cause, cast("SourceState", of_one.failing[0].reading).cause} == {told_of(noted)}
    assert "/secrets/centre" in of(facts, Portee(), RULES).findings[0].whole


def test_that_the_hub_stands_still_is_told_to_everybody():
    dead = Seen(Vitals(Answer.ABSENT, Answer.OK), NOW)
    assert of(dead, Portee(frozenset()), RULES).sentence == (
        "Le hub n'accepte plus rien, et rien n'avance ; on ne sait pas qui attend une réponse"
    )


def test_a_curve_goes_from_left_to_right_and_has_its_highest_rate_at_the_top():
    counted = [(NOW + timedelta(minutes=30 * i), total) for i, total in enumerate((0, 300, 300, 900))]
    rates = per_minute(counted)
    assert [rate.per_minute for rate in rates] == [10, 0, 20]
    points = [tuple(map(float, point.split(","))) for point in Curve("x", rates).points(rates[-1].at).split()]
    assert [x for x, _ in points] == [0, WIDTH / 2, WIDTH]
    assert min(y for _, y in points) == points[2][1] == 2
    assert max(y for _, y in points) == points[1][1] == HEIGHT - 2


def test_numbers_that_start_again_after_a_restoration_are_no_negative_rate():
    assert per_minute([(NOW, 500), (NOW + timedelta(minutes=1), 3)])[0].per_minute == 0


def test_a_curve_of_nothing_is_no_curve():
    assert Curve("x", ()).points(NOW) == ""
    assert Curve("x", ()).newest(NOW) is None


def test_a_curve_that_nothing_measures_any_more_ends_before_now_and_tells_no_rate():
    curve = Curve("x", per_minute([(NOW + timedelta(minutes=30 * i), 300 * i) for i in range(3)]))
    measured, later = NOW + timedelta(minutes=89), NOW + timedelta(hours=3)
    assert (curve.newest(measured), curve.newest(later)) == (10, None)
    assert curve.points(measured).split()[-1].startswith(f"{WIDTH}.0,")
    assert curve.points(later).split()[-1].startswith(f"{WIDTH / 5:.1f},")


def test_every_deadline_has_its_words():
    assert set(ECHEANCES) == set(Echeance), "un mot dans ECHEANCES (console/rendering.py)"


def test_a_detail_says_yes_and_no_in_french_however_deep_it_stands() -> None:
    detail = {"essai": True, "rendues": [False, 2], "avant": {"remise": False, "cause": None}}
    assert written(detail) == "essai : oui, rendues : non, 2, avant : remise : non"


def test_an_alert_stands_above_what_is_to_be_looked_at_whatever_their_harm():
    fails = SourceState(5, NOW, failing_since=NOW - timedelta(minutes=5), failures=3)
    unread = Correspondent("muet", "Muet", reading=fails)
    facts = replace(FACTS, partners=(*FACTS.partners, unread), halts=(), unanswered=())
    night = of(SEEN._replace(facts=facts), Portee(), RULES)
    first, second, *_ = night.findings
    assert (first.code, second.code) == (Code.ILLISIBLE, Code.INJOIGNABLE)
    assert first in night.alerts
    assert first.harm < second.harm
    assert night.said.findings.index(second) < night.said.findings.index(first), "le rang du tort reste"


def test_the_partners_stand_in_the_order_of_their_worst_finding_then_of_their_names():
    away = [Correspondent(each, each, contact=Contact.INJOIGNABLE) for each in ("b", "a")]
    silent = Correspondent("z", "Accueil", silent_since=NOW - timedelta(hours=1), rythme="chaque jour")
    for partners in ((silent, *away), (*reversed(away), silent)):
        night = of(Seen(Vitals(base=Answer.OK, bus=Answer.OK, partners=partners), NOW), Portee(), RULES)
        assert [p.id for p in night.failing] == ["a", "b", "z"]
