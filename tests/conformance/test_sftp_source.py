"""What is particular to files that partners drop: names, archives, crashes, sizes, faults of the server."""

import asyncio
import os
import shutil
from datetime import UTC, datetime
from uuid import UUID

import asyncssh
import pytest
from asyncssh.sftp import SFTPClientHandler

from connectors.byte_budget import ByteBudget
from contracts.errors import Misconfigured, PartnerUnavailable
from contracts.ports import IntakeReport

from .droppers import STABLE_SECONDS, SftpDropper

MESSAGE = UUID("0192f0c1-0000-7000-8000-000000000001")
REPORT = IntakeReport(MESSAGE, "accepte", 2, recu_le=datetime(2026, 3, 1, 8, 30, tzinfo=UTC))


@pytest.fixture
async def dropper(tmp_path):
    dropper = SftpDropper(tmp_path)
    await dropper.start()
    yield dropper
    await dropper.stop()


def archives(dropper: SftpDropper) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (dropper.folder / "archives").iterdir()}


@pytest.mark.parametrize("name", ["a.csv.part", "a.tmp", "A.PART", "a.csv.filepart", ".a.csv"])
async def test_unfinished_and_hidden_names_are_left_alone(dropper, name):
    await dropper.drop(name, b"x")
    assert await dropper.offered() == []
    assert dropper.remaining() == [name]


async def test_sub_folders_and_links_are_left_alone(dropper):
    (dropper.folder / "sous-dossier.csv").mkdir()
    (dropper.folder / "lien.csv").symlink_to("/etc/hostname")
    assert await dropper.offered() == []


async def test_a_file_waits_until_its_date_has_not_moved_either(dropper):
    await dropper.drop("places.csv", b"x")
    await dropper.looked()
    os.utime(dropper.folder / "places.csv", (1_000_000_000, 1_000_000_000))
    dropper.clock.seconds += STABLE_SECONDS
    assert await dropper.looked() == []
    dropper.clock.seconds += STABLE_SECONDS
    assert len(await dropper.looked()) == 1


async def test_a_file_is_not_complete_a_moment_too_early(dropper):
    await dropper.drop("places.csv", b"x")
    await dropper.looked()
    dropper.clock.seconds += STABLE_SECONDS - 0.001
    assert await dropper.looked() == []


async def test_files_come_in_the_order_in_which_they_were_dropped(dropper):
    for name, date in (("c.csv", 1_000_000_000), ("a.csv", 1_000_000_002), ("b.csv", 1_000_000_001)):
        await dropper.drop(name, b"x")
        os.utime(dropper.folder / name, (date, date))
    assert [native.filename for native in await dropper.offered()] == ["c.csv", "b.csv", "a.csv"]


async def test_a_file_that_grows_between_the_listing_and_the_reading_is_not_offered(dropper):
    await dropper.drop("places.csv", b"x")
    dropper.server.after["open"] = lambda: (dropper.folder / "places.csv").write_bytes(b"xy")
    assert await dropper.offered() == []
    dropper.server.after.clear()
    [native] = await dropper.offered()
    assert native.body == b"xy"


class Asked(ByteBudget):
    """Says that somebody has asked for bytes."""

    def __init__(self, most):
        super().__init__(most)
        self.asked = asyncio.Event()

    async def wait_for(self, size):
        self.asked.set()
        await super().wait_for(size)


async def test_a_file_is_read_only_when_there_is_room_for_it(dropper):
    budget = Asked(10)
    source = dropper.new_source({"stable_s": 0.0}, budget=budget)
    assert budget.take(5)
    await dropper.drop("places.csv", b"12345678")
    fetching = asyncio.create_task(anext(source.fetch()))
    await asyncio.wait_for(budget.asked.wait(), timeout=10)
    assert not fetching.done()
    assert "open" not in dropper.server.calls
    budget.release(5)
    native = await asyncio.wait_for(fetching, timeout=10)
    assert native.body == b"12345678"
    assert not budget.take(3), "qui l'a reçu le rend"
    await source.close()


