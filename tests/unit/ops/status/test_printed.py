"""The page that `siao-hub status` prints: eighty columns, the worst first, and nothing green that fails now."""

import html
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from rich.console import Console

from console.live import Seen
from console.pages.flows import STEPS, drawn
from console.pages.night import of
from console.rendering import render
from console.rights import Portee
from contracts.errors import RecordRange
from ops.alarms.configured import rules
from ops.status.findings import Code, harms
from ops.status.printed import page
from ops.status.quantities import ago as ago_of
from ops.status.quantities import at, next_at, zone_of
from ops.status.unanswered import longest_of, stands_of
from ops.status.verdict import verdict
from ops.status.wording import ETAPES
from router.domain.correspondents import Contact, Correspondent, Count, SourceState
from router.domain.doubts import Doubt, Kind
from router.domain.halts import Halt
from router.domain.roles import Role
from router.domain.vitals import Answer, CountedSince, Etape, Held, Pile, Safeguard, Taker, Unanswered, Vitals
from tests.integration.beginnings import SHOWS
from tests.rows import each_row
from tests.unit.console.test_pages_of_the_night import OPERATOR
from tests.unit.ops.commands.typed import faults_of
from tests.unit.ops.status.test_verdict import NOW, WELL, ago

RULES = rules()
UNREAD = Correspondent(
    "chrs-tilleuls",
    "Les Tilleuls",
    "01 99 00 12 34",
    contact=Contact.JOIGNABLE,
    since=ago(hours=1),
    seen_at=NOW,
    reading=SourceState(5, NOW, ago(minutes=9), ago(minutes=4), 48, "Le dossier convenu n'existe pas"),
)
GREEN, RED = "\x1b[32m", "\x1b[31m"


def printed(facts: Vitals, *, colours: bool = False) -> list[str]:
    terminal = Console(width=80, force_terminal=colours, color_system="standard" if colours else None)
    with terminal.capture() as said:
        terminal.print(page(facts, verdict(facts, NOW), RULES, NOW, everybody=True))
    return said.get().splitlines()


def lines(facts: Vitals, start: str, *, colours: bool = False) -> list[str]:
    return [line for line in printed(facts, colours=colours) if line.strip().startswith(start)]


def test_a_mailbox_that_nobody_has_emptied_is_not_said_to_be_a_partner_that_was_never_seen() -> None:
    box = Correspondent("b", "Boîte", releve_h=4, last_in=NOW)
    said = "\n".join(printed(replace(WELL, partners=(box,))))
    assert "jamais vu" not in said
    assert "pas relevée" in said
    assert "boîte" not in said, "la colonne le dit"
    assert max(map(len, said.splitlines())) <= 80


def test_a_partner_out_of_reach_is_so_since_it_failed_even_while_nobody_tries_it() -> None:
    since, last = ago(minutes=8), ago(minutes=1)
    away = Correspondent(
        "escale", "L'Escale", contact=Contact.INJOIGNABLE, since=since, seen_at=last, is_watched=False
    )
    (line,) = (each for each in lines(replace(WELL, partners=(away,)), "injoignable") if " min" in each)
    assert line.split()[:4] == ["injoignable", "—", "8", "min"]
    for known in (
        away,
        replace(
            UNREAD, one_server=True, contact=Contact.INJOIGNABLE, seen_at=ago(minutes=5), is_watched=False
        ),
    ):
        said = " ".join(" ".join(printed(replace(WELL, partners=(known,)))).split())
        assert (
            f"injoignable à {at(known.seen_at or NOW, NOW)} (dernier contact), et plus rien ne le vérifie"
            in said
        )
        assert "« vu à »" not in said, "aucune ligne ne dit « vu à »"


def test_reading_and_delivering_are_two_columns_and_neither_is_green_while_one_fails() -> None:
    facts = replace(WELL, partners=(UNREAD,))
    (line,) = lines(facts, "joignable")
    assert line.split()[:4] == ["joignable", "illisible", "4", "min"], "depuis que la lecture échoue"
    (coloured,) = (each for each in printed(facts, colours=True) if "joignable" in each)
    assert RED in coloured
    assert GREEN not in coloured
    assert all(len(each) <= 80 for each in printed(facts))


