"""Every command that changes something is in the audit with who gave it; every other changes and reveals nothing."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from typer.main import get_command

from connectors.secrets import FOLDER_VARIABLE
from contracts.errors import RecordRange
from contracts.partner import Famille
from deploy.local.ports import reserved_ports
from ops.commands.main import app
from ops.person.asking import ask as ask_for_a_right
from ops.person.rights import Droit
from ops.replay.orders import ask
from ops.terminal.printing import moment_of
from router.domain.halts import ATTEMPTS
from router.domain.roles import Role
from router.privacy.key_files import create_key
from router.process.topics_admin import ensure_topics
from router.settings import AlarmSettings, ConsoleSettings
from router.store import halts, jobs
from tests.integration import accidents, lasting
from tests.integration.desk import ROOT, siao_hub
from tests.integration.messages import NOM, vacancy
from tests.integration.orphaned import an_exit_that_cites_its_place
from tests.integration.owed import an_uncertain_referral, shelter_may_be_asked
from tests.integration.quarantined import entry, refused
from tests.integration.test_duplicates import CCAS, MARAUDE, asked, household, pairs
from tests.integration.test_families import joined, mailbox
from tests.integration.test_importing import export
from tests.integration.test_mergers import MERGING, SIRET, THIRD, siaos_that_merge
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, prepared, world = lasting.door, lasting.prepared, lasting.world
WHY = ("--motif", "essai")
OPERATOR = "cli:astreinte"
Arguments = list[str]
Given = Callable[[World, Path], Awaitable[Arguments]]
"""Brings a hub into a state in which a command has something to do; the command's arguments."""


async def a_paused_source(world: World, _: Path) -> Arguments:
    async with world.database.transaction() as connection:
        for _attempt in range(ATTEMPTS):
            await halts.note(connection, "centre", RecordRange("evenements", 0, 3, 5), "lot trop gros")
    return ["centre", "--offset", "5", *WHY]


async def a_registry(world: World, _: Path) -> Arguments:
    return [str(ROOT / "deploy" / "partners.exemple.toml"), "--oui"]


async def empty_tables(world: World, _: Path) -> Arguments:
    await accidents.all_tables_are_gone(world)
    return []


async def a_refused_message(world: World, _: Path) -> Arguments:
    await refused(world, 1)
    return [str(await entry(world)), *WHY]


async def a_replay_to_ask_for(world: World, folder: Path) -> Arguments:
    return [*await a_refused_message(world, folder), "--no-suivre"]


async def a_corrected_message(world: World, folder: Path) -> Arguments:
    row, *why = await a_refused_message(world, folder)
    (folder / "corrige.json").write_text(json.dumps(vacancy("N-0")), encoding="utf-8")
    return [row, str(folder / "corrige.json"), *why]


async def a_replay_job(world: World, folder: Path) -> Arguments:
    await a_refused_message(world, folder)
    request = jobs.Request(jobs.Filter(partner="centre"), "test", "essai du test")
    return [str(await ask(world.database, request))]


async def a_paused_job(world: World, folder: Path) -> Arguments:
    (job,) = await a_replay_job(world, folder)
    assert (await siao_hub(world.settings, "quarantine", "pause", job)).status == 0
    return [job]


async def a_resumed_job(world: World, folder: Path) -> Arguments:
    (job,) = await a_paused_job(world, folder)
    assert (await siao_hub(world.settings, "quarantine", "resume", job)).status == 0
    return [job]


async def a_refused_delivery(world: World, _: Path) -> Arguments:
    world.siao.status = 422
    await world.accepted("centre", vacancy())
    await until(lambda: is_refused(world), "la livraison est refusée")
    (delivery,) = await world.deliveries("siao-01")
    return [str(delivery.id), *WHY]


