"""The partners' own few lines and the hub's adapters, written by two hands, understand each other."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from adapters.registry import ADAPTERS
from contracts.base import Nature, Reference
from contracts.envelope import Attributes, Event
from contracts.partner import Famille, Partner
from contracts.ports import Native, View
from contracts.reference.codes import AuteurRefus, Dispositif, MotifRefus
from contracts.v1.alerte import AlerteEcheance
from contracts.v1.attribution import Canal, CandidaturePresentee, DecisionCommission
from contracts.v1.echeance import Echeance, Etape, SuiteEcheance
from contracts.v1.menage import Menage, Personne
from contracts.v1.orientation import OrientationAnnulee, OrientationProposee, OrientationRefusee
from contracts.v1.place import PlaceVacancePrevisible, PlaceVacante
from simulation import alerts, bailleur, centre_boite, centre_csv, centre_json, people, siao_messages, story
from simulation.cast import BAILLEUR_HTTP, CENTRE_BOITE, CENTRE_CSV, CENTRE_JSON
from simulation.config import Config
from simulation.places import Place, structures
from tests.rows import each_row

TODAY = date(2026, 3, 2)
MINE, THEIRS = structures("59", 1)[:2]
PLACE = Place(
    "TIL-00042", 42, MINE, "3 rue de l'Exemple, chambre TIL-00042", "INSERTION", ("10", "20"), 0.0, False
)
ORIENTATION = str(uuid4())
STEPS = sorted({(s.event, *s.codes.items()) for _, steps in story.REFERRALS for s in steps})
DECISIONS = sorted({(s.event, *s.codes.items()) for _, steps in story.CANDIDACIES for s in steps})
MENAGE = Menage(
    id=uuid4(), composition="10", adultes=1, personnes=(Personne(nom="Fictif"),), telephone=people.phone(14)
)


def config(part, structure=MINE):
    return Config(
        part.id,
        Path(),
        Path(),
        "",
        "",
        1,
        TODAY,
        places=(PLACE,),
        structures=(structure.finess,),
        foreign=THEIRS.finess,
    )


def partner(famille, dialecte, profil=None):
    numbers = (MINE.finess, MINE.siret)
    return Partner(
        id="partenaire",
        nom="P",
        famille=famille,
        territoire="59",
        structures=numbers,
        dialectes=(dialecte,),
        profil=profil,
    )


SHELTER_CSV = partner(Famille.HEBERGEMENT, "hebergement_csv", "hebergement_gestion")
SHELTER_STANDARD = partner(Famille.HEBERGEMENT, "hebergement_csv", "hebergement_standard")
SHELTER_JSON = partner(Famille.HEBERGEMENT, "hebergement_json")
LANDLORD = partner(Famille.BAILLEUR, "bailleur_xml")
SIAO = partner(Famille.SIAO, "si_siao_json")


def decoded(body, sender):
    return list(ADAPTERS[sender.dialectes[0]].decode(Native(body, "x/y"), sender).lignes)


def encoded(contrat, recipient, ids=None):
    attributes = Attributes(
        uuid4(), contrat.TYPE, "siao-59", contrat.sujet, datetime.now(UTC), "59", correlationid=uuid4()
    )
    return (
        ADAPTERS[recipient.dialectes[0]].encode([Event(attributes, contrat)], View(recipient, ids or {})).body
    )


def referral(place, day, version):
    return OrientationProposee(
        orientation=UUID(ORIENTATION),
        menage=MENAGE,
        place=place,
        structure=None if place else MINE.finess,
        dispositif=Dispositif.INSERTION,
        presentation_le=day,
        version=version,
    )


@pytest.mark.parametrize("foreseen", [True, False])
def test_the_hub_reads_the_places_of_the_csv_shelter(foreseen):
    encode = centre_csv.encoder(centre_csv.PLACE_COLUMNS)
    (ligne,) = decoded(encode([centre_csv.vacancy(PLACE, TODAY, foreseen)]), SHELTER_CSV)
    assert ligne.rejets == ()
    assert isinstance(ligne.contrat, PlaceVacancePrevisible if foreseen else PlaceVacante)
    assert ligne.contrat.place == Reference(Nature.PLACE, PLACE.code)
    assert ligne.contrat.commune == MINE.commune
    assert ligne.contrat.compositions == PLACE.compositions


@each_row("dispositif", sorted(centre_csv.NATURES))
def test_a_place_of_the_csv_shelter_is_of_the_kind_that_its_file_says(dispositif):
    cells = centre_csv.vacancy(replace(PLACE, dispositif=dispositif), TODAY)
    (ligne,) = decoded(centre_csv.encoder(centre_csv.PLACE_COLUMNS)([cells]), SHELTER_CSV)
    assert ligne.contrat.dispositif == dispositif


def test_a_place_whose_kind_the_file_does_not_say_is_refused_and_none_is_supposed():
    columns = [name for name in centre_csv.PLACE_COLUMNS if name != "Dispositif"]
    cells = centre_csv.vacancy(replace(PLACE, dispositif="URGENCE"), TODAY)
    body = centre_csv.encoder(columns)([{name: cells.get(name, "") for name in columns}])
    (ligne,) = decoded(body, SHELTER_CSV)
    assert [(rejet.code, rejet.champ) for rejet in ligne.rejets] == [("champ_absent", "Dispositif")]


@each_row("step", STEPS, ids=str)
def test_the_hub_reads_every_decision_of_the_shelters(step):
    event, codes = step[0], dict(step[1:])
    own = centre_csv.decision(ORIENTATION, event, codes, TODAY)
    for body, sender in (
        (centre_csv.encoder(centre_csv.DECISION_COLUMNS)([own]), SHELTER_CSV),
        (centre_boite.decision(config(CENTRE_BOITE), ORIENTATION, event, codes), SHELTER_STANDARD),
        (centre_json.encode([centre_json.decision(ORIENTATION, event, codes, TODAY)]), SHELTER_JSON),
    ):
        (ligne,) = decoded(body, sender)
        assert ligne.rejets == ()
        assert str(ligne.contrat.sujet) == ORIENTATION
        assert event in ligne.contrat.TYPE
        if isinstance(ligne.contrat, OrientationRefusee):
            assert ligne.contrat.auteur is AuteurRefus(codes["auteur"])
            assert ligne.contrat.motif is MotifRefus(codes["motif"])


def test_the_hub_reads_the_places_of_the_json_shelter():
    body = centre_json.encode([centre_json.vacancy(PLACE, TODAY, "place.vacante", 2)])
    (ligne,) = decoded(body, SHELTER_JSON)
    assert ligne.rejets == ()
    assert ligne.contrat.version == 2


def test_every_row_that_is_wrong_on_purpose_is_rejected_and_only_that_one():
    csv_lines = [line.content for line in centre_csv.wrong_vacancies(config(CENTRE_CSV))]
    lignes = decoded(centre_csv.encoder(centre_csv.PLACE_COLUMNS)(csv_lines), SHELTER_CSV)
    assert [len(ligne.rejets) for ligne in lignes] == [1] * len(csv_lines)
    for row, event in centre_json.wrong_vacancies(config(CENTRE_JSON)):
        good = centre_json.vacancy(PLACE, TODAY, "place.vacante", 1)
        lignes = decoded(centre_json.encode([good, event]), SHELTER_JSON)
        assert [len(ligne.rejets) for ligne in lignes] == [0, 1]
        assert row.row == lignes[1].numero
    for _, suite in bailleur.wrong_suites(config(BAILLEUR_HTTP)):
        (ligne,) = decoded(bailleur.suites([suite]), LANDLORD)
        assert len(ligne.rejets) == 1


@each_row("slot", [1, 2, 3])
def test_shelters_tell_the_dossier_by_place_and_day(slot):
    day, place = siao_messages.presentation_day(TODAY, slot), uuid4()
    event = referral(place, day, version=None)
    for understand, recipient in (
        (centre_csv.understand, SHELTER_CSV),
        (centre_json.understand, SHELTER_JSON),
    ):
        understood = understand(encoded(event, recipient, {place: PLACE.code}), TODAY)
        assert understood.number == story.dossier(42, slot)
        assert understood.orientation == ORIENTATION


def test_the_shelter_with_a_mailbox_tells_the_dossier_by_its_version():
    understood = centre_boite.understand(encoded(referral(None, TODAY, version=429), SHELTER_STANDARD))
    assert (understood.number, understood.orientation) == (429, ORIENTATION)


def test_shelters_recognise_a_cancellation():
    body = OrientationAnnulee(orientation=UUID(ORIENTATION))
    assert centre_csv.understand(encoded(body, SHELTER_CSV), TODAY).number is None
    assert centre_json.understand(encoded(body, SHELTER_JSON), TODAY).event == "orientation.annulee"
    assert centre_boite.understand(encoded(body, SHELTER_STANDARD)).event == "orientation.annulee"


def test_landlords_tell_the_dossier_by_the_telephone_number():
    event = CandidaturePresentee(
        candidature=UUID(ORIENTATION), menage=MENAGE, bailleur=MINE.siret, canal=Canal.ACCORD_COLLECTIF
    )
    effect = bailleur.understand(encoded(event, LANDLORD))
    assert effect["dossier"] == story.dossier(14, story.CANDIDACY_SLOT)
    assert effect["ref"] == f"{story.loop(effect['dossier'])}:candidature.presentee"


@each_row("step", DECISIONS, ids=str)
def test_the_hub_reads_every_decision_of_the_landlords(step):
    body = bailleur.suites([bailleur.suite(ORIENTATION, step[0], dict(step[1:]), TODAY.isoformat())])
    (ligne,) = decoded(body, LANDLORD)
    assert ligne.rejets == ()
    assert step[0] in ligne.contrat.TYPE


def test_the_hub_reads_what_the_siao_sends():
    household = people.household(1, 421, ("100",), TODAY)
    place = str(uuid4())
    for body in (
        siao_messages.referral(421, household, "URGENCE", TODAY, place, None),
        siao_messages.referral(429, household, "URGENCE", TODAY, None, MINE.finess),
        siao_messages.candidacy(428, household, THEIRS.siret, TODAY, "ACCORD_COLLECTIF"),
        siao_messages.cancellation(str(uuid4())),
    ):
        (ligne,) = decoded(body, SIAO)
        assert ligne.rejets == ()


def test_the_hub_rejects_a_candidacy_without_its_number():
    household = people.household(1, 421, ("10",), TODAY)
    (ligne,) = decoded(
        siao_messages.candidacy(428, household, THEIRS.siret, TODAY, "CIL", numeroUnique=None), SIAO
    )
    assert [rejet.champ for rejet in ligne.rejets] == ["ficheGroupe.numeroUnique"]


def test_the_siao_learns_a_place_by_the_code_in_its_address():
    place = uuid4()
    event = PlaceVacante(
        place=place,
        structure=MINE.finess,
        commune=MINE.commune,
        adresse=PLACE.adresse,
        dispositif=Dispositif.URGENCE,
    )
    effect = siao_messages.understand(encoded(event, SIAO))
    assert (effect["ref"], effect["place"]) == ("TIL-00042:place.vacante", str(place))


@pytest.mark.parametrize(
    ("resultat", "outcome"), [("NON_ATTRIBUTION", "non-attribution"), ("ATTRIBUTION", None)]
)
def test_the_siao_tells_a_final_outcome_from_a_step(resultat, outcome):
    event = DecisionCommission(candidature=UUID(ORIENTATION), resultat=resultat, commission_le=TODAY)
    effect = siao_messages.understand(encoded(event, SIAO, {UUID(ORIENTATION): "428"}))
    assert effect.get("outcome") == outcome
    assert effect["ref"] == f"{ORIENTATION}:decision.commission"


@pytest.mark.parametrize("suite", [SuiteEcheance.SANS_REPONSE, None])
def test_a_shelter_and_the_siao_write_down_the_same_of_a_deadline_and_the_siao_what_became_of_it(suite):
    due = datetime(2026, 3, 2, 9, 30, 0, 250_000, tzinfo=UTC)
    alert = AlerteEcheance(
        objet=UUID(ORIENTATION),
        nature=Nature.ORIENTATION,
        evenement=uuid4(),
        type_evenement=OrientationProposee.TYPE,
        echeance=Echeance.DECISION,
        due_le=due,
        suite=suite,
    )
    theirs = centre_json.alert(encoded(alert, SHELTER_JSON))
    assert theirs is not None
    ours = siao_messages.understand(encoded(alert, SIAO, {UUID(ORIENTATION): "421"}))
    told = (ORIENTATION, Echeance.DECISION, Etape.ECHUE, int(due.timestamp() * 1e6) * 1000, suite or "")
    assert alerts.stage_of(theirs["ref"]) == (*told, CENTRE_JSON.id)
    assert alerts.stage_of(ours["ref"]) == (*told, "siao-59")
    about = {"subject": ORIENTATION, "dossier": 421}
    became = {"outcome": alerts.SILENCE} if suite else {"overdue": True}
    assert ours == {"ref": ours["ref"], "event": "alerte.echeance", **about, **became}


def test_nothing_personal_is_journalled():
    household = people.household(1, 428, ("10",), TODAY)
    event = referral(uuid4(), TODAY, version=429).model_copy(
        update={"menage": MENAGE.model_copy(update={"personnes": (Personne(nom="Fictif", prenom="Alizée"),)})}
    )
    effects = [str(centre_boite.understand(encoded(event, SHELTER_STANDARD)))]
    presented = CandidaturePresentee(
        candidature=uuid4(), menage=MENAGE, bailleur=MINE.siret, canal=Canal.ACCORD_COLLECTIF
    )
    effects.append(str(bailleur.understand(encoded(presented, LANDLORD))))
    for secret in ("Fictif", "Alizée", people.phone(14), str(household.people[0].naissance)):
        assert all(secret not in effect for effect in effects)