def test_a_server_that_fails_to_be_read_is_not_said_to_take_deliveries_that_nobody_tried() -> None:
    one = replace(UNREAD, one_server=True, seen_at=ago(minutes=5))
    (line,) = lines(replace(WELL, partners=(one,)), "pas essayé  ")
    assert line.split()[:3] == ["pas", "essayé", "illisible"]
    for unread in (one, replace(one, is_watched=False)):
        said = " ".join(" ".join(printed(replace(WELL, partners=(unread,)))).split())
        since_ = f"pas essayé depuis {at(ago(minutes=5), NOW)} (dernier contact)"
        assert f"{since_}, et la lecture du même serveur a échoué" in said
    delivered_since = replace(UNREAD, one_server=True)
    assert UNREAD.reading is not None
    two_servers = replace(UNREAD, reading=replace(UNREAD.reading, failing_since=NOW), seen_at=ago(seconds=9))
    for other in (delivered_since, two_servers):
        assert lines(replace(WELL, partners=(other,)), "joignable"), "ce qu'on sait de livrer tient"


def test_status_dates_the_last_contact_of_a_partner_to_which_nothing_is_sent() -> None:
    for last, word in ((ago(minutes=2), f"vu à {at(ago(minutes=2), NOW)}"), (ago(days=2), "vu le ")):
        facts = replace(WELL, partners=(replace(UNREAD, reading=None, seen_at=last),))
        (coloured,) = (each for each in printed(facts, colours=True) if word in each)
        assert GREEN not in coloured
        assert f" {ago_of(last, NOW)} " in coloured, "l'âge du contact, non depuis quand il durait"
        note = "« vu à » : dernier contact ; depuis, rien ne dit s'il est joignable"
        assert lines(facts, note)
        assert max(map(len, printed(facts))) <= 80


def test_growth_that_is_not_measured_yet_is_said_so() -> None:
    pile = Pile(Etape.A_LIVRER, 4)
    for known, told in (
        (replace(pile, sampled_at=ago(seconds=20)), "Évolution pas encore mesurée"),
        (replace(pile, sampled_at=ago(minutes=40)), "Évolution plus mesurée depuis"),
        (pile, "Évolution jamais mesurée"),
    ):
        assert told in " ".join(printed(replace(WELL, piles=(known,))))
    measured = replace(pile, growth=CountedSince(4, ago(minutes=5)))
    assert "Évolution pas" not in " ".join(printed(replace(WELL, piles=(measured,))))


@each_row(
    ("dead", "etape"),
    [(Role.DISPATCHER, Etape.A_LIVRER), (Role.WORKER, Etape.A_APPLIQUER), (Role.RELAY, Etape.A_APPLIQUER)],
)
def test_a_pile_that_nobody_empties_is_not_said_to_empty_as_it_did_before_the_stop(
    dead: Role, etape: Etape
) -> None:
    stopped = tuple(replace(each, beat_at=ago(minutes=4)) for each in WELL.beats if each.role is dead)
    alive = tuple(each for each in WELL.beats if each.role is not dead)
    both = tuple(
        Pile(
            each,
            9_000,
            ago(hours=9),
            CountedSince(-1, ago(minutes=5)),
            out_per_minute=0.2,
            left=CountedSince(1, ago(minutes=5)),
        )
        for each in (Etape.A_APPLIQUER, Etape.A_LIVRER)
    )
    facts = replace(WELL, piles=both)
    assert not any("à l'arrêt depuis" in line for line in lines(facts, "à "))
    (line,) = (x for x in lines(replace(facts, beats=(*alive, *stopped)), "à ") if "à l'arrêt depuis" in x)
    assert line.startswith(f"{ETAPES[etape]} ")
    assert f"à l'arrêt depuis {at(ago(minutes=4), NOW)}" in line
    assert "de moins" not in line
    yesterday = tuple(replace(each, beat_at=ago(hours=9)) for each in stopped)
    assert max(map(len, printed(replace(facts, beats=(*alive, *yesterday))))) <= 80