async def a_delivery_refused_again(world: World, folder: Path) -> Arguments:
    delivery = await a_refused_delivery(world, folder)
    assert (await siao_hub(world.settings, "deliveries", "resend", *delivery)).status == 0
    await until(lambda: is_refused(world), "la livraison est refusée de nouveau")
    return delivery


async def a_message_to_look_at(world: World, folder: Path) -> Arguments:
    row, *_ = await a_refused_message(world, folder)
    return ["essai", row]


async def an_answer_to_look_at(world: World, folder: Path) -> Arguments:
    world.siao.reply = {"erreur": "inconnue"}
    delivery, *_ = await a_refused_delivery(world, folder)
    return ["essai", delivery]


async def a_partner_that_is_back(_: World, __: Path) -> Arguments:
    return ["--partner", "siao-01"]


async def is_refused(world: World) -> bool:
    return await world.etats("siao-01") == ["refusee"]


async def an_orphan_answer(world: World, _: Path) -> Arguments:
    await an_exit_that_cites_its_place(world)
    (case,) = (await siao_hub(world.settings, "orphelins", "list", "--json")).rows
    return [case["reponse"], *WHY]


async def an_uncertain_delivery(world: World, _: Path) -> Arguments:
    await shelter_may_be_asked(world)
    return [str(await an_uncertain_referral(world, 4711, "A-101")), *WHY]


async def an_orphan_answer_and_its_referral(world: World, folder: Path) -> Arguments:
    answer, *why = await an_orphan_answer(world, folder)
    (referral,) = await world.subjects("orientation")
    return [answer, str(referral.id), *why]


async def a_household(world: World, _: Path) -> Arguments:
    if not await world.subjects("orientation"):
        await world.referred()
    (referral,) = await world.subjects("orientation")
    return [str(referral.menage), "--forcer"]


async def a_household_that_asks(world: World, folder: Path) -> Arguments:
    menage, _ = await a_household(world, folder)
    return [menage, "--droit", "effacement", *WHY]


async def a_request(world: World, folder: Path) -> Arguments:
    menage, _ = await a_household(world, folder)
    made = await ask_for_a_right(
        world.database, UUID(menage), Droit.LIMITATION, datetime.now(UTC), "cli:test", "essai"
    )
    return [str(made.id), "--issue", "refusee", *WHY]


async def a_household_to_entrust(world: World, folder: Path) -> Arguments:
    menage, _ = await a_household(world, folder)
    last_day = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    return ["console:marie", "--menage", menage, "--jusqu-au", last_day, *WHY]


async def a_naming(world: World, folder: Path) -> Arguments:
    naming = await a_household_to_entrust(world, folder)
    named = await siao_hub(world.settings, "protection", "nommer", *naming, "--json")
    return [str(named.content["designation"]), *WHY]


async def a_person(world: World, folder: Path) -> Arguments:
    menage, _ = await a_household(world, folder)
    return [menage, "--vers", str(folder / "personne.md"), *WHY]


async def a_household_that_got_its_answers(world: World, folder: Path) -> Arguments:
    for command, given in (("exporter", a_person), ("noter", a_household_that_asks), ("repondre", a_request)):
        done = await siao_hub(world.settings, "personne", command, *await given(world, folder))
        assert done.status == 0, done
    return await a_household(world, folder)


async def two_households_that_may_be_one(world: World, _: Path) -> Arguments:
    await world.start(*world.roles, Role.DOUBLONS)
    bringers = (CCAS, MARAUDE)
    await joined(world, *(mailbox(each, Famille.PRESCRIPTEUR, "prescripteur_json") for each in bringers))
    for number, each in enumerate(bringers):
        await world.accepted(each, household(number))
    await asked(world)
    ((one, other, _indices),) = await pairs(world)
    return [str(one), str(other), *WHY]


async def two_households_said_to_be_one(world: World, folder: Path) -> Arguments:
    pair = await two_households_that_may_be_one(world, folder)
    assert (await siao_hub(world.settings, "doublons", "confirmer", *pair)).status == 0
    return pair


