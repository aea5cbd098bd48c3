"""Write messages for the SNE (the national register of demands for social housing) as XML files in base64.
Each file adds an event to a demand (operation `ajouterEvenementDemande` of the SNE's web service).

The numéro unique gives the office (guichet) of the demand. Only the message that presents a candidacy has
this number: in other messages, the field for the office is empty. The schema allows this, but the SNE may
refuse it.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import cast

from lxml import etree

from adapters.alertes import explication, told_motif
from adapters.evenements import by_short_name, carried, single
from adapters.sne.codes import (
    ACCOMPAGNEMENT,
    AVIS,
    AVIS_DU_SIAO,
    CANAUX,
    MENAGE,
    PRESENTATION,
    RAPPEL,
    REFERENCE,
    RETRAIT,
)
from adapters.xml import Element
from contracts.base import Contrat
from contracts.envelope import Attributes, Event
from contracts.errors import Unroutable
from contracts.ports import Native, View
from contracts.reference.fuseaux import zone
from contracts.soap import SortieSoap
from contracts.v1.alerte import AlerteAnomalie, AlerteEcheance
from contracts.v1.attribution import CandidatureAccompagnement, CandidaturePresentee, CandidatureRetiree
from contracts.v1.evaluation import Evaluation
from contracts.v1.examen import ExamenAvis

NAMESPACE = "http://nuu.application.i2/"
SERVICE = "http://ws.metier.nuu.application.i2/"
VERSION = "02.00"
FILE_TYPE = "EVT"
"""Kind of file (`typeFichier`) for an event, assumed by the hub."""
COMMENT_CHARACTERS = 500
DESK_CHARACTERS = 5
"""Number of characters that identify the office, at the end of a numéro unique."""
Sortant = (
    CandidaturePresentee
    | CandidatureRetiree
    | CandidatureAccompagnement
    | ExamenAvis
    | AlerteAnomalie
    | AlerteEcheance
)
TYPES: Mapping[type[Contrat], str] = {
    CandidaturePresentee: PRESENTATION,
    CandidatureRetiree: RETRAIT,
    CandidatureAccompagnement: ACCOMPAGNEMENT,
    ExamenAvis: AVIS_DU_SIAO,
    AlerteAnomalie: AVIS,
    AlerteEcheance: RAPPEL,
}
SORTANTS = by_short_name(*TYPES)


def encode(events: Sequence[Event], view: View) -> Native:
    """Write one event as an SNE file, in base64 inside `<fichierXmlParametres>`. Raises Unroutable for a
    message type that the dialect does not write, and for the presentation of a household without numéro
    unique. Raises ValueError if `events` has no event, or several."""
    event = single(events)
    carried(event, SORTANTS)
    contrat, name = cast("Sortant", event.contrat), f"evenement_{event.attributes.id}.xml"
    root = etree.Element(f"{{{SERVICE}}}fichierXmlParametres", nsmap={"ws": SERVICE})
    etree.SubElement(root, "nomFichier").text = name
    etree.SubElement(root, "fichierXml").text = b64encode(_file(contrat, event.attributes, view)).decode()
    etree.SubElement(root, "nomCertificat").text = _certificate(view)
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return Native(body, "application/xml; charset=utf-8", name)


def _file(event: Sortant, attributes: Attributes, view: View) -> bytes:
    numero_unique = _numero_unique(event)
    root = etree.Element(
        f"{{{NAMESPACE}}}interfaceNuu",
        {"versionInterface": VERSION},
        nsmap={None: NAMESPACE},  # type: ignore[dict-item]  # the stubs forget the default namespace
    )
    entete = _under(root, "entete")
    _under(entete, "typeFichier", FILE_TYPE)
    _under(entete, "dateFichier", attributes.time.isoformat(timespec="seconds"))
    _under(entete, "codeGuichet", numero_unique[-DESK_CHARACTERS:])
    _under(_under(root, "operation"), "numUnique", numero_unique)
    evenement = _under(_under(root, "listeEvenements"), "evenement")
    _under(evenement, "codeTypeEvenement", TYPES[type(event)])
    local = attributes.time.astimezone(zone(attributes.territoire))
    _under(evenement, "dateSurvenance", local.date().isoformat())
    if (why := explication(event, view.partner.famille)) is not None:
        _under(evenement, "commentaire", why[:COMMENT_CHARACTERS])
    characteristics = _under(evenement, "listeCaracteristiquesSpecifiques")
    for name, value in _characteristics(event, view):
        one = _under(characteristics, "caracteristiqueSpecifique")
        _under(one, "code", name)
        _under(one, "valeurCaracteristiqueSpecifique", value)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _numero_unique(event: Sortant) -> str:
    if not isinstance(event, CandidaturePresentee):
        return ""
    if event.menage.numero_unique is None:
        raise Unroutable(
            "le SNE ne connaît un ménage que par son numéro unique, et celui-ci n'en a pas : présentez-le à ce "
            "bailleur autrement"
        )
    return event.menage.numero_unique


def _characteristics(event: Sortant, view: View) -> Iterator[tuple[str, str]]:
    if isinstance(event, ExamenAvis):
        yield from _opinion(event, view)
        return
    yield REFERENCE, view.hub_id_of(event.sujet)
    if isinstance(event, AlerteAnomalie):
        yield "MOTIF", told_motif(event.motif, view)
    if isinstance(event, AlerteEcheance):
        yield "ECHEANCE", event.echeance
        yield "ETAPE", event.etape
        yield "ATTENDULE", event.due_le.isoformat(timespec="seconds")
    if isinstance(event, CandidatureAccompagnement):
        yield "ACCOMPAGNE", "OUI" if event.accepte else "NON"
        if event.debut_le is not None:
            yield "DEBUT", event.debut_le.isoformat()
    if isinstance(event, CandidaturePresentee):
        yield MENAGE, view.hub_id_of(event.menage.id)
        yield "BAILLEUR", event.bailleur
        yield "CANAL", CANAUX[event.canal]
        if event.commune is not None:
            yield "COMMUNE", event.commune
        if event.logement is not None:
            yield "LOGEMENT", event.logement
        if event.evaluation is not None:
            yield from _evaluation(event.evaluation)


def _opinion(avis: ExamenAvis, view: View) -> Iterator[tuple[str, str]]:
    if avis.menage is not None:
        yield MENAGE, view.hub_id_of(avis.menage)
    yield "FAVORABLE", "OUI" if avis.favorable else "NON"
    yield "AVISLE", avis.avis_le.isoformat()


def _evaluation(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    yield "EVALMETH", evaluation.methode
    yield "EVALDATE", evaluation.realisee_le.isoformat()
    if evaluation.valable_jusqu_au is not None:
        yield "EVALFIN", evaluation.valable_jusqu_au.isoformat()
    yield "EVALCONCL", evaluation.conclusion
    yield "EVALPAR", evaluation.evaluateur


def _under(parent: Element, name: str, text: str | None = None) -> Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = text
    return element


def _certificate(view: View) -> str:
    """Return the name by which the SNE knows the hub's client certificate. We assume that this is the name of
    the certificate's file, without extension."""
    sortie = view.partner.sortie
    named = sortie.certificat if isinstance(sortie, SortieSoap) else None
    return PurePosixPath(named or "siao-hub").stem
