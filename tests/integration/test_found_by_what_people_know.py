"""Where is this place? What became of that referral? Asked with a partner's own words."""

from pathlib import Path

from contracts.envelope import HUB
from ops.finding import sql as finding
from ops.finding.shortened import Short, shortened
from router.domain.roles import Role
from tests.integration import lasting
from tests.integration.desk import COLUMNS, siao_hub
from tests.integration.messages import referral, vacancy
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world


async def test_a_place_is_found_by_its_shelters_name_or_any_id_of_the_hub_and_its_way_is_told_in_order(
    world: World,
) -> None:
    answer = await world.accepted("centre", vacancy("CH-102"))
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    told = await siao_hub(world.settings, "trace", "CH-102")
    assert told.status == 0
    order = [
        "reçu de centre",
        "place.vacante accepté",
        "à livrer à siao-01",
        "livré à siao-01",
        "place disponible",
    ]
    places = [told.text.index(words) for words in order]
    assert places == sorted(places)
    assert told.widest <= COLUMNS
    assert (await siao_hub(world.settings, "trace", "CH-102", "--partner", "centre")).status == 0
    assert (await siao_hub(world.settings, "trace", "CH-102", "--partner", "siao-01")).status == 1
    unknown = await siao_hub(world.settings, "trace", "CH-999")
    assert (unknown.status, "rien n'est connu sous « CH-999 »" in unknown) == (1, True)
    (event,) = await world.events("centre")
    (delivery,) = await world.deliveries("siao-01")
    for ident in (answer["id"], event.id, event.subject, delivery.id):
        assert "livré à siao-01" in await siao_hub(world.settings, "trace", str(ident)), ident


async def test_a_place_is_found_by_its_shelters_name_before_any_of_its_events_is_applied(
    prepared: World,
) -> None:
    await prepared.start(Role.GATEWAY)
    for name in ("CH-102", "6f1c3b52-9d0e-4a7b-8c41-2b7d5e90a1f3"):
        await prepared.accepted("centre", vacancy(name))
        told = await siao_hub(prepared.settings, "trace", name)
        assert (told.status, "place.vacante attend d'être appliqué" in told) == (0, True), name


async def test_without_keys_a_whole_id_leads_to_its_way_and_no_name_of_a_partner_is_said_to_be_unknown_alone(
    world: World,
) -> None:
    answer = await world.accepted("centre", vacancy("123456"))
    await world.settled()
    without = world.settings.model_copy(update={"master_key": None, "master_key_file": Path("absente")})
    told = await siao_hub(without, "trace", answer["id"], "--partner", "siao-01")
    assert f"message {answer['id']}" in told, "quel que soit le partenaire"
    assert "clés du hub" in (await siao_hub(without, "trace", "CH-102")).errors
    keyless = world.settings.model_copy(update={"master_key": None, "hmac_key": None})
    told = await siao_hub(keyless, "trace", "123456")
    assert (told.status, "ne sont cherchés qu'avec les clés du hub" in told) == (1, True)


async def test_a_delivery_that_waits_says_for_whom_why_how_often_and_until_when(world: World) -> None:
    world.siao.status = 500
    await world.accepted("centre", vacancy("CH-102"))
    await until(lambda: len(world.siao.attempts) > 2, "le SIAO est essayé")

    async def told() -> bool:
        text = await siao_hub(world.settings, "trace", "CH-102")
        return "attend siao-01" in text and "500" in text and "essai" in text and ", prochain à" in text

    await until(told, "la cause de l'attente est dite")


async def test_what_came_too_late_says_after_which_version(world: World) -> None:
    await world.accepted("centre", vacancy("CH-102", version=9))
    await world.settled()
    await world.accepted("centre", vacancy("CH-102", version=3))
    await world.settled()
    assert "sans effet : plus ancien, version 3 après 9" in await siao_hub(world.settings, "trace", "CH-102")


async def test_an_id_as_a_list_shortens_it_leads_to_the_same_way(world: World) -> None:
    ident = await world.referred()
    await world.settled()
    for short in (shortened(ident), f"réf. {ident[-6:].upper()}", ident[:8]):
        told = await siao_hub(world.settings, "trace", short)
        assert f"sujet {ident}" in told, short
        assert f"à appeler : {world.registry().partners['centre'].nom}" in told, "c'est son tour"
        assert "cherché : " in told, "un numéro d'un partenaire peut finir de même"
    ((household,),) = await world.sql("SELECT menage FROM subject WHERE id = $1", ident)
    assert f"sujet {ident}" in await siao_hub(world.settings, "trace", f"ménage {shortened(household)}")
    await world.sql("UPDATE event SET source = $1 WHERE subject = $2", HUB, ident)
    idents = [each.id for each in (*await world.events("centre"), *await world.events(HUB))]
    idents += [each.id for each in await world.deliveries("siao-01")]
    idents += [each.id for each in await world.messages()]
    for each in idents:
        told = await siao_hub(world.settings, "find", shortened(each), "--json")
        assert [row["id"] for row in told.rows] == [str(each)]


