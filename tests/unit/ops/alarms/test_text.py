"""What a notice says: why, how urgent, since when, where to read on; and at its end how long it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.notices import AlarmMessage
from contracts.partner import Famille
from ops.alarms.configured import rules
from ops.alarms.rules import Alarm, Moment, Notice
from ops.alarms.text import message_of
from ops.status.findings import Code, Finding, Level
from ops.status.quantities import day_and_hour
from router.domain.partners import Registry
from tests.integration.registry import entry, named

BEGAN = datetime(2026, 1, 12, 3, tzinfo=UTC)
NAMES = named(Registry.of([entry("siao-01", Famille.SIAO, "si_siao_json")]))
NAME = "SIAO de l'Ain"
FOUND = Finding(Code.INJOIGNABLE, Level.A_VOIR, "siao-01", f"{NAME} est injoignable", BEGAN, "HTTP 503")
ALARM = Alarm(
    FOUND.code,
    FOUND.about,
    FOUND.whole,
    first_seen=BEGAN + timedelta(seconds=40),
    started_at=BEGAN + timedelta(minutes=2),
    since=BEGAN,
)
OVER = replace(ALARM, gone_at=BEGAN + timedelta(minutes=27), ended_at=BEGAN + timedelta(minutes=28))


def told(moment: Moment, console: str | None = None) -> AlarmMessage:
    alarm = ALARM if moment is Moment.DEBUT else OVER
    return message_of(Notice(alarm, moment, rules()[alarm.code]), console, NAMES.name_of)


def test_a_start_says_the_cause_how_urgent_it_is_and_since_when_it_truly_is() -> None:
    text = told(Moment.DEBUT).text
    assert f"{NAME} est injoignable : HTTP 503." in text
    assert "À traiter : le matin." in text
    assert f"Depuis le {day_and_hour(BEGAN)}." in text
    assert "Que faire : docs/astreinte/partenaire-absent.md" in text


def test_a_partner_is_called_by_its_name_and_its_id_stands_in_the_command_to_begin_with() -> None:
    message = told(Moment.DEBUT)
    assert message.subject == f"Un partenaire est injoignable ({NAME})"
    assert "Regarder : siao-hub deliveries list --partner siao-01 --tout" in message.text
    assert message.data["objet"] == "siao-01"


def test_a_machine_reads_the_harm_and_since_when_it_truly_is() -> None:
    data = told(Moment.DEBUT).data
    assert data["gravite"] == FOUND.harm
    assert data["depuis"] == BEGAN.isoformat()


def test_where_there_is_a_console_the_link_opens_the_page() -> None:
    message = told(Moment.DEBUT, "https://hub.exemple.fr/")
    assert "Que faire : https://hub.exemple.fr/alertes/partenaire-absent.md" in message.text
    assert message.data["page"] == "https://hub.exemple.fr/alertes/partenaire-absent.md"


def test_an_end_says_how_long_it_was_until_the_fact_and_not_until_it_was_told() -> None:
    message = told(Moment.FIN)
    assert "soit 27 min." in message.text
    assert message.data["duree_s"] == 27 * 60
    assert message.data["le"] == (BEGAN + timedelta(minutes=27)).isoformat()