def test_nothing_is_said_to_move_whose_role_is_dead() -> None:
    since_ = f"depuis {at(ago(minutes=4), NOW)}"
    grown = tuple(
        Pile(each, 9, growth=CountedSince(9, ago(minutes=5))) for each in (Etape.A_LIVRER, Etape.EN_BOITE)
    )
    for dead, stage, said in (
        (Role.GATEWAY, Etape.EN_BOITE, "à l'arrêt"),
        (Role.DISPATCHER, Etape.EN_BOITE, "ne grandit plus"),
        (Role.WORKER, Etape.A_LIVRER, "ne grandit plus"),
    ):
        stopped = tuple(replace(b, beat_at=ago(minutes=4)) if b.role is dead else b for b in WELL.beats)
        facts = replace(WELL, piles=grown, beats=stopped)
        (line,) = lines(facts, ETAPES[stage])
        assert f"{said} {since_}" in line
        assert f"« {dead} » à l'arrêt {since_}" in " ".join(" ".join(printed(facts)).split())
        picture = render("flux_image.html", image=drawn(Seen(facts, NOW), Portee()), etapes=STEPS)
        assert f"à l'arrêt {since_}" in html.unescape(picture)


@each_row(("seconds", "mark"), [(49, "!"), (89, "!"), (91, "✗")])
def test_a_reading_that_fails_is_seen_at_once_and_an_alert_once_it_lasts(seconds: float, mark: str) -> None:
    assert UNREAD.reading is not None
    fails = replace(UNREAD, reading=replace(UNREAD.reading, failing_since=ago(seconds=seconds)))
    said = " ".join(printed(replace(WELL, partners=(fails,))))
    assert said.startswith(f"{mark} Le hub accepte et livre ; il ne lit pas ce que dépose Les Tilleuls")
    assert f"  {mark} Les Tilleuls : le hub ne peut pas lire" in said


def test_a_role_that_is_dead_stands_before_a_partner_that_cannot_be_read_and_the_title_dates_the_breakdown() -> (
    None
):
    dead = tuple(
        replace(each, beat_at=ago(minutes=2)) if each.role in (Role.WORKER, Role.DISPATCHER) else each
        for each in WELL.beats
    )
    facts = replace(WELL, beats=dead, partners=(UNREAD,))
    title, *found = " ".join(" ".join(printed(facts)).split()).split(" ✗ ")
    assert [each.partition(" : ")[0] for each in found[:2]] == [
        "« worker » et « dispatcher »",
        "Les Tilleuls",
    ]
    assert title.startswith(
        "✗ Le hub accepte, mais rien n'avance ; il ne lit pas ce que dépose Les Tilleuls ; "
        f"en panne depuis {at(ago(minutes=2), NOW)} (2 min)"
    )
    assert of(Seen(facts, NOW), Portee(), RULES).findings[0].about == "worker dispatcher"


def test_the_first_line_counts_alerts_apart_and_each_line_says_where_to_begin() -> None:
    refused = Held("champ_absent", "centre", 2, ago(minutes=5), refused=True)
    found = " ".join(" ".join(printed(replace(WELL, partners=(UNREAD,), quarantine=(refused,)))).split())
    assert "1 alerte, 1 à voir" in found
    assert "→ siao-hub partners show chrs-tilleuls · 01 99 00 12 34" in found
    assert "→ siao-hub find --partner centre --etat ouverte --etat partiel" in found


def test_a_partner_is_called_by_its_name_with_its_id_where_a_command_needs_it() -> None:
    waits = Unanswered("chrs-tilleuls", "PROPOSEE", 5, 1, ago(hours=9), overdue=1, overdue_since=ago(hours=1))
    partner = replace(
        UNREAD,
        contact=Contact.INJOIGNABLE,
        silent_since=ago(hours=2),
        refused=Count(1, NOW),
        uncertain=Count(1, NOW),
        waiting=Count(1, ago(hours=1)),
        refused_types=(("place.vacante", NOW),),
    )
    facts = replace(
        WELL,
        partners=(partner,),
        unanswered=(waits,),
        quarantine=(Held("champ_absent", partner.id, 2, NOW, refused=True), Held("bug", partner.id, 1, NOW)),
        orphans=(Held("orpheline", partner.id, 2, NOW),),
        doubts=(Doubt(partner.id, Kind.VACANCES, "", NOW, NOW.date(), said=2),),
        halts=(Halt(partner.id, RecordRange("places", 2, 40, 57), "abîmé", 2, NOW),),
    )
    found = verdict(facts, NOW).findings
    assert len(found) == 12
    for each in found:
        assert "Les Tilleuls" in each.sentence
        named = "(chrs-tilleuls)" if each.code is Code.LECTURE else "chrs-tilleuls"
        assert (named in each.sentence) is (each.code is Code.LECTURE), each.sentence
    assert "Les Tilleuls (chrs-tilleuls)" in printed(facts)


