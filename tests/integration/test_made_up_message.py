"""A new message type is one contract and one row: with a dialect that speaks it, it goes all the way."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic_core import from_json, to_json

from adapters.registry import ADAPTERS
from contracts.base import Nature, Reference
from contracts.envelope import Event
from contracts.partner import Partner
from contracts.ports import Decoded, Ligne, Native, View
from tests.integration import lasting
from tests.integration.lasting import MOVING, Lasting
from tests.integration.messages import NOM
from tests.integration.test_fate import fate_of
from tests.integration.waiting import until
from tests.integration.world import World
from tests.unit.router.domain.message_fictif import Etape, VisiteConvenue, registered

pytestmark = lasting.MARK
DIALECT = "visites"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SPEAKS = {"dialectes": ("hebergement_json", DIALECT)}


class Visites:
    """A made-up dialect: the message in JSON, its places by the sender's own ids; all else as SI-SIAO hears it."""

    def decode(self, native: Native, partner: Partner) -> Decoded:
        told = from_json(native.body)
        etapes = tuple(Etape(place=Reference(Nature.PLACE, place)) for place in told.pop("places"))
        event = VisiteConvenue(**{**told, "orientation": UUID(told["orientation"]), "etapes": etapes})
        return Decoded(iter([Ligne(1, event)]))

    def encode(self, events: Sequence[Event], view: View) -> Native:
        contrat = events[0].contrat
        if not isinstance(contrat, VisiteConvenue):
            return ADAPTERS["si_siao_json"].encode(events, view)
        return Native(to_json({"type": contrat.NOM, **contrat.model_dump(mode="json")}), "application/json")


def visite(orientation: str, **more: Any) -> dict[str, Any]:
    usual = {"visite_le": "2026-03-03", "contact": f"M. {NOM}", "places": ["A-101"]}
    return {"orientation": orientation, **usual, **more}


async def say(world: World, partner: str, key: str | None, body: Any) -> tuple[int, Any]:
    """A partner says it, under a trace of its own."""
    return await world.send(partner, body, key, SIAO_Dialecte=DIALECT, traceparent=TRACE)


@pytest.fixture(scope="module")
def known() -> Iterator[None]:
    """The message and its dialect, in the code of every hub of this module."""
    with pytest.MonkeyPatch.context() as patched, registered():
        patched.setitem(ADAPTERS, DIALECT, Visites())
        yield


@pytest_asyncio.fixture(loop_scope="module")
async def speaking(known: None, lasting: Lasting) -> World:
    """A running hub that knows the message, and whose partners speak it."""
    world = await lasting.running(*MOVING)
    await world.apply(
        world.registry(centre=SPEAKS, centre_boite=SPEAKS, siao_01={"dialecte_sortant": DIALECT})
    )
    return world


async def test_it_is_refused_without_a_key_and_from_who_may_not_say_it(speaking: World) -> None:
    ours = await speaking.referred()
    status, answer = await say(speaking, "centre", None, visite(ours))
    assert (status, answer["rejets"][0]["code"]) == (422, "cle_absente")
    assert (await say(speaking, "centre-boite", "a", visite(ours)))[0] == 202
    await until(lambda: speaking.siao.of_type("alerte.anomalie"), "le SIAO apprend qui n'a rien à y dire")
    await speaking.settled()
    (refused,) = await speaking.outcomes("anomalie")
    assert refused.reason == "EMETTEUR_INATTENDU"
    assert not speaking.siao.of_type("visite.convenue")


async def test_it_is_routed_and_what_is_older_comes_too_late(speaking: World) -> None:
    ours = await speaking.referred()
    await speaking.settled()  # a receipt that comes after the answer is one more thing without effect
    for version in (5, 4):
        assert (await say(speaking, "centre", f"v{version}", visite(ours, version=version)))[0] == 202
    await until(lambda: speaking.siao.of_type("visite.convenue"), "le SIAO l'entend")
    await speaking.settled()
    (heard,) = speaking.siao.of_type("visite.convenue")
    place = speaking.siao.messages[0]["place"]["identifiantExterne"]
    assert (heard["version"], heard["contact"], heard["etapes"]) == (5, f"M. {NOM}", [{"place": place}])
    (late,) = await speaking.outcomes()
    assert late.reason == "plus_ancien"
    (referral,) = await speaking.subjects("orientation")
    assert referral.etat == "PREADMISSION"


async def test_it_rests_sealed_under_our_ids_and_its_trace_goes_with_it(speaking: World) -> None:
    ours = await speaking.referred()
    place = speaking.siao.messages[0]["place"]["identifiantExterne"]
    _, answer = await say(speaking, "centre", "a", visite(ours))
    await until(lambda: speaking.siao.of_type("visite.convenue"), "le SIAO l'entend")
    await speaking.settled()
    (kept,) = await speaking.events(kind=VisiteConvenue.TYPE)
    records = [r for r in await speaking.bus.records() if r.topic == speaking.bus.topic("orientation")]
    (carried,) = [r for r in records if dict(r.headers)["ce_type"] == VisiteConvenue.TYPE.encode()]
    assert kept.trace == TRACE
    for payload in (kept.payload, carried.value):
        assert place.encode() in payload
        assert not any(clear in payload for clear in (NOM.encode(), b"A-101"))
    (event,) = (await fate_of(speaking, "centre", answer["id"]))["evenements"]
    assert (event["type"], event["etat"]) == (VisiteConvenue.TYPE, "applique")
    assert [delivery["partenaire"] for delivery in event["livraisons"]] == ["siao-01"]
