"""Each family's few lines and the hub's adapters, written by two hands from one guide, understand each other."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from adapters.registry import ADAPTERS, declaration_for
from contracts.base import Contrat
from contracts.envelope import Attributes, Event
from contracts.partner import Famille, Partner
from contracts.ports import Native, View
from contracts.reference.codes import Dispositif
from contracts.v1.attribution import Canal, CandidaturePresentee
from contracts.v1.demande import DemandePlaceTrouvee, DemandeRecue, DemandeSuite, Suite
from contracts.v1.menage import Menage, Personne
from contracts.v1.orientation import OrientationAnnulee, OrientationProposee
from contracts.v1.place import PlaceVacante
from contracts.v1.pret_logement import PretLogementDeclare
from contracts.v1.suite import AccompagnementDemande, AccompagnementRepondu
from simulation import people, siao_messages, story
from simulation.cast import (
    AVDL,
    BRINGERS,
    BY_ID,
    CCAS_ARTOIS,
    DDETS_62,
    LANDLORDS,
    LE_115,
    PARTS,
    RECEIVERS,
    SPIP_JSON,
    SPIP_XML,
    Part,
)
from simulation.familles.langue import ENDS, own_id
from simulation.familles.table import LANGUES
from simulation.shelter import Referral
from simulation.story import Step
from tests.rows import each_row

TODAY = date(2026, 3, 2)
NUMBER = 43
OURS = UUID("7b0e8f1c-5d7c-4a57-9f3e-0c2f6f0a1101")
(WHO,) = people.brought(NUMBER).people
MENAGE = Menage(
    id=uuid4(),
    composition="10",
    adultes=1,
    personnes=(Personne(nom=WHO.nom, prenom=WHO.prenom, date_naissance=WHO.naissance),),
    telephone=people.phone(NUMBER),
    numero_unique=people.numero_unique(NUMBER, TODAY),
)
REFERRALS = [step for _, steps in story.REFERRALS for step in steps]
CANDIDACIES = [step for _, steps in story.CANDIDACIES for step in steps]
ON_CONTINGENT = [step for _, steps in story.ON_CONTINGENT for step in steps]


def steps_of(part: Part) -> list[Step]:
    if part in RECEIVERS:
        return REFERRALS
    return ON_CONTINGENT if part.famille == Famille.CONTINGENT else CANDIDACIES


def partner(part: Part) -> Partner:
    return Partner(
        id=part.id,
        nom=part.nom,
        famille=Famille(part.famille),
        territoire="59",
        dialectes=(part.dialecte,),
        dialecte_sortant=part.dialecte,
        profil=part.profil,
    )


def read_of(part: Part, content: object) -> Contrat:
    """The one contract that the hub reads in a partner's message."""
    langue = LANGUES[part.id]
    body = langue.file([content])
    (ligne,) = ADAPTERS[part.dialecte].decode(Native(body, langue.media_type), partner(part)).lignes
    assert ligne.rejets == ()
    assert ligne.contrat is not None
    assert ligne.numero == langue.first_row
    return ligne.contrat


def told(part: Part, contrat: Contrat, ids: dict[UUID, str] | None = None) -> object:
    """What a partner understands of what the hub writes to it."""
    attributes = Attributes(
        uuid4(), contrat.TYPE, "siao-59", OURS, datetime.now(UTC), "59", correlationid=OURS
    )
    event = Event(attributes, contrat)
    body = ADAPTERS[part.dialecte].encode([event], View(partner(part), ids or {})).body
    return LANGUES[part.id].understand(body)


def test_every_family_has_its_partner() -> None:
    assert {part.famille for part in PARTS} == set(Famille)
    assert all(declaration_for(partner(part), part.dialecte) for part in PARTS)


@each_row("part", [*BRINGERS, CCAS_ARTOIS], ids=lambda part: part.id)
def test_whoever_brings_a_household_is_read_and_reads_what_became_of_it(part: Part) -> None:
    langue = LANGUES[part.id]
    assert langue.demand is not None
    demand = read_of(part, langue.demand(own_id(NUMBER), WHO, TODAY))
    assert isinstance(demand, DemandeRecue)
    (person,) = demand.menage.personnes
    assert people.brought_number(person.date_naissance or TODAY) == NUMBER
    for suite in Suite:
        if suite.value in ("ORIENTEE", *ENDS):
            effect = told(part, DemandeSuite(demande=OURS, suite=suite), {OURS: own_id(NUMBER)})
            assert isinstance(effect, dict)
            assert (effect.get("closes") == story.loop(NUMBER * 10 + story.DEMAND_SLOT)) == (
                suite.value in ENDS
            )


@pytest.mark.parametrize("part", [SPIP_JSON, SPIP_XML], ids=lambda part: part.id)
def test_a_probation_service_reads_where_its_household_is_directed(part: Part) -> None:
    where = DemandePlaceTrouvee(demande=OURS, structure="590000014", dispositif=Dispositif.INSERTION)
    effect = told(part, where, {OURS: own_id(NUMBER)})
    assert isinstance(effect, dict)
    assert effect["event"] == where.NOM


