"""Housing partners answer by the numéro unique that they know; what means two candidacies is refused, naming both."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.partner import Famille
from router.intake.bulk import Bulk
from router.store import origin
from router.store.database import BULK, Connection
from tests.integration import lasting
from tests.integration.large_files import CHUNK, ROWS, decided, in_hundreds
from tests.integration.messages import NOM
from tests.integration.registry import SIRET_BAILLEUR, entry
from tests.integration.test_families import household, joined, mailbox
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

NUR, NEW, FIRST, SECOND = (f"111031801698{digit}G1104" for digit in (2, 3, 4, 5))
OTHER_SIRET = "35600000000060"


async def presented(
    world: World, number: int, nur: str = NUR, message: str | None = None, **more: Any
) -> None:
    """A household that the SIAO presents to the landlord."""
    household = {"id": 9, "composition": 10, "nbAdultes": 1, "personnes": [{"nom": NOM, "prenom": "Camille"}]}
    said = {
        "idMessage": message or f"c-{number}",
        "type": "candidature.presentee",
        "candidature": {"id": number, "bailleur": SIRET_BAILLEUR, "canal": "DIRECT", **more},
        "ficheGroupe": household | {"numeroUnique": nur},
    }
    await world.accepted("siao-01", said)
    await world.settled()


async def answered(world: World, record: str, reference: str, partner: str = "bailleur") -> tuple[int, Any]:
    """One record of the landlord's XML about the candidacy that it calls so."""
    body = record.replace("?", f"<refCandidature>{reference}</refCandidature>")
    text = f'<suites xmlns="urn:siao-hub:bailleur:1" versionInterface="01.00">{body}</suites>'
    reply = await world.send(partner, text.encode(), Content_Type="application/xml")
    await world.settled()
    return reply


def heard(world: World, kind: str) -> list[int]:
    """The SIAO's own numbers of the candidacies about which it hears this."""
    return [each["candidature"]["id"] for each in world.siao.of_type(kind)]


async def test_a_landlord_answers_by_the_numero_unique_and_two_open_candidacies_are_named_to_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = entry("autre-bailleur", Famille.BAILLEUR, "bailleur_xml", structures=(OTHER_SIRET,))
    await joined(world, mailbox("ddets", Famille.CONTINGENT, "contingent_json"), other)
    await presented(world, 31, logement="0123456789")
    assert (await answered(world, "<accuse>?</accuse>", NUR))[0] == 202
    assert heard(world, "candidature.accusee") == [31]

    await presented(world, 32, logement="9876543210")
    inscribed = "<inscription>?<dateCommission>2026-12-10</dateCommission></inscription>"
    status, refused = await answered(world, inscribed, NUR)
    (why,) = refused["rejets"]
    assert (status, why["code"]) == (422, "numero_ambigu")
    ours = {str(each.id) for each in await world.subjects("candidature")}
    assert all(ident in why["message"] for ident in ours)
    assert NUR not in str(refused)
    assert (await answered(world, inscribed, f"{NUR}/9876543210"))[0] == 202
    assert heard(world, "candidature.inscrite") == [32]
    assert (await answered(world, "<inscription>?</inscription>", NUR))[0] == 422
    about = await world.sql(
        "SELECT titulaire FROM key_link WHERE holder = (SELECT id FROM inbox ORDER BY received_at DESC LIMIT 1)"
    )
    assert {str(row["titulaire"]) for row in about} == ours, "a refused answer is about those whom it names"

    status, refused = await answered(world, inscribed, NUR, "autre-bailleur")
    assert (status, refused["rejets"][0]["code"]) == (422, "numero_inconnu")
    assert not any(ident in str(refused) for ident in ours)

    async def gone_back(_: Connection) -> bool:
        return True

    monkeypatch.setattr(origin, "went_back", gone_back)
    assert (await answered(world, inscribed, NUR, "autre-bailleur"))[0] == 503


async def test_a_number_that_replaces_another_is_understood_and_the_loops_follow(world: World) -> None:
    await joined(world, mailbox("ddets", Famille.CONTINGENT, "contingent_json"))
    await presented(world, 31)
    fused = {"type": "radiation.sne", "idEvenement": "r-1", "motif": "FUSION", "radiationLe": "2026-11-20"}
    await world.accepted("ddets", fused | {"candidature": NUR, "numeroUnique": NEW})
    await world.settled()
    (told,) = world.siao.of_type("radiation.sne")
    assert told["suite"]["nouveauNumeroUnique"] == NEW
    for number, kind in ((NEW, "accuse"), (NUR, "inscription")):
        more = "<dateCommission>2026-12-10</dateCommission>" if kind == "inscription" else ""
        assert (await answered(world, f"<{kind}>?{more}</{kind}>", number))[0] == 202
    assert heard(world, "candidature.accusee") == heard(world, "candidature.inscrite") == [31]


async def test_a_candidacy_presented_again_under_another_number_keeps_the_number_that_the_landlord_has(
    world: World,
) -> None:
    await presented(world, 31)
    await presented(world, 31, NEW, "again")
    assert (await answered(world, "<accuse>?</accuse>", NUR))[0] == 202
    assert heard(world, "candidature.accusee") == [31]
    assert (await answered(world, "<inscription>?</inscription>", NEW))[0] == 422


def declared(menage: dict[str, Any], message: int, **more: Any) -> dict[str, Any]:
    """What the SIAO says of a household that is ready for housing."""
    ready = {"departement": "01", "dateEvaluation": "2026-03-01"}
    kind = "menage.pret-logement.declare"
    return {"type": kind, "idMessage": message, "ficheGroupe": menage, "logement": ready} | more


