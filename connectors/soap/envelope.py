"""Put messages into SOAP envelopes, and read faults (SOAP errors) in replies."""

import re

from contracts.errors import HubError, InvalidNative, Misconfigured, OutcomeUnknown, Refused
from contracts.soap import ENVELOPES, Version
from contracts.xml import Element, read_xml

_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>\s*")
_ENTRY_IS_WRONG = frozenset({"VersionMismatch", "MustUnderstand", "DataEncodingUnknown"})
"""Fault codes that blame the hub's settings. A service that gives one has not looked at the message."""
_REFUSALS = frozenset({"Client", "Sender"})
"""Fault codes (1.1 and 1.2) by which a service refuses a message for good."""


def envelope(message: bytes, version: Version) -> bytes:
    """Return a SOAP envelope that holds the XML document `message`, which must be in UTF-8. Equal messages
    give equal bytes."""
    inner = message[found.end() :] if (found := _DECLARATION.match(message)) else message
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="'
        + ENVELOPES[version].encode()
        + b'"><soap:Body>'
        + inner
        + b"</soap:Body></soap:Envelope>"
    )


def http_headers(version: Version, action: str) -> dict[str, str]:
    """Return the HTTP headers that a message of this SOAP version needs for the operation `action`."""
    if version == "1.1":
        return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
    operation = f'; action="{action}"' if action else ""
    return {"Content-Type": f"application/soap+xml; charset=utf-8{operation}"}


def fault(reply: bytes) -> HubError | None:
    """Return the error that the fault in a reply stands for: Refused if the fault blames the message,
    Misconfigured if it blames the hub's settings, else OutcomeUnknown. Return None for a reply without a
    fault. Raises InvalidNative if the reply is no SOAP envelope."""
    root = read_xml(reply)
    for namespace in ENVELOPES.values():
        if root.tag == f"{{{namespace}}}Envelope":
            found = root.find(f"{{{namespace}}}Body/{{{namespace}}}Fault")
            return None if found is None else _meant(_code(found, namespace))
    raise InvalidNative("ce n'est pas une enveloppe SOAP : répondez-en une")


def _code(found: Element, namespace: str) -> str:
    text = found.findtext("faultcode") or found.findtext(f"{{{namespace}}}Code/{{{namespace}}}Value") or ""
    return text.strip().rpartition(":")[2].partition(".")[0]


def _meant(code: str) -> HubError:
    if code in _REFUSALS:
        return Refused("Le service SOAP du partenaire a refusé l'envoi (Fault)")
    if code in _ENTRY_IS_WRONG:
        return Misconfigured(f"Le service SOAP du partenaire ne parle pas comme son entrée le dit ({code})")
    return OutcomeUnknown(
        "Le service SOAP du partenaire est en défaut (Fault) : rien ne dit s'il a accepté l'envoi"
    )
