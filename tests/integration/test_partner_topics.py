"""A partner with a Kafka of its own: it says and hears over its topics, and sees no more than over HTTP."""

import json
from functools import partial

from connectors.kafka.bounds import BATCH_MAX_BYTES
from contracts.kafka import EntreeKafka, SortieKafka
from ops.status.findings import Code, Finding
from tests.conformance.kafka_partner import Topic
from tests.golden.cas import ICI
from tests.integration import lasting
from tests.integration.desk import siao_hub
from tests.integration.messages import NOM, referral, vacancy
from tests.integration.registry import AUTRE_FINESS
from tests.integration.seen import judged
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

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
    await until(partial(has_noted, said, 2), "le hub a noté jusqu'où il a lu")
    assert len(world.siao.of_type("place.vacante")) == 1


async def has_noted(topic: Topic, offset: int) -> bool:
    return await topic.committed() == offset


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


async def test_a_bomb_pauses_its_source_alone_across_restarts_until_somebody_says_from_where_it_is_read(
    world: World, prefix: str
) -> None:
    topic = Topic(world.settings.kafka.bootstrap, f"{prefix}bombes")
    await topic.create()
    entree = EntreeKafka(**topic.entry, dialecte="cloudevents_json", intervalle_s=0.1)
    await world.apply(world.registry(centre={"dialectes": ("cloudevents_json",), "entree": entree}))
    await topic.write(place(0))
    for number, codec in enumerate(("gzip", "zstd"), start=1):  # test_kafka_bounds has them all
        bomb = 2 * number - 1
        await topic.write_batch(codec, bytes(BATCH_MAX_BYTES + 1))
        await topic.write(place(number))
        finding = await until(lambda: paused(world), "la lecture est en pause")
        assert f"offset {bomb} " in finding.sentence
        assert f"premier offset lisible est {bomb + 1}" in finding.sentence
        other = vacancy(f"B-{number}", structure=AUTRE_FINESS)
        assert (await world.send("centre-boite", other))[0] == 202
        await until(partial(arrived, world, 2 * number), "ce qui précède est arrivé, et ce qu'un autre dit")
        if codec == "zstd":
            await world.stop()
            await world.start()
            assert await paused(world) == finding
        resumed = await siao_hub(
            world.settings, "partners", "reprendre", "centre", "--offset", str(bomb + 1), "--motif", "convenu"
        )
        assert resumed.status == 0, resumed.errors
        await until(partial(arrived, world, 2 * number + 1), "ce qui suit est lu")
        assert await paused(world) is None
    again = await siao_hub(
        world.settings, "partners", "reprendre", "centre", "--offset", "4", "--motif", "encore"
    )
    assert again.status == 1
    first, *_ = acts = [json.loads(act.detail) for act in await world.audited("lecture.reprendre")]
    assert len(acts) == 2
    assert {
        "topic": topic.name,
        "partition": 0,
        "first": 1,
        "reprise": 2,
        "motif": "convenu",
    }.items() <= first.items()
    await until(partial(has_noted, topic, 5), "le hub a noté jusqu'où il a lu")
    await topic.delete()


async def test_a_partner_that_names_another_topic_is_read_there(world: World, prefix: str) -> None:
    bad, good = (Topic(world.settings.kafka.bootstrap, f"{prefix}{name}") for name in ("avant", "apres"))
    for topic in (bad, good):
        await topic.create()
    reads = {"dialectes": ("cloudevents_json",)}
    for topic in (bad, good):
        entree = EntreeKafka(**topic.entry, dialecte="cloudevents_json", intervalle_s=0.1)
        await world.apply(world.registry(centre={**reads, "entree": entree}))
        if topic is bad:
            await bad.write_batch("zstd", bytes(BATCH_MAX_BYTES + 1))
            await until(lambda: paused(world), "la lecture est en pause")
    await good.write(place(1))
    await until(partial(arrived, world, 1), "l'autre topic est lu")
    assert await paused(world) is None
    for topic in (bad, good):
        await topic.delete()


def place(number: int) -> bytes:
    """A vacancy like the exemplary one, of another place under another id."""
    return VACANT.replace(b"CH-102", f"CH-20{number}".encode()).replace(b"a-1", f"a-90{number}".encode())


async def paused(world: World) -> Finding | None:
    return next((each for each in (await judged(world)).findings if each.code is Code.LECTURE), None)


async def arrived(world: World, number: int) -> bool:
    return len(world.siao.of_type("place.vacante")) == number