async def labelled(world: World, number: str) -> int:
    """The status of the answer to a reader that labels a household by this number."""
    answer = {"type": "liste.repondue", "menage": {"id": number}, "reponse": "LABELLISEE"}
    status, _ = await world.send("ddets", answer | {"repondueLe": "2026-03-04"}, str(uuid4()))
    await world.settled()
    return status


def declared_by_the_centre(number: str, event: str) -> dict[str, Any]:
    menage = {"id": "M-12", "composition": "10", "adultes": 1, "personnes": [{"nom": NOM}]}
    said = {"type": "menage.pret-logement.declare", "departement": "01", "evalueeLe": "2026-03-01"}
    return said | {"menage": menage | {"numeroUnique": number}, "idEvenement": event}


async def test_a_listed_household_keeps_its_number_until_its_siao_gives_it_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ddets = mailbox("ddets", Famille.CONTINGENT, "contingent_json")
    siao = {"declarants": (Famille.HEBERGEMENT,), "tout_ou_rien": True}
    await world.apply(world.registry_with(ddets, siao_01=siao))
    await world.accepted("centre", declared_by_the_centre(NEW, "e-1"))
    await world.settled()
    await world.accepted("centre", declared_by_the_centre(NUR, "e-2"))
    await world.settled()
    asked = world.siao.of_type("menage.pret-logement.declare")[0]
    known = {"identifiantExterne": asked["ficheGroupe"]["identifiantExterne"]}
    confirmed = {"ficheGroupe": known, "declaration": {"reponse": "CONFIRMEE"}}
    await world.accepted("siao-01", confirmed | {"type": "menage.pret-logement.repondu", "idMessage": 1})
    await world.settled()
    assert (await labelled(world, NUR), await labelled(world, NEW)) == (202, 422)

    await world.accepted("centre", declared_by_the_centre(NEW, "e-3"))
    await world.settled()
    assert (await labelled(world, NUR), await labelled(world, NEW)) == (202, 422)

    in_hundreds(world, monkeypatch)
    renamed = household() | known | {"numeroUnique": NEW}
    del renamed["id"]
    rows = [declared(renamed if n == 2 else household(n + 100), n) for n in range(2, ROWS)]
    wrong = declared(household(8), ROWS, ficheGroupe={})
    sent = await world.accepted("siao-01", [*rows, wrong], "fichier-1")
    assert (await decided(world, UUID(sent["id"]), "siao-01"))["etat"] == "refuse"
    assert await labelled(world, NUR) == 202

    await world.accepted("siao-01", declared(renamed, ROWS + 1))
    await world.settled()
    assert (await labelled(world, NUR), await labelled(world, NEW)) == (422, 202)


def numbered(household_id: int, number: str) -> dict[str, Any]:
    return household(household_id) | {"numeroUnique": number}


def many(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """A large file: these declarations, and those of households without a numéro unique."""
    others = [declared(household(n + 100), n + 1000) for n in range(CHUNK + 1)]
    for each in others:
        del each["ficheGroupe"]["numeroUnique"]
    return [*rows, *others]


async def test_an_accepted_all_or_nothing_file_replaces_the_numbers_of_its_households(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ddets = mailbox("ddets", Famille.CONTINGENT, "contingent_json")
    await world.apply(world.registry_with(ddets, siao_01={"tout_ou_rien": True}))
    in_hundreds(world, monkeypatch)
    given = {6: FIRST, 7: NUR, 8: NEW}
    await world.accepted("siao-01", [declared(numbered(n, number), n) for n, number in given.items()])
    await world.settled()
    swapped = (numbered(6, NUR), numbered(6, SECOND), numbered(7, NEW), numbered(8, NUR))
    mended = [declared(menage, message) for message, menage in enumerate(swapped, 11)]
    refused = many(*mended, declared(household(9), 21, ficheGroupe={}))
    sent = await world.accepted("siao-01", refused, "fichier-1")
    assert (await decided(world, UUID(sent["id"]), "siao-01"))["etat"] == "refuse"
    assert [await labelled(world, number) for number in (NUR, NEW, FIRST, SECOND)] == [202, 202, 202, 422]

    sent = await world.accepted("siao-01", many(*mended), "fichier-2")
    assert (await decided(world, UUID(sent["id"]), "siao-01"))["etat"] == "accepte"
    await world.settled()
    assert [await labelled(world, number) for number in (NUR, NEW, FIRST, SECOND)] == [202, 202, 422, 202]


async def test_a_small_message_replaces_the_number_although_it_waits_behind_a_large_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobodys_turn(_: Bulk) -> bool:
        return False

    await world.apply(world.registry_with(mailbox("ddets", Famille.CONTINGENT, "contingent_json")))
    in_hundreds(world, monkeypatch)
    await world.accepted("siao-01", declared(numbered(7, NUR), 1))
    await world.settled()
    with monkeypatch.context() as patched:
        patched.setattr(Bulk, "_next", nobodys_turn)
        sent = await world.accepted("siao-01", many(), "fichier-1")
        for message, menage in enumerate((numbered(7, NEW), numbered(8, FIRST), numbered(8, SECOND)), 2):
            await world.accepted("siao-01", declared(menage, message))
    assert world.hub is not None
    world.hub.wake[BULK].set()
    await decided(world, UUID(sent["id"]), "siao-01")
    await world.settled()
    assert [await labelled(world, number) for number in (NUR, NEW, FIRST, SECOND)] == [422, 202, 422, 202]
