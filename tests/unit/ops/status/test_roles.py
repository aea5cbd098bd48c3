"""Who would notice that a partner changes: without a living process that looks, nothing is said to be well."""

from dataclasses import replace

from rich.console import Console

from ops.alarms.configured import rules
from ops.status.gauges import gauges
from ops.status.printed import page
from ops.status.quantities import next_at
from ops.status.roles import next_attempt, unwatched, watched
from ops.status.verdict import verdict
from router.domain.correspondents import Contact, Correspondent, Count, SourceState
from router.domain.roles import Role
from router.domain.vitals import Asked
from router.telemetry import metrics
from tests.rows import each_row
from tests.unit.ops.status.test_verdict import NOW, WELL, ago, beating

SERVED = Correspondent("servi", "Servi", contact=Contact.JOIGNABLE, seen_at=NOW)
BOX = Correspondent("boite", "Boîte", contact=Contact.JOIGNABLE, seen_at=NOW, releve_h=4)


@each_row(
    ("dead", "unseen"),
    [(Role.DISPATCHER, {"servi"}), (Role.GATEWAY, {"boite"}), (Role.SOURCES, set()), (Role.WORKER, set())],
)
def test_a_partner_is_watched_by_who_delivers_to_it_or_opens_its_mailbox(
    dead: Role, unseen: set[str]
) -> None:
    facts = replace(WELL, beats=beating(dead), partners=(SERVED, BOX))
    seen = tuple(watched(facts, NOW))
    assert {each.id for each in seen if not each.is_news(NOW)} == unseen
    assert all(each.is_news(NOW) for each in watched(replace(facts, beats=beating()), NOW))


def test_a_source_is_unknown_as_soon_as_the_role_that_reads_it_is_dead() -> None:
    read = replace(SERVED, reading=SourceState(5, NOW, NOW), one_server=True, seen_at=ago(hours=1))
    for dead, is_read in ((Role.WORKER, True), (Role.SOURCES, False)):
        (seen,) = watched(replace(WELL, beats=beating(dead), partners=(read,)), NOW)
        assert (seen.is_read(NOW), seen.is_news(NOW)) == (is_read, is_read)


def test_who_waits_does_not_watch() -> None:
    waits = replace(WELL, beats=beating(attend="Kafka ne répond pas"), partners=(SERVED, BOX))
    assert not any(each.is_watched for each in watched(waits, NOW))


def test_the_metrics_tell_nothing_of_a_partner_that_nobody_watches() -> None:
    facts = replace(WELL, beats=beating(Role.DISPATCHER), partners=(SERVED, BOX))
    facts = replace(facts, partners=tuple(watched(facts, NOW)))
    (up,) = (samples for shown, samples in gauges(facts, (), NOW) if shown is metrics.PARTNER_UP)
    assert [sample.labels for sample in up] == [("boite",)]


@each_row(
    ("dead", "waits", "fails", "told"),
    [
        (None, True, False, "imminent"),
        (Role.DISPATCHER, True, False, "quand « dispatcher » reprendra"),
        (Role.DISPATCHER, False, False, "—"),
        (Role.SOURCES, True, False, "imminent"),
        (Role.SOURCES, False, True, "quand « sources » reprendra"),
        (Role.DISPATCHER, True, True, "imminent"),
        (Role.WORKER, True, True, "imminent"),
    ],
)
def test_no_attempt_is_imminent_while_the_role_that_would_make_it_is_dead(
    dead: Role | None, waits: bool, fails: bool, told: str
) -> None:
    reading = SourceState(5, ago(minutes=1), failing_since=ago(minutes=2)) if fails else None
    partner = replace(
        SERVED, waiting=Count(int(waits), ago(minutes=1)), next_try=ago(seconds=20), reading=reading
    )
    facts = replace(WELL, beats=beating(*([dead] if dead else ())), partners=(partner,))
    assert next_at(next_attempt(partner, verdict(facts, NOW), NOW), NOW) == told


def test_status_says_when_a_partner_is_tried_again_within_eighty_columns() -> None:
    partner = replace(SERVED, waiting=Count(3, ago(minutes=2)), next_try=ago(seconds=20))
    for beats, said, unsaid in (
        (beating(), "imminent", "reprendra"),
        (beating(Role.DISPATCHER), "prochain essai quand « dispatcher » reprendra", "imminent"),
    ):
        facts = replace(WELL, beats=beats, partners=(partner,))
        terminal = Console(width=80)
        with terminal.capture() as shown:
            terminal.print(page(facts, verdict(facts, NOW), rules(), NOW, everybody=True))
        assert said in " ".join(shown.get().split())
        assert unsaid not in shown.get()


def test_status_says_why_it_does_not_know_how_the_partners_are() -> None:
    late = beating(*set(Role) - {Role.DISPATCHER}, at=ago(minutes=9))
    stopped = replace(WELL, beats=(*beating(Role.DISPATCHER), *late), partners=(SERVED, BOX))
    for facts, said in (
        (stopped, "2 autres partenaires, inconnu : « dispatcher » à l'arrêt depuis"),
        (replace(stopped, beats=beating()), "2 autres partenaires sans rien à signaler"),
    ):
        terminal = Console(width=80)
        with terminal.capture() as shown:
            terminal.print(page(facts, verdict(facts, NOW), rules(), NOW, everybody=False))
        assert said in " ".join(shown.get().split())


def test_what_the_database_does_not_tell_is_unknown_too() -> None:
    for asked in (Asked.PARTENAIRES, Asked.PROCESSUS):
        facts = replace(WELL, unknown=(asked,))
        assert unwatched(facts, verdict(facts, NOW), NOW) == "inconnu : la base n'a pas répondu"
    assert unwatched(WELL, verdict(WELL, NOW), NOW) == ""