def test_a_person_to_call_is_named_only_for_what_wakes_somebody() -> None:
    waits = (Unanswered(UNREAD.id, "PROPOSEE", 5, 1, ago(hours=9)),)
    called = [
        "À appeler d'abord : Les Tilleuls, 01 99 00 12 34" in " ".join(printed(facts))
        for facts in (
            replace(WELL, partners=(UNREAD,), unanswered=waits),
            replace(WELL, partners=(replace(UNREAD, reading=None),), unanswered=waits),
        )
    ]
    assert called == [True, False]


def test_how_long_a_partner_fails_is_said_in_time_and_not_in_tries() -> None:
    away = replace(UNREAD, contact=Contact.INJOIGNABLE, failures=5843, cause="délai dépassé")
    found = " ".join(printed(replace(WELL, partners=(away,))))
    assert "5 843" not in found.replace("\u202f", " ").replace("\xa0", " ")
    assert "48 échecs" not in found


def test_title_list_and_call_name_the_partner_out_of_reach_from_which_households_await_an_answer() -> None:
    owed = Unanswered("escale", "PROPOSEE", 4, 4, ago(minutes=3))
    other = Correspondent("abri", "Abri", contact=Contact.INJOIGNABLE, since=ago(minutes=9))
    escale = replace(
        other, id="escale", nom="Escale", telephone="01 99 00 00 01", contact=Contact.ACCES_REFUSE
    )
    facts = replace(WELL, partners=(UNREAD, other, escale), unanswered=(owed,))
    found = " ".join(" ".join(printed(facts)).split())
    assert "ne livre pas à Escale ni à 1 autre" in found
    assert "! Escale nous refuse l'accès, 4 ménages attendent" in found.partition("✗ Les Tilleuls")[0]
    assert "À appeler d'abord : Escale, 01 99 00 00 01" in found


def test_nobody_is_to_be_called_before_a_role_of_the_hub_is_woken() -> None:
    awake = tuple(beat for beat in WELL.beats if beat.role is not Role.WORKER)
    said = " ".join(printed(replace(WELL, partners=(UNREAD,), beats=awake)))
    assert "À appeler d'abord" not in said
    assert "À appeler une fois la panne du hub réparée : Les Tilleuls, 01 99 00 12 34" in said


def test_who_is_on_a_task_is_named_until_the_task_is_done() -> None:
    takers = {"lecture_impossible:chrs-tilleuls": Taker("Sam", NOW), "refusees:loin:": Taker("Lou", NOW)}
    facts = replace(WELL, partners=(UNREAD,), takers=takers)
    found = " ".join(" ".join(printed(facts)).split())
    said = "Sam lecture impossible : Le dossier convenu n'existe pas, Les Tilleuls, 01 99 00 12 34"
    assert said in found
    assert "Lou" not in found, "plus rien n'attend chez loin"


@each_row("code", Code)
def test_where_to_begin_is_a_command_that_exists_or_a_page(code: Code) -> None:
    start = harms()[code].start.format(objet="centre")
    if start.startswith("docs/astreinte/"):
        return
    assert start.startswith("siao-hub ")
    assert faults_of(start.removeprefix("siao-hub ")) == []


def test_of_each_command_to_begin_with_it_is_written_what_it_prints() -> None:
    commands = {code for code in Code if harms()[code].start.startswith("siao-hub")}
    assert SHOWS.keys() == commands