@pytest.mark.parametrize("content", [b"xy", None], ids=["grown", "gone"])
async def test_a_file_that_could_not_be_read_whole_leaves_its_room(dropper, content):
    budget = ByteBudget(10)
    source = dropper.new_source({"stable_s": 0.0}, budget=budget)
    path = dropper.folder / "places.csv"
    await dropper.drop("places.csv", b"x")
    dropper.server.after["open"] = path.unlink if content is None else lambda: path.write_bytes(content)
    assert [native async for native in source.fetch()] == []
    assert budget.take(10)
    await source.close()


async def test_a_file_whose_reading_fails_leaves_its_room(dropper):
    budget = ByteBudget(10)
    source = dropper.new_source({"stable_s": 0.0}, budget=budget)
    await dropper.drop("places.csv", b"x")
    dropper.server.lose_after = "open"
    with pytest.raises(PartnerUnavailable):
        await anext(source.fetch())
    assert budget.take(10)
    await source.close()


async def test_the_file_is_archived_and_the_report_is_json_with_french_keys(dropper):
    await dropper.drop("places.csv", b"x")
    [native] = await dropper.offered()
    await dropper.source.done(native, REPORT)
    assert archives(dropper) == {"places.csv": b"x"}
    assert dropper.report("places.csv") == {
        "fichier": "places.csv",
        "message": str(MESSAGE),
        "recu_le": "2026-03-01T08:30:00+00:00",
        "etat": "accepte",
        "repetition": False,
        "acceptes": 2,
        "rejets": [],
    }
    assert os.listdir(dropper.folder / "rapports") == ["places.csv.rapport.json"]


async def test_a_name_that_the_archives_have_gets_the_messages_id(dropper):
    for body in (b"hier", b"aujourd'hui", b"encore"):
        await dropper.drop("places.csv", body)
        [native] = await dropper.offered()
        await dropper.source.done(native, REPORT)
    assert archives(dropper) == {
        "places.csv": b"hier",
        f"places-{MESSAGE}.csv": b"aujourd'hui",
        f"places-{MESSAGE}-2.csv": b"encore",
    }


async def test_a_later_report_takes_the_place_of_an_earlier_one(dropper):
    for accepted in (1, 2):
        await dropper.drop("places.csv", b"%d" % accepted)
        [native] = await dropper.offered()
        await dropper.source.done(native, IntakeReport(MESSAGE, "accepte", accepted))
    assert dropper.report("places.csv")["acceptes"] == 2


async def test_a_server_without_posix_rename_gets_its_reports_all_the_same(dropper):
    dropper.server.failing["posix_rename"] = asyncssh.SFTPOpUnsupported("no")
    await test_a_later_report_takes_the_place_of_an_earlier_one(dropper)


async def test_a_crash_between_report_and_archive_is_mended_by_another_source(dropper):
    await dropper.drop("places.csv", b"x")
    [native] = await dropper.offered()
    dropper.server.failing["rename"] = asyncssh.SFTPFailure("crash")
    with pytest.raises(PartnerUnavailable):
        await dropper.source.done(native, REPORT)
    assert dropper.server.calls.count("rename") == 1
    assert dropper.report("places.csv")["acceptes"] == 2
    assert dropper.remaining() == ["places.csv"]

    dropper.server.failing.clear()
    await dropper.source.close()
    dropper.source = dropper.new_source()
    [again] = await dropper.offered()
    assert again == native
    await dropper.source.done(again, REPORT)
    assert archives(dropper) == {"places.csv": b"x"}


async def test_a_file_that_its_partner_takes_away_right_before_its_move_is_no_error(dropper):
    await dropper.drop("places.csv", b"x")
    [native] = await dropper.offered()
    dropper.server.failing["rename"] = asyncssh.SFTPNoSuchFile("taken away")
    await dropper.source.done(native, REPORT)
    assert dropper.report("places.csv")["acceptes"] == 2


async def test_the_report_is_there_before_the_file_leaves(dropper):
    await dropper.drop("places.csv", b"x")
    [native] = await dropper.offered()
    dropper.server.failing["posix_rename"] = asyncssh.SFTPFailure("crash")
    with pytest.raises(PartnerUnavailable):
        await dropper.source.done(native, REPORT)
    assert dropper.remaining() == ["places.csv"]


