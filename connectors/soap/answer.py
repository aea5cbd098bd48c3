"""Put the gateway's responses into SOAP 1.1 envelopes: a receipt, or a fault (a SOAP error) with the whole
problem detail."""

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree
from pydantic_core import from_json

from connectors.answer import Answer, Headers
from contracts.soap import ENVELOPES, MustUnderstand, VersionMismatch
from contracts.xml import Element

PATH = "/v1/soap"
NAMESPACE = "urn:siao-hub:soap:1"
"""Namespace of the hub's own responses, as its WSDL (description of its SOAP service) gives it."""
SOAP = ENVELOPES["1.1"]
MEDIA_TYPE: Headers = ((b"content-type", b"text/xml; charset=utf-8"),)
_REPEATED = {"rejets": "rejet", "avertissements": "avertissement"}
"""Name of the XML element for one item, by the name of the list."""
_OF_THE_ENVELOPE = {MustUnderstand.code: "MustUnderstand", VersionMismatch.code: "VersionMismatch"}
"""SOAP fault code for each mistake in an envelope, by the code of the rejection that reports the mistake."""
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow."""


def enveloped(answer: Answer) -> Answer:
    """Return an HTTP response of the hub as SOAP 1.1. An error becomes a fault with the status 500; any other
    response gets the status 200. The header `siao-statut` holds the original status. The fault code says
    whether the sender has to correct the message or to send it again."""
    content = from_json(answer.body)
    own = (header for header in answer.headers if header[0] != b"content-type")
    headers = (*MEDIA_TYPE, *own, (b"siao-statut", b"%d" % answer.status))
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    body = etree.SubElement(root, f"{{{SOAP}}}Body")
    if answer.status < 400:
        _append(body, "recu", content)
    else:
        _fault(body, answer.status, content, again=any(name == b"retry-after" for name, _ in headers))
    status = 200 if answer.status < 400 else 500
    return Answer(status, etree.tostring(root, xml_declaration=True, encoding="UTF-8"), headers)


def _fault(body: Element, status: int, content: Mapping[str, Any], *, again: bool) -> None:
    fault = etree.SubElement(body, f"{{{SOAP}}}Fault")
    code = "Server" if again or status >= 500 else _OF_THE_ENVELOPE.get(_first_code(content), "Client")
    etree.SubElement(fault, "faultcode").text = f"soap:{code}"
    etree.SubElement(fault, "faultstring").text = _text(f"{content['title']} : {content['detail']}")
    _append(etree.SubElement(fault, "detail"), "probleme", content)


def _first_code(content: Mapping[str, Any]) -> str:
    return next((str(rejet["code"]) for rejet in content.get("rejets", ())), "")


def _append(parent: Element, name: str, value: object) -> None:
    if isinstance(value, list):
        for item in value:
            _append(parent, _REPEATED[name], item)
        return
    if value is None:
        return
    node = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # the stubs forget the default namespace
    if isinstance(value, Mapping):
        for inner, said in value.items():
            _append(node, inner, said)
    else:
        node.text = _text(str(value))


def _text(value: str) -> str:
    return _FORBIDDEN.sub("\ufffd", value)
