"""A SIAO refers from its desk on its first day, as itself; the 115 sees tonight's places there, and no more of them."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from console.bureau import referring, todo
from contracts.partner import Famille
from ops.desk import finding, free_places, reading, sql, unanswered
from ops.desk import todo as tasks
from ops.desk.referring import Said, told_the_state
from ops.duplicates.sql import subjects_of
from ops.tracing import following
from router.domain.calendar import day_in
from router.domain.partners import Registry
from router.store import subjects
from tests.integration import accidents, clock, lasting
from tests.integration.messages import NOM, cancellation, referral, to_structure, vacancy
from tests.integration.registry import AUTRE_FINESS, SIRET_BAILLEUR
from tests.integration.test_desk import words
from tests.integration.test_families import REFUGE, demand, joined, mailbox
from tests.integration.visitors import Shown, Visitor, visitor, works_at
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
console = lasting.console

PARIS = "750000010"
FAMILY: dict[str, Any] = {
    "id": "M-3",
    "composition": "100",
    "adultes": 2,
    "enfants": 1,
    "personnes": [{"nom": NOM, "prenom": prenom} for prenom in ("Ana", "Luc", "Zoé")],
}


async def a_family_and_three_places(console: World) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    for code in ("A-1", "A-2", "A-3"):
        await console.accepted("centre", vacancy(code, dispositif="URGENCE"))
    await console.accepted("ccas", demand(menage=FAMILY))
    await console.settled()


async def designated(console: World) -> Any:
    """What the hub knows of a household that the State has designated to the SIAO."""
    who = {**FAMILY, "composition": "20", "adultes": 1, "enfants": 0, "personnes": FAMILY["personnes"][:1]}
    decided = {"daho": "D-17", "decisionLe": f"{datetime.now(UTC).date()}"}
    await console.accepted("etat", {"idEvenement": "d-1", "type": "daho.designe", **decided, "menage": who})
    await console.settled()
    (daho,) = await known(console, "daho")
    return daho


def places_of(shown: Shown, ticked: str = " checked") -> list[str]:
    """The places that are ticked on a page; all that it offers without a mark."""
    return re.findall(rf'name="places" value="([^"]+)" data-lits="\d+"{ticked}', shown.text)


async def test_a_siao_refers_a_family_to_three_places_in_four_clicks_and_sees_its_entry(
    console: World,
) -> None:
    await a_family_and_three_places(console)
    async with visitor(console.settings.console, "referente") as referente:
        (demanded,) = re.findall(
            r'href="/bureau/recu/([^"]+)">Demande', (await referente.get("/bureau")).text
        )
        assert demanded in (await referente.get("/orientations?etat=RECUE")).text
        referrals = await referente.get("/orientations")
        assert "1 demande attend" in words(referrals), "comptée, non mêlée aux orientations"
        assert demanded not in referrals.text
        assert demanded in (await referente.get("/orientations?nature=demande")).text
        three = words(await referente.post("/bureau/places-libres", composition="100", lits="3"))
        assert "À plusieurs places : 3 lits à centre (3 places)." in three, (
            "aucune n'a trois lits à elle seule"
        )
        family = words(await referente.post("/bureau/places-libres", composition="100"))
        assert "Aucune place n'a à elle seule 3 lits." in family, (
            "un couple avec enfant, trois personnes au moins"
        )
        opened = await referente.get(f"/bureau/recu/{demanded}")
        assert "Zoé Fictif" in words(opened)
        assert "Corriger…" not in words(opened), "qui l'a apportée la corrige"
        assert "ou l'orienter aussitôt." in words(opened), "elle n'a pas à être évaluée d'abord"
        (way,) = re.findall(r'href="(/bureau/orienter/[^"]+)"', opened.text)
        choice = await referente.get(way)
        ticked = places_of(choice)
        assert len(ticked) == 3, "autant de places que de personnes"
        form: dict[str, Any] = {"cle": str(uuid4()), "places": ticked, "presentation_le": "2026-12-03"}
        few = await referente.post(way, **form | {"places": ticked[:1]})
        assert (few.status, "Il manque 2 lits : orienter quand même ?" in words(few)) == (422, True)
        assert places_of(few) == ticked[:1], "rien n'est parti, et le choix reste"
        undated = await referente.post(way, **form | {"presentation_le": "demain"})
        assert (undated.status, "donnez une date, ou aucune" in words(undated)) == (422, True)
        waiting = await referente.post(way, **form)
        assert waiting.path == f"/bureau/recu/{demanded}"
        assert "orientée" in words(waiting), "le SIAO reste sur le ménage"
        answer = words(waiting).partition("C'est envoyé.")[2]
        assert "vers centre · places A-1, A-2 et A-3, Viriat · se présente le 03/12/2026" in answer
        assert answer.count("Au tour de ") == 1, "une seule fois"
        (answered,) = re.findall('data-l="Répondu le">([^<]*)<', (await referente.get("/bureau/recu")).text)
        assert answered != "—", "orienter, c'est répondre"
        more = await referente.get(way)
        assert "Déjà tenu : places A-1, A-2 et A-3, Viriat (3 lits)." in words(more)
        assert places_of(more) == [], "un clic de trop ne tient rien de plus"
        line = words(await referente.get("/bureau/sans-reponse"))
        assert "Ana Fictif, Luc Fictif, Zoé Fictif · " in line, "sa liste nomme le ménage"
        assert "couple avec enfant, 3 personnes" in line, "et dit ce qu'il est"
        own = await referente.get("/bureau/envois")
        assert f'<a href="/bureau/recu/{demanded}">' not in own.text
        assert "Ana Fictif, Luc Fictif, Zoé Fictif · " in words(own)
        assert "Orientation : proposée" in words(own), "sans le numéro que le bureau a fait"
        (one,) = re.findall(r'href="(/bureau/envois/[^"]+)"', own.text)
        detail = words(await referente.get(one))
        assert "enregistrée" in detail, "rien n'y dit que le centre l'accepte"
        assert "Aujourd'hui : orientation proposée" in detail
        assert ("Explication" in detail, "par le hub" in detail) == (False, False), "un seul mot le dit"
        assert ("accepté" in detail, "Votre numéro" in detail) == (False, False), "ni un numéro qu'il a fait"
        assert "Ana Fictif, Luc Fictif, Zoé Fictif" in detail
        for name, listed in (("zoe fict", True), ("Dupond", False)):
            named = words(await referente.post("/bureau/envois", reference=name))
            assert ("Ana Fictif" in named) == listed, "un envoi se cherche par le nom du ménage"
        assert "places A-1, A-2 et A-3, Viriat" in line, "et où, comme le centre le dit"
        assert "vers centre" in line
        assert "se présente le 03/12/2026" in line
        again = await referente.post(way, **form)  # the second click changes nothing
        assert again.status in (200, 422)
        await until(lambda: console.shelter.messages, "l'orientation arrive au centre")
        await console.settled()
        (told,) = console.shelter.of_type("orientation.proposee")
        assert {told["place"], *told["autresPlaces"]} == {"A-1", "A-2", "A-3"}
        (demande,), (orientation,) = await known(console, "demande"), await known(console, "orientation")
        assert orientation.menage == demande.menage, "un seul ménage, et non deux qui se ressemblent"
        assert [p["prenom"] for p in told["menage"]["personnes"]] == ["Ana", "Luc", "Zoé"]
        entered = {"type": "entree.constatee", "orientation": told["orientation"], "entreeLe": "2026-12-03"}
        await console.accepted("centre", entered)
        await console.settled()
        shown = words(await referente.get(f"/bureau/recu/{told['orientation']}"))
        assert "Orientation aboutie, le ménage est arrivé" in shown
        assert "Entrée constatée" in shown
        found = await referente.post("/bureau/menages", nom="zoe fictif")
        assert "1 ménage" in words(found), "un ménage arrivé se retrouve, une seule fois"
        assert f"/bureau/recu/{demanded}" in found.text


async def test_a_place_is_called_as_its_centre_calls_it_and_a_secret_one_by_the_end_of_its_id_alone(
    console: World,
) -> None:
    secret = {"structures": (REFUGE,), "structures_protegees": (REFUGE,)}
    await joined(
        console,
        mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"),
        mailbox("refuge", Famille.HEBERGEMENT, "hebergement_json", **secret),
    )
    await console.accepted("centre", vacancy("A-1", dispositif="URGENCE"))
    await console.accepted("refuge", vacancy("R-1", dispositif="URGENCE", structure=REFUGE))
    await console.accepted("ccas", demand())
    await console.settled()
    (theirs,) = [str(each.id) for each in await known(console, "place") if each.gestionnaire == "refuge"]
    async with visitor(console.settings.console, "referente") as referente:
        way = f"/bureau/orienter/{await demanded_at_the_desk(referente)}"
        for page in ("/bureau/places-libres", way):
            shown = words(await referente.get(page))
            assert ("A-1" in shown, f"…{theirs[-6:]}" in shown) == (True, True), page
            assert "adresse protégée" in shown
            assert ("R-1" in shown, REFUGE in shown) == (False, False), page
        await referente.post(way, cle=str(uuid4()), places=[theirs])
        await console.settled()
        line = words(await referente.get("/bureau/sans-reponse"))
        assert f"place …{theirs[-6:]}, adresse protégée" in line
        assert "R-1" not in line
        assert "Place : dite vacante" not in words(await referente.get("/bureau/recu"))
        received = words(await referente.post("/bureau/recu", nature="place"))
        assert "Place : dite vacante place A-1, Viriat" in received
        assert f"Place : dite vacante place …{theirs[-6:]}, adresse protégée" in received
    sub = await works_at(console.settings.console.issuer, "refuge")
    async with visitor(console.settings.console, sub) as manager:
        assert "place R-1" in words(await manager.get("/bureau")), "son gestionnaire la connaît par son nom"


async def test_a_household_without_a_name_is_found_and_says_who_can_name_it(console: World) -> None:
    await a_family_and_three_places(console)
    unnamed = {"id": "M-9", "composition": "10", "adultes": 1}
    await console.accepted("ccas", demand(idEvenement="ccas-9", demande="D-9", menage=unnamed))
    await console.settled()
    async with visitor(console.settings.console, "referente") as referente:
        found = await referente.post("/bureau/menages", composition="10")
        assert "ménage sans nom, 1 personne" in words(found)
        (demanded,) = re.findall(r'href="/bureau/recu/([^"]+)"', found.text)
        opened = words(await referente.get(f"/bureau/recu/{demanded}"))
        assert "Demandez les noms à ccas" in opened
        assert "Orienter ce ménage" not in opened
        said = {"acte": "demande.annulee.", "cle": str(uuid4()), "motif": "DOUBLON"}
        assert "Annulée par vous" in words(await referente.post(f"/bureau/recu/{demanded}/dire", **said))
    sub = await works_at(console.settings.console.issuer, "ccas")
    async with visitor(console.settings.console, sub) as ccas:
        shown = words(await ccas.get(f"/bureau/recu/{demanded}"))
        assert "Annulée par siao-01" in shown, "qui l'a annulée"
        assert ": doublon" in shown, "et pourquoi"


def refusal(orientation: str) -> dict[str, str]:
    return {
        "type": "orientation.refusee",
        "orientation": orientation,
        "auteur": "STRUCTURE",
        "motif": "COMPOSITION_INADAPTEE",
    }


async def test_a_refusal_is_a_task_of_the_siao_until_the_household_is_referred_again_or_its_demand_is_closed(
    console: World,
) -> None:
    await a_family_and_three_places(console)
    seen: set[str] = set()
    async with visitor(console.settings.console, "referente") as referente:
        demanded = await demanded_at_the_desk(referente)
        ticked = places_of(await referente.get(f"/bureau/orienter/{demanded}"))
        for _ in range(2):
            await referente.post(f"/bureau/orienter/{demanded}", cle=str(uuid4()), places=ticked)
            await console.settled()
            assert "de nouveau" not in words(await referente.get("/bureau"))
            (waiting,) = {str(each.id) for each in await known(console, "orientation")} - seen
            seen.add(waiting)
            again = f"/bureau/orienter/{waiting}"
            assert (await referente.get(again)).status == 404, "elle attend sa réponse"
            await console.accepted("centre", refusal(waiting))
            await console.settled()
            assert (await referente.get(again)).status == 200
            tasks = words(await referente.get("/bureau"))
            assert "orienter le ménage de nouveau" in tasks
            assert "orientation refusée par la structure, centre" in tasks, "et pourquoi"
            shown = await referente.get(f"/bureau/recu/{demanded}")
            assert "L'orienter de nouveau" in words(shown)
            assert "Ses orientations Orientation refusée par la structure" in words(shown)
        said = {"acte": "demande.annulee.", "cle": str(uuid4()), "motif": "DOUBLON"}
        closed = words(await referente.post(f"/bureau/recu/{demanded}/dire", **said))
        assert "Demande annulée" in closed
        assert "Plus rien n'est attendu" in closed
        assert "À vous" not in closed


async def test_of_a_family_in_two_centres_the_refusal_of_one_is_a_task_until_it_is_referred_again(
    console: World,
) -> None:
    other = mailbox("refuge", Famille.HEBERGEMENT, "hebergement_json", structures=(REFUGE,), nom="Le Refuge")
    await a_family_and_three_places(console)
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"), other)
    await console.accepted("refuge", vacancy("R-1", dispositif="URGENCE", structure=REFUGE))
    await console.settled()
    places = {each.id: each for each in await known(console, "place")}
    async with visitor(console.settings.console, "referente") as referente:
        way = f"/bureau/orienter/{await demanded_at_the_desk(referente)}"
        ours = [str(ident) for ident, each in places.items() if each.gestionnaire == "centre"]
        theirs = [str(ident) for ident, each in places.items() if each.gestionnaire == "refuge"]
        both = await referente.post(way, cle=str(uuid4()), places=[*ours[:2], *theirs])
        assert "vers centre" in words(both)
        assert "vers Le Refuge · place R-1, Viriat" in words(both), "chacun, avec ses places"
        await console.settled()
        (demanded,) = await known(console, "demande")
        (earlier,) = (o for o in await known(console, "orientation") if o.id != demanded.orientation)
        await console.accepted(earlier.destinataire, refusal(str(earlier.id)))
        await console.settled()
        tasks = await referente.get("/bureau")
        assert words(tasks).count("orienter le ménage de nouveau") == 1
        assert "Orientation refusée par la structure" in words(tasks)
        assert "si 1 autre orientation en cours n'y suffit pas" in words(tasks)
        shown = words(await referente.get(f"/bureau/recu/{earlier.id}"))
        assert "de nouveau, si ses autres orientations n'y suffisent pas" in shown
        again = f"/bureau/orienter/{earlier.id}"
        assert "Orienter Ana Fictif 3 personnes" in words(await referente.get(again))
        sent = await referente.post(again, cle=str(uuid4()), places=ours[2:], quand_meme="true")
        assert "vers centre · place" in words(sent), "celle qui manquait"
        await console.settled()
        assert "de nouveau" not in words(await referente.get("/bureau"))


async def test_a_household_without_a_demand_that_is_refused_is_found_among_the_tasks_and_referred_again(
    console: World,
) -> None:
    await console.accepted("centre", vacancy("A-1", dispositif="URGENCE"))
    await console.settled()
    written = {
        "menage": str(uuid4()), "lignes": "1", "composition": "20", "dispositif": "URGENCE",
        "prenom-1": "Ana", "nom-1": NOM, "age-1": "adulte",
    }  # fmt: skip
    async with visitor(console.settings.console, "referente") as referente:
        choice = await referente.post("/bureau/menages/entrer", **written, suite="orienter")
        form: dict[str, Any] = {"saisi": held(choice), "cle": str(uuid4()), "places": places_of(choice)}
        sent = await referente.post("/bureau/orienter", **form)
        assert (sent.path, "vers centre · place A-1" in words(sent)) == ("/bureau/sans-reponse", True)
        (told,) = await until(lambda: console.shelter.of_type("orientation.proposee"), "elle arrive")
        await console.settled()
        await console.accepted("centre", refusal(told["orientation"]))
        await console.settled()
        (refused,) = re.findall(
            r'href="/bureau/recu/([^"]+)">Orientation refusée', (await referente.get("/bureau")).text
        )
        assert f"/bureau/recu/{refused}" in (await referente.post("/bureau/menages", nom="ana fictif")).text
        shown = words(await referente.get(f"/bureau/recu/{refused}"))
        assert "À vous Orientez ce ménage de nouveau. L'orienter de nouveau" in shown
        choice = await referente.get(f"/bureau/orienter/{refused}")
        assert "Orienter Ana Fictif 1 personne" in words(choice), "rien n'est à saisir de nouveau"
        sent = await referente.post(f"/bureau/orienter/{refused}", cle=str(uuid4()), places=places_of(choice))
        assert "C'est envoyé." in words(sent)
        await console.settled()
        assert "Rien à faire pour l'instant." in words(await referente.get("/bureau"))
    assert len({each.menage for each in await known(console, "orientation")}) == 1, "le même ménage"


async def test_a_siao_takes_back_what_it_referred(console: World) -> None:
    await a_family_and_three_places(console)
    async with visitor(console.settings.console, "referente") as referente:
        (demanded,) = re.findall(
            r'href="/bureau/recu/([^"]+)">Demande', (await referente.get("/bureau")).text
        )
        way = f"/bureau/orienter/{demanded}"
        ticked = places_of(await referente.get(way))
        await referente.post(way, cle=str(uuid4()), places=ticked)
        await until(lambda: console.shelter.messages, "l'orientation arrive au centre")
        await console.settled()
        ours = console.shelter.messages[-1]["orientation"]
        followed = words(await referente.get(f"/bureau/recu/{demanded}"))
        assert "Pas à vous pour l'instant" in followed, "c'est au centre de répondre"
        assert "Ouvrir cette orientation, ou l'annuler" in followed
        assert followed.count("Au tour de ") == 1, "dit une seule fois"
        assert "Orientée par vous, le " in followed
        assert "Dire qu'elle est évaluée" in followed.partition("Autres réponses")[2], "rien d'urgent"
        whom = words(await referente.get(f"/bureau/recu/{ours}"))
        assert "Zoé Fictif couple avec enfant" in whom, "celui qui annule voit qui"
        assert "Ses places redeviennent libres, son destinataire en est prévenu" in whom
        own = await referente.get(f"/bureau/recu/{ours}")
        assert 'href="/bureau/menages" aria-current="page"' in own.text, "comme chaque page de ce ménage"
        assert f'<a href="/bureau/recu/{demanded}">La demande de ce ménage</a>' in own.text
        assert "Ménage Personne 1" in words(own), "et la page dit ce qui y était écrit"
        assert "Annuler l'orientation définitivement Revenir" in whom
        said = {"acte": "orientation.annulee.", "cle": str(uuid4())}
        taken_back = await referente.post(f"/bureau/recu/{ours}/dire", **said)
        assert "Annulée par vous" in words(taken_back)
        free = "Orientation annulée. Rendu : places A-1, A-2 et A-3, Viriat. Orientez ce ménage de nouveau."
        assert "Orientation : annulée. Envoyé à " in words(taken_back)
        assert f"À vous {free}" in words(taken_back), "ce qui est libre, et ce qui reste à faire"
        assert 'href="/bureau/menages" aria-current' in taken_back.text
        sent = words(await referente.get("/bureau/envois"))
        assert sent.count("Aujourd'hui : orientation annulée") == 2, "et non l'état d'alors"
        await until(lambda: console.shelter.of_type("orientation.annulee"), "le centre l'apprend")
        await console.settled()
    async with visitor(
        console.settings.console, await works_at(console.settings.console.issuer, "ccas")
    ) as ccas:
        told = words(await ccas.get(f"/bureau/recu/{demanded}"))
        assert told.count("Où en est la demande") == 1, "l'état d'aujourd'hui, non celui d'avant"
        assert re.search("En attente d'une place le .* Orientée par siao-01, le .* Adressée au SIAO", told)


async def test_a_household_that_the_state_designates_is_referred_from_its_page_and_the_state_is_told(
    console: World,
) -> None:
    await joined(console, mailbox("etat", Famille.ETAT, "etat_json"))
    await console.accepted("centre", vacancy("A-1", dispositif="INSERTION"))
    daho = await designated(console)
    async with visitor(console.settings.console, "referente") as referente:
        page = f"/bureau/recu/{daho.id}"
        assert page in (await referente.get("/bureau")).text
        async with console.database.transaction() as connection:
            named = await subjects_of(connection, [daho.menage], "siao-01")
        assert named == {daho.menage: daho.id}, "une paire de doublons dit qui c'est"
        found = await referente.post("/bureau/menages", nom="fictif", dispositif="INSERTION")
        assert page in found.text, "un ménage que l'État a désigné se retrouve par son nom"
        way = f"/bureau/orienter/{daho.id}"
        assert way in (await referente.get(page)).text
        choice = await referente.get(way)
        assert "Orienter Ana Fictif 1 personne, insertion" in words(choice), "rien n'est à saisir de nouveau"
        ticked = places_of(choice)
        assert len(ticked) == 1
        form: dict[str, Any] = {"cle": str(uuid4()), "places": ticked}
        sent = await referente.post(way, **form)
        assert sent.path == page, words(sent)
        await referente.post(way, **form)  # a second click tells the State nothing more
        await console.settled()
        shown = await referente.get(page)
        assert "Ses orientations Orientation proposée" in words(shown)
        assert "L'orienter aussi ailleurs" in words(shown)
        again = words(await referente.post("/bureau/menages", nom="fictif"))
        assert "1 ménage" in again, "sa désignation et son orientation sont le même ménage"
    (referral,) = await known(console, "orientation")
    (daho,) = await known(console, "daho")
    assert (referral.menage, daho.orientation) == (daho.menage, referral.id), "le même ménage"
    (told,) = await console.collected("etat", 1)
    assert (told["type"], told["daho"]) == ("daho.oriente", "D-17")


async def test_a_state_that_does_not_know_of_a_referral_is_told_of_it_with_one_button(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await joined(console, mailbox("etat", Famille.ETAT, "etat_json"))
    await console.accepted("centre", vacancy("A-1", dispositif="INSERTION"))
    daho = await designated(console)

    def of_no_referral(*asked: Any) -> Said:
        contrat, view = told_the_state(*asked)
        return Said(contrat.model_copy(update={"orientation": uuid4()}), view)

    async with visitor(console.settings.console, "referente") as referente:
        page, way = f"/bureau/recu/{daho.id}", f"/bureau/orienter/{daho.id}"
        monkeypatch.setattr(referring, "told_the_state", of_no_referral)
        ticked = places_of(await referente.get(way))
        await referente.post(way, cle=str(uuid4()), places=ticked)
        await console.settled()
        todo = words(await referente.get("/bureau"))
        assert "1 chose vous attend" in todo, "ce que l'État ne sait pas ; le refus se lisait dans la page"
        sent = words(await referente.get("/bureau/envois"))
        assert "réglé" in sent
        assert "Saisi dans un formulaire du bureau" in sent
        marked = await console.audited("bureau.regler"), len(await console.audited("bureau.refuser"))
        assert marked == ([], 1), "personne n'a rien marqué"
        assert "dire aux services de l'État que ce ménage est orienté" in todo
        assert "Ce ménage est orienté, et les services de l'État ne le savent pas encore" in words(
            await referente.get(page)
        )
        said = {"acte": "daho.oriente.orientation", "cle": str(uuid4())}
        await referente.post(f"{page}/dire", **said)
        await console.settled()
        assert "ne le savent pas" not in words(await referente.get("/bureau")) + words(
            await referente.get(page)
        )
    (referral,) = await known(console, "orientation")
    (daho,) = await known(console, "daho")
    assert daho.orientation == referral.id
    assert [told["type"] for told in await console.collected("etat", 1)] == ["daho.oriente"]


async def test_a_siao_sees_all_of_its_own_in_a_hub_where_others_have_more_than_a_page_shows(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (finding, free_places, unanswered):
        monkeypatch.setattr(module, "SHOWN", 1)
    elsewhere = mailbox(
        "centre-75", Famille.HEBERGEMENT, "hebergement_json", territoire="75", structures=(PARIS,)
    )
    siao = mailbox("siao-75", Famille.SIAO, "si_siao_json", territoire="75")
    await joined(console, siao, elsewhere)
    await console.accepted("centre-75", vacancy("B-1", structure=PARIS, commune="75112"))
    await console.accepted("siao-75", to_structure(PARIS, 4710))
    await console.settled()
    (theirs,) = await console.deliveries("centre-75")
    ours = await console.referred()
    await console.accepted("centre", vacancy("A-1"))
    await console.settled()
    async with visitor(console.settings.console, "referente") as referente:
        free = words(await referente.get("/bureau/places-libres"))
        assert "centre" in free
        assert "centre-75" not in free
        waiting = (await referente.get("/bureau/sans-reponse")).text
        assert ours in waiting
        assert str(theirs.subject) not in waiting


async def test_a_list_that_is_cut_keeps_the_nearest_deadline_and_says_that_there_are_more(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, most in ((unanswered, "SHOWN"), (following, "LISTED"), (tasks, "LISTED")):
        monkeypatch.setattr(module, most, 1)
    old, late = await console.referred(1, "A-1"), await console.referred(2, "A-2")
    await console.settled()
    await console.sql(
        "UPDATE subject SET changed_at = changed_at - interval '30 days' WHERE id = $1", UUID(old)
    )
    await console.sql(
        "UPDATE deadline SET due_at = now() - interval '20 days', next_at = NULL WHERE subject = $1",
        UUID(old),
    )
    async with visitor(console.settings.console, "referente") as referente:
        waiting = await referente.get("/bureau/sans-reponse")
        assert (late in waiting.text, old in waiting.text) == (True, False)
        assert "sont comptés ici ; il peut y en avoir d'autres" in words(waiting)
    async with visitor(console.settings.console, "partenaire") as partenaire:
        first = await partenaire.get("/bureau")
        assert (late in first.text, old in first.text) == (True, False)
        assert "Au moins 1 chose vous attend" in words(first)
    _, owed = await console.get("centre", "/v1/orientations")
    assert ([each["id"] for each in owed["orientations"]], owed["d_autres"]) == ([late], True)


async def test_only_what_lies_in_a_mailbox_is_said_to_lie_there_and_taken_back_before_its_receipt_it_asks_nothing(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await console.accepted("siao-01", to_structure(AUTRE_FINESS, 4711))
    await console.settled()
    (envoi,) = await known(console, "orientation")
    page = f"/bureau/recu/{envoi.id}"
    async with visitor(console.settings.console, "referente") as referente:
        await a_list_reads_only_the_households_that_it_shows(console, referente, monkeypatch)
        rule = r"confirmer la réception avant le [\d/]+ à \d+ h \d+, puis 7 jours ouvrés pour répondre"
        listed = words(await referente.get("/bureau/sans-reponse"))
        assert "confirmer la réception, puis 7 jours ouvrés pour répondre" in listed, "l'heure a sa colonne"
        for path in (f"/bureau/sans-reponse?envoye={envoi.id}", page):
            shown = words(await referente.get(path))
            assert re.search(rule, shown), (
                "qui, jusqu'à quand, et combien de temps ensuite : partout les mêmes mots"
            )
        assert re.search(rf"Au tour de .+? \( ?téléphone [^)]+\) : {rule}\.", shown)
        await accidents.all_deliveries_are(console, "refusee")
        refused = words(await referente.get("/bureau/sans-reponse"))
        assert "confirmer la réception" not in refused
        assert "l'équipe du hub : ce n'est pas encore remis" in refused
        await accidents.all_deliveries_are(console, "deposee")
    sub = await works_at(console.settings.console.issuer, envoi.destinataire)
    async with visitor(console.settings.console, sub) as centre:
        assert "J'ai bien reçu" in words(await centre.get(page))
        await console.accepted("siao-01", cancellation(4711))
        await console.settled()
        taken_back = words(await centre.get(page))
    assert ("Plus rien n'est attendu" in taken_back, "J'ai bien reçu" in taken_back) == (True, False)


async def a_list_reads_only_the_households_that_it_shows(
    console: World, referente: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = len(await console.audited("bureau.lire"))
    await referente.get("/bureau/sans-reponse")
    assert len(await console.audited("bureau.lire")) == reads + 1
    with monkeypatch.context() as cutting:
        cutting.setattr(todo, "LISTED", 0)
        cut = words(await referente.get("/bureau/sans-reponse"))
    assert "0 sur 1 ; les autres ne sont pas sur cette page" in cut
    assert len(await console.audited("bureau.lire")) == reads + 1, "ce qui n'est pas montré n'est pas lu"


async def test_the_115_sees_tonights_places_their_beds_and_whom_to_call_and_no_other_place(
    console: World,
) -> None:
    le_115 = mailbox("le-115", Famille.VEILLE_SOCIALE, "veille_sociale_json")
    await console.apply(Registry.of([*console.registry().partners.values(), le_115]))
    await console.accepted("centre", vacancy("A-1", dispositif="URGENCE", commune="01053", capacite=4))
    await console.accepted("centre", vacancy("A-2", dispositif="INSERTION", commune="01451"))
    await console.settled()
    sub = await works_at(console.settings.console.issuer, "le-115")
    async with visitor(console.settings.console, sub) as hers:
        shown = await hers.get("/bureau/places-libres")
        assert "Places de ce soir 1" in words(shown)
        assert "Bourg-en-Bresse" in shown.text
        assert "Viriat" not in words(shown)
        assert "centre, téléphone à demander à l'équipe du hub" in words(shown), "qui appeler"
        assert "pour 4" in words(shown)
        assert "A-1" not in words(shown), "le numéro de la place reste au centre et au SIAO"
        assert 'href="/bureau/demandes/nouvelle"' in shown.text
        assert "Places de ce soir 0" in words(await hers.post("/bureau/places-libres", lits="5"))
        assert "Aucune place ne convient" in words(await hers.post("/bureau/places-libres", commune="02"))
        assert "Places de ce soir 1" in words(await hers.post("/bureau/places-libres", commune="bourg en"))
        assert (await hers.get("/bureau/sans-reponse")).status == 404
        assert (await hers.get(f"/bureau/orienter/{uuid4()}")).status == 404
    async with visitor(console.settings.console, "partenaire") as centre:
        assert (await centre.get("/bureau/places-libres")).status == 404


async def test_a_vacancy_that_is_not_said_anew_is_marked_for_the_siao_and_the_115_and_never_ticked(
    console: World,
) -> None:
    le_115 = mailbox("le-115", Famille.VEILLE_SOCIALE, "veille_sociale_json")
    await joined(console, le_115, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    await console.accepted("centre", vacancy("A-1", dispositif="URGENCE"))
    await console.accepted("ccas", demand())
    await console.settled()
    sub = await works_at(console.settings.console.issuer, "le-115")
    async with (
        visitor(console.settings.console, "referente") as referente,
        visitor(console.settings.console, sub) as hers,
    ):
        way = f"/bureau/orienter/{await demanded_at_the_desk(referente)}"
        await clock.grow_older(console, "subject", timedelta(days=20))
        ((changed_at,),) = await console.sql("SELECT changed_at FROM subject WHERE nature = 'place'")
        said_on = f"{day_in('01', changed_at):%d/%m/%Y}"
        for worker, page in (
            (hers, "/bureau/places-libres"),
            (referente, "/bureau/places-libres"),
            (referente, way),
        ):
            assert f"périmée : dite libre le {said_on}" in words(await worker.get(page)), page
        assert "Places de ce soir 0" in words(await hers.get("/bureau/places-libres"))
        choice = await referente.get(way)
        assert (places_of(choice), len(places_of(choice, ""))) == ([], 1)
        assert "aucun centre n'a assez de lits libres, places périmées à part" in words(choice)
        await console.accepted("centre", vacancy("A-1", dispositif="URGENCE", capacite=2))
        await console.settled()
        assert len(places_of(await referente.get(way))) == 1
        tonight = words(await hers.get("/bureau/places-libres"))
        assert ("Places de ce soir 1" in tonight, "périmée" in tonight) == (True, False)


async def known(console: World, nature: str) -> list[Any]:
    """The subjects of a kind, as the rules see them."""
    idents = [each.id for each in await console.subjects(nature)]
    async with console.database.transaction() as connection:
        return list((await subjects.read(connection, idents)).values())


async def demanded_at_the_desk(referente: Visitor) -> str:
    """The demand that waits, as its page's address ends."""
    (ident,) = re.findall(r'href="/bureau/recu/([^"]+)">Demande', (await referente.get("/bureau")).text)
    return str(ident)


