"""Answers of the door as a SOAP client reads them."""

from uuid import UUID

import pytest
from lxml import etree

from connectors.answer import Answer
from connectors.problem import UNAUTHENTICATED, UNAVAILABLE, problem
from connectors.soap import enveloped
from contracts.errors import InvalidNative
from contracts.ports import Rejet
from contracts.soap import MustUnderstand, VersionMismatch

NAMES = {"s": "http://schemas.xmlsoap.org/soap/envelope/", "h": "urn:siao-hub:soap:1"}


def text(answer: Answer, path: str) -> str | None:
    return etree.fromstring(answer.body).findtext(path, namespaces=NAMES)


def test_a_fault_is_a_500_in_french_with_every_row_of_the_problem() -> None:
    rejets = [Rejet("valeur_inconnue", "code inconnu\0", 2, "resultat@code", "REF-1")]
    said = enveloped(problem(422, "message-refuse", "Aucune ligne", "Corrigez.", rejets, ident=UUID(int=1)))
    assert (said.status, dict(said.headers)[b"siao-statut"]) == (500, b"422")
    assert (b"content-type", b"text/xml; charset=utf-8") in said.headers
    assert text(said, ".//faultcode") == "soap:Client"
    assert text(said, ".//faultstring") == "Aucune ligne : Corrigez."
    assert text(said, ".//h:probleme/h:status") == "422"
    assert text(said, ".//h:rejet/h:champ") == "resultat@code"
    assert text(said, ".//h:rejet/h:message") == "code inconnu\ufffd"
    assert text(said, ".//h:rejet/h:ligne") == "2"


def test_what_is_to_be_sent_again_is_the_servers_fault_and_says_when() -> None:
    again = enveloped(UNAVAILABLE)
    assert (text(again, ".//faultcode"), dict(again.headers)[b"retry-after"]) == ("soap:Server", b"5")
    assert text(enveloped(UNAUTHENTICATED), ".//faultcode") == "soap:Client"


@pytest.mark.parametrize(
    ("error", "code"), [(MustUnderstand, "soap:MustUnderstand"), (VersionMismatch, "soap:VersionMismatch")]
)
def test_what_is_wrong_with_the_envelope_has_a_fault_of_its_own(
    error: type[InvalidNative], code: str
) -> None:
    refused = problem(400, "message-illisible", "Message illisible", "…", [Rejet(error.code, "…")])
    assert text(enveloped(refused), ".//faultcode") == code


def test_a_receipt_has_an_element_for_each_row_and_none_for_what_is_unknown() -> None:
    body = b'{"etat": "partiel", "rejets": [{"code": "x", "champ": null}], "avertissements": []}'
    said = enveloped(Answer(202, body))
    assert said.status == 200
    assert (text(said, ".//h:recu/h:etat"), text(said, ".//h:rejet/h:code")) == ("partiel", "x")
    assert b"champ" not in said.body
    assert b"avertissement" not in said.body
