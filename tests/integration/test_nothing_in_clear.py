"""Personal data rests sealed: in every table and in every record of the bus."""

from typing import Any

import pytest

from contracts.base import Contrat
from router.privacy.crosswalk import own_ids, references
from tests.integration import lasting
from tests.integration.messages import NOM, referral, vacancy
from tests.integration.registry import FINESS
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world

PERSONAL = (NOM, "Camille", "01 00 00 00 00", "0100000000", "m-4711")
"""Name, first name, telephone, and the SIAO's own id of its message."""


async def test_no_table_and_no_record_holds_a_personal_value_in_clear(world: World) -> None:
    ours = await world.referred(4711)
    await world.accepted("centre", {"type": "orientation.acceptee", "orientation": ours})
    await until(lambda: world.siao.of_type("orientation.acceptee"), "la réponse arrive au SIAO")
    refused = referral("8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e", 4712)
    refused["ficheGroupe"]["composition"] = NOM
    assert (await world.send("siao-01", refused, key=f"cle-{NOM}"))[0] == 422
    named = {"Content_Disposition": f'attachment; filename="{NOM}.json"'}
    assert (await world.send("centre", vacancy("A-102", adresse=f"chez {NOM}"), **named))[0] == 202
    assert (await world.send("siao-01", f"{{{NOM}".encode(), key="cle-illisible"))[0] == 400
    unmatched = referral("8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e", 4713)
    assert (await world.send("siao-01", unmatched))[0] == 202
    await until(lambda: world.siao.of_type("alerte.anomalie"), "le SIAO apprend que la place est inconnue")
    await world.settled()

    kept = await world.everything()
    records = await world.bus.records()
    carried = b"\n".join(
        part
        for record in records
        for part in (record.key, record.value, *(value for _, value in record.headers))
        if part
    )
    assert world.shelter.messages[0]["menage"]["personnes"][0]["nom"] == NOM, "le partenaire, lui, le lit"
    assert len(records) >= 5
    assert b"orientation.proposee" in kept
    assert b"orientation.proposee" in carried
    for value in PERSONAL:
        assert value.encode() not in kept, f"« {value} » en clair dans la base"
        assert value.encode() not in carried, f"« {value} » en clair sur le bus"


async def test_a_secret_address_rests_sealed_in_every_message_and_its_own_shelter_reads_it(
    world: World,
) -> None:
    await world.apply(world.registry(centre={"structures_protegees": (FINESS,)}))
    await world.accepted("centre", vacancy())
    group = {"groupe": "G-1", "capacite": 3, "occupees": 1, "vacantes": 1, "indisponibles": 1}
    group |= {"type": "groupe-places.modifie", "structure": FINESS, "dispositif": "INSERTION"}
    assert (await world.send("centre", group))[0] == 202
    to_the_structure = {**referral("", 4714), "place": []}
    to_the_structure["orientation"] |= {"structure": FINESS}
    assert (await world.send("siao-01", to_the_structure))[0] == 202
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await until(lambda: len(world.siao.messages) == 2, "l'offre arrive au SIAO")

    events = await world.events()
    assert len(events) >= 3
    assert not any(FINESS.encode() in event.payload for event in events)
    assert not any(FINESS.encode() in (record.value or b"") for record in await world.bus.records())
    assert world.shelter.messages[0]["structure"] == FINESS


async def test_a_row_in_which_we_left_an_id_of_its_sender_is_our_fault_and_is_not_stored(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(contrat: Contrat, *known: Any) -> Contrat:
        return contrat if references(contrat)[0].valeur == "A-102" else own_ids(contrat, *known)

    monkeypatch.setattr("router.intake.keeping.own_ids", forgetful)
    status, answer = await door.send("centre", [vacancy("A-101"), vacancy("A-102")])
    assert (status, answer["acceptes"]) == (202, 1)
    assert [(rejet["ligne"], rejet["code"]) for rejet in answer["rejets"]] == [(2, "erreur_interne")]
    assert await door.count("event") == 1
