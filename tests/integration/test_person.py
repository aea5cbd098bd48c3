"""A person gets what is held on her: who said it, to whom it went, until when; nothing of others, no secret address."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from contracts.partner import ClasseLivraison, Famille
from contracts.sftp import SortieSftp
from contracts.v1.suite import AdmissionDirecte
from ops.duplicates import sql
from ops.duplicates.deciding import Decision, decide, take_back
from ops.person.rights import Droit, Issue
from ops.person.sql import decide as decided
from tests.conformance.droppers import SftpDropper
from tests.integration import accidents, lasting
from tests.integration.by_the_lot import tables
from tests.integration.desk import siao_hub
from tests.integration.messages import NOM, referral
from tests.integration.registry import FINESS, entry, http
from tests.integration.retained import later
from tests.integration.test_bytes_go_with_whom_they_name import direct_admission
from tests.integration.test_families import PREFET, aid_asked, demand, directed, household, joined, mailbox
from tests.integration.test_lists import say as list_says
from tests.integration.test_transfers import about, proposed
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
dropper, world = lasting.dropper, lasting.world

HERS, HIS = "Canarihers", "Canarihis"
ELSEWHERE = "01 99 00 77 88"
"""Number that she gave elsewhere."""


def couple() -> dict[str, Any]:
    said = demand(dispositif="INSERTION")
    people = [
        {"nom": "Commun", "prenom": HERS, "sexe": "F", "dateNaissance": "1988-03-07"},
        {"nom": "Commun", "prenom": HIS, "sexe": "M", "dateNaissance": "1979-11-30"},
    ]
    menage = {**said["menage"], "composition": "30", "adultes": 2, "personnes": people}
    return {**said, "menage": menage}


@pytest_asyncio.fixture(loop_scope="module")
async def known(world: World) -> World:
    """A world in which a couple's demand has reached its SIAO."""
    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    await world.accepted("ccas", couple())
    await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    await world.settled()
    return world


async def exported(world: World, path: Path, *more: str) -> Any:
    (held,) = await world.subjects("demande")
    ident = str(held.menage)
    return await siao_hub(
        world.settings, "personne", "exporter", ident, "--vers", str(path), "--motif", "sa demande", *more
    )


async def households(world: World) -> set[UUID]:
    return {each.menage for each in await world.subjects("demande") if each.menage is not None}


async def test_a_person_of_several_gets_her_own_data_and_nobody_elses_in_a_new_file_and_the_audit_keeps_why(
    known: World, tmp_path: Path
) -> None:
    path = tmp_path / "elle.md"
    which = await exported(known, path)
    assert (which.status, "--membre" in which.errors, HERS in which.errors) == (1, True, False)
    assert not await asyncio.to_thread(path.exists)
    assert (await exported(known, path, "--membre", "1")).status == 0
    text = await asyncio.to_thread(path.read_text)
    assert HERS in text
    assert "07/03/1988" in text
    assert HIS not in text
    assert "30/11/1979" not in text
    assert "remis à" in text
    assert (await asyncio.to_thread(path.stat)).st_mode & 0o077 == 0
    (act,) = await known.audited("personne.exporter")
    assert "sa demande" in act.detail
    assert HERS not in str(act)
    assert (await exported(known, path, "--membre", "1")).status == 1
    assert await asyncio.to_thread(path.read_text) == text, "un fichier n'est jamais récrit"
    (one,) = await households(known)
    alone = couple()["menage"] | {"id": "M-2", "adultes": 1, "composition": "20", "telephone": ELSEWHERE}
    again = {**couple(), "demande": "D-2", "idEvenement": "ccas-2", "menage": alone}
    await known.accepted("ccas", {**again, "menage": {**alone, "personnes": alone["personnes"][:1]}})
    await known.settled()
    (other,) = await households(known) - {one}
    async with known.database.transaction() as connection:
        await sql.propose(connection, one, other, ("NOM_IDENTIQUE",), ("siao-01",))
    for same in (False, True):
        await decide(known.database, Decision((one, other), same, "cli:test", "vue au guichet"))
        file, own = (
            tmp_path / f"{same}.md",
            (str(one), "--membre", "1", "--vers", str(tmp_path / f"{same}.md")),
        )
        await siao_hub(known.settings, "personne", "exporter", *own, "--motif", "sa demande")
        text = await asyncio.to_thread(file.read_text)
        assert (ELSEWHERE in text, str(other) in text, HIS in text) == (same, same, False)


