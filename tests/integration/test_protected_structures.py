"""Which structures are protected is told nowhere in clear, and who cannot tell takes all of them for protected."""

import pytest

from contracts.errors import Misconfigured
from contracts.partner import Reservation
from contracts.reference.codes import Reservataire
from ops.replay.job import ACCEPTED, BACK_ON_THE_BUS
from router.domain.partners import Registry
from router.privacy import protected
from router.privacy.crosswalk import HUB_HOLDER
from router.privacy.keyring import Keyring
from router.store import registry as registry_store
from tests.integration import accidents, lasting
from tests.integration.desk import siao_hub
from tests.integration.messages import to_structure, vacancy
from tests.integration.quarantined import entry, observed, replayed
from tests.integration.registry import FINESS
from tests.integration.test_acts import granted
from tests.integration.test_desk import words
from tests.integration.visitors import visitor
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
console, prepared, world = lasting.console, lasting.prepared, lasting.world
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


async def is_told_nowhere(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    """The secret structure stands in no table, no record of the bus, no line of the log."""
    assert SECRET.encode() not in await world.everything()
    assert not any(SECRET.encode() in (record.value or b"") for record in await world.bus.records())
    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize("why", ["nobody has it", "its list does not open"])
async def test_a_referral_to_a_structure_that_nobody_can_judge_is_sealed_and_reaches_it_once_the_registry_is_mended(
    world: World, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    if why == "its list does not open":
        await applied(world, protecting(world, await world.sealed_list("centre-boite", SECRET)))
    _, sent = await world.send("siao-01", to_structure(SECRET, 1))
    await until(world.quarantined, "l'orientation est en quarantaine")
    _, fate = await world.get("siao-01", f"/v1/messages/{sent['id']}")
    assert fate["evenements"][0]["raison"] == "Unroutable"
    assert SECRET not in str(fate)
    await is_told_nowhere(world, capfd)

    await applied(world, protecting(world, await world.sealed_list("centre", SECRET)))
    assert await replayed(world, cause="Unroutable") == {BACK_ON_THE_BUS: 1}
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    (told,) = world.shelter.messages
    assert (told["type"], told["structure"]) == ("orientation.proposee", SECRET)
    await world.settled()
    assert await observed(world, await entry(world)) == "resolue"
    await world.accepted("centre", {"type": "orientation.acceptee", "orientation": told["orientation"]})
    await until(lambda: world.siao.of_type("orientation.acceptee"), "la réponse arrive au SIAO")
    await is_told_nowhere(world, capfd)


async def test_a_structure_that_turns_out_to_be_open_is_noted_once_its_referral_is_replayed(
    world: World,
) -> None:
    await world.accepted("siao-01", to_structure(SECRET, 1))
    await until(world.quarantined, "l'orientation est en quarantaine")
    assert not any(SECRET.encode() in event.payload for event in await world.events())
    await world.apply(world.registry(centre={"structures": (FINESS, SECRET)}))
    assert await replayed(world, cause="Unroutable") == {BACK_ON_THE_BUS: 1}
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    assert world.shelter.messages[0]["structure"] == SECRET
    (noted,) = await world.sql("SELECT donnees ->> 'structure' FROM subject WHERE nature = 'orientation'")
    assert noted[0] == SECRET


async def test_a_structure_that_becomes_secret_is_named_no_more_of_its_places_its_statement_and_its_acts(
    console: World,
) -> None:
    pages = (
        "/places",
        "/places?csv=true",
        "/structures",
        "/structures?csv=true",
        "/actes",
        "/actes?csv=true",
    )
    await console.accepted("centre", vacancy("A-1"))
    await console.accepted("centre", granted())
    await console.settled()
    for secret in (False, True):
        if secret:
            await console.apply(console.registry(centre={"structures_protegees": (FINESS,)}))
        async with visitor(console.settings.console, "astreinte") as operator:
            shown = {page: (await operator.get(page)).text for page in pages}
        async with visitor(console.settings.console, "referente") as signatory:
            to_sign = words(await signatory.get("/bureau"))
        shown |= {
            name: (await siao_hub(console.settings, name, "--json")).text for name in ("releve", "actes")
        }
        named = {name for name, text in shown.items() if FINESS in text or "Viriat" in text}
        assert named == (set() if secret else set(shown))
        assert '"places_declarees": 1' in shown["releve"], "la place compte toujours"
        assert ("le gestionnaire" if secret else "centre") + " attribue des places" in to_sign


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


async def test_a_structure_of_the_sealed_list_is_neither_a_chrs_nor_reserved_and_none_is_named(
    prepared: World,
) -> None:
    sealed = await prepared.sealed_list("centre", SECRET)
    more = {"structures": (FINESS, SECRET), "structures_protegees": sealed}
    reserved = Reservation(structures=(SECRET,), pour=Reservataire.ETAT)
    for field, value in (("structures_chrs", (SECRET,)), ("reservations", (reserved,))):
        registry = prepared.registry(centre={**more, field: value})
        async with prepared.database.transaction() as connection:
            with pytest.raises(Misconfigured, match=f"centre : « {field} » .* protégées") as refused:
                await protected.check(connection, Keyring.of(prepared.settings), registry)
        assert SECRET not in str(refused.value)


async def test_a_list_in_clear_is_never_kept(prepared: World) -> None:
    registry = prepared.registry(centre={"structures_protegees": (FINESS,)})
    with pytest.raises(Misconfigured, match="ne se garde que scellé"):
        await registry_store.apply(prepared.database, registry, "test")


async def test_what_is_no_structure_is_not_sealed(prepared: World) -> None:
    with pytest.raises(Misconfigured, match="clé de contrôle"):
        await prepared.sealed_list("centre", "010000025")