async def test_a_referral_to_a_place_that_is_not_free_yet_proposes_no_day_before_it_and_is_not_lost(
    console: World,
) -> None:
    free = datetime.now(UTC).date() + timedelta(days=10)
    soon = vacancy("A-1", dispositif="URGENCE") | {"type": "place.vacance-previsible", "libreLe": f"{free}"}
    del soon["capacite"]
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    await console.accepted("centre", soon)
    await console.accepted("ccas", demand())
    await console.settled()
    async with visitor(console.settings.console, "referente") as referente:
        way = f"/bureau/orienter/{await demanded_at_the_desk(referente)}"
        choice = await referente.get(way)
        (proposed,) = re.findall(r'name="presentation_le" value="([^"]*)"', choice.text)
        form: dict[str, Any] = {"cle": str(uuid4()), "places": places_of(choice)}
        early = await referente.post(way, **form, presentation_le=f"{free - timedelta(days=1)}")
        assert early.status == 422
        assert f"une place cochée n'est libre que le {free:%d/%m/%Y}" in words(early).lower()
        assert places_of(early) == form["places"], "le choix est gardé"
        sent = await referente.post(way, **form, presentation_le=proposed)
        assert sent.status == 200
        await console.settled()
    (referral,) = await known(console, "orientation")
    assert referral.presentation_le == free