async def a_bus(world: World, _: Path) -> Arguments:
    await ensure_topics(world.settings.kafka)
    return ["--since", "2026-01-01T00:00"]


async def a_key_in_a_file(world: World, folder: Path) -> Arguments:
    assert world.settings.master_key is not None
    create_key(folder / "master.key", bytes.fromhex(world.settings.master_key.get_secret_value()))
    in_a_file = {"master_key": None, "master_key_file": folder / "master.key"}
    world.settings = world.settings.model_copy(update=in_a_file)
    return []


async def a_prepared_key(world: World, folder: Path) -> Arguments:
    await a_key_in_a_file(world, folder)
    assert (await siao_hub(world.settings, "cle", "preparer")).status == 0
    return []


async def a_key_that_wraps_no_more(world: World, folder: Path) -> Arguments:
    await a_prepared_key(world, folder)
    assert (await siao_hub(world.settings, "cle", "tourner")).status == 0
    return []


async def a_retired_application(world: World, folder: Path) -> Arguments:
    retired = mailbox("ancien-115", Famille.VEILLE_SOCIALE, "veille_sociale_tableau")
    await world.write_registry(world.registry_with(retired))
    return [str(export(folder, whole=True)), "--partenaire", "ancien-115", "--contact", "HG_Date", *WHY]


async def a_siao_that_the_state_recognises(world: World, _: Path) -> Arguments:
    two = siaos_that_merge()
    await world.write_registry(world.registry_with(*two))
    await world.sql(
        """
        INSERT INTO subject (id, nature, etat, version, donnees)
        VALUES (gen_random_uuid(), 'convention', 'EN_VIGUEUR', 1, CAST($1 AS text)::jsonb)
        """,
        json.dumps(
            {
                "emetteur": "etat",
                "territoire": "01",
                "objet": "SIAO",
                "partenaire": SIRET,
                "vaut_depuis": "2026-01-01",
            }
        ),
    )
    return [*MERGING, "--vers", THIRD, "--oui", *WHY]


async def people_who_come_by_mail(world: World, _: Path) -> Arguments:
    with reserved_ports(1) as (port,):  # where nobody takes mail: an account opens all the same
        console = ConsoleSettings(url=f"http://localhost:{port}", accounts=True)
        alarms = AlarmSettings(smtp_host="127.0.0.1", smtp_port=port)
    world.settings = world.settings.model_copy(update={"console": console, "alarms": alarms})
    return ["centre", "veilleur@exemple.fr", "--nom", "Camille"]


async def an_account(world: World, folder: Path) -> Arguments:
    person = await people_who_come_by_mail(world, folder)
    opened = await siao_hub(world.settings, "comptes", "inviter", *person, "--json")
    return [str(opened.content["compte"]), *WHY]


