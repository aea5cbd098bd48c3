"""A birth after the day of receipt is refused at its field, whatever the format."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from contracts.ports import Native, Rejet
from router.domain.births import BORN_AHEAD
from router.intake.decoding import DecodedMessage, Incoming, read, read_from
from tests.golden.cas import partenaire
from tests.rows import each_row

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST, SECOND = "menage.personnes[1].dateNaissance", "menage.personnes[2].dateNaissance"
TITLES = "N° de demande;Composition;Adultes;Enfants;Dispositif;Né(e) le;Personne 2 Né(e) le"


def demand(*births: str, **more: object) -> bytes:
    people = [{"prenom": "Ana", "dateNaissance": each} for each in births]
    menage = {"id": "M-1", "composition": "40", "adultes": 1, "enfants": 1, "personnes": people}
    said = {"type": "demande.recue", "demande": "D-1", "menage": menage, "dispositif": "URGENCE"}
    return json.dumps({**said, **more}).encode()


def table(*births: str) -> bytes:
    return f"{TITLES}\nD-1;Femme seule avec enfant(s);1;1;Urgence;{';'.join(births)}".encode()


def xml(*births: str) -> bytes:
    people = "".join(f"<personnes><dateNaissance>{each}</dateNaissance></personnes>" for each in births)
    counted = "<id>M-1</id><composition>40</composition><adultes>1</adultes><enfants>1</enfants>"
    said = "<type>demande.recue</type><suivi>D-1</suivi><dateSortie>12/03/2026</dateSortie>"
    return (
        '<evenements xmlns="urn:siao-hub:spip:1" versionInterface="01.00"><evenement>'
        f"{said}<dispositif>URGENCE</dispositif><menage>{counted}{people}</menage></evenement></evenements>"
    ).encode()


def incoming(body: bytes, dialect: str, at: datetime | None = NOON, **entry: object) -> Incoming:
    return Incoming(Native(body, "", recu_le=at), partenaire(dialect, entry), dialect)


def decoded(body: bytes, dialect: str, at: datetime | None = NOON, **entry: object) -> DecodedMessage:
    return read(incoming(body, dialect, at, **entry), None)


def told(rejets: list[Rejet]) -> list[tuple[str, str | None]]:
    return [(each.code, each.champ) for each in rejets]


@each_row(
    ("dialect", "written", "first", "second"),
    [
        ("prescripteur_json", demand, FIRST, SECOND),
        ("prescripteur_tableau", table, "Date de naissance", "Personne 2 Né(e) le"),
        ("spip_xml", xml, FIRST, SECOND),
    ],
)
def test_each_birth_after_today_is_refused_at_its_own_field(
    dialect: str, written: Callable[..., bytes], first: str, second: str
) -> None:
    both = decoded(written("14/02/2031", "05/03/2026"), dialect)
    assert told(both.rejets) == [("date_invraisemblable", first), ("date_invraisemblable", second)]
    assert {each.message for each in both.rejets} == {BORN_AHEAD}
    assert (both.accepted, both.rows, len(both.lus) > 0) == (0, 1, True)
    assert decoded(written("14/02/1990", "02/03/2026"), dialect).accepted == 1


def test_a_month_to_come_is_refused_too():
    assert decoded(demand("14/02/1990", "04/2026"), "prescripteur_json").accepted == 0
    assert decoded(demand("14/02/1990", "03/2026"), "prescripteur_json").accepted == 1


def test_a_birth_after_today_is_told_with_the_other_faults_of_its_row():
    wrong = decoded(demand("14/02/2031", dispositif="?"), "prescripteur_json")
    assert {each.code for each in wrong.rejets} == {"code_inconnu", "incoherence", "date_invraisemblable"}


def test_the_day_is_that_of_the_receipt_in_the_sender_s_territory_and_one_day_of_grace():
    late = datetime(2026, 3, 2, 21, tzinfo=UTC)  # 3 March at La Réunion
    tomorrow = demand("14/02/1990", "2026-03-04")
    assert decoded(tomorrow, "prescripteur_json", late, territoire="974").accepted == 1
    assert decoded(tomorrow, "prescripteur_json", late, territoire="02").accepted == 0
    again = demand("14/02/1990", "2026-03-09")
    assert decoded(again, "prescripteur_json", NOON).accepted == 0
    assert decoded(again, "prescripteur_json", datetime(2026, 3, 8, 12, tzinfo=UTC)).accepted == 1


def test_the_rows_of_a_large_file_are_judged_like_those_of_a_small_one():
    message = incoming(table("14/02/2031", "02/03/2026"), "prescripteur_tableau")
    chunk = read_from(UUID(int=1), 0, 10, message)
    assert [each.code for ligne in chunk.rows for each in ligne.rejets] == ["date_invraisemblable"]
