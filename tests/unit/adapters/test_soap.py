"""A message in a SOAP envelope: read as it is without one, and nothing of the envelope is passed over."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.registry import declaration
from adapters.soap import message_in
from connectors.soap.envelope import envelope
from contracts.errors import InvalidNative
from contracts.soap import MustUnderstand, VersionMismatch
from contracts.xml import read_xml
from tests.golden import cas
from tests.golden.cas import Cas
from tests.rows import each_row

XML = [case for case in cas.a_decoder() if declaration(case.dialecte).formats_lus == ("xml",)]
READ = [case for case in XML if "illisible" not in case.attendu.read_text("utf-8")]
SOAP = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
BODY = "<s:Body><a/></s:Body>"


def document(case: Cas) -> bytes:
    """The message in UTF-8: what stands in an envelope has its encoding."""
    text = case.entree.read_bytes()
    return text if text.isascii() or b"UTF-8" in text[:60].upper() else b""


@pytest.mark.parametrize("case", [case for case in READ if document(case)], ids=str)
def test_every_xml_dialect_reads_in_an_envelope_what_it_reads_without_one(case: Cas, tmp_path: Path) -> None:
    wanted = json.loads(case.attendu.read_text("utf-8"))
    enveloped = tmp_path / case.entree.name
    enveloped.write_bytes(envelope(document(case), "1.1"))
    assert cas.decode(replace(case, entree=enveloped), wanted.get("partenaire", {})) == wanted


@each_row(
    ("body", "says"),
    [
        (f"{SOAP}/>", "<Body>"),
        (f"{SOAP}><s:Body/></s:Envelope>", "un élément"),
        (f"{SOAP}><s:Body><a/><a/></s:Body></s:Envelope>", "un élément"),
        (f"{SOAP}>{BODY}{BODY}</s:Envelope>", "<Body>"),
        (f"{SOAP}><s:Header>texte</s:Header>{BODY}</s:Envelope>", "texte"),
        (f"{SOAP}><s:Header><b>255081416802538</b></s:Header>{BODY}</s:Envelope>", "sécurité sociale"),
        (f'{SOAP}><s:Header><b n="255081416802538"/></s:Header>{BODY}</s:Envelope>', "sécurité sociale"),
        (f"{SOAP}>texte{BODY}</s:Envelope>", "texte"),
        (f"{SOAP}><s:Body><a/>texte</s:Body></s:Envelope>", "texte"),
        (f'{SOAP} b="1">{BODY}</s:Envelope>', "attribut"),
        (f'{SOAP}><s:Body b="1"><a/></s:Body></s:Envelope>', "attribut"),
        (f'{SOAP}><s:Header b="1"/>{BODY}</s:Envelope>', "attribut"),
    ],
)
def test_an_envelope_with_anything_of_its_own_is_refused(body: str, says: str) -> None:
    with pytest.raises(InvalidNative, match=says):
        message_in(read_xml(body.encode()))


def test_an_envelope_of_another_version_is_told_so() -> None:
    with pytest.raises(VersionMismatch):
        message_in(read_xml(b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>'))


@each_row(
    "header",
    [
        "",
        '<a:To xmlns:a="http://www.w3.org/2005/08/addressing">https://hub.exemple.fr</a:To>',
        '<b s:mustUnderstand="0"/>',
        '<b s:mustUnderstand="1" s:actor="urn:un-relais"/>',
    ],
)
def test_a_header_that_need_not_be_understood_is_passed_over(header: str) -> None:
    body = f"{SOAP}>\n<s:Header>{header}</s:Header>\n{BODY}\n</s:Envelope>"
    assert message_in(read_xml(body.encode())).tag == "a"


@each_row(
    "said",
    [
        's:mustUnderstand="1"',
        's:mustUnderstand="true"',
        's:mustUnderstand="1" s:actor="http://schemas.xmlsoap.org/soap/actor/next"',
    ],
)
def test_a_header_that_must_be_understood_is_refused(said: str) -> None:
    body = f"{SOAP}><s:Header><a/><b {said}/></s:Header>{BODY}</s:Envelope>"
    with pytest.raises(MustUnderstand):
        message_in(read_xml(body.encode()))