Act = tuple[Given, str]
"""What brings a hub there, and the line that the act leaves in the audit."""
OF_A_HUB: Mapping[str, Act] = {
    "menage oublier": (a_household_that_got_its_answers, "menage.oublier"),
    "personne exporter": (a_person, "personne.exporter"),
    "personne noter": (a_household_that_asks, "personne.effacement"),
    "personne repondre": (a_request, "personne.refusee"),
    "protection nommer": (a_household_to_entrust, "protection.nommer"),
    "protection retirer": (a_naming, "protection.retirer"),
    "deliveries reply --motif": (an_answer_to_look_at, "octets.lire"),
    "deliveries resend": (a_refused_delivery, "livraison.renvoyer"),
    "deliveries close": (a_delivery_refused_again, "livraison.classer"),
    "deliveries ask": (an_uncertain_delivery, "livraison.demander"),
    "deliveries arrived": (an_uncertain_delivery, "livraison.arrivee"),
    "orphelins rattacher": (an_orphan_answer_and_its_referral, "orpheline.rattacher"),
    "orphelins classer": (an_orphan_answer, "orpheline.classer"),
}
"""With a hub at work."""
AT_THE_DOOR: Mapping[str, Act] = {
    "quarantine replay": (a_replay_to_ask_for, "rejeu.demander"),
    "quarantine pause": (a_replay_job, "rejeu.changer"),
    "quarantine resume": (a_paused_job, "rejeu.changer"),
    "quarantine cancel": (a_resumed_job, "rejeu.changer"),
    "quarantine correct": (a_corrected_message, "quarantaine.corriger"),
    "quarantine close": (a_refused_message, "quarantaine.classer"),
    "quarantine bytes --motif": (a_message_to_look_at, "octets.lire"),
}
"""With a door alone."""
BY_ITSELF: Mapping[str, Act] = {
    "migrate": (empty_tables, "base.migrer"),
    "recover": (a_bus, "base.reprendre"),
    "partners reprendre": (a_paused_source, "lecture.reprendre"),
    "partners apply": (a_registry, "partenaires.appliquer"),
    "comptes inviter": (people_who_come_by_mail, "compte.inviter"),
    "comptes retirer": (an_account, "compte.retirer"),
    "comptes telephone": (an_account, "compte.facteur"),
    "importer": (a_retired_application, "import.commencer"),
    "territoires fusionner": (a_siao_that_the_state_recognises, "territoires.fusionner"),
    "doublons confirmer": (two_households_that_may_be_one, "doublon.decider"),
    "doublons ecarter": (two_households_said_to_be_one, "doublon.decider"),
    "deliveries try": (a_partner_that_is_back, "livraisons.essayer"),
    "cle preparer": (a_key_in_a_file, "cle.preparer"),
    "cle tourner": (a_prepared_key, "cle.tourner"),
    "cle retirer": (a_key_that_wraps_no_more, "cle.retirer"),
}
"""With no hub, or one that the act itself needs otherwise."""
ACTS = {**OF_A_HUB, **AT_THE_DOOR, **BY_ITSELF}
"""What people do."""
ON_THE_WAY: Mapping[str, Sequence[str]] = {
    "cle retirer": ("cle preparer", "cle tourner"),
    "comptes retirer": ("comptes inviter",),
    "deliveries close": ("deliveries resend",),
    "doublons ecarter": ("doublons confirmer",),
    "menage oublier": ("personne exporter", "personne noter", "personne repondre"),
    "protection retirer": ("protection nommer",),
    "quarantine cancel": ("quarantine pause", "quarantine resume"),
}
"""Acts that are given already where another one begins."""
GIVEN_EARLIER = {earlier for each in ON_THE_WAY.values() for earlier in each}
BEFORE_ANY_TABLE = {"cle creer"}
"""Done where no hub is yet: the file itself, and its owner, are what remains."""
THE_HUB_ITSELF = {"run"}
"""Under its own name, not a person's."""
TABLE = str(ROOT / "tests/golden/hebergement_csv/gestion_places.csv")
SHOWN: Mapping[str, Arguments] = {
    "status": [],
    "dialects": [],
    "find": [],
    "compte": [],
    "trace": ["{referral}"],
    "territoires essai": [str(ROOT / "deploy" / "partners.exemple.toml")],
    "comptes list": [],
    "partners list": [],
    "partners show": ["centre"],
    "partners sceller": ["centre"],
    "partners referentiels": ["centre"],
    "partners key": [],
    "quarantine list": [],
    "quarantine show": ["{quarantined}"],
    "quarantine bytes": ["{quarantined}"],
    "quarantine jobs": [],
    "deliveries list": [],
    "deliveries reply": ["{quarantined}"],
    "orphelins list": [],
    "doublons list": [],
    "personne demandes": [],
    "protection list": [],
    "loops": [],
    "occupation": [],
    "releve": [],
    "audit list": [],
    "audit verify": [],
    "audit cle": [],
    "recu verify": [str(ROOT / "pyproject.toml")],
    "cle etat": [],
    "profile check": [TABLE, "--profile", "hebergement_gestion"],
    "profile draft": [TABLE],
    "decode": [str(ROOT / "tests/golden/hebergement_json/evenements.json"), "--dialect", "hebergement_json"],
}
"""What people look at; nothing of it says who somebody is."""


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command of our own, by the words that are typed; one that masks unless it is given a reason, as two."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
            continue
        yield " ".join((*path, name))
        if any("--motif" in parameter.opts and not parameter.required for parameter in command.params):
            yield " ".join((*path, name, "--motif"))


