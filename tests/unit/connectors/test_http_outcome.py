from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http_outcome import outcome, received, refused_inside, retry_after_seconds
from contracts.entry import RefusDansReponse
from contracts.errors import (
    HubError,
    Misconfigured,
    OutcomeUnknown,
    PartnerUnavailable,
    Refused,
    Throttled,
)
from tests.rows import each_row

NOW = 1_772_366_400.0


@each_row(
    ("value", "seconds"),
    [
        (None, 30),
        ("17", 17),
        (" 17 ", 17),
        ("0", 1),
        ("86400", 3600),
        ("bientôt", 30),
        ("-5", 30),
        ("1.5", 30),
        ("", 30),
        (formatdate(NOW + 90, usegmt=True), 90),
        (formatdate(NOW - 90, usegmt=True), 1),
        (formatdate(NOW + 90_000, usegmt=True), 3600),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999", 30),
        ("1 Jan 999999999999999999999 00:00:00 GMT", 30),
    ],
)
def test_retry_after_is_seconds_or_a_date_within_bounds(value, seconds):
    assert retry_after_seconds(value, NOW) == seconds


@given(st.text())
def test_no_retry_after_is_beyond_its_bounds(value):
    assert 1 <= retry_after_seconds(value, NOW) <= 3600


@given(st.integers(100, 599), st.booleans())
def test_only_a_2xx_is_success(status, asks_to_wait):
    headers = {"Retry-After": "9"} if asks_to_wait else {}
    error = outcome(status, headers, lambda: NOW)
    assert (error is None) == (200 <= status < 300)
    assert error is None or isinstance(error, HubError)


def test_a_503_asks_to_wait_only_if_it_says_how_long():
    asked = outcome(503, {"Retry-After": "9"}, lambda: NOW)
    assert isinstance(asked, Throttled)
    assert asked.retry_after_seconds == 9
    assert isinstance(outcome(503, {}, lambda: NOW), PartnerUnavailable)


def test_other_errors_do_not_ask_to_wait():
    assert isinstance(outcome(422, {"Retry-After": "9"}, lambda: NOW), Refused)
    assert isinstance(outcome(500, {"Retry-After": "9"}, lambda: NOW), OutcomeUnknown)


@given(st.one_of(st.integers(100, 199), st.integers(300, 399), st.integers(500, 599)))
def test_an_answer_that_does_not_prove_that_nothing_was_taken_leaves_the_outcome_unknown(status):
    """A partner that cannot recognise a repetition then never gets it twice."""
    proves = status in (301, 307, 308, 501, 503)
    assert isinstance(outcome(status, {}, lambda: NOW), OutcomeUnknown) is not proves


@each_row(("status", "answer"), [(200, True), (204, True), (404, False)])
def test_three_statuses_answer_a_question(status, answer):
    assert received(status, {}, lambda: NOW) is answer


@each_row("status", [301, 302, 303, 307, 308])
def test_a_question_that_is_sent_elsewhere_needs_a_human(status):
    with pytest.raises(Misconfigured):
        received(status, {}, lambda: NOW)


@given(st.integers(100, 599).filter(lambda status: status not in (200, 204, 404)), st.booleans())
def test_every_other_status_says_nothing_of_the_delivery(status, asks_to_wait):
    headers = {"Retry-After": "9"} if asks_to_wait else {}
    with pytest.raises((PartnerUnavailable, Throttled, Misconfigured)):
        received(status, headers, lambda: NOW)


STATUT = RefusDansReponse(champ="statut", valeurs=("erreur", "rejeté", "échec", "12"))
ERREUR = RefusDansReponse(champ="erreur")
SUCCES = RefusDansReponse(champ="succes", valeurs=("false",))
FAULT = RefusDansReponse(champ="Fault")
HELD = RefusDansReponse(champ="anomalie", dans="fichier")
JSON, XML = "application/json", "text/xml"