async def test_a_protected_place_is_named_in_no_file(world: World, tmp_path: Path) -> None:
    await world.apply(world.registry(centre={"structures_protegees": (FINESS,)}))
    referral = {
        "idMessage": "m-1",
        "type": "orientation.proposee",
        "orientation": {"id": 1, "dispositif": "URGENCE", "structure": FINESS},
        "ficheGroupe": household(),
    }
    await world.accepted("siao-01", referral)
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await world.settled()
    (held,) = await world.subjects("orientation")
    path = tmp_path / "lieu.md"
    said = await siao_hub(
        world.settings, "personne", "exporter", str(held.menage), "--vers", str(path), "--motif", "sa demande"
    )
    assert said.status == 0, said.errors
    text = await asyncio.to_thread(path.read_text)
    assert FINESS not in text
    assert world.registry().partners["centre"].nom not in text
    assert "adresse est protégée" in text


async def said(world: World, *words: str) -> Any:
    """What a command of `siao-hub personne` says, as JSON."""
    done = await siao_hub(world.settings, "personne", *words, "--json")
    assert done.status == 0, done
    return json.loads(done.text[done.text.index("{") :])


async def changed(world: World, number: int, **more: Any) -> None:
    """The CCAS says more of the household."""
    await world.accepted(
        "ccas", {**couple(), "type": "demande.actualisee", "idEvenement": f"u-{number}", **more}
    )


async def test_of_a_limited_household_only_the_need_leaves_until_what_left_leaves_again_whole(
    known: World,
) -> None:
    (held,) = await known.subjects("demande")
    menage, why = str(held.menage), ("--motif", "sa demande")
    limit = ("noter", menage, "--droit", "limitation")
    asked = await said(known, *limit, *why, "--recue-le", "2026-01-31")
    assert (asked["ont_dit"], asked["ont_recu"]) == (["ccas"], ["siao-01"])
    assert asked["echeance"].startswith("2026-02-28")
    await until(lambda: known.hub is not None and held.menage in known.hub.limited, "le hub le sait")
    await changed(known, 1)
    (bare,) = await until(lambda: known.siao.of_type("demande.actualisee"), "la mise à jour part quand même")
    assert not any(name in json.dumps(bare) for name in (HERS, HIS, "Commun", "1988"))
    await changed(known, 2, dispositif="URGENCE")
    urgent = (await until(lambda: known.siao.of_type("demande.actualisee")[1:], "l'urgence part entière"))[0]
    assert HERS in json.dumps(urgent)
    demande = asked["demande"]
    refused = await siao_hub(known.settings, "personne", "repondre", demande, "--issue", "levee", *why)
    assert (refused.status, "aucune demande" in refused.errors) == (1, True)
    assert (await said(known, "repondre", demande, "--issue", "accordee", *why))["repartent"] == 0
    assert (await said(known, "demandes"))["demandes"][0]["etat"] == "accordee"
    await known.settled()
    assert (await said(known, "repondre", demande, "--issue", "levee", *why))["repartent"] == 1
    again = await until(
        lambda: known.siao.of_type("demande.actualisee")[2:], "ce qui était parti sans nom repart"
    )
    assert HERS in json.dumps(again[0])
    assert again[0]["idMessage"] not in (bare["idMessage"], urgent["idMessage"]), (
        "ce n'est pas une répétition"
    )
    assert (await said(known, "demandes"))["demandes"] == []
    assert {row.action for row in await known.audited() if row.action.startswith("personne.")} == {
        "personne.limitation",
        "personne.accordee",
        "personne.levee",
    }