def test_a_moment_that_is_past_is_not_said_to_be_the_next_one() -> None:
    assert next_at(None, NOW) == "—"
    assert next_at(NOW - timedelta(seconds=1), NOW) == "imminent"
    assert next_at(NOW + timedelta(hours=1), NOW).startswith("à ")


def test_every_role_stands_there_and_a_key_that_nobody_has_from_the_first_request_on() -> None:
    beats = [
        replace(each, unknown_keys=1, unknown_since=NOW - timedelta(hours=2), unknown_last=NOW)
        for each in WELL.beats
        if each.role is not Role.WORKER
    ]
    beats.append(replace(beats[0], role=Role.CONSOLE, unknown_keys=0))
    facts = replace(WELL, bus=Answer.MUET, beats=tuple(beats))
    shown = " ".join(" ".join(printed(facts)).split())
    assert "worker ✗" in shown
    assert "kafka gelé" in shown, "le même mot que dans le constat"
    assert "console 1" in shown
    assert "Relancer sans rien perdre : docs/astreinte/role.md" in shown
    assert "« worker » : aucun processus vivant ; ce rôle applique les événements" in shown
    assert (
        f"1 requête en une heure avec une clé que personne n'a, de {at(NOW - timedelta(hours=2), NOW)} à "
        f"{at(NOW, NOW)}, sous le seuil de 30 ; le journal dit les adresses (« authentication.failed ») ; "
        "à qui est une clé : « siao-hub partners key »" in shown
    )


def test_from_where_the_last_unknown_key_came_is_said_to_whoever_asks_and_not_by_an_alarm() -> None:
    tried = (
        replace(
            WELL.beats[0], role=Role.GATEWAY, unknown_keys=40, unknown_last=moment, unknown_address=address
        )
        for moment, address in (
            (ago(minutes=9), "192.0.2.1"),
            (NOW, "192.0.2.2"),
            (ago(minutes=5), "192.0.2.3"),
        )
    )
    facts = replace(WELL, beats=(*WELL.beats, *tried))
    assert ", la dernière de 192.0.2.2 ; le journal" in " ".join(" ".join(printed(facts)).split())
    (found,) = verdict(facts, NOW).findings
    assert "192.0.2" not in found.whole


def test_the_keys_that_a_frozen_gateway_counted_stay_known_with_the_moment_until_which_it_counted() -> None:
    others = tuple(beat for beat in WELL.beats if beat.role is not Role.GATEWAY)
    gateway = replace(WELL.beats[0], role=Role.GATEWAY, unknown_keys=12, beat_at=ago(minutes=3))
    shown = " ".join(" ".join(printed(replace(WELL, beats=(gateway, *others)))).split())
    assert "12 requêtes en une heure" in shown
    assert f"personne n'a, compté jusqu'à {at(ago(minutes=3), NOW)}, sous le seuil" in shown
    gone = replace(gateway, beat_at=ago(minutes=61))
    assert "requêtes en une heure" not in " ".join(printed(replace(WELL, beats=(gone, *others))))
    assert "compté jusqu'à" not in " ".join(
        printed(replace(WELL, beats=(replace(gateway, beat_at=NOW), *others)))
    )


def test_whoever_owes_an_answer_is_listed_with_whom_to_call() -> None:
    owed = Unanswered("tilleuls", "PROPOSEE", 2, 0, ago(hours=3))
    shelter = Correspondent("tilleuls", "Foyer des Tilleuls", telephone="0474112233")
    shown = " ".join(" ".join(printed(replace(WELL, partners=(shelter,), unanswered=(owed,)))).split())
    assert "0474112233" in shown


def test_the_hour_before_which_an_answer_is_owed_stands_beside_its_age_and_is_red_once_it_has_passed() -> (
    None
):
    for passed in (False, True):
        due = ago(hours=2) if passed else ago(hours=-2)
        facts = replace(WELL, unanswered=(Unanswered("x", "PROPOSEE", 2, 0, ago(hours=3), deadline=due),))
        (line,) = (line for line in printed(facts, colours=True) if "3 h 00" in line)
        assert (RED in line) is passed
        assert at(due, NOW) in line
        assert ("dépassée depuis 2 h 00" in " ".join(printed(facts))) is passed


