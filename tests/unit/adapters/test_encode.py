"""What every dialect promises when it writes."""

import csv
import io
import json
import re
from dataclasses import replace
from uuid import UUID

import pytest

from adapters.acte import DEROGATIONS, DEROGATIONS_DU_HUB
from adapters.alertes import ALERTES
from adapters.registry import ADAPTERS, declaration
from adapters.xml import parse_xml, schema
from contracts.errors import Unroutable
from contracts.ports import View
from contracts.v1.alerte import AlerteAnomalie
from contracts.v1.attribution import CandidaturePresentee
from contracts.v1.pret_logement import MenageSepare
from tests.golden import cas
from tests.rows import each_row
from tests.unit.adapters.partenaires import (
    ABRI,
    CANDIDATURE,
    ORIENTATION,
    SIAO,
    event,
    every_event,
    only,
    read,
    written,
)

EVENTS = every_event()
OF_THE_STATE = {"aide-sociale.recue", "aide-sociale.repondue", "aide-sociale.reputee-acceptee"}
CARRIED = {
    "hebergement_csv": {
        *("orientation.proposee", "orientation.annulee", "evaluation.demandee"),
        *("alerte.anomalie", "alerte.echeance", "menage.pret-logement.repondu"),
        *OF_THE_STATE,
        *(contrat.NOM for contrat in (*DEROGATIONS, *DEROGATIONS_DU_HUB)),
    },
    "hebergement_json": {
        "orientation.proposee",
        "orientation.annulee",
        "evaluation.demandee",
        "menage.pret-logement.repondu",
        *ALERTES,
        *OF_THE_STATE,
        *(contrat.NOM for contrat in (*DEROGATIONS, *DEROGATIONS_DU_HUB)),
    },
    "bailleur_xml": {
        *("candidature.presentee", "candidature.presentee-sur-liste", "candidature.retiree"),
        *("candidature.accompagnement", "examen.avis"),
        *("alerte.anomalie", "alerte.echeance"),
    },
}
FROM_THE_SIAO = {
    "orientation.annulee",
    "candidature.retiree",
    "menage.pret-logement.repondu",
    "menage.doublon-confirme",
    "menage.doublon-ecarte",
    "menage.separe",
    "menage.reuni",
    "daho.oriente",
    "daho.accueilli",
    "examen.avis",
    "signalement.traite",
    *("suivi.demande", "suivi.retire"),
}
"""What a SIAO says and no SIAO is told, not even with a demand that another one transfers."""


def is_carried(dialecte, name, group):
    if dialecte != "si_siao_json":
        return name in CARRIED.get(dialecte, {contrat.NOM for contrat in declaration(dialecte).ecrit})
    return group not in ("livraison", "echeance", "observation") and name not in {
        *FROM_THE_SIAO,
        "demande.place-trouvee",
        "place.retenue",
        "admission.hors-siao",
        "menage.pret-logement.diffuse",
        "liste.demandee",
        "convention.bilan",
        "candidature.accompagnement",
    }


@each_row("dialecte", ADAPTERS)
def test_an_event_is_written_or_said_to_be_unroutable(dialecte):
    for said in EVENTS:
        name = said.contrat.NOM
        if is_carried(dialecte, name, said.contrat.DOMAINE):
            assert type(said.contrat) in declaration(dialecte).ecrit, (
                f"{dialecte} n'écrit pas « {name} » : ajoutez-le à ses SORTANTS, ou ici à FROM_THE_SIAO"
            )
            native = written(dialecte, said)
            assert native.body, name
            assert str(said.attributes.id) in (native.filename or ""), name
        else:
            with pytest.raises(Unroutable):
                pytest.fail(
                    f"{dialecte} écrit « {name} » : {written(dialecte, said)} ; s'il le doit, ajoutez-le à CARRIED"
                )


def test_the_sne_is_sent_no_household_that_it_could_not_know():
    presented = next(each for each in EVENTS if each.contrat.NOM == "candidature.presentee")
    assert isinstance(presented.contrat, CandidaturePresentee)
    menage = presented.contrat.menage.model_copy(update={"numero_unique": None})
    unknown = replace(presented, contrat=presented.contrat.model_copy(update={"menage": menage}))
    with pytest.raises(Unroutable, match="numéro unique"):
        written("sne_xml", unknown)


TOLD_OF = {
    "has to be told that a household has changed": ("MENAGE_SEPARE", {"emetteur": "centre-12"}),
    "another SIAO refers to": ("ORIENTE_PAR_UN_AUTRE_SIAO", {"gestionnaire": "centre-12"}),
}