@each_row(
    ("refus", "media_type", "body"),
    [
        (STATUT, JSON, b'{"statut": "erreur", "message": "enregistrement impossible"}'),
        (STATUT, JSON, b'{"statut": " erreur "}'),
        (STATUT, JSON, b'{"statut": 12}'),
        (STATUT, "application/vnd.bailleur+json", b'{"statut": "erreur"}'),
        (STATUT, JSON, '\ufeff{"statut": "rejeté"}'.encode()),
        (STATUT, f"{JSON}; charset=utf-8", '\ufeff{"statut": "rejeté"}'.encode()),
        (STATUT, f"{JSON}; charset=ISO-8859-1", '{"statut": "échec"}'.encode("latin-1")),
        (STATUT, JSON, '{"statut": "échec"}'.encode("latin-1")),
        (STATUT, f'{JSON}; charset="utf-16"', '{"statut": "échec"}'.encode("utf-16")),
        (STATUT, f"{JSON}; charset=inconnu", '{"statut": "échec"}'.encode()),
        (STATUT, JSON, b'[{"statut": "ok"}, {"id": 12, "statut": "erreur"}]'),
        (STATUT, XML, b'<r:reponse xmlns:r="x"><r:statut code="3"> erreur </r:statut></r:reponse>'),
        (ERREUR, JSON, b'{"erreur": "inconnu"}'),
        (ERREUR, JSON, b'{"erreur": {"code": 0}}'),
        (ERREUR, JSON, b'[{"erreur": null}, {"erreur": 12}]'),
        (SUCCES, JSON, b'{"succes": false}'),
        (
            FAULT,
            XML,
            b'<s:Envelope xmlns:s="x"><s:Body><s:Fault><faultcode/></s:Fault></s:Body></s:Envelope>',
        ),
        (HELD, XML, b"<reponse><fichier>PGFub21hbGllIGNvZGU9IjEiLz4=</fichier></reponse>"),
        (FAULT, XML, b"<Fault/>"),
        (FAULT, "application/soap+xml; charset=utf-8", b'<Fault code="12" />'),
        (None, "application/problem+json", b"{}"),
    ],
)
def test_a_success_that_says_no_in_the_field_that_the_entry_names_is_a_refusal(
    refus: RefusDansReponse | None, media_type: str, body: bytes
) -> None:
    assert refused_inside(media_type, body, refus)


@each_row(
    ("refus", "media_type", "body"),
    [
        (STATUT, JSON, b'{"statut": "ok", "erreur": "aucune"}'),
        (STATUT, JSON, b'{"Statut": "erreur", "detail": {"statut": "erreur"}}'),
        (STATUT, JSON, b'"erreur"'),
        (STATUT, JSON, b"[1, 2]"),
        (STATUT, JSON, b"{ coupe"),
        (STATUT, "text/plain", b"erreur"),
        (STATUT, "application/octet-stream", b'{"statut": "erreur"}'),
        (STATUT, XML, b"<statut>ok</statut>"),
        (STATUT, XML, b"<statuts>erreur</statuts>"),
        *(
            (ERREUR, JSON, b'{"erreur": %b}' % nothing)
            for nothing in (b'" "', b"null", b"[]", b"false", b"0")
        ),
        (SUCCES, JSON, b'{"succes": true}'),
        (SUCCES, JSON, b"{}"),
        (FAULT, XML, b"<accuse><default/></accuse>"),
        (HELD, XML, b"<reponse><fichier>PHByaXMvPg==</fichier><anomalie/></reponse>"),
        (HELD, XML, b"<reponse><fichier>a</fichier></reponse>"),
    ],
)
def test_any_other_content_of_a_success_is_left_to_the_status(
    refus: RefusDansReponse, media_type: str, body: bytes
) -> None:
    assert not refused_inside(media_type, body, refus)


@each_row(
    ("media_type", "body"),
    [
        (JSON, b'{"statut": "erreur"}'),
        (JSON, b'{"errors": [{"code": 12}]}'),
        (JSON, b'{"success": false}'),
        (XML, b"<Fault/>"),
    ],
)
def test_nothing_is_guessed_where_the_entry_names_no_field(media_type: str, body: bytes) -> None:
    assert not refused_inside(media_type, body, None)
