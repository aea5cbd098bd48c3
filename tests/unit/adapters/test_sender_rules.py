"""Rules about who speaks, whatever the dialect."""

import json
from uuid import UUID

import pytest

from adapters.nir import any_nir, may_hold_nir
from contracts.base import Nature, Reference
from contracts.partner import OFFERING, Famille
from contracts.reference.identifiants import contient_nir
from contracts.sealed import clear_half
from contracts.v1.attribution import CandidaturePresentee
from contracts.v1.convention import DerogationAccordee
from contracts.v1.place import FEMMES_VICTIMES_DE_VIOLENCES, PlaceVacante
from tests.golden.cas import ICI, STRUCTURES, partenaire
from tests.rows import each_row
from tests.unit.adapters.partenaires import (
    ABRI,
    AUTRE,
    ORIENTATION,
    PROTEGEE,
    SIAO,
    STRUCTURE,
    contract,
    only,
    read,
)

VACANTE = json.loads((ICI / "hebergement_json" / "place_vacante.json").read_bytes())
PROPOSEE = json.loads((ICI / "si_siao_json" / "orientation_proposee.json").read_bytes())
NIR = "269054958815780"


def test_a_structure_of_somebody_else_is_refused():
    (rejet,) = only(read("hebergement_json", {**VACANTE, "structure": AUTRE})).rejets
    assert (rejet.code, rejet.champ) == ("structure_etrangere", "structure")


@pytest.mark.parametrize(
    "said", [VACANTE, {"type": "place.occupee", "place": "A-1"}], ids=["vacant", "occupied"]
)
def test_a_place_of_the_asylum_scheme_is_never_an_offer_to_the_siao_whatever_the_dialect(said):
    ofii = ABRI.model_copy(update={"famille": Famille.ASILE})
    (rejet,) = only(read("hebergement_json", said, ofii)).rejets
    assert rejet.code == "place_de_l_ofii"


@each_row("famille", sorted(set(Famille) - {*OFFERING, Famille.SIAO, Famille.ASILE}))
def test_a_collector_the_observation_and_whoever_manages_no_place_opens_none(famille):
    stranger = ABRI.model_copy(update={"famille": famille, "dialectes": ("cloudevents_json",)})
    event = json.loads((ICI / "cloudevents_json" / "place_vacante.json").read_bytes())
    (rejet,) = only(read("cloudevents_json", event, stranger)).rejets
    assert rejet.code == "place_sans_gestionnaire"
    assert f"« {famille} »" in rejet.message


def test_the_siao_may_cite_any_structure():
    message = {**PROPOSEE, "orientation": {**PROPOSEE["orientation"], "structure": AUTRE}}
    assert only(read("si_siao_json", message, SIAO)).contrat is not None


DEROGATION = {"numero": "DER-2026-17", "structure": STRUCTURE, "du": "2026-01-01", "au": "2026-12-31"}
GRANTED = "derogation.accordee"


def granted(dialect, famille, place):
    """What is read of a derogation for one place, said by a partner of the family."""
    said = {**DEROGATION, "places": [place]}
    event = {
        "si_siao_json": {"type": GRANTED, "acte": said},
        "cloudevents_json": {"specversion": "1.0", "type": DerogationAccordee.TYPE, "data": said},
    }.get(dialect, {"type": GRANTED, **said})
    return only(read(dialect, event, ABRI.model_copy(update={"famille": famille})))


OF_NO_PLACE = [
    ("si_siao_json", Famille.SIAO),
    ("etat_json", Famille.ETAT),
    ("cloudevents_json", Famille.ETAT),
]


@each_row(("dialect", "famille"), OF_NO_PLACE)
def test_who_manages_no_place_names_those_of_a_derogation_as_the_hub_names_them(dialect, famille):
    assert granted(dialect, famille, ORIENTATION).contrat.places == (UUID(ORIENTATION),)
    assert not isinstance(granted(dialect, famille, ORIENTATION).contrat.places[0], Reference)
    (rejet,) = granted(dialect, famille, "CH-102").rejets
    assert (rejet.code, rejet.champ.rpartition(".")[2]) == ("identifiant_inconnu", "places")


