"""A journal is on disk when it says so, and survives what cuts it short."""

import asyncio
import json
import os

import pytest

from simulation.journal import Journal, Kind, Row, read


async def test_what_is_written_is_on_disk_when_write_returns(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fdatasync", lambda fd: synced.append(os.fstat(fd).st_size))
    journal = Journal(tmp_path / "j")
    await journal.write({"kind": Kind.RECEIVED, "key": "k"})
    assert synced == [(tmp_path / "j").stat().st_size]
    journal.close()


async def test_writers_at_the_same_time_share_a_sync_and_lose_nothing(tmp_path, monkeypatch):
    syncs = []
    monkeypatch.setattr(os, "fdatasync", lambda fd: syncs.append(fd))
    journal = Journal(tmp_path / "j")
    await asyncio.gather(*(journal.write({"kind": Kind.RECEIVED, "key": str(n)}) for n in range(50)))
    assert {record["key"] for record in read(tmp_path / "j")[0]} == {str(n) for n in range(50)}
    assert len(syncs) < 50
    journal.close()


async def test_a_disk_that_fails_is_told_to_who_writes(tmp_path, monkeypatch):
    def full(_fd):
        raise OSError("plus de place")

    monkeypatch.setattr(os, "fdatasync", full)
    journal = Journal(tmp_path / "j")
    with pytest.raises(OSError, match="plus de place"):
        await journal.write({"kind": Kind.RECEIVED, "key": "k"})
    journal.close()


async def test_a_line_that_a_crash_cut_short_is_dropped_at_the_next_start(tmp_path):
    path = tmp_path / "j"
    path.write_bytes(b'{"at": 1, "kind": "effect", "key": "a"}\n{"at": 2, "ki')
    journal = Journal(path)
    assert [record["key"] for record in journal.past] == ["a"]
    await journal.write({"kind": Kind.EFFECT, "key": "b"})
    journal.close()
    assert [record["key"] for record in read(path)[0]] == ["a", "b"]


def test_a_reader_takes_complete_lines_and_goes_on_where_it_was(tmp_path):
    path = tmp_path / "j"
    path.write_bytes(b'{"n": 1}\n{"n"')
    records, offset = read(path)
    assert [r["n"] for r in records] == [1]
    with path.open("ab") as file:
        file.write(b": 2}\n")
    records, offset = read(path, offset)
    assert [r["n"] for r in records] == [2]
    assert read(path, offset)[0] == []


async def test_a_row_is_written_with_all_that_the_oracle_needs(tmp_path):
    journal = Journal(tmp_path / "j")
    await journal.about_to_send("cle", [Row("r", "f", "s", 0, row=3, opens="b", by_file=True)])
    journal.close()
    (line,) = (tmp_path / "j").read_text().splitlines()
    written = json.loads(line)
    assert written.pop("at") > 0
    assert written == {
        "kind": "about_to_send",
        "key": "cle",
        "ref": "r",
        "flow": "f",
        "subject": "s",
        "seq": 0,
        "row": 3,
        "opens": "b",
        "by_file": True,
    }
