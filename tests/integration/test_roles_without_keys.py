"""Who needs no key has none: relay and scheduler do their work on a machine where there is none, with an account of the
database that may read none."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from ops.running.supervisor import MISCONFIGURED_STATUS
from router.domain.roles import AT_WORK, WITH_KEYS, Role
from simulation.hub_process import module
from tests.integration import clock
from tests.integration.desk import environment_of, siao_hub
from tests.integration.forked import Forked
from tests.integration.grants import Accounts, granted
from tests.integration.messages import vacancy
from tests.integration.test_bytes_go_with_whom_they_name import direct_admission
from tests.integration.waiting import until
from tests.integration.world import World

KEYS = ("SIAO_HUB_MASTER_KEY", "SIAO_HUB_HMAC_KEY", "SIAO_HUB_AUDIT_KEY")


@pytest.fixture
async def accounts(prepared: World) -> AsyncIterator[Accounts]:
    async with granted(prepared.settings.database) as given:
        yield given


@contextmanager
def process(role: Role, given: Mapping[str, str], machine: Path) -> Iterator[Path]:
    """A process of its own with this environment alone, on a machine without files; its log."""
    machine.mkdir()
    child = Forked(machine, machine.with_suffix(".log"))
    child.spawn([*module("ops.commands", given), "run", "--role", role])
    try:
        yield machine.with_suffix(".log")
        assert not list(machine.glob("*.key"))
    finally:
        child.kill9()


async def test_relay_and_scheduler_work_without_any_key(
    prepared: World, accounts: Accounts, tmp_path: Path
) -> None:
    world, given = prepared, environment_of(prepared.settings)
    none = {name: value for name, value in given.items() if name not in KEYS}
    none |= {"SIAO_HUB_DATABASE__URL": accounts.keyless.url}
    await world.start(*WITH_KEYS & set(AT_WORK))
    with ExitStack() as started:
        started.enter_context(process(Role.RELAY, none, tmp_path / Role.RELAY))
        await world.accepted("centre", vacancy())
        await world.accepted("centre", direct_admission("M-1"))
        await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
        await world.settled()
        menages = {*await world.called("menage")}
        await clock.grow_older(world, "heard", timedelta(days=3 * 365))
        assert menages
        assert menages <= await world.keys()
        started.enter_context(process(Role.SCHEDULER, none, tmp_path / Role.SCHEDULER))

        async def is_bound() -> bool:
            return await world.count("audit_link") > 0 and await world.count("audit_queue") == 0

        await until(is_bound, "le scheduler lie l'audit")
        await until(
            partial(says, tmp_path / "scheduler.log", '"scheduler.retention"'), "et fait la rétention"
        )
        assert menages.isdisjoint(await world.keys()), "et oublie qui n'est plus nommé depuis deux ans"
        for role in (Role.RELAY, Role.SCHEDULER):
            assert not says(tmp_path / f"{role}.log", "hub.stopped")
            assert not says(tmp_path / f"{role}.log", "scheduler.misconfigured")


async def test_a_role_that_needs_a_key_says_which_one_is_missing(prepared: World) -> None:
    none = prepared.settings.model_copy(update=dict.fromkeys(("master_key", "hmac_key", "audit_key")))
    for role in (Role.WORKER, Role.GATEWAY):
        ended = await siao_hub(none, "run", "--role", role)
        assert (ended.status, "hub.stopped" in ended.errors) == (MISCONFIGURED_STATUS, True)
        assert "absente : « siao-hub cle creer »" in ended.errors


def says(log: Path, words: str) -> bool:
    return words in log.read_text()
