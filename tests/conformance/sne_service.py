"""The SNE's services for shared events and for demands, made after their WSDL: SOAP 1.2 over mutual TLS, a file in
base64 each way.

Like the real ones, it answers with attachments (MTOM), and reports anomalies within a file instead of by a fault.
"""

from base64 import b64decode
from collections.abc import Iterator

from lxml import etree

from connectors.soap.envelope import envelope

from .http_partner import Script

SERVICE = "http://ws.metier.nuu.application.i2/"
NUU = "http://nuu.application.i2/"
PARAMETERS = ("nomFichier", "fichierXml", "nomCertificat")
"""Names of a request's parameters, in this order. They have no namespace, because the WSDL's `elementFormDefault`
is unqualified."""
EVENT = ("codeTypeEvenement", "dateSurvenance", "listeCaracteristiquesSpecifiques")
MAX_CHARACTERS = {"codeGuichet": 5, "numUnique": 18, "codeTypeEvenement": 10, "code": 10}


def asked(received: bytes) -> etree._Element:
    """Return the file in a request of `ajouterEvenementDemande`. Fails unless request and file have the published
    form."""
    root = etree.fromstring(received)
    ((parameters,),) = root
    assert root.tag == "{http://www.w3.org/2003/05/soap-envelope}Envelope"
    assert parameters.tag == f"{{{SERVICE}}}fichierXmlParametres"
    assert tuple(each.tag for each in parameters) == PARAMETERS
    file = etree.fromstring(b64decode(parameters.findtext("fichierXml") or ""))
    assert names(file) == ["entete", "operation", "listeEvenements"]
    assert names(file[0]) == ["typeFichier", "dateFichier", "codeGuichet"]
    assert names(file[1]) == ["numUnique"]
    assert tuple(names(file[2][0])) == EVENT
    for element in file.iter():
        limit = MAX_CHARACTERS.get(etree.QName(element).localname, 255)
        assert len((element.text or "").strip()) <= limit, element.tag
    return file


def names(element: etree._Element) -> list[str]:
    """Return the names of an element's children. Fails unless all are in the SNE's namespace."""
    found = [etree.QName(each) for each in element]
    assert {name.namespace for name in found} == {NUU}
    return [name.localname for name in found]


def asked_since(received: bytes) -> etree._Element:
    """Return the parameters of a request of `getDemandesRadieesDepuisLe`. Fails unless they are as in the WSDL."""
    root = etree.fromstring(received)
    ((parameters,),) = root
    assert root.tag == "{http://www.w3.org/2003/05/soap-envelope}Envelope"
    assert parameters.tag == f"{{{SERVICE}}}demandesRadieesDepuisLeParametres"
    assert tuple(each.tag for each in parameters) == ("dateRadiationDepuisLe", "nomCertificat", "certificat")
    return parameters


def demand(number: str, day: str, motif: str = "RADCON", *, associe: str = "", sous_motif: str = "") -> str:
    """Return the complete XML of a demand removed from the register, with household, handicap and dwelling."""
    code = f'<motifRadiation code="{motif}"/>' if motif else ""
    sous = f'<sousMotifIrrecevabilite code="{sous_motif}"/>' if sous_motif else ""
    other = f"<numUniqueAssocie>{associe}</numUniqueAssocie>" if associe else ""
    return (
        f"<demande><demandeLogement><numGuichet>G1104</numGuichet><numUnique>{number}</numUnique>{other}"
        "<dateCreationDemande>2018-03-11</dateCreationDemande><precision>à joindre le soir</precision>"
        "<personnePhysique><demandeur><nom>FICTIF</nom></demandeur></personnePhysique>"
        "<listeHandicap><handicap/></listeHandicap>"
        f"<radiation><dateRadiation>{day}</dateRadiation>{code}{sous}"
        "<attributionLogement><adresse><voie>rue FICTIVE</voie></adresse></attributionLogement></radiation>"
        "</demandeLogement></demande>"
    )


def answering(*inside: str) -> Script:
    """Return a server's answer whose file has these elements: an event with its number, or anomalies."""
    return _with_a_file("fichierXmlReponse", "nomFichierXmlRetour", "fichierXmlRetour", *inside)


def removing(*inside: str) -> Script:
    """Return a server's answer whose file has these removed demands or anomalies; without a file if there are none."""
    if inside:
        names = ("demandesRadieesDepuisLeReponse", "nomFichierDemandesRadiees", "fichierDemandesRadiees")
        return _with_a_file(*names, *inside)
    body = envelope(f'<ws:demandesRadieesDepuisLeReponse xmlns:ws="{SERVICE}"/>'.encode(), "1.2")
    return Script(200, {"Content-Type": "application/soap+xml; charset=utf-8"}, body)


def _with_a_file(answer: str, named: str, held: str, *inside: str) -> Script:
    file = (
        f'<?xml version="1.0" encoding="UTF-8"?><interfaceNuu xmlns="{NUU}" versionInterface="02.00">'
        f"{''.join(inside)}</interfaceNuu>"
    )
    said = (
        f'<ws:{answer} xmlns:ws="{SERVICE}"><{named}>retour.xml</{named}>'
        f'<{held}><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:retour%40sne"/>'
        f"</{held}></ws:{answer}>"
    )
    kind = 'multipart/related; type="application/xop+xml"; start="<racine@sne>"; boundary="bord"'
    return Script(
        200, {"Content-Type": kind}, b"".join(_parts(envelope(said.encode(), "1.2"), file.encode()))
    )


def _parts(root: bytes, attachment: bytes) -> Iterator[bytes]:
    kind = b'application/xop+xml; charset=UTF-8; type="application/soap+xml"'
    for ident, media_type, content in (
        (b"racine@sne", kind, root),
        (b"retour@sne", b"application/octet-stream", attachment),
    ):
        head = b"--bord\r\nContent-Type: %b\r\nContent-ID: <%b>\r\n" % (media_type, ident)
        yield head + b"Content-Transfer-Encoding: binary\r\n\r\n" + content + b"\r\n"
    yield b"--bord--\r\n"


ADDED = answering("<listeEvenements><evenement><idEvenement>7001</idEvenement></evenement></listeEvenements>")
ANOMALY = answering(
    '<listeAnomalies><anomalie code="DEM_0033"><message>demande radiée</message></anomalie></listeAnomalies>'
)
