"""Write the question by which the SNE (the national register of demands for social housing) is asked for
removed demands, and read its reply (operation `getDemandesRadieesDepuisLe`). Only numbers and removals are
read."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from lxml import etree

from connectors.soap.envelope import envelope, fault
from connectors.soap.mtom import whole
from contracts.errors import InvalidNative, Misconfigured
from contracts.ports import Native
from contracts.reference.identifiants import numero_unique
from contracts.xml import Element, read_xml

SERVICE = "http://ws.metier.nuu.application.i2/"
NAMESPACE = "http://nuu.application.i2/"
NS = f"{{{NAMESPACE}}}"
ACTION = f"{SERVICE}getDemandesRadieesDepuisLe"
LONGEST_TEXT = 32
"""Number of characters that are kept of a value in the SNE's reply."""
OF_A_REMOVAL = ("dateRadiation", "motifRadiation", "sousMotifIrrecevabilite")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\s", re.DOTALL)
_CODE = re.compile(r"[0-9A-Z_]{1,20}")


class Radiation(NamedTuple):
    """Notice from the SNE that a demand was removed from the register, or that its removal was undone."""

    number: str
    """Numéro unique of the removed demand."""
    goes_on_as: str
    """Numéro unique of the demand that replaces the removed one (`numUniqueAssocie`); empty if none does."""
    said: tuple[tuple[str, str, str], ...]
    """Elements read in the notice, in order, each as its name, its attribute `code` and its text."""


def question(since: datetime, name: str, pem: str) -> bytes:
    """Return the SOAP envelope that asks the SNE for the demands removed from the register after `since`, a
    time with a zone. `name`: the certificate's name at the SNE; `pem`: text of the certificate file. Raises
    Misconfigured for a text without a certificate."""
    certificate = _CERTIFICATE.search(pem + "\n")
    if certificate is None:
        raise Misconfigured(
            "« certificat » de la fiche n'a pas de certificat : « -----BEGIN CERTIFICATE----- »"
        )
    root = etree.Element(f"{{{SERVICE}}}demandesRadieesDepuisLeParametres", nsmap={"ws": SERVICE})
    etree.SubElement(root, "dateRadiationDepuisLe").text = since.isoformat(timespec="seconds")
    etree.SubElement(root, "nomCertificat").text = name
    etree.SubElement(root, "certificat").text = b64encode(certificate[0].encode()).decode()
    return envelope(etree.tostring(root), "1.2")


def radiations_of(reply: Native) -> list[Radiation]:
    """Return the notices of removal in a reply of the SNE, earliest first; an empty list if there are none. A
    notice without date, or without a valid numéro unique, is left out.

    Raises the error that a SOAP fault means; Misconfigured if the reply has an error of the SNE (element
    `anomalie`) in place of removed demands; InvalidNative for a reply that breaks the WSDL.
    """
    said = whole(reply)
    if (error := fault(said.body)) is not None:
        raise error
    given = read_xml(said.body).find(".//{*}fichierDemandesRadiees")
    if given is None:
        return []
    try:
        file = read_xml(b64decode(given.text or ""))
    except ValueError as exc:
        raise InvalidNative("le fichier de la réponse n'est pas du base64 : encodez-le") from exc
    demands = list(file.iter(f"{NS}demandeLogement"))
    if not demands and (anomaly := next(file.iter(f"{NS}anomalie"), None)) is not None:
        code = anomaly.get("code", "")
        raise Misconfigured(f"Le SNE répond une anomalie ({code if _CODE.fullmatch(code) else 'sans code'})")
    found = [each for demand in demands for each in _removal(demand)]
    return sorted(found, key=lambda each: each.said[0][2])


def _removal(demand: Element) -> Iterator[Radiation]:
    removal = demand.find(f"{NS}radiation")
    if removal is None:
        return
    kept = [(name, removal.find(f"{NS}{name}")) for name in OF_A_REMOVAL]
    said = [(name, _text(one.get("code")), _text(one.text)) for name, one in kept if one is not None]
    if not said or said[0][0] != OF_A_REMOVAL[0]:
        return
    with suppress(ValueError):
        number = numero_unique(_text(demand.findtext(f"{NS}numUnique")))
        yield Radiation(number, _text(demand.findtext(f"{NS}numUniqueAssocie")), tuple(said))


def _text(value: str | None) -> str:
    return (value or "").strip()[:LONGEST_TEXT]


def file_about(removal: Radiation, candidacy: UUID) -> bytes:
    """Return the SNE file (type RAD) that reports a removal for one candidacy. Equal arguments give equal
    bytes."""
    root = etree.Element(
        f"{NS}interfaceNuu",
        {"versionInterface": "02.00"},
        nsmap={None: NAMESPACE},  # type: ignore[dict-item]  # the stubs forget the default namespace
    )
    _under(_under(root, "entete"), "typeFichier").text = "RAD"
    demand = _under(_under(root, "demande"), "demandeLogement")
    if removal.goes_on_as:
        _under(demand, "numUniqueAssocie").text = removal.goes_on_as
    _under(demand, "precision").text = str(candidacy)
    radiation = _under(demand, "radiation")
    for name, code, text in removal.said:
        element = _under(radiation, name)
        element.text = text or None
        if code:
            element.set("code", code)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _under(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, f"{NS}{name}")
