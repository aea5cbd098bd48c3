"""The State's services and those who sign with it are read by the hub, tell each signature from the others, and are
judged."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from adapters.registry import ADAPTERS
from contracts.base import Contrat
from contracts.envelope import Attributes, Event
from contracts.partner import Partner
from contracts.ports import Native, View
from contracts.v1.aide_sociale import AideSocialeDemandee, AideSocialeRecue, AideSocialeRepondue
from contracts.v1.convention import ConventionSignee, DerogationAccordee, Objet
from contracts.v1.daho import DahoAccueilli, DahoDesigne, DahoOriente
from contracts.v1.examen import ExamenAvis, ExamenInscrit
from contracts.v1.menage import Menage, Personne
from contracts.v1.suite import AdmissionDirecte, AdmissionHorsSiao
from simulation import actes, aide, centre_boite, centre_json, derived, examens, people, siao_messages, story
from simulation.cast import BY_ID, CENTRE_BOITE, CENTRE_JSON, CIL, ETAT, ETAT_62, SIAO, Part
from simulation.config import Config, Landlord
from simulation.familles import etat
from simulation.familles.langue import Reply, own_id
from simulation.familles.table import LANGUES
from simulation.journal import Record
from tests.rows import each_row
from tests.unit.simulation import test_familles
from tests.unit.simulation.journaux import Journals

TODAY = date(2026, 3, 2)
PLACE = 8
FINESS, COLLECTOR, PREFECT = "590000014", "26010004500012", "35600000000083"
OURS = UUID("7b0e8f1c-5d7c-4a57-9f3e-0c2f6f0a1101")
(WHO,) = people.brought(PLACE).people
MENAGE = Menage(
    id=uuid4(),
    composition="10",
    adultes=1,
    personnes=(Personne(nom=WHO.nom, prenom=WHO.prenom, date_naissance=WHO.naissance),),
)
SIGNATURES = [
    (actes.DEROGATION, actes.derogation(5, FINESS), signer) for signer in (CENTRE_JSON, SIAO, ETAT)
] + [
    (actes.AGREEMENT, terms, signer)
    for terms in actes.agreements(COLLECTOR, PREFECT)
    for signer in (ETAT, CIL)
]
READERS = {
    ETAT.id: LANGUES[ETAT.id].understand,
    CIL.id: LANGUES[CIL.id].understand,
    CENTRE_JSON.id: centre_json.signed,
    SIAO.id: siao_messages.understand,
}


def partner(part: Part) -> Partner:
    structures = (COLLECTOR,) if part is CIL else (FINESS, PREFECT)
    return test_familles.partner(part).model_copy(update={"structures": structures})


def read_of(part: Part, body: bytes, media_type: str = "application/json") -> Contrat:
    (ligne,) = ADAPTERS[part.dialecte].decode(Native(body, media_type), partner(part)).lignes
    assert ligne.rejets == ()
    assert ligne.contrat is not None
    return ligne.contrat


def written(part: Part, contrat: Contrat, ids: dict[UUID, str] | None = None) -> bytes:
    attributes = Attributes(
        uuid4(), contrat.TYPE, "siao-59", OURS, datetime.now(UTC), "59", correlationid=OURS
    )
    return ADAPTERS[part.dialecte].encode([Event(attributes, contrat)], View(partner(part), ids or {})).body


def said(event: str, terms: Record, signer: Part) -> bytes:
    if signer is SIAO:
        return siao_messages.signature(terms)
    return centre_json.encode([actes.signature(event, terms, signer)])


@each_row(("event", "terms", "signer"), SIGNATURES)
def test_a_signature_is_read_by_the_hub_and_each_of_its_recipients_tells_whose_it_is(
    event: str, terms: Record, signer: Part
) -> None:
    contrat = read_of(signer, said(event, terms, signer))
    assert isinstance(contrat, DerogationAccordee | ConventionSignee)
    told = {BY_ID[row.flow.split(">")[1].split(":")[0]]: row.ref for row in actes.rows(event, terms, signer)}
    assert signer not in told
    for to, ref in told.items():
        effect = READERS[to.id](written(to, contrat))
        assert isinstance(effect, dict)
        assert (effect["ref"], effect["signer"]) == (ref, signer.id)
        assert actes.signature(event, effect["terms"], to)["du"] == actes.FROM


def test_the_state_signs_after_the_shelter_and_the_collector_after_the_state() -> None:
    of_the_shelter = {"event": actes.DEROGATION, "signer": CENTRE_JSON.id, "terms": SIGNATURES[0][1]}
    (reply,) = replies(ETAT, of_the_shelter)
    assert isinstance(read_of(ETAT, LANGUES[ETAT.id].file([reply.content])), DerogationAccordee)
    assert replies(ETAT, {**of_the_shelter, "signer": SIAO.id}) == []
    of_the_state = {"event": actes.AGREEMENT, "signer": ETAT.id, "terms": SIGNATURES[-1][1]}
    (reply,) = replies(CIL, of_the_state)
    assert [row.flow for row in reply.rows] == ["cil-nord>etat-59:actes", "cil-nord>siao-59:actes"]


def replies(part: Part, effect: Record) -> list[Reply]:
    return list(LANGUES[part.id].replies(effect, TODAY))


def test_the_state_negotiates_with_the_collector_of_its_territory_alone(tmp_path) -> None:
    config = Config("etat-59", tmp_path, tmp_path, "", "", 1, TODAY, structures=(PREFECT,))
    with_one = Config(
        "etat-59",
        tmp_path,
        tmp_path,
        "",
        "",
        1,
        TODAY,
        structures=(PREFECT,),
        landlords=(Landlord(CIL.id, COLLECTOR),),
    )
    begins = LANGUES[ETAT.id].begins
    assert list(begins(config)) == []
    *signed, first, second = begins(with_one)
    agenda = (first, second)
    contrats = [read_of(ETAT, LANGUES[ETAT.id].file([reply.content])) for reply in signed]
    assert [
        (contrat.objet, contrat.signataires) for contrat in contrats if isinstance(contrat, ConventionSignee)
    ] == [(Objet.CIL_CANDIDAT, (COLLECTOR, PREFECT)), (Objet.CIL_LISTE, (COLLECTOR, PREFECT))]
    assert [row.subject for each in agenda for row in each.rows] == ["PDALHPD-20001", "PDALHPD-20002"]


@pytest.mark.parametrize("number", examens.CASES)
def test_a_household_on_an_agenda_is_known_by_the_siao_and_its_opinion_by_the_state(number: int) -> None:
    entered = read_of(ETAT, LANGUES[ETAT.id].file([etat.on_the_agenda(number, TODAY)]))
    assert isinstance(entered, ExamenInscrit)
    effect = siao_messages.understand(written(SIAO, entered))
    assert (effect["ref"], effect["number"]) == (examens.entered(number).ref, number)
    avis = read_of(SIAO, siao_messages.opinion(str(OURS), examens.is_favorable(number), TODAY))
    assert isinstance(avis, ExamenAvis)
    told = READERS[ETAT.id](written(ETAT, avis, {OURS: f"PDALHPD-{number}"}))
    assert isinstance(told, dict)
    assert (told["ref"], told["closes"]) == (
        examens.given(number, str(OURS)).ref,
        examens.entered(number).opens,
    )


@pytest.mark.parametrize("part", [ETAT, ETAT_62], ids=lambda part: part.id)
def test_a_designated_household_is_known_by_the_siao_and_its_news_by_the_state(part: Part) -> None:
    demand = LANGUES[part.id].demand
    assert demand is not None
    place = 3 if part is ETAT else 18
    (who,) = people.brought(place).people
    contrat = read_of(part, LANGUES[part.id].file([demand(own_id(place), who, TODAY)]))
    assert isinstance(contrat, DahoDesigne)
    effect = siao_messages.understand(written(SIAO, contrat))
    number = story.dossier(place, story.DAHO_SLOT)
    assert (effect["ref"], effect["dossier"]) == (f"{story.loop(number)}:daho.designe", number)
    for row, body in siao_messages.of_designated(effect, TODAY):
        news = read_of(SIAO, body)
        assert isinstance(news, DahoOriente | DahoAccueilli)
        heard = LANGUES[part.id].understand(written(part, news, {news.daho: own_id(place)}))
        assert isinstance(heard, dict)
        assert heard["ref"] == row.ref
        assert ("closes" in heard) == isinstance(news, DahoAccueilli)


def test_a_request_for_aide_sociale_of_a_sheet_is_told_to_the_state_and_the_siao_and_answered() -> None:
    cells = centre_boite.aid_cells(PLACE, str(OURS), FINESS, TODAY)
    body = centre_boite.encode([cells], centre_boite.AID_COLUMNS)
    asked = read_of(CENTRE_BOITE, body, centre_boite.MEDIA_TYPE)
    assert isinstance(asked, AideSocialeDemandee)
    to_the_state, to_the_siao = aide.request_rows(PLACE, 2)
    effect = LANGUES[ETAT.id].understand(written(ETAT, asked))
    assert isinstance(effect, dict)
    assert effect["ref"] == to_the_state.ref
    assert siao_messages.understand(written(SIAO, asked))["ref"] == to_the_siao.ref
    for reply in replies(ETAT, effect):
        answer = read_of(ETAT, LANGUES[ETAT.id].file([reply.content]))
        assert isinstance(answer, AideSocialeRecue | AideSocialeRepondue)
        own = {answer.aide_sociale: f"{aide.OWN}{PLACE}"}
        heard = centre_boite.answered(written(CENTRE_BOITE, answer, own))
        assert heard is not None
        assert heard["ref"] == reply.rows[0].ref
        assert heard.get("closes") == (to_the_state.opens if "repondue" in heard["event"] else None)
        assert siao_messages.understand(written(SIAO, answer))["ref"] == reply.rows[1].ref


def test_an_admission_without_the_siao_is_told_to_the_siao_and_to_the_state_without_a_name() -> None:
    contrat = read_of(CENTRE_JSON, centre_json.encode([actes.admission(5, TODAY)]))
    assert isinstance(contrat, AdmissionDirecte)
    assert siao_messages.understand(written(SIAO, contrat))["ref"] == actes.admitted(5).ref
    told = AdmissionHorsSiao(
        place=OURS, admission_le=TODAY, composition="10", adultes=1, titre="DEROGATION", numero="DER-59-5"
    )
    effect = LANGUES[ETAT.id].understand(written(ETAT, told))
    assert isinstance(effect, dict)
    assert effect["ref"] == "hub:admission.hors-siao:DER-59-5:derogation"


@each_row(
    ("titles", "says"),
    [
        (["derogation"], None),
        ([], "que l'État ignore"),
        (["aucun"], "que l'État ignore"),
    ],
)
def test_an_admission_that_the_siao_has_heard_is_told_to_the_state_once_under_its_derogation(
    titles: list[str], says: str | None
) -> None:
    journals = Journals().arrived("DER-59-5:admission.directe")
    for title in titles:
        journals.effect(f"hub:admission.hors-siao:DER-59-5:{title}", to="etat-59")
    found = [trouble.says for trouble in derived.troubles(journals.observed)]
    assert derived.untold(journals.observed) == bool(found) == bool(says)
    assert any(says in each for each in found) if says else not found


def test_an_admission_that_nobody_said_is_not_told_to_the_state() -> None:
    journals = Journals().effect("hub:admission.hors-siao:DER-59-5:derogation", to="etat-59")
    assert any("personne ne l'a dite" in trouble.says for trouble in derived.troubles(journals.observed))
