"""Who would notice that a partner changes: without a living process that looks, nothing is said to be well."""

from dataclasses import replace

from rich.console import Console

from ops.alarms.configured import rules
from ops.status.gauges import gauges
from ops.status.printed import page
from ops.status.roles import unwatched, watched
from ops.status.verdict import verdict
from router.domain.correspondents import Contact, Correspondent
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


def test_who_waits_does_not_watch() -> None:
    waits = replace(WELL, beats=beating(attend="Kafka ne répond pas"), partners=(SERVED, BOX))
    assert not any(each.is_watched for each in watched(waits, NOW))


def test_the_metrics_tell_nothing_of_a_partner_that_nobody_watches() -> None:
    facts = replace(WELL, beats=beating(Role.DISPATCHER), partners=(SERVED, BOX))
    facts = replace(facts, partners=tuple(watched(facts, NOW)))
    (up,) = (samples for shown, samples in gauges(facts, (), NOW) if shown is metrics.PARTNER_UP)
    assert [sample.labels for sample in up] == [("boite",)]


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
