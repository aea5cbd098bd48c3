"""XML of the two simulated landlords: candidacies in, decisions out.

Namespace and elements are the hub's; the code is independent.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from simulation import people, story
from simulation.answering import wrong_row
from simulation.cast import REPONSES
from simulation.config import Config
from simulation.journal import Record, Row

NAMESPACE = "urn:siao-hub:bailleur:1"
MEDIA_TYPE = "application/xml"
DIALECT = "bailleur_xml"
RECORDS = {"presentation": "candidature.presentee", "retrait": "candidature.retiree"}


class Code(str):
    """Value in the attribute `code` of its element, as in the SNE."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Suite:
    """Child of `<suites>`: its name, and its own elements in order."""

    record: str
    fields: Mapping[str, str]


_NS = {"b": NAMESPACE}
NOBODY = str(uuid.UUID(int=1))


def understand(body: bytes) -> Record:
    """Return the journal line for a candidacy. Raises ValueError or LookupError for anything else."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as exc:
        raise ValueError("XML illisible") from exc
    (record,) = root
    event = RECORDS[etree.QName(record).localname]
    subject = record.findtext("b:refCandidature", namespaces=_NS)
    phone = record.findtext("b:menage/b:telephone", namespaces=_NS)
    if subject is None or phone is None:
        raise ValueError("candidature incomplète")
    number = story.dossier(people.phone_index(phone), story.CANDIDACY_SLOT)
    return {"ref": f"{story.loop(number)}:{event}", "event": event, "subject": subject, "dossier": number}


def suite(subject: str, event: str, codes: Mapping[str, str], today: str) -> Suite:
    """Return one answer to a candidacy, as a child of `<suites>`."""
    ref = {"refCandidature": subject}
    rang = {"rang": codes["rang"]} if "rang" in codes else {}
    match event:
        case "candidature.accusee":
            return Suite("accuse", ref)
        case "candidature.inscrite":
            return Suite("inscription", {**ref, "dateCommission": today})
        case "decision.commission":
            decided = {"dateCommission": today, "resultat": Code(codes["resultat"])}
            return Suite("decision", {**ref, **decided, **rang})
        case "proposition.acceptee" | "proposition.refusee":
            return Suite("proposition", {**ref, "reponse": Code(codes.get("reponse", "ACC"))})
    return Suite("bail", {**ref, "dateSignature": today})


def suites(records: Sequence[Suite]) -> bytes:
    """Return the XML document that carries these answers."""
    root = etree.Element(f"{{{NAMESPACE}}}suites", versionInterface="01.00", nsmap={"b": NAMESPACE})
    for one in records:
        record = etree.SubElement(root, f"{{{NAMESPACE}}}{one.record}")
        for name, value in one.fields.items():
            leaf = etree.SubElement(record, f"{{{NAMESPACE}}}{name}")
            if isinstance(value, Code):
                leaf.set("code", value)
            else:
                leaf.text = value
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def wrong_suites(config: Config) -> list[tuple[Row, Suite]]:
    """Return invalid answers, such as people and software produce, with their journal rows."""
    good = suite(NOBODY, "decision.commission", {"resultat": "ATT"}, config.today.isoformat()).fields
    spoilt: dict[str, dict[str, str]] = {
        "resultat": {"resultat": Code("OUI")},
        "rang": {"resultat": Code("RNG")},
        "date": {"dateCommission": "12/13/2026"},
    }
    return [
        (wrong_row(config, REPONSES, name), Suite("decision", {**good, **fields}))
        for name, fields in spoilt.items()
    ]
