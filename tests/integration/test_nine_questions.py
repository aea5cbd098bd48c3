"""Nine questions of a night on duty, each answered by one command that the manual names."""

import re
import socket
from datetime import time, timedelta
from pathlib import Path

from contracts.rythme import Jour, Rythme
from deploy.local.ports import reserved_ports
from router.domain.roles import AT_WORK, Role
from router.settings import KafkaSettings
from tests.integration import clock, lasting
from tests.integration.desk import ROOT, Output, siao_hub
from tests.integration.messages import vacancy
from tests.integration.registry import key_of
from tests.integration.seen import role_dies
from tests.integration.test_mailbox import referred_to_the_mailbox
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, prepared, world = lasting.door, lasting.prepared, lasting.world

MANUAL = (ROOT / Path("docs/exploitation.md")).read_text(encoding="utf-8")


async def asked(world: World, *command: str, stdin: str = "") -> Output:
    """The answer to a command that stands in the manual."""
    words = " ".join(("siao-hub", *command))
    assert f"`{words}`" in MANUAL, f"le manuel ne nomme pas « {words} »"
    return await siao_hub(world.settings, *command, stdin=stdin)


async def test_who_is_down_how_much_waits_and_what_died(prepared: World) -> None:
    await prepared.start(*AT_WORK)
    prepared.siao.status = 503
    for number in range(6):
        await prepared.accepted("centre", vacancy(f"A-{number}"))

    async def are_owed() -> bool:
        return len(await prepared.deliveries("siao-01")) == 6

    await until(are_owed, "les six sont à livrer")

    async def told() -> bool:
        return "siao-01 est injoignable" in await asked(prepared, "status")

    await until(told, "la panne est dite")
    answer = await asked(prepared, "status")
    (line,) = [line for line in answer.text.splitlines() if line.startswith("siao-01 ")]
    assert line.split()[1] == "injoignable"
    assert " 6 " in line
    assert answer.status == 1

    await role_dies(prepared, Role.DISPATCHER, timedelta(minutes=4))
    answer = await asked(prepared, "status")
    assert "ne livre pas à qui que ce soit" in answer.text.splitlines()[0]
    assert "« dispatcher » : muet" in answer
    assert answer.status == 2


async def test_who_refused_what_and_why(world: World) -> None:
    world.siao.status = 422
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.attempts, "le SIAO refuse")
    await world.settled()
    answer = await asked(world, "find", "--etat", "refusee")
    assert "livraison refusée par le partenaire, siao-01, place.vacante" in answer
    assert "422" in answer


async def test_why_this_401(prepared: World) -> None:
    answer = await asked(prepared, "partners", "key", stdin=f"{key_of('centre')}\n")
    assert "clé de « centre »" in answer


async def test_what_is_in_quarantine_and_how_to_mend_it(door: World) -> None:
    await door.send("centre", vacancy(commune="99999"))
    answer = await asked(door, "quarantine", "list")
    assert "1 × code commune invalide, de centre" in answer
    assert "quarantine correct" in answer


async def test_whether_kafka_is_away_or_frozen(prepared: World) -> None:
    with reserved_ports(1) as (port,):
        kafka = KafkaSettings(bootstrap=f"127.0.0.1:{port}")
        prepared.settings = prepared.settings.model_copy(update={"kafka": kafka})
        assert "Kafka est absent" in await asked(prepared, "status")
        with socket.create_server(("127.0.0.1", port)):  # as the kernel takes connections for a frozen broker
            assert "Kafka est gelé" in await asked(prepared, "status")


async def test_where_is_this_place(world: World) -> None:
    await world.accepted("centre", vacancy("CH-102"))
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    answer = await asked(world, "trace", "CH-102")
    assert "place disponible, chez centre" in answer


async def test_what_is_unanswered(world: World) -> None:
    await world.referred()
    await world.settled()
    answer = await asked(world, "status")
    assert "Attendent une réponse de" in answer
    (line,) = [line for line in answer.text.splitlines() if "proposée" in line]
    assert re.match(r"centre +proposée, sans réponse +1 ", line)
    await referred_to_the_mailbox(world)  # lies there: no delay of the centre runs
    assert "1 envoi n'est pas encore remis" in await siao_hub(world.settings, "loops")


async def test_who_has_gone_silent(world: World) -> None:
    await world.apply(
        world.registry(centre={"rythme": Rythme(jours=tuple(Jour), avant=(time(1),), feries=True)})
    )
    await world.known_place("A-101")
    assert "centre n'a rien dit" not in await asked(world, "status")
    await world.stop()
    await clock.pass_time(world, timedelta(days=3))
    await world.start()

    async def told() -> bool:
        return "centre n'a rien dit" in await asked(world, "status")

    await until(told, "son silence est dit")


async def test_how_many_a_minute(door: World) -> None:
    for number in range(10):
        await door.accepted("centre", vacancy(f"A-{number}"))
    assert "2,0 messages reçus" in await asked(door, "status")
