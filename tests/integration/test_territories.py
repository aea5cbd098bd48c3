"""Territories are data: two SIAO, an antenna, readers of a perimeter, a registry that changes while messages flow."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.partner import Famille, Volet
from contracts.perimetre import Perimetre
from ops.desk.free_places import FreePlaces
from ops.desk.offers import Filtre
from router.domain.partners import Registry
from tests.integration import lasting
from tests.integration.desk import COLUMNS, siao_hub
from tests.integration.messages import vacancy
from tests.integration.registry import FINESS
from tests.integration.test_families import demand, household, joined, mailbox
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

LYON, BELLEY = "69123", "01034"
METROPOLE = "200046977"


def desk(ident: str, **more: Any) -> Any:
    return mailbox(ident, Famille.SIAO, "si_siao_json", **more)


def foreign_ids(messages: list[dict[str, Any]]) -> set[str]:
    return {message["place"]["identifiantExterne"] for message in messages}


async def test_a_place_of_urgence_and_one_of_insertion_reach_two_siao_and_an_antenna_its_own(
    world: World,
) -> None:
    antenna = desk(
        "antenne", antenne_de="siao-i", perimetre=Perimetre(arrondissements=("011",)), volet=Volet.INSERTION
    )
    await world.apply(
        world.registry_with(desk("siao-i", volet=Volet.INSERTION), antenna, siao_01={"volet": Volet.URGENCE})
    )
    await world.accepted("centre", vacancy("U-1", dispositif="URGENCE", commune=BELLEY))
    await world.accepted("centre", vacancy("I-1"))
    await world.accepted("centre", vacancy("I-2", commune=BELLEY))
    await world.settled()
    (urgent,), (insertion,), (near,) = (
        world.siao.of_type("place.vacante"),
        await world.collected("siao-i", 1),
        await world.collected("antenne", 1),
    )
    kinds = [(m["place"]["dispositif"], m["place"]["commune"]) for m in (urgent, insertion, near)]
    assert kinds == [("URGENCE", BELLEY), ("INSERTION", "01451"), ("INSERTION", BELLEY)]


async def test_a_siao_sees_the_free_places_of_its_antenna_and_after_a_merger_its_successor_does(
    world: World,
) -> None:
    antenna = desk("antenne", antenne_de="siao-01", perimetre=Perimetre(arrondissements=("011",)))
    await joined(world, antenna)
    await world.accepted("centre", vacancy("I-1", commune=BELLEY))
    await world.settled()
    before = world.registry_with(antenna, third := desk("siao-c", succede_a=("siao-01",)))
    after = Registry.of(before.partners.values(), {"siao-01": "siao-c"})
    search = FreePlaces(world.database)
    for siao, registry in ((before.partners["siao-01"], before), (antenna, before), (third, after)):
        assert len((await search.near(siao, registry, Filtre(), datetime.now(UTC))).offres) == 1, siao.id


async def test_a_partner_of_two_territories_reaches_the_siao_where_each_household_is(world: World) -> None:
    await joined(
        world,
        desk("siao-69", territoire="69"),
        mailbox("chu", Famille.PRESCRIPTEUR, "prescripteur_json", autres_territoires=("69",)),
    )
    await world.accepted("chu", demand(commune=LYON))
    await world.accepted("chu", {**demand(commune=BELLEY), "idEvenement": "2", "demande": "D-2"})
    (in_lyon,) = await world.collected("siao-69", 1)
    (near,) = await until(lambda: world.siao.of_type("demande.recue"), "la demande de l'Ain arrive")
    assert (in_lyon["demande"]["commune"], near["demande"]["commune"]) == (LYON, BELLEY)
    await world.settled()
    assert len(world.siao.messages) == 1


async def test_a_household_of_departement_69_reaches_each_reader_whose_perimeter_holds_it_and_no_other(
    world: World,
) -> None:
    readers: dict[str, dict[str, Any]] = {
        "ddets-69": {"territoire": "69"},
        "metropole": {"territoire": "69", "perimetre": Perimetre(epci=(METROPOLE,))},
        "beaujolais": {"territoire": "69", "perimetre": Perimetre(arrondissements=("692",))},
        "ddets-38": {"territoire": "38"},
        "ddets-01": {},
    }
    await joined(
        world, *(mailbox(i, Famille.CONTINGENT, "contingent_json", **more) for i, more in readers.items())
    )
    ready = {"departement": "69", "communes": [LYON], "dateEvaluation": "2026-03-01"}
    said = {"idMessage": 1, "type": "menage.pret-logement.declare", "ficheGroupe": household()}
    await world.accepted("siao-01", {**said, "logement": ready})
    await world.settled()
    assert {name: await waiting(world, name) for name in readers} == {
        "ddets-69": 1, "metropole": 1, "beaujolais": 0, "ddets-38": 0, "ddets-01": 0,
    }  # fmt: skip
    moved = {**said, "idMessage": 2, "type": "menage.pret-logement.actualise"}
    await world.accepted("siao-01", {**moved, "logement": {**ready, "departement": "38", "communes": []}})
    await world.settled()
    for name in ("ddets-69", "metropole"):
        declared, gone = await world.collected(name, 2)
        assert (declared["type"], gone["type"], gone["motif"]) == (
            "menage.pret-logement.declare",
            "menage.pret-logement.retire",
            "DEPART_DU_TERRITOIRE",
        )
        assert "38" not in str(gone.get("departement"))
    (entered,) = await world.collected("ddets-38", 1)
    assert entered["type"] == "menage.pret-logement.actualise"


async def waiting(world: World, partner: str) -> int:
    return len((await world.get(partner, "/v1/boite"))[1]["envois"])


async def test_a_registry_that_changes_while_messages_flow_sends_each_place_to_one_siao(world: World) -> None:
    """Each reaches exactly one of the two; from the change on, the new one."""
    before, during, after = range(5), range(5, 25), range(25, 30)
    for number in before:
        await world.accepted("centre", vacancy(f"P-{number}"))
    sending = asyncio.gather(*(world.accepted("centre", vacancy(f"P-{number}")) for number in during))
    await world.apply(
        world.registry_with(desk("siao-i", volet=Volet.INSERTION), siao_01={"volet": Volet.URGENCE})
    )
    await sending
    for number in after:
        await world.accepted("centre", vacancy(f"P-{number}"))
    await world.settled()
    there = await world.collected("siao-i", 30 - len(world.siao.messages))
    old, new = foreign_ids(world.siao.of_type("place.vacante")), foreign_ids(there)
    assert len(world.siao.messages) + len(there) == len(old | new) == 30
    assert not old & new
    assert len(new) >= len(after)


async def test_a_transfer_that_names_no_other_siao_is_refused_at_the_door_in_french(world: World) -> None:
    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    await world.accepted("ccas", demand())
    (brought,) = await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    await world.settled()
    transfer = {
        "idMessage": 6,
        "type": "demande.transferee",
        "demande": {"identifiantExterne": brought["demande"]["identifiantExterne"]},
        "suite": {"territoire": "69"},
    }
    status, problem = await world.send("siao-01", transfer)
    assert status == 422
    (rejet,) = problem["rejets"]
    assert rejet["code"] == "territoire_sans_siao"
    assert rejet["message"].startswith("Aucun autre SIAO n'est relié au hub pour ce territoire")
    await joined(
        world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"), desk("siao-69", territoire="69")
    )
    await world.accepted("siao-01", {**transfer, "idMessage": 7})


REGISTRY = f"""
[[partenaire]]
id = "siao-01"
nom = "SIAO urgence"
famille = "siao"
territoire = "01"
volet = "urgence"
dialecte_sortant = "si_siao_json"
sortie = {{ type = "boite" }}