async def test_a_send_to_several_centres_says_which_have_it_and_is_not_sent_twice_and_the_state_is_told_of_each(
    console: World,
) -> None:
    other = mailbox("refuge", Famille.HEBERGEMENT, "hebergement_json", structures=(REFUGE,), nom="Le Refuge")
    await joined(console, mailbox("etat", Famille.ETAT, "etat_json"), other)
    for code in ("A-1", "A-2"):
        await console.accepted("centre", vacancy(code))
    await console.accepted("refuge", vacancy("R-1", structure=REFUGE))
    daho = await designated(console)
    places = await known(console, "place")
    first, second = (str(each.id) for each in places if each.gestionnaire == "centre")
    (theirs,) = (str(each.id) for each in places if each.gestionnaire == "refuge")
    async with visitor(console.settings.console, "referente") as referente:
        assert (await referente.get(f"/bureau/presenter/{daho.id}")).status == 404, "il s'oriente"
        way, key = f"/bureau/orienter/{daho.id}", str(uuid4())
        await referente.post(way, cle=key, places=[first])
        halfway = await referente.post(way, cle=key, places=[second, theirs])
        assert halfway.status == 422
        assert "Envoyé à Le Refuge. Refusé pour centre : ce formulaire a déjà servi" in words(halfway)
        assert "Rien n'a été envoyé" not in words(halfway)
        assert "Vos coches sont gardées" in words(halfway), "chez qui n'a rien reçu"
        assert f'name="cle" value="{key}"' in halfway.text
        await console.settled()
        told = await console.events("siao-01", "daho.oriente")
        assert len(told) == 2, "l'État, de l'une et de l'autre"
        again = await referente.post(way, cle=key, places=[theirs, first])
        assert again.path != way, "tout est déjà parti"
        await console.settled()
    sent = [each.destinataire for each in await known(console, "orientation")]
    assert sorted(sent) == ["centre", "refuge"], "chacun une fois, où qu'il soit dans le formulaire"
    assert await console.events("siao-01", "daho.oriente") == told


