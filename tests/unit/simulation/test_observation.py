"""The simulated observation and the hub's six files, written by two hands from one page, understand each other."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from contracts.ports import Native
from simulation.inbox import Inbox
from simulation.journal import Journal, Record, read
from simulation.observation import take_sets, understand
from simulation.sftp_server import DELIVERIES, ROOT
from tests.golden import cas
from tests.integration.waiting import until

(CASE,) = [case for case in cas.a_encoder() if case.dialecte == "bdos_fichiers"]


def files(native: Native) -> Mapping[str, bytes]:
    return {str(one.filename)[5:8]: one.body for one in native.avant}


def test_every_line_that_the_hub_writes_is_read() -> None:
    said = understand(files(cas.encode(CASE)), "un-jeu")
    assert said["lines"] == {"SIA": 1, "DMR": 3, "DME": 1, "ORI": 3, "PRC": 4, "OFF": 1}


@pytest.mark.parametrize(
    "spoilt",
    [
        {"DMR": b"CODE_DEMANDEUR~DATE_NAISSANCE\r"},
        {"PRC": b"CODE_PARCOURS~CODE_SIAO\rx\r"},
        {"ORI": b"CODE_ORIENT"},
    ],
    ids=["a birth date", "a short line", "half a file"],
)
def test_a_set_that_is_not_as_agreed_is_not_taken_in(spoilt: Mapping[str, bytes]) -> None:
    with pytest.raises((ValueError, LookupError)):
        understand({**files(cas.encode(CASE)), **spoilt}, "un-jeu")


async def test_a_set_is_taken_in_once_its_marker_lies_there_and_only_once(tmp_path: Path) -> None:
    native = cas.encode(CASE)
    folder, journal = tmp_path / ROOT / DELIVERIES, Journal(tmp_path / "j")
    folder.mkdir(parents=True)

    def lay(*which: Native) -> None:
        for one in which:
            (folder / str(one.filename)).write_bytes(one.body)

    def records() -> list[Record]:
        return list(read(tmp_path / "j")[0])

    async def nothing(_: Record) -> None:
        return

    async with asyncio.TaskGroup() as tasks:
        taking = tasks.create_task(take_sets(tmp_path, Inbox(journal, nothing, tasks)))
        lay(*native.avant)
        lay(native)
        await until(lambda: not list(folder.iterdir()), "le jeu est pris")
        assert [record["kind"] for record in records()] == ["received", "effect"]
        lay(*native.avant, native)
        await until(lambda: not list(folder.iterdir()), "il est pris de nouveau")
        taking.cancel()
    journal.close()
    assert [record["kind"] for record in records()][2:] == ["repeated"]