async def limited(world: World, menage: UUID | None) -> str:
    """The limitation of a household's data, as noted; the hub follows it."""
    noted = await said(world, "noter", str(menage), "--droit", "limitation", "--motif", "sa demande")
    await until(lambda: world.hub is not None and menage in world.hub.limited, "le hub le sait")
    return str(noted["demande"])


async def lifted(world: World, demande: str, issue: str = "refusee") -> int:
    """How many deliveries leave again at the end of a limitation."""
    done = await said(world, "repondre", demande, "--issue", issue, "--motif", "sa demande")
    return int(done["repartent"])


async def test_what_is_begun_during_a_limitation_under_another_number_has_no_name_until_it_ends(
    known: World,
) -> None:
    (held,) = await known.subjects("demande")
    (brought,) = known.siao.of_type("demande.recue")
    places = [await known.known_place(name) for name in ("A-1", "A-2")]
    demande = await limited(known, held.menage)
    await directed(known, brought, places[0])
    again = referral(places[1], 4712)
    again["ficheGroupe"]["id"] = referral(places[0])["ficheGroupe"]["id"]
    await known.accepted("siao-01", again)
    bare = await until(lambda: known.shelter.messages[1:] and known.shelter.messages, "les deux arrivent")
    assert NOM not in json.dumps(bare)
    await known.settled()
    assert await lifted(known, demande) == 2
    whole = await until(lambda: known.shelter.messages[3:] and known.shelter.messages[2:], "elles repartent")
    assert [NOM in json.dumps(each) for each in whole] == [True, True]
    assert await known.sql("SELECT FROM limitation") == []


async def test_what_is_begun_under_another_number_by_which_a_limited_demand_describes_it_has_no_name(
    known: World,
) -> None:
    (held,) = await known.subjects("demande")
    demande = await limited(known, held.menage)
    later = {**couple()["menage"], "id": "M-77"}
    await changed(known, 1, menage=later)
    await known.settled()
    await known.accepted("ccas", {**couple(), "demande": "D-2", "idEvenement": "ccas-2", "menage": later})
    (bare,) = await until(lambda: known.siao.of_type("demande.recue")[1:], "une autre demande arrive")
    assert not any(name in json.dumps(bare) for name in (HERS, HIS, "Commun", "1988"))
    await known.settled()
    assert await lifted(known, demande) == 2
    (whole,) = await until(lambda: known.siao.of_type("demande.recue")[2:], "elle repart")
    assert HERS in json.dumps(whole)
    assert await known.sql("SELECT FROM limitation") == []


async def decided_the_same(known: World) -> tuple[str, Decision]:
    """The limitation of one household, and the decision that another, which then changes, is the same one."""
    (held,) = await known.subjects("demande")
    other = {**couple(), "demande": "D-2", "menage": {**couple()["menage"], "id": "M-2"}}
    await known.accepted("ccas", {**other, "idEvenement": "ccas-2"})
    await known.settled()
    limitation = await limited(known, held.menage)
    one, two = sorted(await households(known))
    async with known.database.transaction() as connection:
        await sql.propose(connection, one, two, ("NOM_IDENTIQUE",), ("siao-01",))
    together = Decision((one, two), True, "cli:test", "vue au guichet")
    assert await decide(known.database, together)
    await changed(known, 1, **{name: other[name] for name in ("demande", "menage")})
    return limitation, together


