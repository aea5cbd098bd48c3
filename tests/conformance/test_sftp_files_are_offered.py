"""Which of the files that partners drop are offered, when, and as which drop; and what the server's faults cost."""

import asyncio
import os
import tracemalloc

import asyncssh
import pytest

from connectors.byte_budget import ByteBudget
from connectors.sftp import listing
from connectors.sftp.files import PIECE_BYTES
from connectors.sftp.source import PIECE_SECONDS
from contracts.errors import Misconfigured, PartnerUnavailable
from contracts.sftp import STEP_SECONDS

from .droppers import STABLE_SECONDS
from .reports import REPORT, archives


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


async def test_of_a_long_folder_the_oldest_come_first_and_the_others_once_these_have_left(
    dropper, monkeypatch
):
    monkeypatch.setattr(listing, "OFFERED_AT_ONCE", 3)
    for number in range(10):
        await dropper.drop(f"{number}.csv", b"x")
        os.utime(dropper.folder / f"{number}.csv", (1_000_000_000 - number, 1_000_000_000 - number))
    looks = []
    while offered := await dropper.offered():
        looks.append("".join(native.filename[0] for native in offered))
        for native in offered:
            (dropper.folder / native.filename).unlink()
    assert looks == ["987", "654", "321", "0"]


def claimed(number, name="%06d.csv"):
    """What a server may say lies in a folder."""
    attrs = asyncssh.SFTPAttrs(permissions=0o100644, size=1, mtime=1_000_000_000)
    return [asyncssh.SFTPName((name % n).encode(), attrs=attrs) for n in range(number)]


async def test_the_memory_of_a_look_does_not_grow_with_the_folder(dropper, monkeypatch):
    monkeypatch.setattr(listing, "OFFERED_AT_ONCE", 100)
    dropper.server.listed = claimed(100)
    await dropper.looked()
    dropper.server.listed = claimed(10_000)
    tracemalloc.start()
    await dropper.looked()
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 2 * 1024 * 1024  # ten thousand names at once would take more than three


async def test_a_folder_without_end_is_read_no_further_than_a_bound(dropper, monkeypatch):
    monkeypatch.setattr(listing, "READ_AT_MOST", 5)
    dropper.server.listed = claimed(10)
    assert await dropper.offered() == []
    assert dropper.server.calls.count("open") == 5


async def test_a_name_that_no_file_system_has_is_left_alone(dropper):
    dropper.server.listed = claimed(1, name=f"%d{'n' * 300}.csv")
    assert await dropper.offered() == []
    assert "open" not in dropper.server.calls


async def test_a_reply_that_names_thirty_thousand_files_at_once_is_refused_and_the_next_look_is_well(
    dropper, monkeypatch
):
    await dropper.drop("a.csv", b"x")
    with monkeypatch.context() as talkative:
        talkative.setattr(asyncssh.sftp, "_MAX_READDIR_NAMES", 30_000)
        dropper.server.listed = claimed(30_000)
        with pytest.raises(PartnerUnavailable, match="trop long"):
            await dropper.looked()
    dropper.server.listed = None
    assert len(await dropper.offered()) == 1


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
    await budget.asked.wait()
    assert not fetching.done()
    assert "open" not in dropper.server.calls
    budget.release(5)
    native = await fetching
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
    dropper.server.failing["open"] = asyncssh.SFTPFailure("no")
    with pytest.raises(PartnerUnavailable):
        await anext(source.fetch())
    assert budget.take(10)
    await source.close()


async def test_a_connection_that_breaks_while_a_file_is_read_lets_no_later_file_overtake_it(dropper):
    source = dropper.new_source({"stable_s": 0.0})
    names = ["1.csv", "2.csv"]
    for name in names:
        await dropper.drop(name, b"x")
        os.utime(dropper.folder / name, (1_000_000_000, 1_000_000_000))
    for lost_while in ("open", "read", "stat"):
        dropper.server.lose_after = lost_while
        offered: list[str] = []
        await looked(source, offered)
        assert offered == names
    await source.close()


@pytest.mark.parametrize("refuses", [False, True], ids=["comes back at once", "refuses once"])
async def test_a_file_at_which_the_server_hangs_up_each_time_stops_no_other(dropper, refuses):
    source = dropper.new_source({"stable_s": 0.0})
    for name, date in (("fatal.csv", 1_000_000_000), ("autre.csv", 1_000_000_001)):
        await dropper.drop(name, b"x")
        os.utime(dropper.folder / name, (date, date))
    dropper.server.fatal.add(b"fatal.csv")
    dropper.server.refuses_after_a_fatal = refuses
    offered: list[str] = []
    for _ in range(4):
        with pytest.raises(PartnerUnavailable, match="injoignable"):
            await looked(source, offered)
    assert "autre.csv" in offered
    await source.close()


async def test_a_file_that_does_not_come_is_tried_once_more_and_then_stops_no_other(dropper, clock):
    dropper.server.hangs = lambda: clock.passes(PIECE_SECONDS)
    source = dropper.new_source({"stable_s": 0.0})
    dropper.server.stuck.add(b"gros.csv")
    for name, date in (("gros.csv", 1_000_000_000), ("petit.csv", 1_000_000_001)):
        await dropper.drop(name, b"x")
        os.utime(dropper.folder / name, (date, date))
    looks: list[list[str]] = []
    for _ in range(3):
        looks.append([])
        with pytest.raises(PartnerUnavailable, match="trop lentement"):
            await looked(source, looks[-1])
    assert looks == [[], ["petit.csv"], ["petit.csv"]]
    dropper.server.stuck.clear()
    await looked(source, looks[-1])
    assert looks[-1] == ["petit.csv", "petit.csv", "gros.csv"]
    await source.close()


async def looked(source, offered):
    """Note the name of each file that a source offers, whatever ends the look."""
    async for native in source.fetch():
        offered.append(native.filename)


async def test_a_file_that_comes_slowly_is_read_and_settled_however_long_the_whole_of_it_takes(
    dropper, clock
):
    body = os.urandom(6 * PIECE_BYTES)
    await dropper.drop("gros.csv", body)
    dropper.server.reads = lambda: clock.passes(STEP_SECONDS / 6 / 60)  # a piece has 64 blocks, and 20 s
    [native] = await dropper.offered()
    assert native.body == body
    await dropper.source.done(native, REPORT)
    assert archives(dropper) == {"gros.csv": body}


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


async def test_a_missing_folder_needs_a_human(dropper):
    dropper.folder.rmdir()
    with pytest.raises(Misconfigured):
        await dropper.looked()


async def test_a_server_that_falls_silent_is_unavailable_within_bounds(dropper, clock):
    dropper.server.hangs = lambda: clock.passes(STEP_SECONDS)
    dropper.server.hanging.add("scandir")
    with pytest.raises(PartnerUnavailable):
        async with asyncio.timeout(10 * STEP_SECONDS):
            await dropper.looked()
    dropper.server.hanging.clear()
    assert await dropper.looked() == []


async def test_one_connection_serves_all_looks(dropper):
    await dropper.drop("places.csv", b"x")
    for _ in range(3):
        await dropper.offered()
    assert dropper.server.logins == 1