@each_row("dialect", ["hebergement_json", "cloudevents_json"])
def test_who_manages_places_names_those_of_a_derogation_as_its_own_whatever_they_look_like(dialect):
    for place in ("CH-102", ORIENTATION):
        read_ = granted(dialect, Famille.HEBERGEMENT, place)
        assert read_.contrat.places == (Reference(Nature.PLACE, place),)


def test_a_place_of_a_protected_structure_is_protected_whatever_the_sender_says():
    place = contract(read("hebergement_json", {**VACANTE, "structure": PROTEGEE}))
    assert isinstance(place, PlaceVacante)
    assert place.proteges()


def test_a_place_of_an_ordinary_structure_is_not_protected():
    place = contract(read("hebergement_json", VACANTE))
    assert isinstance(place, PlaceVacante)
    assert not place.proteges()


@pytest.mark.parametrize("typed", ["place.declaree", "place.vacante"])
def test_a_place_of_a_protected_kind_is_refused_until_the_registry_protects_its_structure(typed):
    place = {**VACANTE, "type": typed, "typePlace": FEMMES_VICTIMES_DE_VIOLENCES}
    if typed == "place.declaree":
        del place["disponibleLe"]
    (rejet,) = only(read("hebergement_json", place)).rejets
    assert (rejet.code, rejet.champ) == ("structure_a_sceller", "typePlace")
    assert "siao-hub partners sceller" in rejet.message
    assert not any(number in rejet.message for number in STRUCTURES)
    sealed = contract(read("hebergement_json", {**place, "structure": PROTEGEE}))
    assert sealed.proteges()


def test_of_a_protected_place_nothing_shows_where_it_is_though_its_next_message_omits_its_kind():
    omitted = {name: value for name, value in VACANTE.items() if name != "typePlace"}
    clair = clear_half(contract(read("hebergement_json", {**omitted, "structure": PROTEGEE})))
    assert not {"structure", "commune", "adresse"} & clair.keys()


def test_a_protected_kind_is_told_beside_what_else_is_wrong_with_its_row():
    place = {**VACANTE, "typePlace": FEMMES_VICTIMES_DE_VIOLENCES, "dispositif": "HOTEL"}
    told = {(rejet.code, rejet.champ) for rejet in only(read("hebergement_json", place)).rejets}
    assert ("structure_a_sceller", "typePlace") in told
    assert "dispositif" in {champ for _, champ in told}


def test_where_a_sealed_list_is_not_open_a_protected_kind_is_accepted_for_all_counts_as_protected():
    partner = partenaire("hebergement_json", {"structures_protegees": "scelle:AAAA"})
    place = {**VACANTE, "typePlace": FEMMES_VICTIMES_DE_VIOLENCES}
    assert contract(read("hebergement_json", place, partner)).proteges()


def test_a_structure_is_recognised_in_the_form_of_the_registry():
    partner = partenaire("hebergement_json", {"structures": ["2A0000022"], "structures_protegees": []})
    assert only(read("hebergement_json", {**VACANTE, "structure": "2a 0000022"}, partner)).contrat is not None


@each_row(
    ("path", "champ"),
    [("structure", "structure"), ("commune", "commune"), ("place", "place"), ("dispositif", "dispositif")],
)
def test_an_obligatory_field_that_is_missing_is_named_as_the_sender_names_it(path, champ):
    message = {name: value for name, value in VACANTE.items() if name != path}
    (rejet,) = only(read("hebergement_json", message)).rejets
    assert (rejet.code, rejet.champ, rejet.ligne) == ("champ_absent", champ, 1)


def test_a_candidacy_needs_the_numero_unique_unless_no_commission_attributes_the_dwelling():
    message = json.loads((ICI / "si_siao_json" / "candidature_presentee.json").read_bytes())
    del message["ficheGroupe"]["numeroUnique"]
    for said in ({}, {"horsCommission": "NON"}):
        candidacy = {**message["candidature"], **said}
        (rejet,) = only(read("si_siao_json", {**message, "candidature": candidacy}, SIAO)).rejets
        assert (rejet.code, rejet.champ) == ("champ_absent", "ficheGroupe.numeroUnique")
        assert "hors commission" in rejet.message
    outside = {**message["candidature"], "horsCommission": "OUI"}
    row = only(read("si_siao_json", {**message, "candidature": outside}, SIAO))
    assert isinstance(row.contrat, CandidaturePresentee)
    assert not row.rejets


