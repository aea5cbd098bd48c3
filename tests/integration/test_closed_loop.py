"""From a vacancy to the household's arrival, over real HTTP, Kafka and PostgreSQL."""

from tests.integration import lasting
from tests.integration.messages import referral
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world


async def test_a_vacancy_reaches_the_siao_and_the_referral_comes_back_in_the_shelters_format(
    world: World,
) -> None:
    place = await world.known_place()
    status, answer = await world.send("siao-01", referral(place))
    assert (status, answer["etat"]) == (202, "accepte")
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    received = world.shelter.messages[0]
    assert received["type"] == "orientation.proposee"
    assert received["place"] == "A-101"
    assert received["menage"]["personnes"][0]["nom"] == "Fictif"
    assert "telephone" not in received["menage"]


async def test_every_answer_of_the_shelter_reaches_the_siao_in_order_under_its_own_number(
    world: World,
) -> None:
    place = await world.known_place()
    await world.accepted("siao-01", referral(place, number=4712))
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    ours = world.shelter.messages[0]["orientation"]
    answers = [
        {"type": "orientation.accusee"},
        {"type": "orientation.acceptee", "accueilLe": "2026-12-01"},
        {"type": "admission.prononcee", "admissionLe": "2026-12-01"},
        {"type": "entree.constatee", "entreeLe": "2026-12-02"},
    ]
    for answer in answers:
        status, body = await world.send("centre", {**answer, "orientation": ours})
        assert status == 202, body
    heard = await until(
        lambda: [m for m in world.siao.messages if "orientation" in m and len(world.siao.messages) >= 5],
        "les réponses arrivent au SIAO",
    )
    assert [m["type"] for m in heard] == [a["type"] for a in answers]
    assert {m["orientation"]["id"] for m in heard} == {4712}


async def test_a_second_designation_of_a_reserved_place_is_refused_and_the_siao_is_told(world: World) -> None:
    place = await world.known_place()
    await world.accepted("siao-01", referral(place, number=1))
    await until(lambda: world.shelter.messages, "la première orientation arrive")
    await world.accepted("siao-01", referral(place, number=2))
    alert = (await until(lambda: world.siao.of_type("alerte.conflit"), "le SIAO est alerté"))[0]
    assert alert["alerte"]["motif"] == "PLACE_DEJA_RESERVEE"
    assert len(world.shelter.messages) == 1
