"""`make mise-a-jour`: start the former version of the hub, and replace it by this one while the partners go on
sending.

The steps are those of « Mettre à jour » in docs/exploitation.md. The partners' journals decide. Exit status: 0 only
when the upgrade was sound, 2 if the git history has no former version.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.text import Text

from contracts.partner import ClasseLivraison
from deploy.local import Parts, PartUnavailable, local_parts
from deploy.local.folder import run_folder
from deploy.local.ports import reserved_ports
from simulation import cleanup, fates, screen, stage
from simulation.cast import WITHOUT_TASKS
from simulation.chaos import accounts
from simulation.chaos.backlog import Backlog
from simulation.chaos.hub_records import HubRecords
from simulation.chaos.ledger import Ledger
from simulation.chaos.reckoning import Account, account
from simulation.observed import Observed
from simulation.stage import Stage
from simulation.troupe import Troupe
from tests.chaos import bilan
from tests.chaos.bilan import Result
from tests.chaos.etapes import Moment, Steps
from tests.chaos.flot import PLACES_PER_SECOND, STORY_SECONDS, Flow
from tests.chaos.releve import Duty, Process, Version
from tests.chaos.version_avant import ROOT, Commit, NotInHistory, newest_migration, unpack, version_before

NOT_IN_HISTORY, INTERRUPTED = 2, 130
BESIDE_EACH_OTHER = ("relay", "dispatcher", "worker", "scheduler", "sources")
"""Roles whose processes are replaced one after another, in this order. The gateway comes last, because it has the
only port."""
GATEWAY = "gateway"
SEED = 1
CHANGE = ("delai_s = 5", "delai_s = 6")
ALONE, BOTH = 40, 20
"""Rows that must be accepted, and must arrive, before the next step: with one version alone, and with a mixture of
both."""


def main(arguments: Sequence[str]) -> int:
    """Run the upgrade and return the exit status."""
    asked = _asked(arguments)
    console = screen.new_console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        result = _run(console, version_before(asked.ref))
    except NotInHistory as exc:
        console.print(f"[red]✗[/] {exc}")
        return NOT_IN_HISTORY
    except PartUnavailable as exc:
        console.print("[red]✗[/]", Text(str(exc)))
        return 1
    except KeyboardInterrupt:
        console.print("\n  Arrêté : aucun processus ni fichier ne reste.")
        return INTERRUPTED
    for line in bilan.show(result):
        console.print(line)
    if asked.json is not None:
        asked.json.write_text(json.dumps(bilan.figures(result), indent=2, ensure_ascii=False) + "\n")
    return 0 if result.sound else 1


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mise_a_jour", description="La mise à jour, sous charge.")
    parser.add_argument(
        "ref", nargs="?", help="la version d'avant ; sans : celle d'avant la dernière migration"
    )
    parser.add_argument("--json", type=Path, help="écrire les mêmes chiffres dans ce fichier")
    return parser.parse_args(arguments)


def _run(console: Console, before: Commit) -> Result:
    with ExitStack() as stack:
        status = stack.enter_context(console.status("Kafka et PostgreSQL démarrent…"))
        parts = stack.enter_context(local_parts())
        folder = stack.enter_context(run_folder("mise-a-jour"))
        ports = stack.enter_context(reserved_ports(stage.PORTS))
        setting = _set_up(folder, ports, parts)
        stack.enter_context(cleanup.of_borrowed(parts, setting.environment))
        unpack(before, folder / "avant")
        old = Version("avant", folder / "avant", folder, setting.environment)
        new = Version("nouvelle", ROOT, folder, setting.environment)
        troupe, duty = stack.enter_context(Troupe(setting)), stack.enter_context(Duty())
        flow = stack.enter_context(Flow(setting, troupe))
        backlog = stack.enter_context(Backlog(parts.dsn, _schema(setting)))
        steps = Steps(flow, duty, backlog, status.update)
        status.update("La version d'avant et les partenaires démarrent…")
        old.run("cle", "creer")
        old.run("migrate")
        tables_before = _tables(parts, setting, old)
        on_duty = _start(old, setting, troupe, duty)
        flow.begin()
        _upgrade(new, on_duty, setting, duty, steps)
        tables = (tables_before, _tables(parts, setting, new))
        flow.end()
        with steps.step(Moment.AFTER, "le reste, jusqu'au repos"):
            at_rest = steps.come_to_rest()
        found = _judge(flow.observed, setting, parts)
        return Result(before, tables, steps.past, found, duty.unforeseen, at_rest)


def _set_up(folder: Path, ports: Sequence[int], parts: Parts) -> Stage:
    places = int(STORY_SECONDS * PLACES_PER_SECOND)
    today = date.today()  # noqa: DTZ011 - a partner's own day
    setting = stage.set_up(
        folder,
        ports,
        parts.environment,
        places,
        SEED,
        today,
        spread_s=STORY_SECONDS,
        livraisons=WITHOUT_TASKS,
        observed=False,  # the former version does not know its dialect
    )
    (setting.folder / stage.HMAC_KEY).unlink()  # each version writes the keys that it needs
    return setting


def _start(old: Version, setting: Stage, troupe: Troupe, duty: Duty) -> Mapping[str, Process]:
    """Start the partners and every role of the former version. Return the processes, by role, once all are at work."""
    troupe.start()
    old.run("partners", "apply", str(setting.registry), "--oui")
    on_duty = {role: duty.join(old, role) for role in (*BESIDE_EACH_OTHER, GATEWAY)}
    for process in on_duty.values():
        process.wait_until_at_work()
    troupe.wait_until_ready()
    return on_duty


def _upgrade(new: Version, on_duty: Mapping[str, Process], setting: Stage, duty: Duty, steps: Steps) -> None:
    """Upgrade the tables, the registry, then one process after the other."""
    with steps.step(Moment.BEFORE, "seule, sur ses tables"):
        steps.goes_on(ALONE)
    with steps.step(Moment.DURING, "siao-hub cle creer, puis migrate, de la nouvelle"):
        new.run("cle", "creer")
        new.run("migrate")
    with steps.step(Moment.DURING, "celle d'avant, sur les tables nouvelles"):
        steps.goes_on(ALONE)
    with steps.step(Moment.DURING, "siao-hub partners apply de la nouvelle"):
        new.run("partners", "apply", str(_changed(setting.registry)), "--oui")
        steps.goes_on(BOTH)
    for role in BESIDE_EACH_OTHER:
        with steps.step(Moment.DURING, f"{role} : l'ancien et le nouveau, puis le nouveau seul"):
            duty.join(new, role).wait_until_at_work()
            steps.goes_on(BOTH)
            duty.leave(on_duty[role])
    with steps.step(Moment.DURING, "gateway : l'ancienne s'arrête, la nouvelle prend son port"):
        duty.leave(on_duty[GATEWAY])
        duty.join(new, GATEWAY).wait_until_at_work()
        steps.goes_on(BOTH)
    with steps.step(Moment.AFTER, "seule"):
        steps.goes_on(ALONE)


def _changed(registry: Path) -> Path:
    """Write a copy of the registry with a changed value in every entry, and without fields that the former version
    does not know. Return its path."""
    changed = registry.with_name("partenaires-apres.toml")
    before, after = CHANGE
    changed.write_text(registry.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    return changed


def _judge(observed: Observed, setting: Stage, parts: Parts) -> Account:
    """Judge the journals together with the hub's own records. The quarantine must be empty."""
    explained = asyncio.run(fates.ask(observed, setting.hub_url, setting.configs))
    hub = HubRecords(parts.dsn, _schema(setting))
    deliveries, cannot_tell = hub.deliveries(), setting.of_class(ClasseLivraison.AUCUNE)
    own = (
        *accounts.differences(hub.accepted(), deliveries, observed, cannot_tell=cannot_tell),
        *Ledger().troubles(hub.quarantined()),
    )
    return account(observed, explained, own, undecided=[each for each in deliveries if each.undecided])


def _tables(parts: Parts, setting: Stage, version: Version) -> str:
    """Return the version of the tables. Raises PartUnavailable if it is not the newest one that this version of the
    hub knows: then another version has migrated them."""
    found = asyncio.run(_version_of_the_tables(parts.dsn, _schema(setting)))
    if not newest_migration(version.tree).name.startswith(f"{found}_"):
        raise PartUnavailable(
            f"Version {version.name} : ses tables sont à la version {found}, non à la sienne."
        )
    return found


async def _version_of_the_tables(dsn: str, schema: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval(f"SELECT version_num FROM {schema}.alembic_version"))  # noqa: S608  our own name
    finally:
        await connection.close()


def _schema(setting: Stage) -> str:
    return setting.environment["SIAO_HUB_DATABASE__SCHEMA_NAME"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
