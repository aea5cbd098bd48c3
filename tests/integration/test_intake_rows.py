"""What is accepted, what is refused, row by row; and what a refusal, or a fault of ours, leaves behind."""

from typing import Any, NoReturn

import pytest

from adapters.hebergement import json as hebergement_json
from router.intake.draft import LISTED_REJECTIONS
from router.privacy.sealing import unseal
from tests.integration import lasting
from tests.integration.messages import NOM, referral, vacancy
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world

BAD = {"commune": "99999"}
NIR = "1 84 12 76 451 089 46"


async def kept_bytes(world: World, message: Any) -> bytes:
    """The sealed bytes of a message in the inbox, opened with its key."""
    assert world.hub is not None
    kept = await world.message(message)
    assert kept.raw is not None
    async with world.database.transaction() as connection:
        ciphers = await world.hub.keyring.get(connection, [message])
    return unseal(ciphers[message], kept.raw, message.bytes)


async def test_good_rows_are_accepted_and_bad_ones_told_by_row_and_field(world: World) -> None:
    body = [vacancy("A-1"), vacancy("A-2", **BAD), vacancy("A-3"), vacancy("A-4", capacite=0)]
    status, answer = await world.send("centre", body)
    assert (status, answer["etat"], answer["acceptes"]) == (202, "partiel", 2)
    assert [(r["ligne"], r["champ"]) for r in answer["rejets"]] == [(2, "commune"), (4, "capacite")]
    await until(lambda: len(world.siao.messages) == 2, "le SIAO apprend les deux vacances")
    _, fate = await world.get("centre", f"/v1/messages/{answer['id']}")
    assert (fate["acceptes"], fate["rejetes"]) == (2, 2)
    assert [rejet.pop("reference") for rejet in answer["rejets"]] == ["A-2", "A-4"]
    assert fate["rejets"] == answer["rejets"], "ce qu'il appelle la chose n'est pas gardé"
    assert [event["ligne"] for event in fate["evenements"]] == [1, 3]


async def test_a_bug_in_an_adapter_is_ours_to_mend_and_holds_nobody_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> NoReturn:
        raise KeyError("Mme Fictif")

    monkeypatch.setattr(hebergement_json, "decode", broken)
    status, problem = await world.send("centre", vacancy("A-1"))
    assert (status, problem["type"]) == (500, "urn:siao:probleme:erreur-interne")
    assert "Fictif" not in str(problem)
    (entry,) = await world.quarantined()
    assert entry.cause == "bug"
    assert "Fictif" not in entry.detail
    monkeypatch.undo()
    await world.known_place("A-1")


async def test_a_trial_judges_every_row_tells_no_more_rejections_than_a_message_and_leaves_every_table_untouched(
    door: World,
) -> None:
    tables = ("inbox", "event", "idempotency_key", "quarantine", "audit", "crosswalk", "holder_key")
    before = {table: await door.count(table) for table in tables}
    status, answer = await door.send(
        "centre", [vacancy("A-1"), vacancy("A-2", **BAD)], "cle-1", "?essai=true"
    )
    assert (status, answer["etat"], answer["acceptes"]) == (200, "partiel", 1)
    assert [(r["ligne"], r["champ"]) for r in answer["rejets"]] == [(2, "commune")]
    status, _ = await door.send("centre", vacancy(**BAD), query="?essai=true")
    assert status == 422
    status, _ = await door.send("centre", b"{", query="?essai=true")
    assert status == 400
    many = [vacancy(**BAD)] * (LISTED_REJECTIONS + 1)
    status, answer = await door.send("centre", many, query="?essai=true")
    assert (status, len(answer["rejets"])) == (422, LISTED_REJECTIONS)
    assert {table: await door.count(table) for table in tables} == before


async def test_a_refused_message_is_kept_sealed_in_quarantine_with_its_cause(door: World) -> None:
    body = b'[{"type": "place.vacante", "place": "A-1"}]'
    status, _ = await door.send("centre", body)
    assert status == 422
    (entry,) = await door.quarantined()
    assert (entry.etat, entry.cause, entry.partner) == ("ouverte", "champ_absent", "centre")
    assert await kept_bytes(door, entry.message_id) == body
    (audited,) = await door.audited(about=entry.message_id)
    assert (audited.actor, audited.action) == ("centre", "message.refuse")


