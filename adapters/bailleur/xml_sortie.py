"""A candidacy as XML for a landlord."""

from collections.abc import Callable, Mapping
from datetime import date

from lxml import etree

from adapters.evenements import by_short_name, carried
from adapters.xml import Element
from contracts.envelope import Envelope
from contracts.ports import Native, View
from contracts.v1 import attribution
from contracts.v1.attribution import Canal
from contracts.v1.menage import Menage, Personne

NAMESPACE = "urn:siao-hub:bailleur:1"
VERSION = "01.00"

EVENEMENTS = by_short_name(attribution.CandidaturePresentee, attribution.CandidatureRetiree)
CANAUX: Mapping[Canal, str] = {
    Canal.ACCORD_COLLECTIF: "ACO",
    Canal.CONTINGENT: "CTG",
    Canal.CIL: "CIL",
    Canal.COLLECTIVITE: "COL",
    Canal.DIRECT: "DIR",
}


def encode(envelope: Envelope, view: View) -> Native:
    """One `<candidatures>` of one record, under our own ids. Raises Unroutable for any other event."""
    event = carried(envelope, EVENEMENTS)
    root = etree.Element(
        f"{{{NAMESPACE}}}candidatures",
        {"versionInterface": VERSION, "idMessage": str(envelope.attributes.id)},
        nsmap={None: NAMESPACE},  # type: ignore[dict-item]  # the stubs forget the default namespace
    )
    _RECORDS[event](root, envelope)
    return Native(
        body=etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True),
        media_type="application/xml; charset=utf-8",
        filename=f"candidature_{envelope.attributes.id}.xml",
    )


def _presentation(root: Element, envelope: Envelope) -> None:
    event = envelope.data
    assert isinstance(event, attribution.CandidaturePresentee)
    record = _child(root, "presentation")
    _leaf(record, "refCandidature", str(event.candidature))
    _leaf(record, "bailleur", event.bailleur)
    _coded(record, "canal", CANAUX[event.canal])
    _coded(record, "commune", event.commune)
    _menage(record, event.menage)


def _retrait(root: Element, envelope: Envelope) -> None:
    _leaf(_child(root, "retrait"), "refCandidature", str(envelope.data.sujet))


def _menage(record: Element, menage: Menage) -> None:
    node = _child(record, "menage")
    _leaf(node, "refMenage", str(menage.id))
    _leaf(node, "numeroUnique", menage.numero_unique)
    _coded(node, "composition", menage.composition)
    _leaf(node, "adultes", menage.adultes)
    _leaf(node, "enfants", menage.enfants)
    for personne in menage.personnes:
        _personne(node, personne)
    _leaf(node, "telephone", menage.telephone)
    _coded(node, "situation", menage.situation)
    _coded(node, "motif", menage.motif)
    _coded(node, "droitSejour", menage.droit_sejour)
    _leaf(node, "ressourcesMensuelles", menage.ressources_mensuelles_euros)
    _coded(node, "accompagnement", menage.accompagnement)


def _personne(menage: Element, personne: Personne) -> None:
    node = _child(menage, "personne")
    _leaf(node, "nom", personne.nom)
    _leaf(node, "prenom", personne.prenom)
    _leaf(node, "dateNaissance", personne.date_naissance)
    _coded(node, "sexe", personne.sexe)
    _coded(node, "trancheAge", personne.tranche_age)


def _child(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _leaf(parent: Element, name: str, value: str | int | date | None) -> None:
    """A leaf with text; none for what is unknown or hidden."""
    if value is not None:
        _child(parent, name).text = value.isoformat() if isinstance(value, date) else str(value)


def _coded(parent: Element, name: str, code: str | None) -> None:
    if code is not None:
        _child(parent, name).set("code", str(code))


_RECORDS: Mapping[str, Callable[[Element, Envelope], None]] = {
    "candidature.presentee": _presentation,
    "candidature.retiree": _retrait,
}