async def test_every_command_is_an_act_or_a_look() -> None:
    assert sorted(commands(get_command(app))) == sorted({*ACTS, *SHOWN, *BEFORE_ANY_TABLE, *THE_HUB_ITSELF})


async def is_audited(world: World, folder: Path, command: str) -> None:
    """Give a command, and find in the audit who gave it, and those on the way to it."""
    given, _ = ACTS[command]
    arguments = await given(world, folder)
    done = await siao_hub(world.settings, *command.split(), *arguments)
    assert done.status == 0, done
    for action, times in Counter(ACTS[each][1] for each in (*ON_THE_WAY.get(command, ()), command)).items():
        assert [row.actor for row in await world.audited(action)].count(OPERATOR) >= times, action


@pytest.mark.parametrize("command", [each for each in OF_A_HUB if each not in GIVEN_EARLIER])
async def test_who_acts_on_a_hub_at_work_is_in_the_audit(world: World, tmp_path: Path, command: str) -> None:
    await is_audited(world, tmp_path, command)


@pytest.mark.parametrize("command", [each for each in AT_THE_DOOR if each not in GIVEN_EARLIER])
async def test_who_acts_on_what_the_door_refused_is_in_the_audit(
    door: World, tmp_path: Path, command: str
) -> None:
    await is_audited(door, tmp_path, command)


@pytest.mark.parametrize("command", [each for each in BY_ITSELF if each not in GIVEN_EARLIER])
async def test_who_acts_beside_a_hub_is_in_the_audit(
    prepared: World, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if command == "partners apply":
        monkeypatch.delenv(FOLDER_VARIABLE)  # the example names the usual folder
    await is_audited(prepared, tmp_path, command)


async def test_an_act_at_a_moment_without_a_zone_waits_for_that_of_the_territories_and_is_refused_without_one(
    prepared: World,
) -> None:
    typed = datetime(2026, 11, 24, 3)  # noqa: DTZ001  as somebody types it
    assert (await moment_of(prepared.database, typed)).isoformat() == "2026-11-24T03:00:00+01:00"
    await prepared.write_registry(prepared.registry(centre={"territoire": "974"}))
    for command in (
        ("recover", "--since", "2026-11-24T03:00"),
        ("personne", "noter", str(uuid4()), "--droit", "acces", "--recue-le", "2026-11-24", *WHY),
        ("protection", "nommer", "console:marie", "--siao", "siao-01", "--jusqu-au", "2026-11-24", *WHY),
    ):
        refused = await siao_hub(prepared.settings, *command)
        assert (refused.status, "2026-11-24T03:00:00+01:00" in refused.errors) == (1, True), refused


async def test_a_look_leaves_everything_as_it_is_and_says_nobodys_name(world: World) -> None:
    referral = await world.referred()
    await refused(world, 1)
    known = {"referral": referral, "quarantined": await entry(world)}
    await world.settled()
    await world.stop()
    before = await world.state()
    for command, arguments in SHOWN.items():
        shown = await siao_hub(
            world.settings, *command.split(), *(each.format(**known) for each in arguments)
        )
        assert NOM not in shown.text + shown.errors, command
        assert "Traceback" not in shown.errors, command
    assert await world.state() == before
    assert not [row for row in await world.audited() if row.actor == OPERATOR]