async def test_a_limitation_reaches_the_household_that_people_then_decide_to_be_the_same(
    known: World,
) -> None:
    demande, _ = await decided_the_same(known)
    (bare,) = await until(lambda: known.siao.of_type("demande.actualisee"), "la mise à jour part quand même")
    assert HERS not in json.dumps(bare)
    await known.settled()
    assert await lifted(known, demande) == 1
    (whole,) = await until(lambda: known.siao.of_type("demande.actualisee")[1:], "elle repart")
    assert HERS in json.dumps(whole)
    assert await known.sql("SELECT FROM limitation") == []


async def test_whom_a_decision_limited_by_mistake_has_its_name_again_once_the_limitation_is_noted_anew(
    known: World,
) -> None:
    (held,) = await known.subjects("demande")
    first, together = await decided_the_same(known)
    await until(lambda: known.siao.of_type("demande.actualisee"), "la mise à jour part sans nom")
    await known.settled()
    assert await take_back(known.database, together._replace(same=False), agreed=False)
    again = await limited(known, held.menage)
    assert await lifted(known, first) == 1
    (whole,) = await until(lambda: known.siao.of_type("demande.actualisee")[1:], "elle repart")
    assert HERS in json.dumps(whole)
    await changed(known, 2)
    bare = await until(lambda: known.siao.of_type("demande.actualisee")[2:], "celle du ménage limité part")
    assert HERS not in json.dumps(bare), "qui a demandé la limitation la garde"
    await known.settled()
    assert await lifted(known, again) == 1


async def test_a_limitation_holds_at_once_in_a_process_that_cannot_read_a_new_entry_of_the_registry(
    known: World,
) -> None:
    await accidents.new_entry_is_unreadable(known)
    (held,) = await known.subjects("demande")
    await limited(known, held.menage)
    await changed(known, 1)
    (bare,) = await until(lambda: known.siao.of_type("demande.actualisee"), "le SIAO apprend le changement")
    assert HERS not in json.dumps(bare)


async def test_what_its_centre_asks_of_the_state_for_a_limited_household_has_no_name_until_it_ends(
    known: World,
) -> None:
    ccas = mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json")
    await joined(known, ccas, mailbox("etat", Famille.ETAT, "etat_json", structures=(PREFET,)))
    (held,) = await known.subjects("demande")
    (brought,) = known.siao.of_type("demande.recue")
    demande = await limited(known, held.menage)
    people = couple()["menage"]["personnes"][:1]
    await aid_asked(known, await directed(known, brought, await known.known_place()), personnes=people)
    (bare,) = await known.collected("etat", 1)
    await known.settled()
    told = [bare, *known.siao.messages]
    assert [each for each in told if HERS in json.dumps(each)] == [brought]
    await lifted(known, demande)
    (whole,) = await known.collected("etat", 1)
    assert HERS in json.dumps(whole)
    await known.settled()
    assert await known.sql("SELECT FROM limitation") == []


async def test_what_a_centre_says_of_whom_it_admits_without_the_siao_is_in_her_file_and_leaves_again_whole(
    world: World, tmp_path: Path
) -> None:
    await world.known_place()
    path, why = tmp_path / "elle.md", ("--motif", "sa demande")
    admitted = {**direct_admission("M-1"), "orientation": "S-1"}
    await world.accepted("centre", admitted)
    (told,) = await until(lambda: world.siao.of_type("admission.directe"), "le SIAO l'apprend")
    await world.settled()
    (stay,) = await world.subjects("orientation")
    menage = str(stay.menage)
    assert (
        await siao_hub(world.settings, "personne", "exporter", menage, "--vers", str(path), *why)
    ).status == 0
    text = await asyncio.to_thread(path.read_text)
    assert "Fictif" in text
    assert "remis à" in text
    asked = await said(world, "noter", menage, "--droit", "rectification", *why)
    assert (asked["ont_dit"], asked["ont_recu"]) == (["centre"], ["siao-01"])
    demande = await limited(world, stay.menage)
    await world.accepted("centre", {**admitted, "admissionLe": "2026-03-06"})
    (bare,) = await until(lambda: world.siao.of_type("admission.directe")[1:], "le SIAO l'apprend sans nom")
    await world.settled()
    await later(world, timedelta(days=100))
    assert await lifted(world, demande) == 1
    (whole,) = await until(lambda: world.siao.of_type("admission.directe")[2:], "elle repart entière")
    assert ["Fictif" in json.dumps(each) for each in (told, bare, whole)] == [True, False, True]


