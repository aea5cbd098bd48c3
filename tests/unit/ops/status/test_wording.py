"""What people are shown has its words."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast
from uuid import UUID

from connectors.sftp.report import report_text
from contracts.errors import ITS_TEAM_MENDS, HubsOwnFault
from contracts.ports import IntakeReport
from ops.status.wording import (
    CONTACTS,
    ETAPES,
    PIECES,
    ROLES,
    in_words,
    reason_of,
    spelled,
    state_of,
    why_not_delivered,
)
from router.domain.correspondents import Contact
from router.domain.roles import Role
from router.domain.vitals import Answer, Etape
from router.store.database import Row
from tests.rows import each_row

NOW = datetime(2026, 1, 14, 3, 0, tzinfo=UTC)


def test_every_stage_contact_part_and_role_has_its_words():
    assert set(ETAPES) == set(Etape)
    assert set(CONTACTS) == {*Contact, None}
    assert set(PIECES) == set(Answer)
    assert set(ROLES) == set(Role)


@each_row(
    ("code", "words"),
    [
        ("etat_inconnu", "état inconnu"),
        ("quarantaine : etablissement_invalide", "quarantaine : établissement invalide"),
        ("InvalidNative", "illisible"),
        ("bug", "faute du hub"),
    ],
)
def test_a_code_is_read_in_french_with_its_accents(code: str, words: str) -> None:
    assert spelled(code) == words


def test_an_error_is_read_in_french_and_what_is_french_already_stays() -> None:
    assert in_words("Refused : HTTP 422") == "refusé par le partenaire : HTTP 422"
    assert in_words("structure_etrangere : x") == "structure étrangère : x"
    told = in_words("structure_etrangere : hebergement_json structure_etrangere:structure")
    assert told == "structure étrangère : hebergement_json structure étrangère (structure)"
    told = in_words("incoherence : hebergement_json code_commune_invalide:commune incoherence:motif")
    assert told == "incohérence : hebergement_json code commune invalide (commune) incohérence (motif)"
    told = in_words("champ_absent : demandes_csv champ_absent:N° de demande date_illisible:Né(e) le")
    assert told == "champ absent : demandes_csv champ absent (N° de demande) date illisible (Né(e) le)"
    assert in_words("Refused : kafka:9092 https://x") == "refusé par le partenaire : kafka:9092 https://x"
    assert in_words("Le dossier n'existe pas") == "Le dossier n'existe pas"
    assert reason_of("hebergement_json etat_inconnu:etat") == "hebergement_json état inconnu (etat)"


@each_row("state", ["accepte", "partiel", "refuse"])
def test_what_became_of_a_message_reads_alike_in_a_report_and_in_a_list(state: str) -> None:
    report = IntakeReport(UUID(int=1), state, 1)
    assert f"nuit.csv : {state_of(state)}, 1 ligne acceptée." in report_text("nuit.csv", report).decode()


WAITS = {"etat": "en_attente", "attempts": 0, "due_at": None, "next_try_at": None, "polled_at": None}


@each_row("error", [None, ITS_TEAM_MENDS])
def test_which_setting_of_the_hub_is_at_fault_is_read_by_its_team_alone(error: str | None) -> None:
    row = cast(
        "Row", SimpleNamespace(**WAITS, error=error, cause=HubsOwnFault("Secret vide : /secrets/a").noted)
    )
    assert "/secrets/a" in why_not_delivered(row, NOW, to_team=True)
    assert why_not_delivered(row, NOW, to_team=False) == f"{ITS_TEAM_MENDS}, 0 essai"


def test_why_a_delivery_waits_is_its_own_error_else_why_its_partner_cannot_be_reached() -> None:
    for error, said in (("HTTP 503", "HTTP 503"), (None, "délai dépassé")):
        row = cast("Row", SimpleNamespace(**WAITS, error=error, cause="délai dépassé"))
        assert why_not_delivered(row, NOW, to_team=False) == f"{said}, 0 essai"


def test_a_delivery_that_may_have_arrived_and_waits_for_its_next_try_is_not_said_to_be_under_way() -> None:
    assert state_of("en_vol") == "peut-être arrivée"