def test_where_there_is_no_shelter_a_demand_is_closed_and_its_household_is_on_the_list() -> None:
    number = story.dossier(NUMBER, story.DEMAND_SLOT)
    suite = DemandeSuite(demande=OURS, suite=Suite.ANNULEE)
    closed = told(CCAS_ARTOIS, suite, {OURS: own_id(NUMBER)})
    assert isinstance(closed, dict)
    assert (closed["ref"], closed["closes"]) == (f"{story.loop(number)}:demande.annulee", story.loop(number))
    ready = told(DDETS_62, PretLogementDeclare(menage=MENAGE, departement="62", evaluee_le=TODAY))
    assert isinstance(ready, dict)
    assert ready["ref"] == f"{story.loop(number)}:menage.pret-logement.declare"


@each_row("part", [*RECEIVERS, *LANDLORDS[2:]], ids=lambda part: part.id)
def test_every_answer_of_every_family_is_read(part: Part) -> None:
    langue = LANGUES[part.id]
    assert langue.answer is not None
    for step in steps_of(part):
        contrat = read_of(part, langue.answer(str(OURS), step, TODAY))
        assert step.event in contrat.TYPE
        assert contrat.sujet == OURS


@pytest.mark.parametrize("part", RECEIVERS, ids=lambda part: part.id)
def test_a_receiver_tells_the_dossier_of_whom_somebody_brought(part: Part) -> None:
    number = story.dossier(NUMBER, story.BROUGHT_SLOT)
    asked = OrientationProposee(
        orientation=OURS,
        menage=MENAGE,
        structure="590000014",
        dispositif=Dispositif.INSERTION,
        version=number,
    )
    assert told(part, asked) == Referral("orientation.proposee", str(OURS), number)
    assert told(part, OrientationAnnulee(orientation=OURS)) == Referral(
        "orientation.annulee", str(OURS), None
    )


@each_row("part", LANDLORDS[2:], ids=lambda part: part.id)
def test_whom_a_household_is_presented_to_tells_its_dossier(part: Part) -> None:
    asked = CandidaturePresentee(
        candidature=OURS, menage=MENAGE, bailleur="26010004500012", canal=Canal.ACCORD_COLLECTIF
    )
    number = story.dossier(NUMBER, story.CANDIDACY_SLOT)
    ref = f"{story.loop(number)}:candidature.presentee"
    assert told(part, asked) == {
        "ref": ref,
        "event": "candidature.presentee",
        "subject": str(OURS),
        "dossier": number,
    }


def test_the_prefects_services_the_115_and_the_operator_understand_what_is_theirs() -> None:
    ready = told(BY_ID["ddets-59"], PretLogementDeclare(menage=MENAGE, departement="59", evaluee_le=TODAY))
    assert isinstance(ready, dict)
    assert ready["ref"] == f"{story.loop(NUMBER * 10 + story.CANDIDACY_SLOT)}:menage.pret-logement.declare"
    place = PlaceVacante(
        place=OURS, structure="590000014", commune="59350", dispositif=Dispositif.URGENCE, version=3
    )
    free = told(LE_115, place)
    assert isinstance(free, dict)
    assert free["ref"] == f"hub:nuit.place.vacante:{OURS}:v3"
    asked = told(AVDL, AccompagnementDemande(orientation=OURS))
    assert isinstance(asked, dict)
    assert asked["ref"] == f"{OURS}:accompagnement.demande"
    answer = LANGUES[AVDL.id].answer
    assert answer is not None
    said = read_of(AVDL, answer(str(OURS), Step("accompagnement.repondu"), TODAY))
    assert isinstance(said, AccompagnementRepondu)


def test_the_hub_reads_what_the_siao_says_of_whom_others_have_brought() -> None:
    household = people.household(1, 428, ("10",), TODAY)
    siao = PARTS[0]
    for body in (
        siao_messages.referral(435, people.brought(43), "INSERTION", TODAY, None, "590000014", str(OURS)),
        siao_messages.accompaniment(str(OURS), "26010004500012"),
        siao_messages.ready(428, household, TODAY),
    ):
        (ligne,) = ADAPTERS[siao.dialecte].decode(Native(body, "application/json"), partner(siao)).lignes
        assert ligne.rejets == ()


def test_the_siao_knows_by_the_day_of_birth_whom_somebody_brought() -> None:
    demand = DemandeRecue(demande=OURS, menage=MENAGE, dispositif=Dispositif.INSERTION)
    attributes = Attributes(uuid4(), demand.TYPE, "ccas", OURS, datetime.now(UTC), "59", correlationid=OURS)
    siao = partner(PARTS[0])
    effect = siao_messages.understand(
        ADAPTERS["si_siao_json"].encode([Event(attributes, demand)], View(siao, {})).body
    )
    number = story.dossier(NUMBER, story.DEMAND_SLOT)
    assert (effect["ref"], effect["subject"]) == (f"{story.loop(number)}:demande.recue", str(OURS))
