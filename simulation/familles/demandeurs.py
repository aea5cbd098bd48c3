"""Formats of partners that bring households: JSON of two shapes, XML, and a spreadsheet."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from lxml import etree

from simulation.familles.langue import (
    SUITE,
    WHERE,
    Langue,
    as_json,
    directed,
    followed,
    of_tonight,
    only_line,
)
from simulation.journal import Record
from simulation.people import Person

NS = "urn:siao-hub:spip:1"
COLUMNS = (
    "N° de dossier",
    "Motif",
    "N° de famille",
    "Composition",
    "Adultes",
    "Nom",
    "Prénom",
    "Date de naissance",
    "Commune",
)
TITLES = ("Dispositif national d'accueil", "Orientations vers le SIAO")
COMMUNE = "59350"
SUITES = {
    "Orientée": "ORIENTEE",
    "En attente": "EN_ATTENTE",
    "Pourvue": "POURVUE",
    "Transférée": "TRANSFEREE",
    "Annulée": "ANNULEE",
}


def household(ident: str, person: Person) -> dict[str, Any]:
    """Return a household of one man."""
    return {
        "id": f"M-{ident}",
        "composition": "10",
        "adultes": 1,
        "personnes": [
            {
                "nom": person.nom,
                "prenom": person.prenom,
                "dateNaissance": person.naissance.isoformat(),
                "sexe": person.sexe,
            }
        ],
    }


def event(key: str, ident: str, person: Person, today: date) -> dict[str, Any]:
    """Return a household's demand as an event. `key`: the field of its id."""
    return {
        "idEvenement": f"{ident}-recue",
        "type": "demande.recue",
        key: ident,
        "menage": household(ident, person),
        "dispositif": "INSERTION",
    }


def read_event(key: str, body: bytes) -> Record:
    """Return the journal line for a delivery about a demand, or a place free tonight. `key`: the field of the
    demand's id."""
    said = json.loads(body)
    if said["type"].startswith("place."):
        return of_tonight(said["type"], said["place"], said.get("version"))
    return _followed(said["type"], said[key], said.get("suite", ""))


def read_xml(body: bytes) -> Record:
    """Return the journal line for a demand's outcome or destination in XML."""
    (said,) = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    fields = {etree.QName(leaf).localname: leaf.text or "" for leaf in said}
    return _followed(fields["type"], fields["suivi"], fields.get("suite", ""))


def as_xml(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return an XML document of these events, each with its fields in order."""
    root = etree.Element(f"{{{NS}}}evenements", versionInterface="01.00", nsmap={"s": NS})
    for row in rows:
        _element(root, "evenement", row)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def row(ident: str, person: Person, today: date) -> Sequence[str]:
    """Return a household's demand as cells of the monthly sheet."""
    born = f"{person.naissance:%d/%m/%Y}"
    known = (f"F-{ident}", "Homme seul", "1", person.nom, person.prenom, born, COMMUNE)
    return (ident, "Offre refusée", *known)


def as_sheet(rows: Sequence[Sequence[str]]) -> bytes:
    """Return a spreadsheet file: two lines of titles, the headings, then these lines."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerows([*([title] for title in TITLES), COLUMNS, *rows])
    return buffer.getvalue().encode("utf-8-sig")


def read_sheet(body: bytes) -> Record:
    """Return the journal line for a workbook of one line."""
    said = only_line(body)
    return _followed(SUITE if said["Objet"] == "Suite" else "", said["N° de dossier"], SUITES[said["Suite"]])


def _followed(event: str, demande: str, suite: str) -> Record:
    if event == WHERE:
        return directed(demande)
    if event != SUITE:
        raise ValueError("type inattendu")
    return followed(demande, suite)


def _element(parent: Any, name: str, said: Any) -> None:
    for one in said if isinstance(said, list) else [said]:
        leaf = etree.SubElement(parent, f"{{{NS}}}{name}")
        if isinstance(one, Mapping):
            for inner, value in one.items():
                _element(leaf, inner, value)
        else:
            leaf.text = str(one)


DEMANDE = Langue(
    "application/json", partial(read_event, "demande"), as_json, demand=partial(event, "demande")
)
"""JSON of the 115 and of prescripteurs, with the demand's id in `demande`."""
SUIVI = Langue("application/json", partial(read_event, "suivi"), as_json, demand=partial(event, "suivi"))
"""JSON of a SPIP, with the demand's id in `suivi`."""
SUIVI_XML = Langue("application/xml", read_xml, as_xml, demand=partial(event, "suivi"))
FEUILLE = Langue("text/csv", read_sheet, as_sheet, demand=row, name="orientations-%06d.csv", first_row=4)