@pytest.mark.parametrize("dialecte", ["si_siao_json", "siao_tableau"])
@pytest.mark.parametrize(("motif", "named"), TOLD_OF.values(), ids=TOLD_OF)
def test_an_alert_names_to_a_siao_the_partner_that(motif, named, dialecte):
    data = {
        "objet": ORIENTATION,
        "nature": "orientation",
        "evenement": ORIENTATION,
        "type_evenement": MenageSepare.TYPE,
        "motif": motif,
        **named,
    }
    native = ADAPTERS[dialecte].encode([event(AlerteAnomalie.TYPE, data)], View(SIAO, {}))
    assert "« centre-12 »" in native.body.decode()


@each_row("case", [c for c in cas.a_encoder() if c.dialecte == "bailleur_xml"])
def test_what_is_written_for_a_landlord_passes_its_own_schema(case):
    root = parse_xml(cas.encode(case).body)
    schema("bailleur").assertValid(root)


@each_row("case", [c for c in cas.a_encoder() if c.dialecte == "hebergement_csv"])
def test_a_referral_file_is_one_header_and_one_row_of_the_same_width(case):
    native = cas.encode(case)
    text = native.body.decode("cp1252" if "1252" in native.media_type else "utf-8-sig")
    header, row = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    assert len(header) == len(row)


def test_no_file_name_holds_a_personal_value():
    for case in cas.a_encoder():
        identifier = json.loads(case.entree.read_text("utf-8"))["id"]
        name = cas.encode(case).filename
        assert name is not None
        stem, _, rest = name.partition("_")
        assert stem.replace("-", "").isalpha() or re.fullmatch(r"CPAXT\w\w\d{8}", stem)
        assert rest.partition(".")[0] == identifier


def test_the_siao_gets_back_its_own_integer_id_of_a_referral():
    answer = event("fr.siao.orientation.orientation.accusee.v1", {"orientation": ORIENTATION})
    native = written("si_siao_json", answer, {UUID(ORIENTATION): "4711"})
    assert json.loads(native.body)["orientation"] == {"id": 4711, "identifiantExterne": ORIENTATION}


def test_the_siao_gets_our_id_of_a_referral_that_it_never_numbered():
    answer = event("fr.siao.orientation.orientation.accusee.v1", {"orientation": ORIENTATION})
    assert json.loads(written("si_siao_json", answer).body)["orientation"] == {
        "identifiantExterne": ORIENTATION
    }


@each_row("written_by_hand", ["²³", "٤٧١١", "４７１１", "47-11", ""])
def test_an_id_that_only_looks_like_a_number_is_left_out(written_by_hand):
    answer = event("fr.siao.orientation.orientation.accusee.v1", {"orientation": ORIENTATION})
    native = written("si_siao_json", answer, {UUID(ORIENTATION): written_by_hand})
    assert json.loads(native.body)["orientation"] == {"identifiantExterne": ORIENTATION}


@each_row("written_by_hand", ["²³", "٤٧١١", "４７１１"])
def test_the_siaos_own_ids_are_written_in_plain_digits(written_by_hand):
    message = {"type": "orientation.annulee", "orientation": {"id": written_by_hand}}
    (rejet,) = only(read("si_siao_json", message, SIAO)).rejets
    assert (rejet.code, rejet.champ) == ("identifiant_illisible", "orientation.id")


def test_a_shelter_reads_its_own_id_of_the_place():
    place = "0d3f6c52-8d0f-4f57-b1c9-5a4f7be0c101"
    menage = {"id": str(UUID(int=3)), "composition": "20", "adultes": 1}
    referral = event(
        "fr.siao.orientation.orientation.proposee.v1",
        {"orientation": ORIENTATION, "menage": menage, "place": place, "dispositif": "URGENCE"},
    )
    for dialecte in ("hebergement_json", "hebergement_csv"):
        body = (
            ADAPTERS[dialecte]
            .encode([referral], View(ABRI, {UUID(place): "CH-102"}))
            .body.decode("utf-8-sig")
        )
        assert "CH-102" in body
        assert place not in body


def test_a_landlord_is_never_told_about_violence():
    menage = {"id": str(UUID(int=3)), "composition": "20", "adultes": 1, "victime_de_violences": True}
    data = {"candidature": CANDIDATURE, "menage": menage, "bailleur": "26010004500012", "canal": "DIRECT"}
    body = written("bailleur_xml", event("fr.siao.attribution.candidature.presentee.v1", data)).body
    assert b"iolence" not in body