async def test_a_message_with_a_social_security_number_is_refused_whole_and_not_even_kept_sealed(
    door: World,
) -> None:
    guilty = {**referral("8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e"), "commentaire": f"NIR {NIR}"}
    status, problem = await door.send("siao-01", [referral("8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e"), guilty])
    assert status == 422
    assert {rejet["code"] for rejet in problem["rejets"]} == {"nir_interdit"}
    assert 2 in {rejet["ligne"] for rejet in problem["rejets"]}
    assert NIR not in str(problem)
    status, problem = await door.send("siao-01", f"{{ illisible, NIR {NIR}".encode(), "cle-1")
    assert status == 400
    assert {rejet["code"] for rejet in problem["rejets"]} == {"illisible", "nir_interdit"}
    assert await door.count("event") == 0
    assert [kept.raw for kept in await door.messages()] == [None, None]


async def test_nothing_personal_of_a_refused_row_is_told_or_kept_in_clear(door: World) -> None:
    broken = referral("8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e")
    broken["ficheGroupe"]["telephone"] = f"{NOM} {NOM}"
    broken["ficheGroupe"]["numeroUnique"] = NOM
    status, problem = await door.send("siao-01", broken)
    assert status == 422
    assert {rejet["champ"] for rejet in problem["rejets"]} >= {"ficheGroupe.telephone"}
    assert NOM not in str(problem)
    for kept in (await door.as_text("inbox", but="raw"), await door.as_text("quarantine")):
        assert kept
        assert NOM not in kept


async def test_a_trial_of_a_large_file_judges_all_its_rows_and_refuses_none_that_is_right_of_all_or_nothing(
    door: World,
) -> None:
    right = [vacancy(f"A-{n}") for n in range(1100)]
    status, answer = await door.send("centre", [*right, vacancy("A-mauvaise", **BAD)], query="?essai=true")
    assert (status, answer["etat"], answer["acceptes"]) == (200, "partiel", 1100)
    assert [(r["ligne"], r["champ"]) for r in answer["rejets"]] == [(1101, "commune")]
    await door.apply(door.registry(centre={"tout_ou_rien": True}))
    status, answer = await door.send("centre", right, query="?essai=true")
    assert (status, answer["acceptes"]) == (200, len(right))


async def test_one_bad_row_refuses_all_rows_of_an_all_or_nothing_partner_which_a_trial_tells_it_before(
    door: World,
) -> None:
    await door.apply(door.registry(centre={"tout_ou_rien": True}))
    for body, codes in (
        ([vacancy("A-1"), vacancy("A-2", **BAD)], {"code_commune_invalide", "tout_ou_rien"}),
        ([vacancy("A-1", **BAD)], {"code_commune_invalide"}),
    ):
        trial = await door.send("centre", body, query="?essai=true")
        assert trial == but_its_id(await door.send("centre", body))
        assert trial[0] == 422
        assert {rejet["code"] for rejet in trial[1]["rejets"]} == codes
        assert [r["champ"] for r in trial[1]["rejets"] if r["ligne"] == len(body)] == ["commune"]
    assert await door.count("event") == 0
    status, answer = await door.send("centre", [vacancy("A-1"), vacancy("A-2")])
    assert (status, answer["acceptes"]) == (202, 2)


def but_its_id(answer: tuple[int, Any]) -> tuple[int, Any]:
    """What is kept of a refused message has an id; of a trial nothing is kept."""
    status, body = answer
    return status, {name: value for name, value in body.items() if name != "id"}


async def test_a_trial_of_a_referral_asks_for_its_key_and_for_what_must_not_be_in_it(door: World) -> None:
    nameless = {name: value for name, value in referral("x").items() if name != "idMessage"}
    for body in (nameless, {**referral("x"), "commentaire": f"NIR {NIR}"}):
        trial = await door.send("siao-01", body, query="?essai=true")
        assert trial == but_its_id(await door.send("siao-01", body))
        assert trial[0] == 422
