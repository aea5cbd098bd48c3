"""Families beside shelters and landlords: what each says and hears, over real HTTP, Kafka and PostgreSQL."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.partner import Famille, Partner, SortieBoite
from router.domain.partners import Registry
from tests.integration import lasting
from tests.integration.messages import NOM, referral, vacancy
from tests.integration.registry import AUTRE_FINESS, FINESS, entry, named
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world

CIL = "35600000000060"
AVDL = "010000040"
REFUGE = "010000016"
PREFET = "35600000000083"
GOLDEN = Path(__file__).parents[1] / "golden"


def mailbox(ident: str, famille: Famille, dialecte: str, **more: Any) -> Partner:
    return entry(ident, famille, dialecte, sortie=SortieBoite(), **more)


async def joined(world: World, *partners: Partner) -> None:
    """The usual partners, and these."""
    await world.apply(Registry.of([*world.registry().partners.values(), *partners]))


async def with_names(world: World) -> None:
    """The partners of now, under the names that a person reads."""
    assert world.hub is not None
    await world.apply(named(world.hub.registry))


def demand(**more: Any) -> dict[str, Any]:
    return {
        "idEvenement": "ccas-1",
        "type": "demande.recue",
        "demande": "D-118",
        "menage": {
            "id": "M-1",
            "composition": "10",
            "adultes": 1,
            "personnes": [{"nom": NOM, "prenom": "Camille"}],
            "motif": "218",
        },
        "dispositif": "URGENCE",
        **more,
    }


async def directed(world: World, brought: dict[str, Any], place: str, **fiche: Any) -> str:
    """The referral of the household of a demand, as the SIAO was brought it, to a place of the shelter."""
    asked = referral(place)
    asked["orientation"]["demande"] = brought["demande"]["identifiantExterne"]
    asked["ficheGroupe"] |= fiche
    assert (await world.send("siao-01", asked))[0] == 202
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    return str(world.shelter.messages[0]["orientation"])


async def aid_asked(world: World, orientation: str, **menage: Any) -> str:
    """The centre accepts a referral, and asks the State for aide sociale, under its own number of the household.
    Return its number of the request."""
    (asked, *_) = json.loads((GOLDEN / "hebergement_json" / "aide_sociale.json").read_bytes())
    cited = {"orientation": orientation}
    await world.accepted("centre", {"type": "orientation.acceptee", **cited})
    await world.accepted("centre", {**asked, **cited, "menage": {**asked["menage"], **menage}})
    return str(asked["aideSociale"])


async def test_who_brings_a_household_learns_what_became_of_it_and_not_where(world: World) -> None:
    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    place = await world.known_place()
    assert (await world.send("ccas", demand()))[0] == 202
    (brought,) = await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    assert brought["ficheGroupe"]["motifDemande"]["id"] == 218

    ours = await directed(world, brought, place)
    await world.accepted(
        "centre", {"type": "entree.constatee", "orientation": ours, "entreeLe": "2026-12-01"}
    )

    told = await world.collected("ccas", 2)
    assert [(m["type"], m["demande"], m["suite"]) for m in told] == [
        ("demande.suite", "D-118", "ORIENTEE"),
        ("demande.suite", "D-118", "POURVUE"),
    ]
    assert FINESS not in str(told)
    assert place not in str(told)


async def test_a_minor_alone_whose_sex_is_not_that_of_the_composition_is_brought_and_both_doubts_are_told(
    world: World,
) -> None:
    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    born = datetime.now(UTC).date().replace(day=1) - timedelta(days=15 * 366)
    alone = {"nom": NOM, "prenom": "Camille", "dateNaissance": born.isoformat(), "sexe": "F"}
    menage = {"id": "M-1", "composition": "10", "adultes": 1, "personnes": [alone]}
    assert (await world.send("ccas", demand(menage=menage)))[0] == 202
    await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    alerts = await until(
        lambda: len(found := world.siao.of_type("alerte.anomalie")) == 2 and found, "les deux doutes arrivent"
    )
    assert {each["alerte"]["motif"] for each in alerts} == {"MINEUR_SEUL", "SEXES_ET_COMPOSITION"}


async def test_a_probation_service_learns_where_its_household_goes_and_no_more_of_it(world: World) -> None:
    await joined(world, mailbox("spip", Famille.SPIP, "spip_json"))
    place = await world.known_place()
    leaving = {
        "id": "M-1",
        "composition": "10",
        "adultes": 1,
        "personnes": [{"nom": NOM, "prenom": "Camille"}],
    }
    brings = {"idEvenement": "s-1", "type": "demande.recue", "suivi": "S-1", "menage": leaving}
    assert (await world.send("spip", {**brings, "dispositif": "INSERTION"}))[0] == 202
    (brought,) = await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    await directed(world, brought, place)
    told = {message["type"]: message for message in await world.collected("spip", 2)}
    assert told["demande.suite"]["suite"] == "ORIENTEE"
    assert told["demande.place-trouvee"]["suivi"] == "S-1"
    assert told["demande.place-trouvee"]["structure"] == FINESS
    assert NOM not in str(told)
    assert place not in str(told)


async def test_a_demand_sent_without_a_key_is_refused(world: World) -> None:
    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    message = {name: value for name, value in demand().items() if name != "idEvenement"}
    status, problem = await world.send("ccas", message)
    assert status == 422
    assert [rejet["code"] for rejet in problem["rejets"]] == ["cle_absente"]


async def test_a_table_of_demands_needs_no_key_for_each_has_its_number(door: World) -> None:
    await joined(door, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))

    def table(*rows: str) -> bytes:
        return "\n".join(("N° de demande;Objet;N° du ménage;Composition;Adultes;Dispositif", *rows)).encode()

    known, changed = "D-1;Nouvelle;M-1;Homme seul;1;Urgence", "D-1;Nouvelle;M-1;Femme seule;1;Urgence"
    assert (await door.send("ccas", table(known)))[1]["etat"] == "accepte"
    status, answer = await door.send("ccas", table(known, "D-2;Nouvelle;M-2;Homme seul;1;Urgence"))
    assert (status, answer["etat"], await door.count("event")) == (202, "accepte", 2)
    _, refused = await door.send("ccas", table(changed))
    (told,) = refused["rejets"]
    assert (told["code"], told["ligne"]) == ("identifiant_deja_utilise", 2)
    assert "Mise à jour" in told["message"]
    assert await door.count("event") == 2


async def test_the_115_hears_of_tonights_places_and_a_protected_one_has_no_address(world: World) -> None:
    secret = {"structures": (REFUGE,), "structures_protegees": (REFUGE,)}
    refuge = mailbox("refuge", Famille.HEBERGEMENT, "hebergement_json", **secret)
    await joined(world, mailbox("le-115", Famille.VEILLE_SOCIALE, "veille_sociale_json"), refuge)
    tonight = {"dispositif": "URGENCE", "adresse": "12 rue Fictive"}
    await world.accepted("centre", vacancy("A-1"))
    await world.accepted("centre", vacancy("A-2", **tonight))
    await world.accepted("refuge", vacancy("A-3", **tonight, structure=REFUGE, typePlace="60"))
    await world.accepted("centre", {"type": "place.occupee", "place": "A-2"})
    told = await world.collected("le-115", 3)
    assert sorted(m["type"] for m in told) == ["place.occupee", "place.vacante", "place.vacante"]
    vacant = [m for m in told if m["type"] == "place.vacante"]
    assert sorted("adresse" in m for m in vacant) == [False, True]
    assert [m.keys() & {"structure", "commune"} for m in vacant if "adresse" not in m] == [set()]
    assert REFUGE not in str(told)
    for said in vacant:
        holds = datetime.fromisoformat(said["valableJusquA"]) - datetime.fromisoformat(said["dateMessage"])
        assert holds // timedelta(seconds=1) == 24 * 3600, "ce soir et demain, non jusqu'à lundi"


async def test_a_shelter_whose_free_place_is_suddenly_occupied_is_asked_how(world: World) -> None:
    await world.accepted("centre", vacancy("A-1"))
    await world.accepted("centre", {"type": "place.occupee", "place": "A-1"})
    (asked,) = await until(lambda: world.shelter.of_type("alerte.anomalie"), "le centre l'apprend")
    assert "admission.directe" in asked["explication"]


async def test_files_as_they_are_reach_the_siao_and_their_senders_hear_what_was_repaired(
    world: World,
) -> None:
    await joined(world, mailbox("le-115", Famille.VEILLE_SOCIALE, "veille_sociale_tableau"))
    calls = (GOLDEN / "veille_sociale_tableau" / "fiches_defauts_reels.csv").read_bytes()
    status, answer = await world.send("le-115", calls, "nuit-1", Content_Type="text/csv")
    assert (status, {each["code"] for each in answer["avertissements"]}) == (
        202,
        {"valeur_reparee", "colonne_non_lue"},
    )
    await until(lambda: len(world.siao.of_type("demande.recue")) == 2, "les deux demandes arrivent au SIAO")


async def test_the_places_of_the_ofii_s_activity_sheet_reach_nobody(world: World) -> None:
    await joined(world, mailbox("ofii", Famille.ASILE, "asile_tableau", structures=(AUTRE_FINESS,)))
    month = (GOLDEN / "asile_tableau" / "activite_2024_05.csv").read_bytes()
    body = month.replace(FINESS.encode(), AUTRE_FINESS.encode())
    status, answer = await world.send("ofii", body, "mai", Content_Type="text/csv")
    assert (status, {each["code"] for each in answer["rejets"]}) == (422, {"place_de_l_ofii"})
    assert await world.count("event") == 0


def household(number: int = 90210) -> dict[str, Any]:
    return {
        "id": number,
        "composition": 10,
        "nbAdultes": 1,
        "personnes": [{"nom": NOM, "prenom": "Camille"}],
        "numeroUnique": "1110318016982G1104",
    }


async def test_the_prefects_list_is_in_step_until_the_lease(world: World) -> None:
    await joined(
        world,
        mailbox("ddets", Famille.CONTINGENT, "contingent_json"),
        mailbox("cil", Famille.CIL, "action_logement_json", structures=(CIL,)),
    )
    ready = {"departement": "01", "dateEvaluation": "2026-03-01"}
    declared = {"idMessage": 1, "type": "menage.pret-logement.declare", "ficheGroupe": household()}
    assert (await world.send("siao-01", {**declared, "logement": ready}))[0] == 202
    (listed,) = await world.collected("ddets", 1)
    presented = {"id": 512, "bailleur": CIL, "canal": "DIRECT"}
    message = {"idMessage": 2, "type": "candidature.presentee", "candidature": presented}
    assert (await world.send("siao-01", {**message, "ficheGroupe": household()}))[0] == 202
    (candidate,) = await world.collected("cil", 1)
    assert candidate["menage"]["personnes"][0]["nom"] == NOM
    for answer in (
        {"type": "decision.commission", "resultat": "ATTRIBUTION", "commissionLe": "2026-03-12"},
        {"type": "bail.signe", "signatureLe": "2026-04-01"},
    ):
        assert (await world.send("cil", {**answer, "candidature": candidate["candidature"]}))[0] == 202
    (gone,) = await world.collected("ddets", 1)
    assert (gone["type"], gone["motif"]) == ("menage.pret-logement.retire", "RELOGE")
    assert gone["menage"]["id"] == listed["menage"]["id"]


async def test_an_operator_accompanies_a_household_presented_already_and_siao_and_landlord_know(
    world: World,
) -> None:
    await joined(
        world,
        mailbox("cil", Famille.CIL, "action_logement_json", structures=(CIL,)),
        mailbox("avdl", Famille.ACCOMPAGNEMENT, "cloudevents_json", structures=(AVDL,)),
    )
    presented = {"id": 512, "bailleur": CIL, "canal": "DIRECT"}
    message = {"idMessage": 1, "type": "candidature.presentee", "candidature": presented}
    await world.accepted("siao-01", {**message, "ficheGroupe": household()})
    (candidate,) = await world.collected("cil", 1)
    asked = {
        "idMessage": 2,
        "type": "suivi.demande",
        "suivi": {"id": 7, "operateur": AVDL, "candidature": 512},
    }
    await world.accepted("siao-01", {**asked, "ficheGroupe": household()})
    (told,) = await world.collected("avdl", 1)
    assert told["data"]["menage"]["personnes"] == [{"nom": NOM, "prenom": "Camille"}]
    assert "candidature" not in told["data"]
    about = {"suivi": told["data"]["suivi"]}
    answer = {"specversion": "1.0", "source": "avdl", "data": about}
    missed = {**answer, "id": "a-1", "type": "fr.siao.orientation.suivi.sans-contact.v1"}
    agreed = {**answer, "id": "a-2", "type": "fr.siao.orientation.suivi.repondu.v1"}
    await world.accepted("avdl", missed)
    await world.accepted("avdl", {**agreed, "data": {**about, "accepte": True, "debut_le": "2026-03-16"}})
    (arranged,) = await world.collected("cil", 1)
    assert (arranged["candidature"], arranged["accepte"]) == (candidate["candidature"], True)
    (known,) = await until(lambda: world.siao.of_type("suivi.repondu"), "le SIAO sait la réponse")
    assert known["suivi"]["id"] == 7
    assert len(world.siao.of_type("suivi.sans-contact")) == 1


async def test_the_state_answers_a_request_for_aide_sociale_by_cloudevents_and_the_centre_knows(
    world: World,
) -> None:
    await joined(world, mailbox("etat", Famille.ETAT, "cloudevents_json", structures=(PREFET,)))
    await world.accepted("siao-01", referral(await world.known_place()))
    (stay,) = await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    asked = await aid_asked(world, stay["orientation"])
    (request,) = await world.collected("etat", 1)
    read = {"aide_sociale": request["data"]["aide_sociale"], "recue_le": "2026-03-05"}
    receipt = {"specversion": "1.0", "id": "e-1", "source": "etat", "data": read}
    await world.accepted("etat", {**receipt, "type": "fr.siao.orientation.aide-sociale.recue.v1"})
    (known,) = await until(lambda: world.shelter.of_type("aide-sociale.recue"), "le centre a l'accusé")
    assert known["aideSociale"] == asked, "sous son propre numéro"


@pytest.mark.parametrize("motif", ["RENONCIATION", "RELOGE"])
async def test_a_household_that_is_off_the_prefects_list_is_named_no_more_in_its_mailbox(
    world: World, motif: str
) -> None:
    await joined(world, mailbox("ddets", Famille.CONTINGENT, "contingent_json"))
    ready = {"departement": "01", "dateEvaluation": "2026-03-01"}
    declared = {"idMessage": 1, "type": "menage.pret-logement.declare", "ficheGroupe": household()}
    assert (await world.send("siao-01", {**declared, "logement": ready}))[0] == 202

    async def listed() -> Any:
        return (await world.get("ddets", "/v1/boite"))[1]["envois"]

    (envoi,) = await until(listed, "la déclaration est dans la boîte")
    _, before = await world.get("ddets", f"/v1/boite/{envoi['cle']}")
    assert NOM in str(before)
    withdrawn = {"idMessage": 2, "type": "menage.pret-logement.retire", "ficheGroupe": {"id": 90210}}
    assert (await world.send("siao-01", {**withdrawn, "suite": {"motif": motif}}))[0] == 202
    await world.settled()
    status, after = await world.get("ddets", f"/v1/boite/{envoi['cle']}")
    assert (status, after["type"], after["menage"]["id"]) == (200, before["type"], before["menage"]["id"])
    assert NOM not in str(after)


async def test_the_service_that_the_siao_names_evaluates_a_household_that_another_has_brought(
    world: World,
) -> None:
    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    await world.accepted("ccas", demand())
    (brought,) = await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    asked = {"dateLimite": "2026-12-31", "service": AUTRE_FINESS}
    cited = {"demande": brought["demande"], "ficheGroupe": brought["ficheGroupe"], "evaluation": asked}
    await world.accepted("siao-01", {"idMessage": "eval-1", "type": "evaluation.demandee"} | cited)
    (request,) = await world.collected("centre-boite", 1)
    assert (request["type"], request["avantLe"]) == ("evaluation.demandee", "2026-12-31")
    assert request["menage"]["personnes"][0]["nom"] == NOM, "il sait qui recevoir"
    done = {"methode": "VISITE", "realiseeLe": "2026-11-20", "conclusion": "PRET"}
    answer = {"idEvenement": "e-1", "type": "evaluation.realisee", "demande": request["demande"], **done}
    await world.accepted("centre-boite", answer | {"valableJusquAu": "2027-05-20"})
    (heard,) = await until(lambda: world.siao.of_type("evaluation.realisee"), "l'évaluation arrive au SIAO")
    named = "identifiantExterne"
    assert heard["demande"][named] == brought["demande"][named], "celle que le CCAS a apportée"
    assert (heard["evaluation"]["conclusion"], heard["evaluation"]["dateFinValidite"]) == (
        "PRET",
        "2027-05-20",
    )
    await world.settled()
    assert (await world.get("ccas", "/v1/boite"))[1]["envois"] == [], "rien n'est demandé au CCAS"