def test_while_nothing_is_applied_the_unanswered_ones_say_what_they_do_not_count() -> None:
    waiting = replace(WELL, piles=(Pile(Etape.A_APPLIQUER, 3, NOW),))
    dead = replace(waiting, beats=tuple(beat for beat in WELL.beats if beat.role is not Role.WORKER))
    said = "sans compter 3 événements à appliquer"
    for facts, known in ((dead, True), (waiting, False), (replace(dead, piles=()), False)):
        night = of(Seen(facts, NOW), Portee(), RULES)
        page_of_the_night = render("nuit_etat.html", visite=OPERATOR, nuit=night, regles=RULES)
        assert (said in " ".join(printed(facts))) is known
        assert (said in html.unescape(page_of_the_night).replace("\u00a0", " ")) is known


def test_before_it_is_received_a_request_says_who_acts_first_and_that_no_time_to_answer_runs() -> None:
    shelter = Correspondent("tilleuls", "Foyer des Tilleuls", releve_h=4)
    box, door = (
        Unanswered(each, "PROPOSEE", 2, unproven=2, since=ago(hours=3)) for each in ("tilleuls", "loin")
    )
    received = replace(box, unproven=1)
    refused, refused_too = replace(door, refused=2), replace(door, refused=1)
    after = replace(received, refused=1)
    asked = (box, door, received, refused, refused_too, after)
    said = [stands_of(each, (shelter,)) for each in asked]
    assert [each.partition(" ; ")[2] for each in said] == [
        "à relever d'abord dans sa boîte",
        "à remettre d'abord par le hub",
        "dont 1 à relever d'abord dans sa boîte",
        "2 livraisons refusées, à décider au hub",
        "1 livraison refusée, à décider au hub ; à remettre d'abord par le hub",
        "1 livraison refusée, à décider au hub ; dont 1 à relever d'abord dans sa boîte",
    ]
    shown = " ".join(" ".join(printed(replace(WELL, partners=(shelter,), unanswered=(box,)))).split())
    assert "à relever" in shown


def waits(recipient: str, **more: Any) -> Unanswered:
    return Unanswered(recipient, "PROPOSEE", 1, 0, ago(hours=3), longest=uuid4(), **more)


def test_one_line_says_whose_deadline_is_nearest_from_whom_since_when_and_until_when() -> None:
    shelter = Correspondent("tilleuls", "Foyer des Tilleuls", telephone="04 74 11 22 33")
    old = waits("loin", longest_since=ago(hours=2), deadline=ago(hours=-9))
    older = waits("tilleuls", longest_since=ago(hours=3), deadline=ago(hours=-1))
    shown = " ".join(" ".join(printed(replace(WELL, partners=(shelter,), unanswered=(old, older)))).split())
    assert (
        "Échéance la plus proche : "
        "orientation chez Foyer des Tilleuls (tilleuls), 04 74 11 22 33, "
        f"depuis {at(ago(hours=3), NOW)} (3 h 00) ; "
        f"réponse avant {at(ago(hours=-1), NOW)} ({zone_of(NOW)}), dans 1 h 00 → siao-hub trace {older.longest}"
    ) in shown
    assert "Échéance la plus proche" not in " ".join(printed(WELL))
    first = longest_of((old, waits("centre", longest_since=ago(hours=9))), (), NOW)
    assert first is not None
    assert first.ident == old.longest, "sans échéance, on vient en dernier"


def test_the_most_overdue_comes_before_the_longest_wait() -> None:
    older = waits("loin", longest_since=ago(hours=30), deadline=ago(hours=-9))
    late = waits("tilleuls", past=1, longest_since=ago(hours=2), deadline=ago(hours=1))
    wait = longest_of((older, late), (), NOW)
    assert wait is not None
    assert (wait.title, wait.ident) == ("Le plus en retard", late.longest)
    assert wait.until == f"réponse due avant {at(ago(hours=1), NOW)} ({zone_of(NOW)}), dépassé depuis 1 h 00"