async def test_each_file_costs_fifteen_requests_once_the_folders_are_there(dropper, monkeypatch):
    made = []
    request = SFTPClientHandler._make_request

    async def counted(handler, kind, *arguments):
        made.append(kind)
        return await request(handler, kind, *arguments)

    monkeypatch.setattr(SFTPClientHandler, "_make_request", counted)

    async def cost(*names: str) -> int:
        made.clear()
        for name in names:
            await dropper.drop(name, b"x")
        for native in await dropper.offered():
            await dropper.source.done(native, REPORT)
        assert dropper.remaining() == []
        return len(made)

    await cost("hier.csv")
    assert await cost("a.csv", "b.csv", "c.csv") - await cost("d.csv") == 2 * 15


async def test_folders_that_were_removed_are_made_again(dropper):
    for name in ("a.csv", "b.csv"):
        await dropper.drop(name, b"x")
        [native] = await dropper.offered()
        await dropper.source.done(native, REPORT)
        assert archives(dropper) == {name: b"x"}
        assert os.listdir(dropper.folder / "rapports") == [f"{name}.rapport.json"]
        shutil.rmtree(dropper.folder / "archives")
        shutil.rmtree(dropper.folder / "rapports")


async def test_the_same_drop_is_known_again_by_another_process(dropper):
    await dropper.drop("places.csv", b"x")
    [native] = await dropper.offered()
    await dropper.source.close()
    dropper.source = dropper.new_source()
    [again] = await dropper.offered()
    assert again.drop == native.drop is not None


@pytest.mark.parametrize(
    ("name", "body", "date"),
    [
        ("places.csv", b"x", 1_000_086_400),
        ("places.csv", b"y", 1_000_000_000),
        ("autres.csv", b"x", 1_000_000_000),
    ],
    ids=["unchanged on another day", "other content", "other name"],
)
async def test_another_drop_is_told_from_the_first(dropper, name, body, date):
    await dropper.drop("places.csv", b"x")
    os.utime(dropper.folder / "places.csv", (1_000_000_000, 1_000_000_000))
    [first] = await dropper.offered()
    await dropper.source.done(first, REPORT)
    await dropper.drop(name, body)
    os.utime(dropper.folder / name, (date, date))
    [second] = await dropper.offered()
    assert second.drop is not None
    assert second.drop != first.drop


async def test_a_server_that_tells_no_date_tells_no_drop_from_another(dropper):
    await dropper.drop("places.csv", b"x")
    os.utime(dropper.folder / "places.csv", (0, 0))
    [native] = await dropper.offered()
    assert native.drop is None
    await dropper.source.done(native, REPORT)
    assert archives(dropper) == {"places.csv": b"x"}


async def test_the_same_content_dropped_anew_before_done_is_offered_anew(dropper):
    await dropper.drop("places.csv", b"x")
    os.utime(dropper.folder / "places.csv", (1_000_000_000, 1_000_000_000))
    [first] = await dropper.offered()
    os.utime(dropper.folder / "places.csv", (1_000_086_400, 1_000_086_400))
    await dropper.source.done(first, REPORT)
    [second] = await dropper.offered()
    assert second.body == first.body
    assert second.drop != first.drop


async def test_a_file_that_looks_like_one_that_is_done_waits_like_any_other(dropper):
    for _ in range(2):
        await dropper.drop("places.csv", b"x")
        os.utime(dropper.folder / "places.csv", (1_000_000_000, 1_000_000_000))
        assert await dropper.looked() == []
        dropper.clock.seconds += STABLE_SECONDS
        [native] = await dropper.looked()
        await dropper.source.done(native, REPORT)


async def test_new_content_of_the_same_size_and_date_is_not_archived_unread(dropper):
    await dropper.drop("places.csv", b"ancien")
    os.utime(dropper.folder / "places.csv", (1_000_000_000, 1_000_000_000))
    [native] = await dropper.offered()
    await dropper.drop("places.csv", b"neuf !")
    os.utime(dropper.folder / "places.csv", (1_000_000_000, 1_000_000_000))
    await dropper.source.done(native, REPORT)
    assert dropper.remaining() == ["places.csv"]
    [new] = await dropper.offered()
    assert new.body == b"neuf !"


