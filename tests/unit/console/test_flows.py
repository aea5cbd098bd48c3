"""What the page of flows shows, and the pictures on it."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from console.charts import bars, stairs, thickness, thread
from console.live import Seen
from console.pages.flows import DELAYS, STEPS, delays_of, drawn, with_traffic
from console.rendering import render
from console.rights import Portee
from ops.traffic.flows import DELAYS_SECONDS, PARTS, Sens, Traffic, together
from router.domain.beats import Beat
from router.domain.correspondents import Correspondent, Count
from router.domain.roles import Role
from router.domain.vitals import Answer, Vitals

NOW = datetime(2026, 1, 14, 3, 0, tzinfo=UTC)


def row(partner: str, sens: str, kind: str, **more: Any) -> Any:
    return SimpleNamespace(partner=partner, sens=sens, type=kind, **more)


def course(partner: str, kind: str, **more: Any) -> Any:
    known = {"last": NOW, "classes": [], "delays": [], "median_s": 0.1, "p90_s": 7.0}
    return row(partner, "dit", kind, **(known | more))


def test_what_is_known_of_the_traffic_comes_together_by_partner_way_and_type():
    found = together(
        [
            course("centre", "a", number=3, parts=[0, 23], numbers=[1, 2], classes=[0, 8], delays=[2, 1]),
            course("hub", "a", number=9, parts=[0], numbers=[9]),
        ],
        [row("centre", "entend", "b", number=5, oldest=NOW)],
        {"centre"},
    )
    said, owed = found
    assert (said.number, said.course[0], said.course[23], sum(said.course)) == (3, 1, 2, 3)
    assert (said.delays[0], said.delays[8], said.median_s, said.p90_s) == (2, 1, 0.1, 7.0)
    assert (owed.sens, owed.number, owed.waiting) == (Sens.ENTEND, 0, Count(5, NOW))


def test_what_falls_just_outside_of_the_time_counts_at_its_end():
    (found,) = together([course("c", "a", number=2, parts=[-1, 24], numbers=[1, 1])], [], {"c"})
    assert (found.course[0], found.course[PARTS - 1]) == (1, 1)


def test_every_partner_is_listed_with_what_it_says_and_hears_and_so_is_who_says_nothing():
    traffic = Traffic("tard", Sens.DIT, "a", number=1)
    found = with_traffic((Correspondent("tard", "tard"), Correspondent("libre", "libre")), [traffic])
    assert [(each.partner.id, list(each.traffic)) for each in found] == [("tard", [traffic]), ("libre", [])]


def test_the_picture_begins_with_the_busiest_counts_the_quiet_and_shows_nobody_whom_the_visitor_may_not_see():
    facts = Vitals(
        Answer.OK,
        Answer.OK,
        beats=(Beat(Role.WORKER, "m", 1, "1", NOW, NOW, None),),
        partners=(
            Correspondent("calme", "calme"),
            Correspondent("presse", "presse", messages_5_min=40, waiting=Count(2, NOW), in_box=Count(1, NOW)),
            Correspondent("secret", "secret", messages_5_min=99),
        ),
    )
    picture = drawn(Seen(facts, NOW), Portee(frozenset({"calme", "presse"})))
    assert [(t.partner.id, t.number) for t in picture.says] == [("presse", 40)]
    assert [(t.partner.id, t.number) for t in picture.hears] == [("presse", 3)]
    assert (picture.silent, picture.settled, picture.others) == (1, 1, 0)
    assert "rien reçu en 5 minutes de 1 partenaire<" in render("flux_image.html", image=picture, etapes=())
    assert (picture.alive[Role.WORKER], picture.alive[Role.RELAY]) == (1, 0)
    assert "secret" not in repr(picture)


def test_delays_count_what_a_partner_hears_and_not_again_what_was_said():
    one, none = (1, *[0] * len(DELAYS_SECONDS)), (0,) * (len(DELAYS_SECONDS) + 1)
    heard = Traffic("a", Sens.ENTEND, "x", delays=one)
    counted = delays_of([heard, heard, Traffic("b", Sens.DIT, "x", delays=one)])
    assert [(bar.name, bar.number, bar.height) for bar in counted[:2]] == [
        (DELAYS[0], 2, 1.0),
        (DELAYS[1], 0, 0.0),
    ]
    assert delays_of([Traffic("a", Sens.ENTEND, "x", delays=none)]) == delays_of([]) == bars((), ()) == []


def test_limits_of_delays_are_said_in_the_units_of_people():
    assert DELAYS[0] == "moins de 0,1 s"
    assert DELAYS[-2:] == ("moins de 1 h", "davantage")


def test_a_thread_goes_from_its_partner_to_the_first_step_and_from_the_last_two_back_and_grows_with_its_number():
    step = 100 / len(STEPS)
    for place in range(15):
        beside = f"{(place + 0.5) / 15 * 100:.1f}"
        said, heard = thread(place, 15, outwards=False), thread(place, 15, outwards=True)
        assert said.startswith(f"M0 {beside}C")
        assert 0 < float(said.split()[-1]) < step, "la porte"
        assert heard.endswith(f" {beside}")
        assert 3 * step < float(heard.removeprefix("M0 ").partition("C")[0]) < 100, (
            "la livraison, ou les boîtes"
        )
    assert thickness(0) == 1
    assert thickness(1000) > thickness(10)


def test_the_stairs_fill_their_box():
    assert stairs([0, 2, 1]) == "M0 1V1.000h1V0.000h1V0.500h1V1z"
    assert stairs([0, 0]) == "M0 1V1.000h1V1.000h1V1z"
