"""Files that a partner drops: few at a time in memory, each with one effect, whatever fails at its move."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import asyncssh
import pytest

from connectors.sftp import SftpSource
from contracts.partner import EntreeSftp
from contracts.ports import IntakeReport, Native
from router import sources
from router.roles import Role
from router.settings import IntakeSettings, Settings
from router.sources import SETTLED_AT_ONCE
from tests.conformance.droppers import SftpDropper
from tests.integration.messages import vacancy
from tests.integration.waiting import until
from tests.integration.world import World

FILES = 14
BIG_BYTES = 512 * 1024
MOST_TOGETHER = SETTLED_AT_ONCE + 1
"""Those that are being settled, and the next one."""
FULL_DISK = (
    "CREATE SEQUENCE refused",
    """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM nextval('refused'); RAISE 'disk full' USING ERRCODE = 'disk_full'; END $$""",
    "CREATE TRIGGER full_disk BEFORE UPDATE ON idempotency_key FOR EACH ROW EXECUTE FUNCTION refuse()",
)
"""Keys may be taken and not changed; each refusal counts."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The bytes of a message without a key are a repetition only while its file lies there."""
    return settings.model_copy(update={"intake": IntakeSettings(body_repetition_s=0.0)})


@pytest.fixture
async def dropper(tmp_path: Path) -> AsyncIterator[SftpDropper]:
    """The shelter's folder."""
    dropper = SftpDropper(tmp_path)
    await dropper.start()
    yield dropper
    await dropper.stop()


def entree(dropper: SftpDropper) -> EntreeSftp:
    """What the shelter's entry says of its folder."""
    looks = {"dialecte": "hebergement_json", "stable_s": 0.0, "intervalle_s": 0.1}
    return EntreeSftp(**dropper.server.entry(), dossier="depot", **looks)


async def picked_up(world: World, dropper: SftpDropper) -> None:
    """From now on the hub looks into the folder."""
    await world.start(Role.SOURCES)
    await world.apply(world.registry(centre={"entree": entree(dropper)}))


def file_of(place: str) -> bytes:
    return json.dumps(vacancy(place)).encode()


class Held(SftpSource):
    """Settles a file only when the test lets it, and counts those that it was asked for and has not settled."""

    def __init__(self, entree: EntreeSftp) -> None:
        super().__init__(entree)
        self.may_settle = asyncio.Semaphore(0)
        self.settled = self.together = self.most_together = 0

    def asked_for_another(self) -> None:
        self.together += 1
        self.most_together = max(self.together, self.most_together)

    async def fetch(self) -> AsyncIterator[Native]:
        self.asked_for_another()
        async for native in super().fetch():
            yield native
            self.asked_for_another()
        self.together -= 1

    async def done(self, native: Native, report: IntakeReport) -> None:
        await self.may_settle.acquire()
        await super().done(native, report)
        self.together -= 1
        self.settled += 1


async def test_of_many_big_files_dropped_at_once_a_few_are_in_memory_and_the_others_wait_in_the_folder(
    prepared: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(FILES):
        await dropper.drop(f"{n:02}.json", file_of(f"A-{n}").ljust(BIG_BYTES))
    source = Held(entree(dropper))
    monkeypatch.setattr(sources, "open_source", lambda _: source)
    await picked_up(prepared, dropper)
    for settled in range(FILES):
        taken_in = partial(has_events, prepared, min(settled + MOST_TOGETHER, FILES))
        await until(taken_in, f"{settled} fichiers rangés, les suivants sont reçus")
        source.may_settle.release()
        await until(partial(has_settled, source, settled + 1), "le suivant est rangé")
    assert source.most_together == MOST_TOGETHER
    assert dropper.remaining() == []


async def has_events(world: World, count: int) -> bool:
    return await world.count("event") == count


def has_settled(source: Held, count: int) -> bool:
    return source.settled == count


async def test_a_file_whose_move_fails_is_tried_again_with_one_effect_and_once_moved_may_be_dropped_again(
    prepared: World, dropper: SftpDropper
) -> None:
    dropper.server.failing["rename"] = asyncssh.SFTPFailure("disque plein")
    await dropper.drop("places.json", file_of("A-1"))
    await picked_up(prepared, dropper)
    await until(lambda: dropper.server.calls.count("rename") >= 3, "le fichier est pris et repris")
    assert await prepared.count("event") == 1
    dropper.server.failing.clear()
    await until(lambda: dropper.remaining() == [], "le fichier est rangé")
    await dropper.drop("places.json", file_of("A-1"))
    await until(partial(has_events, prepared, 2), "le même contenu, redéposé, est une nouvelle")
    await until(lambda: dropper.remaining() == [], "il est rangé à son tour")


async def test_that_a_file_was_moved_is_told_again_until_it_could_be_written(
    prepared: World, dropper: SftpDropper
) -> None:
    for statement in FULL_DISK:
        await prepared.sql(statement)
    await dropper.drop("places.json", file_of("A-1"))
    await picked_up(prepared, dropper)
    await until(
        lambda: prepared.sql("SELECT 1 FROM refused WHERE last_value > 1"), "on tente de l'écrire deux fois"
    )
    assert dropper.remaining() == []
    await prepared.sql("DROP TRIGGER full_disk ON idempotency_key")
    await until(lambda: prepared.sql("SELECT 1 FROM idempotency_key WHERE expires_at < now()"), "c'est écrit")