[[partenaire]]
id = "siao-i"
nom = "SIAO insertion"
famille = "siao"
territoire = "01"
volet = "insertion"
perimetre = {{ arrondissements = ["012", "013", "014"] }}
dialecte_sortant = "si_siao_json"
sortie = {{ type = "boite" }}

[[partenaire]]
id = "centre"
nom = "Centre"
famille = "hebergement"
territoire = "01"
structures = ["{FINESS}"]
"""


async def test_ops_see_who_covers_what_and_what_another_registry_would_send_elsewhere(
    world: World, tmp_path: Path
) -> None:
    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    for place in ("I-1", "I-2"):
        await world.accepted("centre", vacancy(place, commune="01053"))
    await world.accepted("centre", vacancy("I-3", commune=BELLEY))
    await world.accepted("centre", vacancy("U-1", dispositif="URGENCE"))
    await world.accepted("ccas", demand(dispositif="INSERTION"))
    await world.settled()  # the next message to the SIAO is then the place that is referred to
    await world.referred(code="I-4")
    await world.settled()
    shown = await siao_hub(world.settings, "territoires")
    assert (shown.status, "urgence : siao-01" in shown, "insertion : siao-01" in shown) == (0, True, True)
    file = tmp_path / "nouveau.toml"
    await asyncio.to_thread(file.write_text, REGISTRY)
    trial = await siao_hub(world.settings, "territoires", "essai", str(file))
    assert trial.status == 1
    assert "communes sans SIAO pour le volet insertion" in trial
    assert trial.widest <= COLUMNS
    content = (await siao_hub(world.settings, "territoires", "essai", str(file), "--json")).content
    moved = {(row["nature"], row["de"], row["vers"]): row["nombre"] for row in content["ailleurs"]}
    assert moved == {
        ("place", "siao-01", "siao-i"): 3,
        ("place", "siao-01", None): 1,
        ("orientation", "centre", None): 1,
    }
    assert (await siao_hub(world.settings, "territoires", "--json")).content[0]["manques"] == []
