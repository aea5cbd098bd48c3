"""Files of a partner with an SFTP server: whole, in order, never lost between journal and drop."""

import asyncio
import json
import os
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path

import pytest

from simulation import moods, turns
from simulation.config import Config
from simulation.drop_folder import DropFolder, Line, take_deliveries
from simulation.inbox import Inbox
from simulation.journal import Journal, Row, read
from simulation.moods import Humour, Mood
from simulation.sftp_server import ARCHIVES, DELIVERIES, DROP, REPORTS, ROOT


@pytest.fixture
def folder(tmp_path):
    for name in (f"{DROP}/{ARCHIVES}", f"{DROP}/{REPORTS}", DELIVERIES):
        (tmp_path / ROOT / name).mkdir(parents=True)
    return tmp_path


def encode(lines):
    return "\n".join(["entete", *lines]).encode()


def line(ref, subject="s"):
    return Line(Row(ref, "f", subject, 1), ref)


def drop_folder(folder, journal):
    config = Config("chrs-tilleuls", folder, Path(), "", "", 1, date(2026, 3, 2))
    return DropFolder(config, journal, encode, "f-%03d.csv", first_row=2)


async def run_for(coroutine, seconds):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await coroutine


def dropped(folder):
    return sorted(path.name for path in (folder / ROOT / DROP).iterdir() if path.is_file())


async def test_lines_go_out_together_and_know_their_rows(folder):
    journal = Journal(folder / "j")
    drop = drop_folder(folder, journal)
    drop.put(line("a"))
    drop.put(line("b"))
    await run_for(drop.run(0.05), 0.4)
    journal.close()
    assert dropped(folder) == ["f-001.csv"]
    assert (folder / ROOT / DROP / "f-001.csv").read_text() == "entete\na\nb"
    rows = [(r["ref"], r["row"], r["key"], r["by_file"]) for r in read(folder / "j")[0]]
    assert rows == [("a", 2, "f-001.csv", True), ("b", 3, "f-001.csv", True)]


async def test_a_report_is_the_hubs_answer(folder):
    journal = Journal(folder / "j")
    drop = drop_folder(folder, journal)
    drop.put(line("a"))
    await run_for(drop.run(0.05), 0.3)
    rejection = {"ligne": 2, "champ": "x", "code": "c", "message": "non"}
    report = {"etat": "refuse", "message": "m", "acceptes": 0, "rejets": [rejection]}
    (folder / ROOT / DROP / REPORTS / "f-001.csv.rapport.json").write_text(json.dumps(report))
    await run_for(drop.run(0.05), 0.3)
    journal.close()
    answered = [r for r in read(folder / "j")[0] if r["kind"] == "answered"]
    assert [(r["key"], r["status"], r["rejections"]) for r in answered] == [("f-001.csv", 422, [rejection])]


async def test_a_restart_sends_nothing_twice_and_numbers_on(folder):
    for life in range(2):
        journal = Journal(folder / "j")
        drop = drop_folder(folder, journal)
        drop.put(line("a"))
        if life:
            drop.put(line("b"))
        await run_for(drop.run(0.05), 0.3)
        journal.close()
    assert dropped(folder) == ["f-001.csv", "f-002.csv"]
    assert (folder / ROOT / DROP / "f-002.csv").read_text() == "entete\nb"


async def test_a_file_that_was_journalled_and_not_yet_dropped_goes_out_at_the_next_start(folder):
    journal = Journal(folder / "j")
    await journal.about_to_send("f-001.csv", [Row("a", "f", "s", 1, row=2, by_file=True)])
    journal.close()
    (folder / "brouillons").mkdir()
    (folder / "brouillons" / "f-001.csv").write_text("entete\na")
    (folder / "brouillons" / "f-002.csv").write_text("never journalled: its rows go out anew")
    journal = Journal(folder / "j")
    await run_for(drop_folder(folder, journal).run(0.05), 0.2)
    journal.close()
    assert dropped(folder) == ["f-001.csv"]
    assert list((folder / "brouillons").iterdir()) == []


async def test_deliveries_are_taken_oldest_first_and_moved_away(folder):
    taken = []

    async def react(effect):
        taken.append(effect["ref"])

    inbox_folder = folder / ROOT / DELIVERIES
    for age, name in ((20, "z"), (10, "a")):
        path = inbox_folder / f"{name}.csv"
        path.write_text(name)
        written = path.stat().st_mtime - age
        os.utime(path, (written, written))
    (inbox_folder / "half.csv.123.part").write_text("half a fi")
    journal = Journal(folder / "j")
    async with asyncio.TaskGroup() as tasks:
        inbox = Inbox(journal, react, tasks)
        await run_for(take_deliveries(folder, inbox, lambda body: {"ref": body.decode()}), 0.3)
        (inbox_folder / "z.csv").write_text("z")  # the hub was not sure, and sent it again
        await run_for(take_deliveries(folder, inbox, lambda body: {"ref": body.decode()}), 0.3)
    journal.close()
    assert taken == ["z", "a"]
    assert [path.name for path in inbox_folder.iterdir()] == ["half.csv.123.part"]


