"""Reading from a partner and delivering to it are two states: each with its cause, since when, and when it was seen."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

import pytest

from contracts.errors import RecordRange
from contracts.http import SortieHttp
from contracts.kafka import EntreeKafka, SortieKafka
from contracts.partner import Partner, SortieBoite
from contracts.rest import EntreeRest
from contracts.sftp import EntreeSftp, SortieSftp
from contracts.sne import EntreeSne
from contracts.soap import SortieSoap
from ops.status.correspondents import is_one_server, reached
from ops.status.findings import Code, Finding
from ops.status.gauges import gauges
from ops.status.verdict import verdict
from router.domain.correspondents import Contact, Correspondent, Lecture, SourceState
from router.domain.halts import ATTEMPTS, Halt
from router.domain.roles import Role
from router.domain.vitals import Vitals
from router.telemetry import metrics
from tests.rows import each_row
from tests.unit.ops.status.test_verdict import NOW, WELL, ago, beating

READ = SourceState(5, NOW, NOW)
PLACE = RecordRange("centre.envois", 0, 41, 42)


def of(reading: SourceState, **more: object) -> Vitals:
    partner = Correspondent("centre", "centre", contact=Contact.JOIGNABLE, seen_at=NOW, reading=reading)
    return replace(WELL, partners=(partner,), **more)  # type: ignore[arg-type]  # fields of the facts


def found(reading: SourceState, **more: object) -> tuple[Finding, ...]:
    return verdict(of(reading, **more), NOW).findings


def failing(**since: float) -> SourceState:
    return replace(READ, failing_since=ago(**since), failures=7, cause="droits refusés")


@each_row(
    ("seen_at", "failing_since", "state"),
    [
        (NOW, None, Lecture.LISIBLE),
        (ago(seconds=29), None, Lecture.LISIBLE),
        (ago(seconds=31), None, Lecture.INCONNUE),
        (ago(seconds=31), ago(minutes=9), Lecture.INCONNUE),
        (NOW, ago(seconds=1), Lecture.ILLISIBLE),
        (None, None, Lecture.INCONNUE),
    ],
)
def test_a_source_is_readable_only_while_somebody_has_just_read_it(
    seen_at: datetime | None, failing_since: datetime | None, state: Lecture
) -> None:
    assert SourceState(5, seen_at, ago(minutes=9), failing_since).state(NOW) is state


def test_a_source_that_is_looked_into_once_an_hour_is_old_only_after_two() -> None:
    assert SourceState(3600, ago(minutes=119), ago(minutes=119)).state(NOW) is Lecture.LISIBLE
    assert SourceState(3600, ago(minutes=121), ago(minutes=121)).state(NOW) is Lecture.INCONNUE


def test_a_source_whose_every_try_ends_at_its_limit_stays_unreadable_and_its_next_try_has_an_hour() -> None:
    lasts_s = made(EntreeSftp).delai_s
    for begun_s in (
        0,
        23,
        58,
        75,
    ):  # a try that found a server silent, and the heartbeat that tells of the next
        frozen = replace(failing(minutes=9), seen_at=ago(seconds=begun_s), lasts_s=lasts_s)
        assert frozen.state(NOW) is Lecture.ILLISIBLE, begun_s
    assert replace(frozen, seen_at=ago(seconds=lasts_s + 31)).state(NOW) is Lecture.INCONNUE
    asked = replace(frozen, seen_at=ago(seconds=3))
    assert asked.next_try(NOW) == NOW + timedelta(seconds=2), "entre deux essais"
    tried = replace(frozen, seen_at=ago(seconds=23))
    assert tried.next_try(NOW) == NOW + timedelta(seconds=lasts_s - 23), "pendant un essai"


@each_row(("entree", "lasts_s"), [(EntreeSftp, 60), (EntreeKafka, 10), (EntreeRest, 10), (EntreeSne, 60)])
def test_a_look_lasts_as_long_as_its_transport_waits_for_a_server(entree: type[Any], lasts_s: float) -> None:
    assert made(entree).delai_s == lasts_s


def test_a_source_that_was_never_read_to_its_end_is_unknown_and_not_readable() -> None:
    assert SourceState(5, NOW).state(NOW) is Lecture.INCONNUE
    assert SourceState(5, NOW, failing_since=NOW).state(NOW) is Lecture.ILLISIBLE


class Row(NamedTuple):
    etat: str | None
    seen_at: datetime | None
    polled_at: datetime | None


@pytest.mark.parametrize(
    ("row", "in_mailbox", "contact", "seen_at"),
    [
        (Row("joignable", NOW, None), True, None, None),
        (Row("joignable", NOW, ago(hours=2)), True, Contact.JOIGNABLE, ago(hours=2)),
        (Row(None, None, NOW), True, Contact.JOIGNABLE, NOW),
        (Row("injoignable", NOW, None), False, Contact.INJOIGNABLE, NOW),
        (Row(None, None, None), False, None, None),
    ],
)
def test_what_lies_in_a_mailbox_does_not_say_that_anybody_reads_it(
    row: Row, in_mailbox: bool, contact: Contact | None, seen_at: datetime | None
) -> None:
    assert reached(cast("Any", row), in_mailbox=in_mailbox) == (contact, seen_at)


def test_a_source_that_cannot_be_read_is_told_since_its_first_failure_although_deliveries_arrive() -> None:
    assert [each.since for each in found(failing(seconds=1))] == [ago(seconds=1)]
    (told,) = found(failing(minutes=27))
    assert (told.code, told.about, told.since) == (Code.ILLISIBLE, "centre", ago(minutes=27))
    assert told.cause == "droits refusés"


def test_a_source_that_nobody_reads_any_more_is_told_as_unknown() -> None:
    (told,) = found(replace(READ, seen_at=ago(minutes=3)))
    assert told.code is Code.ILLISIBLE
    assert "nul ne sait" in told.sentence
    assert told.cause.startswith("dernier essai à ")


def test_a_source_that_is_halted_by_us_is_not_said_to_be_unreadable() -> None:
    halt = Halt("centre", PLACE, "illisible", ATTEMPTS, ago(minutes=9))
    assert [each.code for each in found(failing(minutes=9), halts=(halt,))] == [Code.LECTURE]


def test_without_the_role_that_reads_all_sources_are_one_finding() -> None:
    told = found(replace(READ, seen_at=ago(minutes=3)), beats=beating(Role.SOURCES))
    assert [each.code for each in told] == [Code.ROLE_MUET]


def test_a_figure_that_nobody_knows_is_not_shown() -> None:
    def shown(facts: Vitals) -> dict[str, list[float]]:
        return {s.name: [v.value for v in values] for s, values in gauges(facts, (), NOW)}

    assert shown(of(READ))[metrics.PARTNER_READABLE.name] == [1]
    assert shown(of(failing(minutes=2)))[metrics.PARTNER_READABLE.name] == [0]
    assert shown(of(replace(READ, seen_at=ago(minutes=3))))[metrics.PARTNER_READABLE.name] == []
    (known,) = of(READ).partners
    for renewed, up in ((False, []), (True, [1])):
        old = replace(known, one_server=renewed, seen_at=ago(minutes=3))
        assert shown(replace(WELL, partners=(old,)))[metrics.PARTNER_UP.name] == up
    (known,) = of(failing(minutes=2)).partners
    dead = replace(WELL, partners=(replace(known, one_server=True, seen_at=ago(minutes=3)),))
    assert shown(dead)[metrics.PARTNER_UP.name] == []


def made(kind: Any, **known: Any) -> Any:
    """A registry entry, or one of its lines, with only these fields."""
    return kind.model_construct(**known)


def test_one_server_is_one_address_whatever_the_folder_and_two_topics_are_on_one_server() -> None:
    reads = made(EntreeSftp, hote="sftp.exemple.fr")
    for host, port, is_one in (
        ("sftp.exemple.fr", 22, True),
        ("SFTP.exemple.fr", 22, True),
        ("sftp.exemple.fr", 2222, False),
        ("ailleurs.exemple.fr", 22, False),
    ):
        delivers = made(SortieSftp, hote=host, port=port, dossier="autre")
        assert is_one_server(made(Partner, entree=reads, sortie=delivers)) is is_one
    topics = made(EntreeKafka, serveurs="a:1,b:1"), made(SortieKafka, serveurs="B:1, c:1")
    assert is_one_server(made(Partner, entree=topics[0], sortie=topics[1]))
    assert not is_one_server(made(Partner, entree=None, sortie=made(SortieBoite)))


@each_row(
    ("read", "delivered", "is_one"),
    [
        ("https://sne.exemple.fr/radiations", "https://sne.exemple.fr/candidatures", True),
        ("https://sne.exemple.fr/", "https://SNE.exemple.fr:443/", True),
        ("https://sne.exemple.fr/", "https://sne.exemple.fr:8443/", False),
        ("http://127.0.0.1/", "http://127.0.0.1:80/", True),
        ("https://sne.exemple.fr/", "http://sne.exemple.fr/", False),
    ],
)
def test_one_server_is_one_machine_and_port_however_its_url_is_written(
    read: str, delivered: str, is_one: bool
) -> None:
    for entree in (made(EntreeSne, url=read), made(EntreeRest, url=read)):
        for sortie in (made(SortieSoap, url=delivered), made(SortieHttp, url=delivered)):
            assert is_one_server(made(Partner, entree=entree, sortie=sortie)) is is_one
