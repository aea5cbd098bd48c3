"""Which partner is down, how much waits, since when: asked of a hub at work."""

from datetime import UTC, datetime, timedelta, tzinfo
from uuid import UUID, uuid4

import pytest

from console.live import Looks
from ops.alarms import sql as alarms
from ops.alarms import watch
from ops.alarms.configured import rules
from ops.status import vitals as ops
from ops.status.findings import Code, Level
from ops.status.gauges import Gauges
from ops.status.lost import loss_of
from ops.status.piles import take_sample, trend_of
from ops.status.verdict import verdict
from ops.tasks import deciding as tasks
from router.domain.correspondents import Contact
from router.domain.roles import AT_WORK, Role
from router.domain.vitals import COUNTED_EVERY, Answer, CountedSince, Etape, LastCount
from router.intake.draft import refused_message
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.store import orphans, quarantine
from tests.integration import accidents, clock, lasting
from tests.integration.messages import referral, to_structure, vacancy
from tests.integration.seen import correspondent, judged, role_dies, seen, vitals
from tests.integration.test_mailbox import OWNER, referred_to_the_mailbox
from tests.integration.triggers import FullDisk
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, prepared, world = lasting.door, lasting.prepared, lasting.world


class Fast(datetime):
    """The clock of a machine that is five minutes fast."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Fast":
        return super().now(tz) + timedelta(minutes=5)


async def test_every_role_of_every_process_says_that_it_lives_whatever_the_clock_and_one_that_ends_takes_its_leave(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepared.start(*AT_WORK)
    found = await vitals(prepared)
    assert (found.base, found.bus) == (Answer.OK, Answer.OK)
    assert {beat.role for beat in found.beats} == set(AT_WORK)
    assert all(beat.version and beat.pid and beat.host for beat in found.beats)

    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(ops, "datetime", Fast)
        told = verdict(await vitals(prepared), Fast.now(UTC))
    assert (told.accepts, told.applies, told.delivers) == (True, True, True)
    assert not {Code.ROLE_MUET, Code.PROCESSUS_MUET} & {each.code for each in told.findings}

    await prepared.stop()
    assert (await vitals(prepared)).beats == ()
    assert (await judged(prepared)).accepts is False


async def test_a_full_disk_of_postgresql_is_told_by_whoever_was_refused_a_write_and_by_its_heartbeat(
    prepared: World,
) -> None:
    """By a hub of its own, which remembers its disk as full for minutes."""
    world = prepared
    await world.start()
    assert world.hub is not None
    disk = FullDisk(world, "INSERT", "inbox")
    await disk.fills()
    status, _ = await world.send("centre", vacancy())
    await disk.is_mended()
    assert status == 503
    told_here = verdict(await ops.vitals(world.hub.database, world.settings), datetime.now(UTC))
    assert [each.code for each in told_here.findings] == [Code.BASE]
    assert await world.hub.database.answers(), "la porte se dit prête dès que le serveur l'est"
    world.hub.heart.wake.set()

    async def is_told_by_its_heartbeat() -> bool:
        return Code.ROLE_ATTEND in {each.code for each in await seen(world)}

    await until(is_told_by_its_heartbeat, "un autre processus le sait par le battement de la porte")


@pytest.mark.parametrize("lasts_s", [36, 120], ids=["too short for an alarm", "long enough"])
async def test_a_killed_role_is_missed_since_its_last_beat_and_a_count_made_before_is_not_green_when_it_is_back(
    prepared: World, monkeypatch: pytest.MonkeyPatch, lasts_s: int
) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(watch, "QUIET_SECONDS", 0.1)
    await prepared.start(*AT_WORK)
    await role_dies(prepared, Role.WORKER, timedelta(seconds=lasts_s))
    found = await judged(prepared)
    assert (found.level, found.accepts, found.applies) == (Level.EN_PANNE, True, False)
    broken = [(each.code, each.about) for each in found.findings if each.level is Level.EN_PANNE]
    assert broken == [(Code.ROLE_MUET, "worker")]

    async def seen() -> bool:
        return f"{Code.ROLE_MUET} {Role.WORKER}" in (await vitals(prepared)).began

    await until(seen, "la panne est vue")
    assert prepared.hub is not None
    prepared.hub.heart.begins(AT_WORK)

    async def over() -> bool:
        assert prepared.hub is not None
        prepared.hub.heart.wake.set()
        return not await seen() and (await judged(prepared)).level is not Level.EN_PANNE

    await until(over, "la panne est finie, et son alerte")
    broke_at, now = (await judged(prepared)).broke_at, datetime.now(UTC)
    assert broke_at is not None
    just_before = broke_at - timedelta(seconds=1)
    counts = [LastCount(at - COUNTED_EVERY, at, 0) for at in (just_before, now)]
    assert [loss_of(count, now, broke_at).tone for count in counts] == ["inconnu", "green"]


async def test_a_partner_that_is_down_is_named_with_cause_and_next_try_and_is_up_again_afterwards(
    world: World,
) -> None:
    world.siao.status = 500
    for n in range(6):
        await world.accepted("centre", vacancy(f"A-{n}"))

    async def is_(contact: Contact) -> bool:
        return (await correspondent(world, "siao-01")).contact is contact

    async def six_wait() -> bool:
        return len(await world.deliveries("siao-01")) == 6

    await until(six_wait, "six livraisons attendent")
    await until(lambda: is_(Contact.INJOIGNABLE), "le SIAO est dit injoignable")
    down = await correspondent(world, "siao-01")
    assert "500" in str(down.cause)
    assert (down.since, down.next_try) != (None, None)
    assert (down.waiting.number, down.failures >= 5) == (6, True)
    assert down.waiting.oldest is not None
    world.siao.status = 204
    await until(lambda: is_(Contact.JOIGNABLE), "le SIAO est dit joignable")
    await world.settled()
    assert (await correspondent(world, "siao-01")).waiting.number == 0


async def test_a_401_is_told_as_access_that_is_refused(world: World) -> None:
    world.siao.status = 401
    await world.accepted("centre", vacancy())

    async def told() -> bool:
        return (await correspondent(world, "siao-01")).contact is Contact.ACCES_REFUSE

    await until(told, "le refus d'accès est dit")
    assert "401" in str((await correspondent(world, "siao-01")).cause)


async def test_what_lies_in_a_mailbox_is_told_once_nobody_comes_for_it(world: World) -> None:
    await referred_to_the_mailbox(world)
    owner = await correspondent(world, OWNER)
    assert owner.in_box.number == 1
    assert Code.BOITE not in {f.code for f in (await judged(world)).findings}
    await clock.pass_time(world, timedelta(hours=5))
    assert Code.BOITE in {f.code for f in (await judged(world)).findings}

    async def polled() -> bool:
        await world.get(OWNER, "/v1/boite")
        return (await correspondent(world, OWNER)).last_poll is not None

    assert world.hub is not None
    world.hub.heart.wake.set()
    await until(polled, "la relève est notée")
    assert (await correspondent(world, OWNER)).contact is Contact.JOIGNABLE


async def test_what_waits_is_counted_by_stage_with_the_oldest(door: World) -> None:
    for n in range(3):
        await door.accepted("centre", vacancy(f"A-{n}"))
    pile = (await vitals(door)).pile(Etape.A_APPLIQUER)
    assert (pile.number, pile.capped) == (3, False)
    assert pile.oldest is not None
    assert (await correspondent(door, "centre")).messages_5_min == 3


async def test_growth_is_told_since_the_moment_of_a_sample_that_is_at_most_ten_minutes_old(
    door: World,
) -> None:
    async def grows() -> CountedSince | None:
        return (await vitals(door)).pile(Etape.A_APPLIQUER).growth

    async with door.database.statement() as connection:
        await take_sample(connection, await vitals(door))
    await door.accepted("centre", vacancy("A-1"))
    assert await grows() is None, "une mesure qui vient d'être prise ne dit rien"
    await clock.grow_older(door, "backlog_sample", timedelta(minutes=5))
    (growth,) = filter(None, [await grows()])
    assert growth.number == 1
    assert timedelta(minutes=5) <= datetime.now(UTC) - growth.since < timedelta(minutes=10)
    await clock.grow_older(door, "backlog_sample", timedelta(minutes=6))
    old = (await vitals(door)).pile(Etape.A_APPLIQUER)
    assert (old.growth, old.left) == (None, None), "plus rien ne mesure depuis onze minutes"
    assert "plus mesurée depuis" in trend_of(old, datetime.now(UTC))


async def test_who_owes_an_answer_is_named_with_how_many_and_since_when(world: World) -> None:
    referral = await world.referred()
    await world.settled()
    (owed,) = (await vitals(world)).unanswered
    assert (owed.longest, owed.longest_since, owed.longest_unproven) == (UUID(referral), owed.since, False)
    assert (owed.recipient, owed.etat, owed.number, owed.unproven) == ("centre", "PROPOSEE", 1, 0)
    assert owed.overdue == 0
    assert owed.deadline is not None
    assert owed.deadline > owed.since, "il a jusque-là pour répondre"
    await clock.subjects_are_older(world, timedelta(days=2))
    for _ in range(2):  # before the deadline is told, and after
        (owed,) = (await vitals(world)).unanswered
        assert (owed.overdue, owed.deadline) == (1, owed.overdue_since)
        await world.settled()


async def test_who_is_to_receive_a_referral_has_the_hour_of_its_receipt(world: World) -> None:
    await world.referred()
    await world.settled()
    await world.sql("DELETE FROM deadline WHERE kind <> (SELECT min(kind) FROM deadline)")
    await world.sql("UPDATE deadline SET kind = 'REMISE'")
    (owed,) = (await vitals(world)).unanswered
    assert owed.deadline is not None
    await world.sql("UPDATE deadline SET due_at = now() - interval '1 second', next_at = NULL")
    (owed,) = (await vitals(world)).unanswered
    assert (owed.past, owed.overdue) == (1, 0), "passée, et ce n'est pas au centre de répondre"


async def test_the_nearest_deadline_stands_first_and_speaks_for_those_that_wait_beside_it(
    world: World,
) -> None:
    for n in (1, 2):
        await world.referred(n, f"A-10{n}")
    await world.settled()
    (owed,) = (await vitals(world)).unanswered
    await world.sql(
        "UPDATE deadline SET (due_at, next_at) = (now() + interval '5 minutes', now() + interval '5 minutes')"
        " WHERE subject <> $1",
        owed.longest,
    )
    (soon,) = (await vitals(world)).unanswered
    assert (soon.number, soon.longest == owed.longest, soon.past) == (2, False, 0)
    await world.sql("UPDATE subject SET etat = 'ACCUSEE' WHERE id = $1", soon.longest)
    assert [each.longest for each in (await vitals(world)).unanswered] == [soon.longest, owed.longest]


async def test_a_referral_that_its_recipient_refused_waits_for_our_decision_until_it_is_sent_again(
    world: World,
) -> None:
    place = await world.known_place("A-101")
    world.shelter.status = 422
    status, body = await world.send("siao-01", referral(place, 4711))
    assert status == 202, body
    await until(lambda: world.shelter.attempts, "le centre est essayé")
    await world.settled()
    (owed,) = (await vitals(world)).unanswered
    assert (owed.number, owed.unproven, owed.refused, owed.longest_refused) == (1, 1, 1, True)
    await world.sql("UPDATE delivery SET created_at = created_at - interval '1 hour' WHERE etat = 'refusee'")
    refused = (await correspondent(world, "centre")).refused
    (when,) = await world.sql("SELECT settled_at FROM delivery WHERE etat = 'refusee'")
    assert (refused.number, refused.oldest) == (1, when["settled_at"])
    world.shelter.status = 204
    (task,) = await tasks.waiting(world.database, ["centre"], limit=10)
    assert await tasks.send_again(world.database, task.id, "cli:astreinte", "corrigé chez eux")
    await until(lambda: world.shelter.messages, "le centre reçoit")
    await world.settled()
    (owed,) = (await vitals(world)).unanswered
    assert (owed.unproven, owed.refused, owed.longest_refused) == (0, 0, False)


async def test_what_waits_for_a_decision_is_told_of_each_partner_however_much_of_others_is_older(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ops, "COUNTED", 2)
    place = await world.known_place()
    world.siao.status = world.shelter.status = 422
    for n in range(3):
        assert (await world.send("centre", vacancy(f"A-{n}", commune="nulle part")))[0] == 422
        await world.accepted("centre", vacancy(f"B-{n}"))
    await world.settled()
    await world.accepted("siao-01", to_structure("010000040", 1))
    await world.accepted("siao-01", referral(place, 4712))
    for number, partner in ((3, "centre"), (1, "siao-01")):
        async with world.database.transaction() as connection:
            answers = [orphans.Orphan(uuid4(), partner, "SUJET_INCONNU") for _ in range(number)]
            await orphans.keep(connection, answers)

    async def all_wait() -> bool:
        return len(await world.quarantined("ouverte")) == 4 and await world.etats("centre") == ["refusee"]

    await until(all_wait, "tout attend une décision")
    found = await vitals(world)
    for held in (found.quarantine, found.orphans):
        assert {each.partner: each.number for each in held} == {"centre": 2, "siao-01": 1}
    refused = {each.id: each.refused.number for each in found.partners}
    assert (refused["siao-01"], refused["centre"]) == (2, 1)
    assert [each.longest_refused for each in found.unanswered] == [True]


async def test_a_message_refused_for_several_causes_counts_under_each_of_them(door: World) -> None:
    foreign = {"structure": "010000032"}
    for n, fault in enumerate((foreign, {"commune": "nulle part"}, {"commune": "nulle part"})):
        status, _ = await door.send("centre", [vacancy(f"A-{n}", **foreign), vacancy(f"B-{n}", **fault)])
        assert status == 422
    (held,) = (await vitals(door)).quarantine
    assert (held.cause, held.number, dict(held.also)) == (
        "structure_etrangere",
        3,
        {"code_commune_invalide": 2},
    )
    async with door.database.transaction() as connection:
        (group,) = await quarantine.grouped(connection, 10)
    assert (group.nombre, group.aussi) == (3, {"code_commune_invalide": 2})
    (found,) = (each for each in (await judged(door)).findings if each.about == "centre")
    assert "structure étrangère (3 fois), code commune invalide (2 fois)" in found.whole


async def test_a_run_of_refused_messages_begins_after_the_last_accepted_one(door: World) -> None:
    wrong = [vacancy("A", structure="010000032")]
    assert (await door.send("centre", wrong))[0] == 422
    assert (await door.send("centre", [vacancy("B")]))[0] == 202
    (held,) = (await vitals(door)).quarantine
    assert held.run_since is None, "un message accepté la termine"
    again = datetime.now(UTC)
    for _ in range(2):
        assert (await door.send("centre", [*wrong, vacancy("C", structure="010000032")]))[0] == 422
    (held,) = (await vitals(door)).quarantine
    assert held.run_since is not None
    assert held.since < again <= held.run_since <= held.latest


async def test_the_title_of_a_column_is_no_cause_of_a_refused_message(door: World) -> None:
    fields = [
        ("champ_absent", "N° de demande"),
        ("date_illisible", "Né(e) le"),
        ("date_illisible", "Arrivée le"),
    ]
    rejections = [{"code": code, "champ": field} for code, field in fields]
    async with door.database.transaction() as connection:
        for ident in (uuid4(), uuid4()):
            refused = refused_message(ident, "siao-01", "demandes_csv", rejections)
            await quarantine.keep_messages(connection, [refused])
        (group,) = await quarantine.grouped(connection, 10)
    (held,) = (await vitals(door)).quarantine
    assert dict(held.also) == group.aussi == {"date_illisible": 2}


async def test_why_rows_of_a_file_were_refused_is_told_although_the_file_was_accepted(door: World) -> None:
    for n in range(2):
        rows = [
            vacancy(f"A-{n}"),
            vacancy(f"B-{n}", structure="010000032"),
            vacancy(f"C-{n}", commune="nulle part"),
        ]
        status, _ = await door.send("centre", rows[: 2 + n])
        assert status == 202
    (found,) = (each for each in (await judged(door)).findings if each.about == "centre")
    assert found.whole.endswith("(3 lignes refusées) : structure étrangère (2 fois), code commune invalide")


async def test_why_rows_were_refused_is_told_of_the_newest_three_files_only(door: World) -> None:
    for n, fault in enumerate(({"commune": "nulle part"}, *[{"structure": "010000032"}] * 3)):
        status, _ = await door.send("centre", [vacancy(f"A-{n}"), vacancy(f"B-{n}", **fault)])
        assert status == 202
    assert (await correspondent(door, "centre")).partial_causes == (("structure_etrangere", 3),)
    (found,) = (each for each in (await judged(door)).findings if each.about == "centre")
    assert found.whole.endswith("structure étrangère (3 fois), d'autres causes peut-être")


async def test_an_unreadable_registry_entry_hides_no_alarm_nor_the_state_of_the_hub_from_the_console(
    door: World,
) -> None:
    assert door.hub is not None
    registry, lease = door.hub.registry, Lease(door.database, "scheduler", uuid4(), 3600.0)
    assert await lease.take()
    await accidents.entry_is_unreadable(door, "centre")
    parts = Gauges(lambda: datetime.now(UTC)), rules(), (), None, lambda: datetime.now(UTC), WakeUp()
    looking = watch.Watch(door.database, door.settings, lease, lambda: registry, *parts)
    await looking.look()
    async with door.database.statement() as connection:
        told = {alarm.code for alarm in await alarms.known(connection)}
    assert Code.ROLE_MUET in told, "rien que la porte n'est au travail"

    looks = Looks(door.database, door.settings, lambda: registry)
    facts = (await looks.newest()).facts
    assert "centre" in {each.id for each in facts.partners}
    assert (await looks.day()).hours > 0
