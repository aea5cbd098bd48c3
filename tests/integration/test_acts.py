"""Agreements and derogations, signed by each with its own key over real HTTP, Kafka and PostgreSQL."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.partner import Famille
from ops.acts import printed
from ops.acts.acts import Names, known
from ops.acts.sql import proposed
from ops.statement import printed as statement
from router.domain.calendar import day_in
from router.domain.partners import Registry
from tests.integration import accidents, lasting
from tests.integration.clock import pass_time
from tests.integration.messages import vacancy
from tests.integration.registry import FINESS
from tests.integration.test_desk import words
from tests.integration.test_families import joined, mailbox
from tests.integration.visitors import visitor, works_at
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
console, world = lasting.console, lasting.world

PREFET = "35600000000083"
NUMERO = "DER-2026-17"


def granted(**more: Any) -> dict[str, Any]:
    return {
        "idEvenement": "d-1",
        "type": "derogation.accordee",
        "numero": NUMERO,
        "structure": FINESS,
        "quota": 2,
        "du": "2026-01-01",
        "au": "2099-12-31",
        **more,
    }


async def signed_by_all(world: World, ident: str = "d-1") -> None:
    """A derogation that the shelter, the SIAO and the State have signed."""
    await joined(world, mailbox("etat", Famille.ETAT, "etat_json", structures=(PREFET,)))
    assert (await world.send("centre", granted(idEvenement=ident)))[0] == 202
    said = {name: value for name, value in granted().items() if name not in ("idEvenement", "type")}
    by_the_siao = {"idMessage": ident, "type": "derogation.accordee", "acte": said}
    assert (await world.send("siao-01", by_the_siao))[0] == 202
    assert (await world.send("etat", granted(idEvenement=ident)))[0] == 202


async def test_of_a_derogation_signed_by_three_keys_each_hears_the_others_and_whoever_runs_the_hub_sees_what_is_left(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await signed_by_all(world)
    heard = await world.collected("etat", 2)
    assert {(m["type"], m["numero"], m["structure"]) for m in heard} == {
        ("derogation.accordee", NUMERO, FINESS)
    }
    told = await until(
        lambda: len(world.siao.of_type("derogation.accordee")) == 2, "le SIAO apprend les deux"
    )
    assert told
    numbers = [m["acte"]["numero"] for m in world.siao.of_type("derogation.accordee")]
    assert numbers == [NUMERO, NUMERO]
    assert await until(lambda: len(world.shelter.messages) == 2, "le centre apprend les deux autres")
    assert {m["numero"] for m in world.shelter.messages} == {NUMERO}
    capsys.readouterr()
    assert await printed.show(world.settings, as_json=True) == 0
    (shown,) = json.loads(capsys.readouterr().out)
    assert (shown["numero"], shown["etat"], shown["manquent"]) == (NUMERO, "EN_VIGUEUR", [])
    assert shown["signatures"] == {"GESTIONNAIRE": "centre", "SIAO": "siao-01", "ETAT": "etat"}
    assert shown["signees_le"].keys() == shown["signatures"].keys()
    assert (shown["places"], shown["attribuees"]) == (2, 0)
    assert await printed.show(world.settings, as_json=False) == 0
    text = capsys.readouterr().out
    assert "places attribuées : 0 sur 2 ; il en reste 2" in text
    assert "(services de l'État)" in text
    contests = {"idEvenement": "d-2", "type": "derogation.contestee", "numero": NUMERO, "le": today()}
    await world.accepted("etat", contests)
    await world.settled()
    await signed_by_all(world, "d-3")
    await world.settled()
    await printed.show(world.settings, as_json=True)
    (anew,) = json.loads(capsys.readouterr().out)
    assert all(anew["signees_le"][by] > at for by, at in shown["signees_le"].items())


async def test_who_has_to_sign_finds_it_among_its_tasks_signs_with_a_button_and_may_contest_it(
    console: World,
) -> None:
    state = mailbox("etat", Famille.ETAT, "etat_json", structures=(PREFET,))
    neighbour = mailbox("etat-69", Famille.ETAT, "etat_json", territoire="69")
    await joined(console, state, neighbour)
    await console.accepted("centre", granted())
    await console.settled()
    (act,) = await console.subjects("derogation")
    trying = mailbox("bac-a-sable-siao", Famille.SIAO, "si_siao_json", bac_a_sable=True, structures=(FINESS,))
    among_real_ones = Names(Registry.of([trying]))
    assert await known(console.database, among_real_ones, [trying.id]) == [], "d'un bac à sable, rien de vrai"
    async with console.database.statement() as connection:
        assert await proposed(connection, trying, Registry.of([trying]), 200) == []
    page = f"/bureau/recu/{act.id}"
    elsewhere = await works_at(console.settings.console.issuer, "etat-69")
    async with visitor(console.settings.console, elsewhere) as theirs:
        assert page not in (await theirs.get("/bureau")).text
        assert (await theirs.get(page)).status == 404, "rien à signer, rien à lire"
    prefect = await works_at(console.settings.console.issuer, "etat")
    for person in ("referente", prefect):
        async with visitor(console.settings.console, person) as signatory:
            todo = await signatory.get("/bureau")
            assert page in todo.text
            assert "J'ai bien reçu" not in words(await signatory.get(page)), "aucun délai n'en dépend"
            assert re.search(r"signer \d+ \w+ pas de date limite", words(todo)), (
                "la fin de l'acte n'en est pas un"
            )
            purpose = "centre attribue des places sans désignation du SIAO : 2 à la fois au plus"
            line = f"n° {NUMERO} · {purpose} · par centre · du 01/01/2026 au 31/12/2099 · reste à signer"
            assert line in words(todo)
            shown = words(await signatory.get(page))
            assert "Dérogation il y a" in shown, "pas encore signée de tous"
            assert purpose in shown
            assert "places attribuées à la fois, au plus 2" in shown.lower(), "les termes, avant de signer"
            signs = {"acte": "derogation.accordee.", "cle": str(uuid4()), "signee_le": ""}
            signed = await signatory.post(f"{page}/dire", **signs)
            assert "Signée par vous, le " in words(signed)
            assert ("Envoyé à " in words(signed), "Envoyé au SIAO" in words(signed)) == (True, False)
            if person == "referente":
                assert "Dérogation signée par vous, d'autres signatures attendues" in words(signed)
                assert "Ce qu'on attend : les autres signatures (services de l'État)." in words(signed)
            assert "derogation.accordee." not in signed.text, "une fois chacun"
            assert page not in (await signatory.get("/bureau")).text
    (act,) = await console.subjects("derogation")
    assert act.etat == "EN_VIGUEUR"
    async with visitor(console.settings.console, prefect) as signatory:
        contests = {"acte": "derogation.contestee.", "cle": str(uuid4()), "le": today()}
        await signatory.post(f"{page}/dire", **contests)
        assert page in (await signatory.get("/bureau")).text, "contestée, elle est à signer de nouveau"
    async with visitor(console.settings.console, "partenaire") as centre:
        assert page in (await centre.get("/bureau")).text


async def test_who_signs_other_terms_is_told_and_so_is_the_siao(world: World) -> None:
    await joined(world, mailbox("etat", Famille.ETAT, "etat_json", structures=(PREFET,)))
    assert (await world.send("centre", granted()))[0] == 202
    await world.collected("etat", 1)
    assert (await world.send("etat", granted(idEvenement="d-2", quota=9)))[0] == 202
    alert = (await world.collected("etat", 1))[-1]
    assert (alert["type"], alert["motif"]) == ("alerte.anomalie", "SIGNATURE_DIFFERENTE")
    assert "votre signature ne compte pas" in alert["explication"]
    await until(lambda: world.siao.of_type("alerte.anomalie"), "le SIAO l'apprend")


async def test_an_agreement_of_two_siao_recorded_by_one_is_contested_by_the_other_under_the_number_that_it_reads(
    console: World,
) -> None:
    world = console
    ici, la_bas = "35600000000092", "35600000000097"
    (here,) = (p for p in world.registry().partners.values() if p.id == "siao-01")
    there = mailbox("siao-69", Famille.SIAO, "si_siao_json", structures=(la_bas,), territoire="69")
    state = mailbox("etat", Famille.ETAT, "etat_json", structures=(PREFET,))
    await joined(world, there, state, here.model_copy(update={"structures": (ici,)}))
    terms = {"objet": "SIAO", "partenaire": la_bas, "signataires": [ici, la_bas, PREFET], "du": "2026-01-01"}
    recorded = {"numero": "2026/4", "surPapier": True, **terms}
    assert (await world.send("siao-01", {"idMessage": "c-1", "type": "convention.signee", "acte": recorded}))[
        0
    ] == 202
    (heard,) = await world.collected("siao-69", 1)
    assert heard["acte"]["numero"] == "01:2026/4"
    shown = await known(world.database, Names(Registry.of([there])), [there.id])
    assert [each.act.numero for each in shown] == ["2026/4"], "qui doit signer voit l'acte"
    person = await works_at(world.settings.console.issuer, there.id)
    async with visitor(world.settings.console, person) as theirs:
        listed = (await theirs.get("/actes")).text
        assert ("2026/4" in listed, "/sujets/" in listed) == (True, False), (
            "sa page ne s'ouvre qu'aux signataires"
        )
    contests = {"numero": heard["acte"]["numero"], "le": "2026-03-02"}
    told = {"idMessage": "c-2", "type": "convention.contestee", "acte": contests}
    assert (await world.send("siao-69", told))[0] == 202
    await until(lambda: world.siao.of_type("convention.contestee"), "le premier SIAO l'apprend")
    (heard_here,) = world.siao.of_type("convention.contestee")
    assert heard_here["acte"]["numero"] == "2026/4"


async def test_a_derogation_opened_by_the_siao_covers_the_places_that_the_hub_has_shown_it(
    world: World,
) -> None:
    await joined(world, mailbox("etat", Famille.ETAT, "etat_json", structures=(PREFET,)))
    assert (await world.send("centre", vacancy("CH-102")))[0] == 202
    await until(lambda: world.siao.of_type("place.vacante"), "le SIAO apprend la place")
    (vacant,) = world.siao.of_type("place.vacante")
    shown = [vacant["place"]["identifiantExterne"]]
    said = {
        name: value for name, value in granted(places=shown).items() if name not in ("idEvenement", "type")
    }
    by_the_siao = {"idMessage": "d-1", "type": "derogation.accordee", "acte": said}
    assert (await world.send("siao-01", by_the_siao))[0] == 202
    await world.settled()
    assert (await world.send("etat", granted(places=shown)))[0] == 202
    assert (await world.send("centre", granted(places=["CH-102"])))[0] == 202
    await world.settled()
    assert (await world.send("centre", admitted("CH-102", derogation=NUMERO)))[0] == 202
    await world.settled()
    (act,), (place,) = await world.subjects("derogation"), await world.subjects("place")
    assert (act.etat, json.loads(place.donnees)["acte"]) == ("EN_VIGUEUR", str(act.id))


def today() -> str:
    """The day where the partners work: an act that they sign holds from that day on."""
    return day_in("01", datetime.now(UTC)).isoformat()


def admitted(place: str, **more: Any) -> dict[str, Any]:
    who = {"id": f"M-{place}", "composition": "10", "adultes": 1}
    return {
        "idEvenement": f"a-{place}",
        "type": "admission.directe",
        "place": place,
        "admissionLe": today(),
        "menage": who,
        **more,
    }


TITLES: dict[str, dict[str, str]] = {
    "CH-102": {"derogation": NUMERO},
    "CH-103": {"motifAdmission": "URGENCE", "orientation": "S-103"},
    "CH-104": {},
}


async def test_the_statement_of_a_structure_has_four_figures_and_the_events_behind_them(
    console: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world = console
    await signed_by_all(world)
    await world.settled()
    stay = await world.referred(4711, "CH-101")
    arrived = {"type": "entree.constatee", "orientation": stay, "entreeLe": today()}
    assert (await world.send("centre", arrived))[0] == 202
    for place, title in TITLES.items():
        assert (await world.send("centre", vacancy(place)))[0] == 202
        assert (await world.send("centre", admitted(place, **title)))[0] == 202
    left = {"idEvenement": "s-103", "type": "sortie.declaree", "orientation": "S-103", "sortieLe": today()}
    assert (await world.send("centre", left))[0] == 202, (
        "attendue, même si l'admission n'est pas encore appliquée"
    )
    await world.settled()
    (exit_,) = world.siao.of_type("sortie.declaree")
    assert exit_["suite"]["dateSortie"] == today()
    capsys.readouterr()
    assert await statement.show(world.settings, FINESS, None, None, as_json=True) == 0
    (shown,) = json.loads(capsys.readouterr().out)
    assert (shown["places_declarees"], shown["reponses_a_temps"]) == (4, 1)
    assert (shown["admissions_par_le_siao"], shown["admissions_sans_le_siao"]) == (1, 3)
    assert shown["titres"] == {"DONNE": 2, "ATTENDU": 1, "AUCUN": 0}
    behind = Counter(each["figure"] for each in shown["evenements"] if each["recu"])
    assert behind == {
        "places déclarées": 4,
        "admissions par le SIAO": 1,
        "admissions sans le SIAO": 3,
        "réponses à temps": 1,
    }
    assert await statement.show(world.settings, FINESS, None, None, as_json=False) == 0
    assert "sous un titre : 2, titre attendu : 1" in capsys.readouterr().out
    async with visitor(world.settings.console, "astreinte") as operator:
        assert (await operator.get("/structures?chez=inconnu")).status == 200
        page = (await operator.get(f"/structures?structure={FINESS}")).text
        assert "titre attendu : 1" in page
        for each in shown["evenements"]:
            assert f"/messages/{each['message']}" in page, "chaque chiffre mène à ses événements"
        acts = (await operator.get("/actes")).text
        assert NUMERO in acts
        assert "1 sur 2" in acts, "ce qu'il en reste"
    for signatory, signed_as in (("centre", "(gestionnaire)"), ("etat", "(services de l&#39;État)")):
        person = await works_at(world.settings.console.issuer, signatory)
        async with visitor(world.settings.console, person) as own:
            acts = (await own.get("/actes")).text
            assert signed_as in acts
            assert ("siao-01" in acts, NUMERO in acts) == (False, True), "un partenaire n'en lit pas d'autre"


async def test_an_admission_counts_by_the_siao_however_long_its_household_was_on_a_waiting_list(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    stay = await world.referred(4711, "CH-101")
    arrived = {"type": "entree.constatee", "orientation": stay, "entreeLe": today()}
    assert (await world.send("centre", arrived))[0] == 202
    await world.settled()
    await accidents.received_earlier(world, timedelta(days=300))
    capsys.readouterr()
    assert await statement.show(world.settings, FINESS, None, None, as_json=True) == 0
    (shown,) = json.loads(capsys.readouterr().out)
    assert shown["admissions_par_le_siao"] == 1


async def test_an_admission_said_again_is_as_untitled_as_before_and_counts_in_the_month_of_its_first_event(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    async def figures() -> tuple[int, dict[str, int]]:
        await world.settled()
        capsys.readouterr()
        assert await statement.show(world.settings, FINESS, None, None, as_json=True) == 0
        (shown,) = json.loads(capsys.readouterr().out)
        return shown["admissions_sans_le_siao"], shown["titres"]

    assert (await world.send("centre", vacancy("CH-104")))[0] == 202
    for night in range(3):
        assert (await world.send("centre", admitted("CH-104", idEvenement=f"n-{night}")))[0] == 202
    assert await figures() == (1, {"DONNE": 0, "ATTENDU": 1, "AUCUN": 0})
    urgent = admitted("CH-104", idEvenement="n-3", motifAdmission="URGENCE")
    assert (await world.send("centre", urgent))[0] == 202
    assert await figures() == (1, {"DONNE": 1, "ATTENDU": 0, "AUCUN": 0}), "même où aucun État n'écoute"
    await pass_time(world, timedelta(days=31))
    assert (await world.send("centre", admitted("CH-104", idEvenement="n-31")))[0] == 202
    assert await figures() == (0, {"DONNE": 0, "ATTENDU": 0, "AUCUN": 0})
