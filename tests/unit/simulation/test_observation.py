"""The simulated observation and the hub's six files, written by two hands from one page, understand each other."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.ports import Native
from simulation.inbox import CHANGED, SENSELESS, Inbox
from simulation.journal import Journal, Record, read
from simulation.observation import begun, take_sets, understand
from simulation.observed import Observed
from simulation.oracle import judge
from simulation.sftp_server import DELIVERIES, ROOT
from tests.golden import cas
from tests.integration.waiting import until

(CASE,) = [case for case in cas.a_encoder() if case.dialecte == "bdos_fichiers"]


def files(native: Native) -> Mapping[str, bytes]:
    return {str(one.filename)[5:8]: one.body for one in native.avant}


def test_every_line_that_the_hub_writes_is_read() -> None:
    said = understand(files(cas.encode(CASE)), "un-jeu")
    assert [step.partition(":")[0] for step in said["steps"]] == [
        *("demande", "orientation", "acceptation", "refus"),
        *("entree", "sortie", "entree", "entree"),
    ]
    assert len(set(said["steps"])) == len(said["steps"])


@pytest.mark.parametrize(
    "spoilt",
    [
        {"DMR": b"CODE_DEMANDEUR~DATE_NAISSANCE\r"},
        {"PRC": b"CODE_PARCOURS~CODE_SIAO\rx\r"},
        {"ORI": b"CODE_ORIENT"},
        {"PRC": b"CODE_PARCOURS~DATE_ENTREE~DATE_SORTIE\rHUB013FVD17KCG3~~\r"},
    ],
    ids=["a birth date", "a short line", "half a file", "no step"],
)
def test_a_set_that_is_not_as_agreed_is_not_taken_in(spoilt: Mapping[str, bytes]) -> None:
    with pytest.raises((ValueError, LookupError)):
        understand({**files(cas.encode(CASE)), **spoilt}, "un-jeu")


class Folder:
    """What the observation's server has, and what the observation wrote down."""

    def __init__(self, folder: Path) -> None:
        self.deliveries, self._journal = folder / ROOT / DELIVERIES, folder / "j"
        self.deliveries.mkdir(parents=True)

    def lay(self, *which: Native) -> None:
        for one in which:
            (self.deliveries / str(one.filename)).write_bytes(one.body)

    async def taken(self, *which: Native) -> list[Record]:
        """Lay files, and return what was written down since, once they are taken away."""
        before = len(self.records())
        self.lay(*which)
        await until(lambda: not list(self.deliveries.iterdir()), "le jeu est pris")
        return self.records()[before:]

    def records(self) -> list[Record]:
        return list(read(self._journal)[0])

    def surprises(self) -> list[str]:
        observed = Observed()
        for record in self.records():
            observed.add("observation-59", record)
        return list(judge(observed).surprises)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        async def nothing(_: Record) -> None:
            return

        journal = Journal(self._journal)
        async with asyncio.TaskGroup() as tasks:
            taking = tasks.create_task(take_sets(self.deliveries.parents[1], Inbox(journal, nothing, tasks)))
            yield
            taking.cancel()
        journal.close()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


SET = cas.encode(CASE)


async def test_a_set_is_taken_in_once_its_marker_lies_there_and_only_once(folder: Folder) -> None:
    folder.lay(*SET.avant)
    async with folder.watched():
        assert [record["kind"] for record in await folder.taken(SET)] == ["received", "effect"]
        assert [record["kind"] for record in await folder.taken(*SET.avant, SET)] == ["repeated"]
        assert [record["kind"] for record in await folder.taken(*SET.avant[3:], SET)] == ["repeated"]
    assert folder.surprises() == []


async def test_a_marker_without_all_of_its_files_is_a_surprise(folder: Folder) -> None:
    async with folder.watched():
        (said,) = await folder.taken(*SET.avant[1:], SET)
    assert said["mood"] == SENSELESS
    assert len(folder.surprises()) == 1


async def test_a_set_that_comes_again_with_other_bytes_is_a_surprise(folder: Folder) -> None:
    changed = replace(SET.avant[3], body=SET.avant[3].body.replace(b"2026-02-25", b"2026-02-24"))
    async with folder.watched():
        await folder.taken(*SET.avant, SET)
        (said,) = await folder.taken(*SET.avant[:3], changed, *SET.avant[4:], SET)
    assert said["mood"] == CHANGED
    assert len(folder.surprises()) == 1


def test_what_lies_there_says_of_which_sets_it_is(folder: Folder) -> None:
    name = str(SET.filename).removeprefix("CPAXT")
    folder.lay(SET.avant[0], replace(SET.avant[1], filename=f"{SET.avant[1].filename}.0123456789ab.part"))
    assert begun(folder.deliveries) == {name}
    folder.lay(SET, replace(SET, filename="CPAXT5920260301_un-autre"))
    assert begun(folder.deliveries) == {name, "5920260301_un-autre"}
