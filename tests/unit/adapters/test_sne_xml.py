"""Events of the SNE: whatever a contract says, its event says, and is read as that contract."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.nir import has_nir
from adapters.sne import xml as sne_xml
from adapters.sne.codes import EVENEMENTS, MOTIFS, RESULTATS, TABLES
from adapters.sne.sortie import NAMESPACE, encode
from contracts.base import Numero
from contracts.errors import InvalidNative
from contracts.ports import Native, View
from contracts.v1.attribution import CandidatureRetiree, EvenementCandidature
from tests.golden import cas
from tests.unit.adapters.partenaires import minimal
from tests.unit.contracts.contrats_fictifs import contrats

PARTNER = cas.partenaire("sne_xml", {})
CODES: Mapping[str, Mapping[Any, str]] = {
    "MOTIF": {meaning: code for code, meaning in MOTIFS.items()},
    "RESULTAT": {meaning: code for code, meaning in RESULTATS.items()},
}


@pytest.mark.parametrize("name", EVENEMENTS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_an_event_is_read_as_the_contract_that_it_says(name: str, data: st.DataObject) -> None:
    contrat, fixed = EVENEMENTS[name]
    event: EvenementCandidature = data.draw(contrats(contrat)).model_copy(update={"version": None, **fixed})
    leaves = {
        leaf: written(leaf, getattr(event, str(champ.cible)))
        for leaf, champ in TABLES[contrat].champs.items()
    }
    assume(not has_nir(" ".join(leaves.values())))
    (ligne,) = sne_xml.decode(document(name, leaves), PARTNER).lignes
    assert ligne.contrat == event, ligne.rejets


def written(leaf: str, value: Any) -> str:
    if isinstance(value, bool):
        return "OUI" if value else "NON"
    return CODES.get(leaf, {}).get(value, "" if value is None else str(value))


def document(name: str, leaves: Mapping[str, str]) -> Native:
    root = etree.Element(f"{{{NAMESPACE}}}interfaceNuu", {"versionInterface": "02.01"})
    event = under(under(root, "listeEvenements"), "evenement")
    under(event, "codeTypeEvenement").text = name
    under(event, "dateSurvenance").text = leaves.get("dateSurvenance")
    for code, value in leaves.items():
        if code != "dateSurvenance":
            one = under(event, "caracteristiqueSpecifique")
            under(one, "code").text = code
            under(one, "valeurCaracteristiqueSpecifique").text = value
    return Native(etree.tostring(root), "application/xml")


def under(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def test_the_day_of_a_written_event_is_that_of_its_territory() -> None:
    said = minimal(CandidatureRetiree)
    late = datetime(
        2026, 3, 2, 1, 30, tzinfo=UTC
    )  # half past nine in the evening of the 1st, in Fort-de-France
    at_night = replace(said, attributes=said.attributes._replace(territoire="972", time=late))
    envelope = etree.fromstring(encode([at_night], View(PARTNER)).body)
    file = etree.fromstring(b64decode(envelope.findtext("fichierXml") or ""))
    assert file.findtext(f".//{{{NAMESPACE}}}dateSurvenance") == "2026-03-01"


def test_an_event_that_the_register_changed_is_another_one() -> None:
    native = document("ACCUSE", {"REFCAND": str(UUID(int=1))})
    (event,) = etree.fromstring(native.body).iter(f"{{{NAMESPACE}}}evenement")
    under(event, "idEvenement").text = "7001"
    before = sne_xml.decode(Native(etree.tostring(event.getroottree()), "application/xml"), PARTNER)
    under(event, "dateModification").text = "2026-03-13T10:00:00.0+01:00"
    after = sne_xml.decode(Native(etree.tostring(event.getroottree()), "application/xml"), PARTNER)
    assert before.cle == "7001"
    assert after.cle != before.cle
    assert [ligne.cle for ligne in after.lignes] == [after.cle]


@pytest.mark.parametrize("leaves", [{}, {"REFCAND": ""}])
def test_the_number_of_the_demand_stands_for_a_candidacy_that_is_absent_or_empty(
    leaves: dict[str, str],
) -> None:
    body = etree.fromstring(document("ACCUSE", {**leaves, "dateSurvenance": "2026-03-02"}).body)
    under(under(body, "operation"), "numUnique").text = "1110318016982G1104"
    (ligne,) = sne_xml.decode(Native(etree.tostring(body), "application/xml"), PARTNER).lignes
    assert ligne.contrat is not None
    assert isinstance(ligne.contrat.sujet, Numero)


def test_what_speaks_of_health_is_refused_whole() -> None:
    body = etree.fromstring(document("ACCUSE", {"REFCAND": str(UUID(int=1))}).body)
    under(under(body, "demande"), "listeHandicap")
    with pytest.raises(InvalidNative, match="santé"):
        sne_xml.decode(Native(etree.tostring(body), "application/xml"), PARTNER)