async def test_who_applies_a_message_about_a_limited_household_takes_no_lane_while_it_waits_for_the_answer(
    known: World,
) -> None:
    (held,) = await known.subjects("demande")
    demande = await limited(known, held.menage)
    async with known.database.transaction() as connection:
        assert await decided(connection, UUID(demande), Issue.REFUSEE, ("ouverte",))
        await changed(known, 1)
        await until(known.blocked, "le worker attend la réponse")
        assert await connection.fetch("SELECT FROM lane WHERE subject = $1 FOR UPDATE NOWAIT", held.id)


async def test_what_waited_when_the_limitation_began_left_without_name_and_leaves_again_whole(
    known: World,
) -> None:
    (held,) = await known.subjects("demande")
    known.siao.status = 503
    await changed(known, 1)
    await until(lambda: known.siao.attempts[1:], "le SIAO ne répond pas")
    demande = await limited(known, held.menage)
    known.siao.status = 204
    (bare,) = await until(lambda: known.siao.of_type("demande.actualisee"), "le SIAO répond de nouveau")
    assert HERS not in json.dumps(bare)
    await known.settled()
    assert await lifted(known, demande) == 1
    (again,) = await until(lambda: known.siao.of_type("demande.actualisee")[1:], "elle repart")
    assert HERS in json.dumps(again)


async def test_what_left_without_name_is_kept_and_leaves_again_whole_however_long_the_limitation_lasts(
    known: World,
) -> None:
    (held,) = await known.subjects("demande")
    demande = await limited(known, held.menage)
    await changed(known, 1)
    await until(lambda: known.siao.of_type("demande.actualisee"), "la mise à jour part quand même")
    await known.settled()
    await known.sql("UPDATE subject SET etat = 'POURVUE' WHERE nature = 'demande'")
    await later(known, timedelta(days=100))
    assert await lifted(known, demande) == 1
    (_, whole) = await until(
        lambda: known.siao.of_type("demande.actualisee")[1:] and known.siao.of_type("demande.actualisee"),
        "elle repart",
    )
    assert HERS in json.dumps(whole)
    await known.settled()
    await later(known, timedelta(days=100))
    assert await known.count("delivery") == 0


async def test_what_is_just_leaving_without_name_when_the_limitation_ends_leaves_again_whole(
    known: World,
) -> None:
    patient = http(known.siao.port, known.secret, delai_s=120)
    ccas = mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json")
    await known.apply(known.registry_with(ccas, siao_01={"sortie": patient}))
    (held,) = await known.subjects("demande")
    demande = await limited(known, held.menage)
    known.siao.silent = True
    await changed(known, 1)
    await until(lambda: known.siao.attempts[1:], "la mise à jour est chez le SIAO, qui n'a pas répondu")
    assert await lifted(known, demande) == 1
    known.siao.speak()
    bare, whole = await until(both_updates(known), "elle repart entière")
    assert [HERS in json.dumps(each) for each in (bare, whole)] == [False, True]


@pytest.mark.parametrize(
    ("classe", "etat"), [(ClasseLivraison.AUCUNE, "incertaine"), (ClasseLivraison.DEDUPLIQUE, "en_vol")]
)
async def test_what_may_have_left_without_name_when_the_limitation_ends_leaves_again_whole(
    known: World, classe: ClasseLivraison, etat: str
) -> None:
    ccas = mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json")
    await known.apply(known.registry_with(ccas, siao_01={"livraison": classe}))
    (held,) = await known.subjects("demande")
    demande = await limited(known, held.menage)
    known.siao.cutting = True
    await changed(known, 1)
    await until(lambda: last_etat(known, etat), "nul ne sait si le SIAO l'a reçue")
    known.siao.cutting = False
    assert await lifted(known, demande) == 1
    await until(lambda: HERS in json.dumps(known.siao.of_type("demande.actualisee")), "elle repart entière")