PROTECTED = {
    "id": "M-4",
    "composition": "20",
    "adultes": 1,
    "personnes": [{"nom": NOM, "prenom": "Inès"}],
    "victimeDeViolences": True,
}


async def test_what_a_siao_received_is_not_hidden_behind_places_that_came_since(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    await console.accepted("ccas", demand())
    await console.settled()
    await console.accepted("centre", vacancy("A-1"))
    await console.settled()
    monkeypatch.setattr(reading, "LISTED", 1)
    async with visitor(console.settings.console, "referente") as referente:
        for shown in (
            await referente.get("/bureau/recu"),
            await referente.post("/bureau/recu", nature="demande"),
            await referente.post("/bureau/recu", csv="true"),
        ):
            assert ("adressée au SIAO" in words(shown), "dite vacante" in words(shown)) == (True, False)
        assert '<option value="demande"' in (await referente.post("/bureau/recu", nature="place")).text
        monkeypatch.setattr(sql, "SEARCHED", 1)
        cut = words(await referente.get("/bureau/recu"))
        assert "Rien encore, les places à part" in cut


async def test_two_people_of_one_name_are_told_apart_by_their_births_in_a_search_and_in_a_file(
    console: World,
) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    for number, born in ((1, "1980-01-02"), (2, "1994-05-06")):
        one = demand(demande=f"D-{number}", idEvenement=f"e-{number}")
        person = {"nom": NOM, "prenom": "Paul", "dateNaissance": born}
        await console.accepted(
            "ccas", one | {"menage": one["menage"] | {"id": f"M-{number}", "personnes": [person]}}
        )
    await console.settled()
    async with visitor(console.settings.console, "referente") as referente:
        found = words(await referente.post("/bureau/menages", nom=f"paul {NOM}"))
        listed = (await referente.get("/bureau/recu?csv=true")).text
    for born in ("02/01/1980", "06/05/1994"):
        assert f"Paul {NOM} né(e) le {born}" in found
        assert born in listed


async def test_a_siao_finds_a_household_as_its_name_sounds_and_never_a_protected_one(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_family_and_three_places(console)
    await console.accepted("ccas", demand(idEvenement="ccas-2", demande="D-2", menage=PROTECTED))
    await console.settled()
    async with visitor(console.settings.console, "referente") as referente:
        found = words(await referente.post("/bureau/menages", nom="zoe FIKTIF", apporte_par="ccas"))
        assert "1 ménage" in found
        assert "Zoé Fictif" in found
        assert "couple avec enfant, urgence" in found
        assert "Il peut y en avoir d'autres" not in found
        tasks = words(await referente.get("/bureau"))
        assert "Ana Fictif, Luc Fictif, Zoé Fictif" in tasks
        assert "Inès" not in tasks, "une personne protégée n'est nommée dans aucune liste"
        searched = await referente.post("/recherche", q="zoé")
        assert "Un ménage ? Chercher « zoé » dans Ménages" in words(searched)
        assert 'action="/bureau/menages"' in searched.text
        assert 'name="nom" value="zoé"' in searched.text
        reads = {row.object for row in await console.audited("bureau.lire")}
        for unlike in ({"nom": "Dupond"}, {"composition": "10"}, {"commune": "Lyon"}, {"nom": "Inès"}):
            shown = words(await referente.post("/bureau/menages", **unlike))
            assert "Aucun ménage ne répond à cela" in shown
        assert {row.object for row in await console.audited("bureau.lire")} == reads, "nul autre n'est vu"
        monkeypatch.setattr(finding, "FOUND", 0)
        cut = words(await referente.post("/bureau/menages", nom="Fictif"))
        assert "Il peut y en avoir d'autres" in cut, "une recherche coupée le dit"
    async with visitor(console.settings.console, "partenaire") as partenaire:
        assert (await partenaire.post("/bureau/menages", nom="Zoé")).status == 404


async def test_a_search_that_did_not_compare_all_referrals_says_so_and_does_not_offer_to_add_the_household(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await console.accepted("centre", [vacancy("A-1"), vacancy("A-2")])
    await console.settled()
    for number, place in enumerate(await console.subjects("place"), 1):
        await console.accepted("siao-01", referral(str(place.id), number))
    await console.settled()
    async with visitor(console.settings.console, "referente") as referente:
        unlike = words(await referente.post("/bureau/menages", nom="Dupond"))
        assert "Il peut y en avoir d'autres" not in unlike
        assert ("ajoutez-le" in unlike, "Parmi les ménages arrivés" in unlike) == (True, False)
        with monkeypatch.context() as few:
            few.setattr(finding, "ARRIVED", 0)
            unlike = words(await referente.post("/bureau/menages", nom="Dupond"))
            assert (
                "Parmi les ménages arrivés, seuls les 0 derniers de chaque sorte ont été comparés" in unlike
            )
            assert "ajoutez-le" in unlike, "qui est arrivé il y a longtemps n'empêche pas d'ajouter"
        monkeypatch.setattr(finding, "SHOWN", 1)
        unlike = words(await referente.post("/bureau/menages", nom="Dupond"))
        assert "Il peut y en avoir d'autres" in unlike
        assert "ajoutez-le" not in unlike


async def test_a_siao_enters_a_household_refers_it_and_presents_it_then_takes_both_back(
    console: World,
) -> None:
    await console.accepted("centre", vacancy("A-1", dispositif="URGENCE"))
    await console.settled()
    written: dict[str, Any] = {
        "menage": str(uuid4()), "lignes": "2", "composition": "40", "dispositif": "URGENCE",
        "prenom-1": "Ana", "nom-1": NOM, "age-1": "adulte",
        "prenom-2": "Léo", "nom-2": NOM, "age-2": "enfant",
    }  # fmt: skip
    async with visitor(console.settings.console, "referente") as referente:
        one_more = await referente.post("/bureau/menages/entrer", **written, suite="ligne")
        assert "Personne 3" in words(one_more)
        assert 'value="Léo"' in one_more.text
        alone = await referente.post("/bureau/menages/entrer", **written | {"composition": "10"})
        assert alone.status == 422
        assert "Composition : la composition ne va pas avec le nombre" in words(alone)
        vain = await referente.post(
            "/bureau/menages", nom="Ana Inconnue", ne_le="1990-02-03", dispositif="URGENCE"
        )
        assert 'name="nom-1" value="Ana Inconnue"' in vain.text
        searched = {"suite": "nouveau", "nom-1": "Ana Inconnue", "date_naissance-1": "1990-02-03"}
        new = await referente.post("/bureau/menages/entrer", **searched)
        assert (new.status, 'value="Ana Inconnue"' in new.text, "rien n'est gardé" in words(new)) == (
            200,
            True,
            True,
        )
        counted = {**written, "composition": "", "sexe-1": "F"}
        guessed = await referente.post("/bureau/menages/entrer", **counted, suite="orienter")
        assert "Orienter Ana Fictif 2 personnes" in words(guessed), "femme seule avec enfant : cela se compte"
        unsaid = await referente.post("/bureau/menages/entrer", **counted | {"sexe-1": ""})
        assert "Composition : à remplir" in words(unsaid)
        ageless = await referente.post("/bureau/menages/entrer", **written | {"age-2": ""})
        assert (ageless.status, "cette personne est adulte ou enfant" in words(ageless)) == (422, True)
        newborn = await referente.post(
            "/bureau/menages/entrer", **written | {"lignes": "4", "age-3": "enfant"}, suite="orienter"
        )
        assert "Orienter Ana Fictif 3 personnes" in words(newborn), "sans nom encore, il a sa place"
        choice = await referente.post("/bureau/menages/entrer", **written, suite="orienter")
        assert "Orienter Ana Fictif 2 personnes" in words(choice)
        assert places_of(choice) == [], "un lit ne suffit pas à deux personnes : rien n'est coché"
        nowhere = await referente.post("/bureau/orienter", saisi=held(choice), commune="Lyon")
        assert "Aucune place ne convient" in words(nowhere)
        chosen: dict[str, Any] = {
            "saisi": held(nowhere), "cle": str(uuid4()), "places": places_of(choice, "")
        }  # fmt: skip
        short = await referente.post("/bureau/orienter", **chosen)
        assert (short.status, "Il manque 1 lit : orienter quand même ?" in words(short)) == (422, True)
        sent = await referente.post("/bureau/orienter", **chosen, quand_meme="true")
        assert sent.path == "/bureau/sans-reponse"
        assert "Orientation Ana Fictif, Léo Fictif · " in words(sent), "l'envoi nomme le ménage"
        found = words(await referente.post("/bureau/menages", nom="leo fictif"))
        assert "Ana Fictif, Léo Fictif" in found, "un ménage entré ici se retrouve par son nom"
        whom = await referente.post("/bureau/menages/entrer", **written, suite="presenter")
        said = {"bailleur": SIRET_BAILLEUR, "canal": "DIRECT", "cle": str(uuid4())}
        unnumbered = await referente.post("/bureau/presenter", saisi=held(whom), **said)
        assert "n'examine aucun ménage sans numéro unique" in words(unnumbered)
        said |= {"numero_unique": "1110318016982G1104"}
        listed = await referente.post("/bureau/presenter", saisi=held(unnumbered), **said)
        assert listed.path == "/bureau/sans-reponse"
        assert "Candidature présentée" in words(listed)
        await console.settled()
        candidate = words(await referente.post("/bureau/menages", nom="leo fictif"))
        assert "logement social" in candidate, "une candidature aussi"
        referred = {str(each.id): each for each in await console.subjects("orientation")}
        presented = {str(each.id): each for each in await console.subjects("candidature")}
        assert {each.menage for each in referred.values()} == {each.menage for each in presented.values()}
        for ident in referred:
            await referente.post(f"/bureau/recu/{ident}/dire", acte="orientation.annulee.", cle=str(uuid4()))
        for ident in presented:
            await referente.post(f"/bureau/recu/{ident}/dire", acte="candidature.retiree.", cle=str(uuid4()))
    await until(lambda: console.shelter.of_type("orientation.annulee"), "le centre l'apprend")
    (told,) = console.shelter.of_type("orientation.proposee")
    assert [p["prenom"] for p in told["menage"]["personnes"]] == ["Ana", "Léo"]
    await console.settled()
    assert len(await console.deliveries("bailleur")) == 2, "la candidature, puis son retrait"


async def test_a_siao_registers_a_household_without_referring_it_and_refers_it_from_its_page(
    console: World,
) -> None:
    await console.accepted("centre", vacancy("A-1", dispositif="URGENCE"))
    await console.settled()
    written: dict[str, Any] = {
        "menage": str(uuid4()), "lignes": "1", "dispositif": "URGENCE", "cle": str(uuid4()),
        "prenom-1": "Ana", "nom-1": NOM, "age-1": "adulte", "sexe-1": "F",
    }  # fmt: skip
    async with visitor(console.settings.console, "referente") as referente:
        wrong = await referente.post(
            "/bureau/menages/entrer", **written | {"dispositif": ""}, suite="enregistrer"
        )
        assert (wrong.status, "Dispositif : à remplir" in words(wrong)) == (422, True)
        opened = await referente.post("/bureau/menages/entrer", **written, suite="enregistrer")
        again = await referente.post("/bureau/menages/entrer", **written, suite="enregistrer")
        assert opened.status == 200
        assert again.path == opened.path, "un second clic n'enregistre rien de plus"
        assert "Ana Fictif" in words(opened)
        assert "À vous" in words(opened)
        found = await referente.post("/bureau/menages", nom="ana fictif")
        assert "Ana Fictif" in words(found), "sa demande se retrouve parmi celles qu'on apporte au SIAO"
        (demanded,) = await console.subjects("demande")
        correct = f"/bureau/demandes/{demanded.id}/corriger"
        (seen,) = re.findall(r'name="evenement" value="([^"]+)"', (await referente.get(correct)).text)
        mended = written | {"composition": "20", "telephone": "0612345678", "cle": str(uuid4())}
        corrected = await referente.post(correct, **mended, evenement=seen)
        assert corrected.path == opened.path
        assert "0612345678" in words(corrected), "elle se corrige de sa page"
        evaluate = {"acte": "evaluation.demandee.", "cle": str(uuid4()), "avant_le": "2099-01-01"}
        whom = await referente.post(f"{opened.path}/dire", **evaluate)
        assert (whom.status, "nommez le service" in words(whom)) == (422, True)
        assert await console.events("siao-01", "evaluation.demandee") == [], "rien n'attend en quarantaine"
        choice = await referente.get(f"/bureau/orienter/{demanded.id}")
        assert "Orienter Ana Fictif" in words(choice)
        sent = await referente.post(
            f"/bureau/orienter/{demanded.id}", places=places_of(choice), cle=str(uuid4())
        )
        assert sent.path == f"/bureau/recu/{demanded.id}"
        await console.settled()
        assert "Ana Fictif" in words(await referente.get("/bureau/sans-reponse"))
        for page in ("/bureau", "/bureau/envois", "/bureau/recu"):
            assert (await referente.get(page)).status == 200
    (demanded,) = await console.subjects("demande")
    assert demanded.etat == "ORIENTEE"
    told = [each for each in await console.deliveries("siao-01") if each.subject == demanded.id]
    assert told == [], "un SIAO ne s'écrit pas à lui-même"


def held(shown: Shown) -> str:
    """The household that a page of choices holds, as its form sends it back."""
    return html.unescape(re.findall(r'name="saisi" value="([^"]*)"', shown.text)[0])
