"""Whatever waits is told, with its cause, and whoever is on duty can do something about it."""

from datetime import timedelta
from uuid import UUID, uuid4

from ops.tasks import deciding as tasks
from tests.integration import clock, lasting
from tests.integration.desk import COLUMNS, siao_hub
from tests.integration.messages import NOM, referral, to_structure, vacancy
from tests.integration.test_mailbox import OWNER, referred_to_the_mailbox
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world


async def waiting(world: World, partner: str | None = None) -> list[str]:
    """The states of what somebody has to look after."""
    return [row.etat for row in await tasks.waiting(world.database, partner and [partner], 10)]


async def test_what_lies_in_a_mailbox_is_listed_with_all_that_waits_and_once_it_is_late_with_its_cause(
    world: World,
) -> None:
    await referred_to_the_mailbox(world)
    await world.settled()  # what is in flight would be late, too
    assert await waiting(world) == []
    everything = await siao_hub(world.settings, "deliveries", "list", "--tout", "--json")
    assert [(row["partenaire"], row["etat"]) for row in everything.rows] == [(OWNER, "deposee")]
    await clock.pass_time(world, timedelta(hours=5))
    assert await waiting(world) == ["deposee"]
    polled = "SELECT FROM contact WHERE partner = $1 AND polled_at IS NOT NULL"
    await until(lambda: world.sql(polled, OWNER), "un battement a noté que la boîte est relevée")
    listed = await siao_hub(world.settings, "deliveries", "list")
    assert "orientation.proposee → centre-boite" in listed
    assert "dans sa boîte (boîte relevée il y a" in listed
    assert listed.widest <= COLUMNS


async def test_what_a_partner_has_refused_is_found_with_what_it_said_masked_until_somebody_says_why(
    world: World,
) -> None:
    world.shelter.status, world.shelter.reply = 422, {"erreur": f"{NOM} est inconnue"}
    place = await world.known_place()
    await world.accepted("siao-01", referral(place))
    await until(lambda: waiting(world), "le refus est une tâche")
    (task,) = await tasks.waiting(world.database, ["centre"], 10)
    masked = await siao_hub(world.settings, "deliveries", "reply", str(task.id))
    assert "erreur" in masked
    assert NOM not in masked.text
    clear = await siao_hub(world.settings, "deliveries", "reply", str(task.id), "--motif", "appel du centre")
    assert NOM in clear.text
    (seen,) = await world.audited("octets.lire")
    assert (seen.actor, seen.object) == ("cli:astreinte", str(task.id))
    assert "appel du centre" in seen.detail
    assert NOM.encode() not in await world.everything()


async def test_of_a_refusal_without_a_word_the_refusal_is_said_and_of_an_unknown_delivery_that_it_is_unknown(
    world: World,
) -> None:
    world.shelter.status = 422
    await world.accepted("siao-01", referral(await world.known_place()))
    await until(lambda: waiting(world), "le refus est une tâche")
    (task,) = await tasks.waiting(world.database, ["centre"], 10)
    answer = await siao_hub(world.settings, "deliveries", "reply", str(task.id))
    assert "HTTP 422" in answer.errors
    unknown = await siao_hub(world.settings, "deliveries", "reply", str(uuid4()))
    assert "aucune livraison n'a cet identifiant" in unknown.errors


async def test_the_sender_of_what_cannot_be_read_is_told_under_which_id_it_is_kept(door: World) -> None:
    for body, status in ((b"{", 400), (vacancy(commune="99999"), 422)):
        answered, problem = await door.send("centre", body)
        assert answered == status
        assert str((await door.message(problem["id"])).id) == problem["id"]


async def test_a_trial_keeps_nothing_and_names_nothing(door: World) -> None:
    _, problem = await door.send("centre", vacancy(commune="99999"), query="?essai=true")
    assert "id" not in problem
    assert await door.messages() == []


async def test_a_group_of_the_quarantine_lists_its_members_and_shows_their_bytes_masked(door: World) -> None:
    for place in ("A-1", "A-2"):
        await door.send("centre", vacancy(place, commune="99999", commentaire=NOM))
    groups = await siao_hub(door.settings, "quarantine", "list", "--json")
    (group,) = groups.rows
    assert group["nombre"] == 2
    members = await siao_hub(door.settings, "quarantine", "list", "--cause", group["cause"], "--json")
    entries = [UUID(row["id"]) for row in members.rows]
    assert len(entries) == 2
    shown = await siao_hub(door.settings, "quarantine", "bytes", str(entries[0]))
    assert '"commune"' in shown
    assert NOM not in shown.text
    clear = await siao_hub(door.settings, "quarantine", "bytes", str(entries[0]), "--motif", "diagnostic")
    assert NOM in clear.text
    assert [row.object for row in await door.audited("octets.lire")] == [str(entries[0])]


async def test_a_referral_to_a_structure_that_nobody_has_says_so_and_its_replay_comes_back_once_it_is_done(
    world: World,
) -> None:
    """Which structure is shown with a reason alone. The replay waits for its job also without a terminal."""
    await world.accepted("siao-01", to_structure("010000040", 1))
    (entry,) = await until(lambda: world.quarantined("ouverte"), "l'orientation est en quarantaine")
    assert "aucun partenaire du registre ne gère la structure" in entry.fingerprint
    shown = await siao_hub(world.settings, "quarantine", "bytes", str(entry.id))
    assert "010000040" not in shown
    shown = await siao_hub(world.settings, "quarantine", "bytes", str(entry.id), "--motif", "au registre")
    assert "010000040" in shown

    replayed = await siao_hub(
        world.settings, "quarantine", "replay", "--cause", "Unroutable", "--motif", "registre corrigé"
    )
    assert "1 faite (rendu au bus : 1)" in replayed
    nothing = await siao_hub(world.settings, "quarantine", "replay", "--cause", "rien", "--motif", "essai")
    assert (nothing.status, "aucune entrée" in nothing) == (1, True)


async def test_what_was_refused_before_a_resend_is_told_of_afterwards(world: World) -> None:
    world.siao.status = 422
    await world.accepted("centre", vacancy("CH-102"))
    await until(lambda: waiting(world), "le refus est une tâche")
    (task,) = await tasks.waiting(world.database, ["siao-01"], 10)
    world.siao.status = 204
    await tasks.send_again(world.database, task.id, "cli:astreinte", "corrigé chez eux")
    await until(lambda: world.siao.messages, "le renvoi arrive")
    await world.settled()
    told = await siao_hub(world.settings, "trace", "CH-102")
    assert "cli:astreinte, livraison renvoyée : corrigé chez eux (avant : refusée par le partenaire" in told
    assert "422" in told
    assert "livré à siao-01, 2 essais" in told