@each_row(
    ("recipient", "refused", "deadline", "until", "before"),
    [
        ("boite", False, ago(hours=-1), "relève de sa boîte avant", "relève"),
        ("loin", False, ago(hours=-1), "remise par le hub avant", "remise"),
        ("loin", False, None, "remise par le hub sans date limite", ""),
        ("loin", True, ago(hours=-1), "décision du hub sur le refus, et remise avant", "décision"),
    ],
)
def test_before_it_is_received_the_hour_is_that_of_the_receipt(
    recipient: str, refused: bool, deadline: datetime | None, until: str, before: str
) -> None:
    box = Correspondent("boite", "Boîte", releve_h=4)
    owed = waits(recipient, longest_unproven=True, longest_refused=refused, deadline=deadline)
    wait = longest_of((owed,), (box,), NOW)
    assert wait is not None
    if deadline is not None:
        facts = replace(WELL, partners=(box,), unanswered=(owed,))
        assert any(line.rstrip().endswith(f"{before} {at(deadline, NOW)}") for line in printed(facts))
        night = render(
            "nuit_etat.html", visite=OPERATOR, nuit=of(Seen(facts, NOW), Portee(), RULES), regles=RULES
        )
        assert f">{before} avant " in night
    assert wait.until.startswith(until)
    assert wait.until.endswith(" ; aucun délai de réponse ne court encore")


def test_a_safeguard_that_nobody_set_up_is_neither_green_nor_a_finding() -> None:
    facts = replace(WELL, safeguards=(Safeguard("réplique des clés", "aucune (non configurée)", None),))
    assert not verdict(facts, NOW).findings


def test_the_command_line_and_the_first_page_count_alike_who_has_nothing_to_report() -> None:
    partners = (
        Correspondent("silence", "silence", silent_since=NOW, rythme="chaque jour"),
        Correspondent("boite", "boite", in_box=Count(4, NOW)),
        Correspondent("partiel", "partiel", partials_24_h=2),
        Correspondent("faute", "faute"),
        Correspondent("calme", "calme", contact=Contact.JOIGNABLE, seen_at=NOW),
        Correspondent("neuf", "neuf"),
    )
    facts = replace(WELL, partners=partners, quarantine=(Held("bug", "faute", 1, ago(days=3)),))
    night = of(Seen(facts, NOW), Portee(), RULES)
    assert [p.id for p in (*night.failing, *night.beside)] == ["silence", "faute", "partiel", "boite"]
    assert night.well == 2
    terminal = Console(width=80)
    with terminal.capture() as said:
        terminal.print(page(facts, verdict(facts, NOW), RULES, NOW, everybody=False))
    assert "2 autres partenaires sans rien à signaler" in said.get()


def test_a_partner_whose_files_lost_rows_is_listed_with_their_number() -> None:
    lossy = Correspondent("centre", "centre", partials_24_h=2, rows_refused_24_h=6)
    assert any(
        "2 envois acceptés en partie (6 lignes refusées) en 24 h" in each
        for each in printed(replace(WELL, partners=(lossy,)))
    )


def test_processes_that_started_together_on_one_machine_are_one_line() -> None:
    roles = (Role.GATEWAY, Role.WORKER, Role.RELAY)
    hosts = ("a", "a", "b")
    started = tuple(
        replace(WELL.beats[0], role=role, host=host, version="9", started_at=ago(minutes=3))
        for role, host in zip(roles, hosts, strict=True)
    )
    old = replace(started[0], role=Role.CONSOLE, started_at=ago(hours=2))
    when = at(ago(minutes=3), NOW)
    assert lines(replace(WELL, beats=(*started, old)), "Démarré") == [
        f"Démarré  {when}  gateway et worker sur a (version 9)",
        f"Démarré  {when}  relay sur b (version 9)",
    ]


def test_deliveries_made_are_counted_since_a_moment_that_is_said() -> None:
    pile = Pile(Etape.A_LIVRER, 0, left=CountedSince(43, ago(minutes=6)))
    said = " ".join(" ".join(printed(replace(WELL, piles=(pile,)))).split())
    since_ = f"depuis {at(ago(minutes=6), NOW)}"
    assert f"0,0 messages reçus par minute (sur 5 min), 43 livraisons faites {since_}" in said
    assert f"43 {since_}" in said.partition("Sortis")[2]