def test_one_nir_refuses_the_whole_message_and_names_its_row():
    fine = {"type": "orientation.accusee", "orientation": ORIENTATION}
    lignes = list(read("hebergement_json", [fine, {**VACANTE, "commentaire": NIR}, fine]).lignes)
    assert all(ligne.contrat is None for ligne in lignes)
    assert [rejet.ligne for ligne in lignes for rejet in ligne.rejets] == [None, 2]
    assert NIR not in str(lignes)


@pytest.mark.parametrize(
    "written", [NIR, "2 69 05 49 588 157 80", "2\u00a069\u202f05 49 588 157 80", "2.69.05.49.588.157-80"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_nir_in_a_csv_file_is_seen_in_any_spelling_and_encoding(written, encoding):
    header = "reference_place;etat;structure;commune;dispositif;adresse"
    text = f"{header}\nA;occupee;{STRUCTURE};01053;URGENCE;é {written}\n"
    (whole, row) = read("hebergement_csv", text.encode(encoding, "replace").replace(b"?", b" "), ABRI).lignes
    assert {rejet.code for ligne in (whole, row) for rejet in ligne.rejets} == {"nir_interdit"}


@each_row("before", range(0, 40, 3))
def test_a_nir_between_two_chunks_of_a_large_file_is_seen(before):
    padding = b"x" * ((1 << 18) - before)
    assert may_hold_nir(padding + b"2 69 05 49 588 157 80" + b"x" * 300)
    assert not may_hold_nir(padding + b"2 69 05 49 588 157 x 80" + b"x" * 300)


@each_row(
    ("values", "refused"),
    [
        (["3576873", "120", "202", "35"], False),
        (["rang", "35", "montant", "3576873", "120", "202", "35"], False),
        (["2690549588157", "80", "3"], True),
        (["1", "2 69 05 49 588 157", "\n    ", "80"], True),
        (["a", f"assurée {NIR}"], True),
        (["2690549588157", "800"], False),
    ],
)
def test_a_nir_is_looked_for_in_each_value_and_never_in_small_neighbours(values, refused):
    assert any_nir(values) is refused


def test_the_number_and_its_key_in_two_fields_are_seen_in_json():
    (whole, _) = read("hebergement_json", [{**VACANTE, "numero": "2690549588157", "cle": "80"}]).lignes
    assert {rejet.code for rejet in whole.rejets} == {"nir_interdit"}


@each_row(
    ("dialect", "body"),
    [
        ("hebergement_json", '{"type":"place.liberee","place":"A","place":"A","commentaire":"NIR"}'),
        ("hebergement_json", '[{"type":"place.liberee","menage":{"personnes":[{"nom":"NIR","nom":"B"}]}}]'),
        ("cloudevents_json", '[{"id":"e-1","data":{"place":"A","place":"A","adresse":"NIR"}}]'),
        ("si_siao_fiches", '{"ficheGroupe":{"id":1,"id":1,"commentaire":"NIR"}}'),
        ("ars_fhir", '{"resourceType":"Task","for":{"display":"a","display":"b","text":["NIR"]}}'),
        ("ars_fhir", '{"resourceType":"Bundle","id":"NIR","entry":[{"resource":{"resourceType":"Task"}}]}'),
        ("spip_xml", '<evenements xmlns="urn:siao:spip:1" versionInterface="1">NIR<evenement/></evenements>'),
        ("bailleur_xml", '<suites xmlns="urn:siao-hub:bailleur:1" idMessage="1">NIR<suite/></suites>'),
    ],
)
def test_a_nir_is_seen_in_an_object_that_has_a_key_twice_and_around_the_records_of_a_document(dialect, body):
    (whole, *_) = read(dialect, body.replace("NIR", NIR).encode(), ABRI).lignes
    assert {rejet.code for rejet in whole.rejets} == {"nir_interdit"}


def test_uuids_made_of_digits_are_no_nir():
    identifier = "00000000-0000-4000-a269-054958815780"  # but for the dash, the NIR above
    assert contient_nir(identifier)
    assert only(read("hebergement_json", {"type": "orientation.accusee", "orientation": identifier})).contrat
