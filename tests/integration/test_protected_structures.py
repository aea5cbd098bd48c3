"""Which structures are protected is told nowhere in clear, and who cannot tell takes all of them for protected."""

import pytest

from contracts.errors import Misconfigured
from router.domain.partners import Registry
from router.ops.replay import ACCEPTED
from router.privacy import protected
from router.privacy.crosswalk import HUB_HOLDER
from router.privacy.keyring import Keyring
from router.store import registry as registry_store
from tests.integration import accidents
from tests.integration.messages import vacancy
from tests.integration.quarantined import replayed
from tests.integration.registry import FINESS
from tests.integration.waiting import until
from tests.integration.world import World

SECRET = "010000016"


def protecting(world: World, sealed: str) -> Registry:
    """The shelter has a structure that stands in its sealed list alone."""
    return world.registry(centre={"structures_protegees": sealed})


async def applied(world: World, registry: Registry) -> None:
    await registry_store.apply(world.database, registry, "test")
    sealed = registry.partners["centre"].structures_protegees
    await until(lambda: taken_up(world, sealed), "le hub suit le registre")


def taken_up(world: World, sealed: object) -> bool:
    """Whether the hub knows the list, opened or as it is."""
    assert world.hub is not None
    known = world.hub.registry.partners["centre"].structures_protegees
    return known in ((SECRET,), sealed)


async def protected_places(world: World, *structures: str) -> list[str]:
    """Whether the SIAO is told that places are protected, by the structures that they are of."""
    before = len(world.siao.messages)
    for structure in structures:
        assert (await world.send("centre", vacancy(f"P-{structure}", structure=structure)))[0] == 202
    await until(lambda: len(world.siao.messages) == before + len(structures), "le SIAO les apprend")
    told = {m["place"]["structure"]: m["place"]["protegee"] for m in world.siao.messages[before:]}
    return [told[structure] for structure in structures]


async def test_a_structure_of_the_sealed_list_is_the_partners_and_protected_and_told_nowhere(
    world: World,
) -> None:
    await applied(world, protecting(world, await world.sealed_list("centre", SECRET)))
    assert await protected_places(world, SECRET, FINESS) == ["OUI", "NON"]
    assert SECRET.encode() not in await world.everything()
    assert FINESS.encode() in await world.everything()


async def test_where_a_list_cannot_be_opened_every_structure_of_its_partner_counts_as_protected(
    world: World,
) -> None:
    sealed = await world.sealed_list("centre-boite", SECRET)
    await applied(world, protecting(world, sealed))
    assert await protected_places(world, FINESS) == ["OUI"]


async def test_a_place_of_a_protected_kind_is_refused_until_its_structure_is_sealed_and_told_of_as_protected_since(
    world: World,
) -> None:
    typed, again = vacancy("R-1", typePlace="60"), vacancy("R-1", adresse="3 rue Inventée")
    status, problem = await world.send("centre", typed)
    assert (status, [each["code"] for each in problem["rejets"]]) == (422, ["structure_a_sceller"])
    assert FINESS not in str(problem)
    await world.apply(world.registry(centre={"structures_protegees": (FINESS,)}))
    assert await replayed(world, cause="structure_a_sceller") == {ACCEPTED: 1}
    assert (await world.send("centre", again))[0] == 202
    await until(lambda: len(world.siao.messages) == 2, "le SIAO apprend les deux")
    assert [message["place"]["protegee"] for message in world.siao.messages] == ["OUI", "OUI"]


@pytest.mark.parametrize("why", ["for another partner", "under a key that is gone", "not at all"])
async def test_a_list_that_this_hub_cannot_open_is_not_applied_and_the_error_says_what_to_do(
    prepared: World, why: str
) -> None:
    sealed = await prepared.sealed_list("centre-boite" if why == "for another partner" else "centre", SECRET)
    if why == "under a key that is gone":
        await accidents.key_is_lost(prepared, HUB_HOLDER)
    keyring = Keyring.of(prepared.settings)
    registry = protecting(prepared, "scelle:A" if why == "not at all" else sealed)
    async with prepared.database.transaction() as connection:
        with pytest.raises(Misconfigured, match=r"centre, structures_protegees : .*partners sceller centre"):
            await protected.check(connection, keyring, registry)


async def test_a_list_in_clear_is_never_kept(prepared: World) -> None:
    registry = prepared.registry(centre={"structures_protegees": (FINESS,)})
    with pytest.raises(Misconfigured, match="ne se garde que scellé"):
        await registry_store.apply(prepared.database, registry, "test")


async def test_what_is_no_structure_is_not_sealed(prepared: World) -> None:
    with pytest.raises(Misconfigured, match="clé de contrôle"):
        await prepared.sealed_list("centre", "010000025")