async def test_new_content_that_takes_the_place_while_the_old_one_is_compared_is_offered(dropper):
    await dropper.drop("places.csv", b"ancien")
    [native] = await dropper.offered()

    def replaced() -> None:
        dropper.server.after.clear()
        (dropper.folder / "places.csv.part").write_bytes(b"plus neuf")
        (dropper.folder / "places.csv.part").rename(dropper.folder / "places.csv")

    dropper.server.after["read"] = replaced
    await dropper.source.done(native, REPORT)
    assert dropper.server.after == {}
    [new] = await dropper.offered()
    assert new.body == b"plus neuf"
    assert archives(dropper) == {}


async def test_a_file_that_its_server_dates_anew_when_it_is_moved_stays_in_the_archives(dropper):
    await dropper.drop("places.csv", b"x")
    [native] = await dropper.offered()
    dropper.server.after["rename"] = lambda: os.utime(dropper.folder / "archives" / "places.csv", (1, 1))
    await dropper.source.done(native, REPORT)
    dropper.server.after.clear()
    assert archives(dropper) == {"places.csv": b"x"}
    assert dropper.remaining() == []


async def test_a_file_above_the_cap_stays_gets_one_report_and_holds_up_nobody(dropper):
    await dropper.source.close()
    dropper.source = dropper.new_source(file_max_bytes=10)
    await dropper.drop("a-gros.csv", b"x" * 11)
    await dropper.drop("b.csv", b"x" * 10)
    assert [native.filename for native in await dropper.offered()] == ["b.csv"]
    assert dropper.remaining() == ["a-gros.csv", "b.csv"]
    assert dropper.report("a-gros.csv")["etat"] == "trop_volumineux"
    dropper.server.calls.clear()
    await dropper.offered()
    assert "posix_rename" not in dropper.server.calls


async def test_an_unreadable_file_is_reported_after_the_others_were_offered(dropper):
    await dropper.drop("a.csv", b"a")
    await dropper.drop("b.csv", b"b")
    dropper.server.forbidden.add(b"a.csv")
    await dropper.looked()
    dropper.clock.seconds += STABLE_SECONDS
    offers = dropper.source.fetch()
    assert (await anext(offers)).filename == "b.csv"
    with pytest.raises(Misconfigured, match="1 fichier"):
        await anext(offers)


async def test_a_name_in_cp1252_is_offered_readable_and_archived_as_it_was(dropper):
    name = os.fsdecode(b"\xe9t\xe9.csv")
    await dropper.drop(name, b"x")
    [native] = await dropper.offered()
    assert native.filename == "été.csv"
    await dropper.source.done(native, REPORT)
    assert archives(dropper) == {name: b"x"}
    assert dropper.report(name)["fichier"] == "été.csv"
    assert await dropper.offered() == []
    assert dropper.source._named == {}, "what is gone is kept in mind no longer"


async def test_a_missing_folder_needs_a_human(dropper):
    dropper.folder.rmdir()
    with pytest.raises(Misconfigured):
        await dropper.looked()


@pytest.mark.parametrize("folders", [{"archives": "."}, {"rapports": "./"}, {"archives": "../depot"}])
async def test_reports_and_archives_never_land_among_the_files_to_take_in(dropper, folders):
    with pytest.raises(Misconfigured):
        dropper.new_source(entry=folders)


async def test_a_server_that_falls_silent_is_unavailable_within_bounds(dropper, monkeypatch):
    monkeypatch.setattr("connectors.sftp.source.STEP_SECONDS", 0.3)
    monkeypatch.setattr("connectors.sftp.link.ABORT_GRACE_SECONDS", 0.1)
    dropper.server.hanging.add("scandir")
    with pytest.raises(PartnerUnavailable):
        async with asyncio.timeout(10):
            await dropper.looked()
    dropper.server.hanging.clear()
    assert await dropper.looked() == []


async def test_one_connection_serves_all_looks(dropper):
    await dropper.drop("places.csv", b"x")
    for _ in range(3):
        await dropper.offered()
    assert dropper.server.logins == 1
