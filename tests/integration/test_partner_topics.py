"""A partner with a Kafka of its own: it says and hears over its topics, and sees no more than over HTTP."""

import json

from contracts.kafka import EntreeKafka, SortieKafka
from tests.conformance.kafka_partner import Topic
from tests.golden.cas import ICI
from tests.integration.messages import NOM, referral
from tests.integration.waiting import until
from tests.integration.world import World

VACANT = (ICI / "cloudevents_json" / "place_vacante.json").read_bytes()


async def test_a_shelter_frees_a_place_on_its_topic_and_finds_the_referral_on_the_other(
    world: World, prefix: str
) -> None:
    said, heard = (Topic(world.settings.kafka.bootstrap, f"{prefix}{name}") for name in ("dit", "entend"))
    await said.create()
    await heard.create()
    centre = {
        "dialectes": ("cloudevents_json",),
        "dialecte_sortant": "cloudevents_json",
        "entree": EntreeKafka(**said.entry, dialecte="cloudevents_json", intervalle_s=0.1),
        "sortie": SortieKafka(**heard.entry),
    }
    await world.apply(world.registry(centre=centre))

    await said.write(VACANT, VACANT)
    (place,) = await until(lambda: world.siao.of_type("place.vacante"), "le SIAO apprend la place, une fois")
    assert (await world.send("siao-01", referral(place["place"]["identifiantExterne"])))[0] == 202
    (record,) = await until(heard.records, "l'orientation est sur le topic du centre")

    told = json.loads(record.value)
    assert told["type"] == "fr.siao.orientation.orientation.proposee.v1"
    assert record.key.decode() == told["subject"]
    assert NOM in str(told)
    await until(lambda: said.committed(), "le hub a noté jusqu'où il a lu")
    assert await said.committed() == 2
    assert len(world.siao.of_type("place.vacante")) == 1


async def test_a_producer_whose_ids_begin_anew_is_not_dropped_in_silence(world: World, prefix: str) -> None:
    said = Topic(world.settings.kafka.bootstrap, f"{prefix}dit")
    await said.create()
    centre = {
        "dialectes": ("cloudevents_json",),
        "dialecte_sortant": "cloudevents_json",
        "entree": EntreeKafka(**said.entry, dialecte="cloudevents_json", intervalle_s=0.1),
    }
    await world.apply(world.registry(centre=centre))
    event = json.loads(VACANT)
    event["data"]["place"] = "CH-999"
    await said.write(VACANT, json.dumps(event).encode())

    async def both_kept() -> bool:
        return sorted(kept.etat for kept in await world.messages()) == ["accepte", "refuse"]

    await until(both_kept, "l'un est pris, l'autre gardé comme refusé")
    assert await world.count("quarantine") == 1
    await until(lambda: said.committed(), "le hub a noté jusqu'où il a lu")