async def test_what_waits_for_its_turn_when_the_limitation_ends_leaves_once(known: World) -> None:
    (held,) = await known.subjects("demande")
    demande = await limited(known, held.menage)
    known.siao.status, known.siao.headers = 429, {"Retry-After": "60"}
    await changed(known, 1)
    await until(lambda: known.siao.attempts[1:], "le SIAO demande d'attendre")
    await until(lambda: known.sql("SELECT FROM lane WHERE pending > 0 AND rested = token"), "elle attend")
    assert await lifted(known, demande) == 0


async def last_etat(world: World, etat: str) -> bool:
    return (await world.etats("siao-01"))[-1] == etat


def both_updates(known: World) -> Callable[[], Sequence[dict[str, Any]]]:
    """What the SIAO got, once it has two updates of the demand."""
    return lambda: (len(found := known.siao.of_type("demande.actualisee")) == 2 and found) or ()


async def test_at_the_end_of_a_limitation_nothing_leaves_to_who_no_longer_has_the_household(
    known: World,
) -> None:
    ddets = entry(
        "ddets", Famille.CONTINGENT, "contingent_json", sortie=http(known.shelter.port, known.secret)
    )
    another = mailbox("siao-69", Famille.SIAO, "si_siao_json", territoire="69")
    await list_says(known, 1)
    await known.settled()
    (ready,) = await known.subjects("menage")
    (held,) = await known.subjects("demande")
    demandes = [await limited(known, ready.id), await limited(known, held.menage)]
    await joined(known, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"), ddets, another)
    await until(lambda: known.shelter.messages, "le préfet reçoit sa liste")
    await list_says(known, 1, "retire")
    await changed(known, 1)
    await until(lambda: known.siao.of_type("demande.actualisee"), "la mise à jour arrive au SIAO")
    await known.settled()
    await proposed(known, str(held.id))
    await known.accepted("siao-69", about(str(held.id), 1, "demande.transfert-accepte"))
    await known.collected("siao-69", 2)
    await known.settled()
    assert [await lifted(known, demande) for demande in demandes] == [0, 2]
    whole = await known.collected("siao-69", 2)
    await known.settled()
    assert [HERS in json.dumps(each) for each in whole] == [True, True]
    assert [HERS in json.dumps(each) for each in known.siao.of_type("demande.actualisee")] == [False]
    assert NOM not in json.dumps(known.shelter.messages)


async def test_a_household_of_a_list_leaves_again_whole_under_its_number_in_the_list(world: World) -> None:
    await list_says(world, 1)
    await world.settled()
    (ready,) = await world.subjects("menage")
    demande = await limited(world, ready.id)
    ddets = entry(
        "ddets", Famille.CONTINGENT, "contingent_json", sortie=http(world.shelter.port, world.secret)
    )
    await joined(world, ddets)
    await until(lambda: world.shelter.messages, "le préfet reçoit sa liste")
    await world.settled()
    assert await lifted(world, demande) == 1
    bare, whole = await until(lambda: world.shelter.messages[1:] and world.shelter.messages, "elle repart")
    assert [NOM in json.dumps(each) for each in (bare, whole)] == [False, True]
    assert (whole["numero"], whole["fiche"]) == (bare["numero"], bare["fiche"])


async def test_what_leaves_again_whole_is_a_file_of_its_own_beside_the_one_without_name(
    known: World, dropper: SftpDropper
) -> None:
    place = await known.known_place()
    folder = SortieSftp(**dropper.server.entry(), dossier="depot")
    files = {
        "dialecte_sortant": "hebergement_csv",
        "sortie": folder,
        "livraison": ClasseLivraison.INTERROGEABLE,
    }
    await known.apply(
        known.registry_with(mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"), centre=files)
    )
    (held,) = await known.subjects("demande")
    demande = await limited(known, held.menage)
    asked = referral(place)
    asked["orientation"]["demande"] = str(held.id)
    await known.accepted("siao-01", asked)
    (bare,) = await until(lambda: tables(dropper).values(), "l'orientation est là")
    assert NOM not in bare
    await known.settled()
    assert await lifted(known, demande) == 1
    both = await until(
        lambda: len(tables(dropper)) == 2 and tables(dropper).values(), "elle y est de nouveau"
    )
    assert sorted(NOM in each for each in both) == [False, True]
    await known.settled()
    assert {*await known.etats("centre")} == {"livree"}


async def test_of_two_limiting_requests_the_last_to_end_sends_everything_again_once(known: World) -> None:
    (held,) = await known.subjects("demande")
    first = await limited(known, held.menage)
    await changed(known, 1)
    await until(lambda: known.siao.of_type("demande.actualisee"), "la première mise à jour part")
    noted = await said(known, "noter", str(held.menage), "--droit", "opposition", "--motif", "sa demande")
    await changed(known, 2)
    await until(lambda: known.siao.of_type("demande.actualisee")[1:], "la deuxième mise à jour part")
    await known.settled()
    assert await lifted(known, first) == 0
    assert await lifted(known, str(noted["demande"])) == 2
    await until(lambda: known.siao.of_type("demande.actualisee")[3:], "les deux repartent")
    await known.settled()
    told = [HERS in json.dumps(each) for each in known.siao.of_type("demande.actualisee")]
    assert told == [False, False, True, True]
    assert await known.sql("SELECT FROM lane WHERE pending > 0") == []


async def test_a_request_whose_month_ends_is_a_finding_until_it_is_answered(known: World) -> None:
    (held,) = await known.subjects("demande")
    why = ("--motif", "sa demande")
    for right in Droit:
        await said(known, "noter", str(held.menage), "--droit", right, *why, "--recue-le", "2026-01-05")
    shown = (await siao_hub(known.settings, "status", "--json")).text
    assert [right for right in Droit if f"({right.libelle}), due le 05/02/2026" not in shown] == []
    for row in (await said(known, "demandes"))["demandes"]:
        await said(known, "repondre", row["demande"], "--issue", "refusee", *why)
    assert "une personne attend" not in (await siao_hub(known.settings, "status", "--json")).text
    assert await known.sql("SELECT FROM limitation") == []


async def test_a_damaged_admission_of_another_household_stops_no_request_and_no_retention(
    world: World, tmp_path: Path
) -> None:
    await world.known_place()
    damages = (b"illisible", b"\xff", b"\0", b'{"clair": {"menage": {"id": "personne"}}}')
    for number in range(len(damages) + 1):
        admitted = direct_admission(f"M-{number}", f"A-{number}")
        await world.accepted("centre", {**admitted, "orientation": f"S-{number}"})
    await world.settled()
    *damaged, other = await world.events(kind=AdmissionDirecte.TYPE)
    deliveries = {each.event_id: each.id for each in await world.deliveries("siao-01")}
    gone = {deliveries[event.id] for event in damaged}
    for event, payload in zip(damaged, damages, strict=True):
        await accidents.event_is_damaged(world, deliveries[event.id], payload)
    (stay,) = [each for each in await world.subjects("orientation") if str(other.subject) in str(each)]
    assert stay.menage is not None
    to = ("--vers", str(tmp_path / "elle.md"), "--motif", "sa demande")
    assert (await siao_hub(world.settings, "personne", "exporter", str(stay.menage), *to)).status == 0
    await limited(world, stay.menage)
    await later(world, timedelta(days=100))
    assert gone.isdisjoint(each.id for each in await world.deliveries("siao-01"))