async def test_a_short_id_of_several_things_lists_them_and_one_of_none_says_what_was_looked_for(
    world: World,
) -> None:
    _, answer = await world.send("centre", vacancy("CH-102"))
    await world.settled()
    for command in ("trace", "find"):
        told = await siao_hub(world.settings, command, answer["id"][:8])
        assert "message accepté, centre" in told, "ce qui vient d'un message commence comme lui"
        assert "livraison livrée, siao-01" in told
        assert answer["id"] in told
        assert told.widest <= COLUMNS
        unknown = await siao_hub(world.settings, command, "ffffffff")
        assert "commence par « ffffffff », parmi les messages" in unknown
        unknown = await siao_hub(world.settings, command, "ffffff")
        assert unknown.status == 1
        assert "orientations dont l'identifiant finit par « ffffff », en cours ou finies depuis le" in unknown
    for each in (await siao_hub(world.settings, "trace", answer["id"][:8], "--json")).content:
        assert (each["titre"].split()[0] in {"message", "événement", "livraison"}, each["etapes"]) == (
            True,
            [],
        )
    first = await siao_hub(world.settings, "find", answer["id"][:8], "--combien", "1")
    assert "les 1 plus récents ; --combien en montre davantage" in first
    listed = (await siao_hub(world.settings, "find", answer["id"][:8], "--combien", "1", "--json")).content
    assert (len(listed["lignes"]), listed["suite"]) == (1, True)
    refused = await siao_hub(world.settings, "find", answer["id"][:8], "--etat", "refuse")
    assert (refused.status, "seuls --partner et" in refused.errors) == (2, True)
    place = await siao_hub(world.settings, "find", "CH-102")
    assert (place.status, "« siao-hub trace » cherche aussi une place" in place) == (1, True)


async def test_a_refused_file_is_found_by_a_part_of_its_name_with_its_error_and_without_that_name(
    world: World,
) -> None:
    for name, commune in (("nuit-09.json", "99999"), ("nuit-10.json", "99999"), ("nuit-11.json", "01004")):
        named = {"Content_Disposition": f'attachment; filename="{name}"'}
        await world.send("centre", vacancy(name, commune=commune), **named)
    both = await siao_hub(world.settings, "find", "nuit-", "--json")
    assert [row["etat"] for row in both.rows] == ["refuse", "refuse"], (
        "d'un fichier accepté, le nom n'est pas gardé"
    )
    (one,) = (await siao_hub(world.settings, "find", "NUIT-09", "--json")).rows
    assert one["id"] == both.rows[1]["id"]
    assert "commune" in one["erreur"]
    shown = await siao_hub(world.settings, "find", "nuit-09")
    assert (one["id"] in shown, "nuit-09" in shown) == (True, False)
    assert "parmi les 500 derniers fichiers" in shown, "un plus ancien peut manquer"


async def test_of_too_many_things_with_one_short_id_the_newest_are_shown(world: World) -> None:
    sent = [(await world.send("centre", vacancy(f"CH-10{number}")))[1]["id"] for number in range(3)]
    await world.settled()
    (first, _), (_, last) = (Short(ident[:8]).ids for ident in (sent[0], sent[2]))
    async with world.database.transaction() as connection:
        every, newest = [
            await finding.between(connection, ["centre"], first, last, "", most) for most in (50, 1)
        ]
    assert len({row.id for row in every if row.kind == "message"}) == 3
    assert newest == every[:1]


async def test_a_message_is_found_by_the_key_under_which_its_sender_sent_it(world: World) -> None:
    _, taken = await world.send("centre", vacancy("CH-102"), key="envoi-7")
    _, refused = await world.send("centre", vacancy("CH-103", commune="99999"), key="envoi-8")
    _, numbered = await world.send("siao-01", referral("CH-102", 12))
    await world.settled()
    for word, answer in (("envoi-7", taken), ("envoi-8", refused), ("m-12", numbered)):
        (found,) = (await siao_hub(world.settings, "trace", "--json", word)).content
        assert found["titre"] == f"message {answer['id']}"
    assert (await siao_hub(world.settings, "trace", "envoi-7", "--partner", "siao-01")).status == 1


async def test_messages_are_found_by_partner_state_type_and_literal_words_of_their_error_and_shown_with_whole_ids(
    world: World,
) -> None:
    await world.accepted("centre", vacancy("CH-102"))
    await world.send("centre", vacancy("CH-103", commune="99999"))
    await world.settled()
    ask = ("find", "--json", "--partner", "centre")
    rows = (await siao_hub(world.settings, *ask)).rows
    assert {row["genre"] for row in rows} == {"message", "quarantaine"}
    assert len(rows) == 3
    (row,) = (await siao_hub(world.settings, *ask, "--etat", "refuse")).rows
    assert row["etat"] == "refuse"
    limited = await siao_hub(world.settings, "find", "--partner", "centre", "--etat", "refuse")
    assert "de chaque partenaire et les 20\u202f000 entrées de quarantaine les plus récentes" in limited
    by_words = (await siao_hub(world.settings, *ask, "--erreur", "commune")).rows
    assert {r["genre"] for r in by_words} == {"message", "quarantaine"}
    assert (await siao_hub(world.settings, *ask, "--erreur", "c%mmune")).rows == []
    by_type = (await siao_hub(world.settings, "find", "--json", "--type", "place.vacante")).rows
    assert {r["genre"] for r in by_type} == {"message", "livraison"}
    nothing = await siao_hub(world.settings, *ask, "--jusqu-a", "2020-01-01T00:00")
    assert nothing.status == 1
    shown = await siao_hub(world.settings, "find", "--depuis", "24h")
    assert "fuseau : heure de Paris" in shown, "celui du territoire, où que soit la machine"
    shown = await siao_hub(world.settings, "find")
    assert [message.id for message in await world.messages() if str(message.id) not in shown.text] == []
    assert shown.widest <= COLUMNS