async def test_of_a_file_of_many_each_is_taken_under_its_own_key(folder):
    taken = []

    async def react(effect):
        taken.append((effect["key"], effect["ref"]))

    (folder / ROOT / DELIVERIES / "lot.csv").write_text("a,b")
    journal = Journal(folder / "j")
    async with asyncio.TaskGroup() as tasks:
        inbox = Inbox(journal, react, tasks)
        taking = take_deliveries(
            folder,
            inbox,
            lambda body: {"ref": body.decode()},
            rows=lambda body: [(f"cle-{one}", one.encode()) for one in body.decode().split(",")],
        )
        await run_for(taking, 0.3)
    journal.close()
    assert taken == [("cle-a", "a"), ("cle-b", "b")]


async def test_deliveries_that_are_left_for_the_hub_to_see_are_taken_once_and_a_new_file_of_the_name_again(
    folder,
):
    inbox_folder = folder / ROOT / DELIVERIES

    async def look(*files):
        journal = Journal(folder / "j")
        async with asyncio.TaskGroup() as tasks:
            inbox = Inbox(journal, _nothing, tasks, recognises=False)
            taking = asyncio.create_task(
                take_deliveries(folder, inbox, lambda body: {"ref": body.decode()}, leave=True)
            )
            for name, count in files:
                (inbox_folder / "draft.part").write_text(name)
                (inbox_folder / "draft.part").replace(inbox_folder / f"{name}.csv")
                await effects(folder, count)
            taking.cancel()
        journal.close()

    await look(("a", 1), ("b", 2), ("a", 3))
    assert sorted(path.name for path in inbox_folder.iterdir()) == ["a.csv", "b.csv"]
    await look(("c", 4))  # a new life does not take again what still lies there
    assert [r["ref"] for r in read(folder / "j")[0] if r["kind"] == "effect"] == ["a", "b", "a", "c"]


async def effects(folder, count):
    """Until the journal holds so many effects."""
    async with asyncio.timeout(5):
        while sum(r["kind"] == "effect" for r in read(folder / "j")[0]) < count:  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.01)


async def _nothing(_effect):
    return


def behave(folder, manner):
    moods.write(folder / "manieres.json", None if manner is None else Humour(manner))


@asynccontextmanager
async def running(drop):
    task = asyncio.create_task(drop.run(0.05))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def files(folder, count):
    """What is in so many files, one after the other as the hub takes them, once they lie there."""
    async with asyncio.timeout(5):
        while len(dropped(folder)) < count:  # noqa: ASYNC110 - the folder is looked at, as the hub does
            await asyncio.sleep(0.01)
    return [(folder / ROOT / DROP / name).read_text().split()[1:] for name in dropped(folder)]


async def test_who_sends_twice_drops_the_same_bytes_under_two_names_and_later_under_a_third(
    folder, monkeypatch
):
    monkeypatch.setattr(turns, "AGAIN_SECONDS", (1.0, 1.0))
    journal = Journal(folder / "j")
    drop = drop_folder(folder, journal)
    behave(folder, Mood.TWICE)
    drop.put(line("a"))
    async with running(drop):
        assert await files(folder, 2) == [["a"], ["a"]]
        behave(folder, None)
        drop.put(line("b"))
        assert await files(folder, 4) == [["a"], ["a"], ["b"], ["a"]]
    journal.close()
    assert [record["key"] for record in read(folder / "j")[0]] == dropped(folder)


async def test_a_held_file_is_passed_by_another_subject_and_not_by_its_own(folder):
    journal = Journal(folder / "j")
    drop = drop_folder(folder, journal)
    behave(folder, Mood.SWAPPED)
    drop.put(line("a1", "a"))
    async with running(drop):
        await asyncio.sleep(0.3)
        drop.put(line("a2", "a"))
        drop.put(line("b1", "b"))
        assert await files(folder, 2) == [["b1"], ["a1"]]
    journal.close()


async def test_a_late_file_is_journalled_when_it_leaves(folder, monkeypatch):
    monkeypatch.setattr(turns, "LATE_SECONDS", (0.5, 0.5))
    journal = Journal(folder / "j")
    drop = drop_folder(folder, journal)
    behave(folder, Mood.LATE)
    drop.put(line("a1", "a"))
    async with running(drop):
        await asyncio.sleep(0.3)
        behave(folder, None)
        assert read(folder / "j")[0] == []
        drop.put(line("a2", "a"))
        drop.put(line("b1", "b"))
        assert await files(folder, 3) == [["b1"], ["a1"], ["a2"]]
    journal.close()
    assert [record["ref"] for record in read(folder / "j")[0]] == ["b1", "a1", "a2"]
