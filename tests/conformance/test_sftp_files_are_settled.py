"""What becomes of a file that was dropped: a report, a place in the archives, and nothing lost at a crash."""

import json
import os
import shutil

import asyncssh
import pytest
from asyncssh.sftp import SFTPClientHandler

from contracts.errors import Misconfigured, PartnerUnavailable
from contracts.ports import IntakeReport, Native, Rejet

from .droppers import STABLE_SECONDS
from .reports import MESSAGE, REPORT, archives


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
        "avertissements": [],
    }
    assert os.listdir(dropper.folder / "rapports") == ["places.csv.rapport.json"]


async def test_what_is_to_be_mended_lies_beside_the_report_for_people_and_as_a_file(dropper):
    await dropper.drop("places.csv", b"x")
    [native] = await dropper.offered()
    wrong = Rejet("code_commune_invalide", "code commune inconnu", 3, "commune", "CH-9")
    to_mend = Native(b"commune;a_corriger\r\n", "text/csv", "places.a-corriger.csv")
    report = IntakeReport(MESSAGE, "partiel", 2, (wrong,), a_corriger=to_mend)
    await dropper.source.done(native, report)
    reports = dropper.folder / "rapports"
    assert (reports / "places.a-corriger.csv").read_bytes() == to_mend.body
    told = (reports / "places.csv.rapport.txt").read_text("utf-8-sig")
    assert str(MESSAGE) in told
    assert "- ligne 3 (CH-9), commune : code commune inconnu" in told


async def test_a_text_for_people_never_tells_of_an_earlier_file_of_that_name(dropper):
    wrong = Rejet("code_commune_invalide", "code commune inconnu", 3, "commune", "CH-9")
    for report in (IntakeReport(MESSAGE, "partiel", 2, (wrong,)), REPORT):
        await dropper.drop("places.csv", b"x")
        [native] = await dropper.offered()
        await dropper.source.done(native, report)
    told = (dropper.folder / "rapports" / "places.csv.rapport.txt").read_text("utf-8-sig")
    assert "accepté, 2 lignes" in told
    assert "CH-9" not in told


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


@pytest.mark.parametrize("name", ["n" * 251 + ".csv", "é" * 125 + ".csv"])
async def test_a_file_with_the_longest_name_that_a_server_takes_is_settled_like_any_other(dropper, name):
    to_mend = Native(b"commune;a_corriger\r\n", "text/csv", f"{name.removesuffix('.csv')}.a-corriger.csv")
    wrong = Rejet("code_commune_invalide", "code commune inconnu", 3, "commune", "CH-9")
    for body in (b"hier", b"aujourd'hui"):
        await dropper.drop(name, body)
        [native] = await dropper.offered()
        await dropper.source.done(native, IntakeReport(MESSAGE, "partiel", 2, (wrong,), a_corriger=to_mend))
        assert await dropper.offered() == []
    assert sorted(archives(dropper).values()) == [b"aujourd'hui", b"hier"]
    assert archives(dropper)[name] == b"hier"
    reports = sorted((dropper.folder / "rapports").iterdir(), key=lambda path: path.name.partition(".")[2])
    ends = [".a-corriger.csv", ".csv.rapport.json", ".csv.rapport.txt"]
    assert [path.name[path.name.index(".") :] for path in reports] == ends
    assert all(path.name.startswith(name[:80]) for path in reports)
    assert json.loads(reports[1].read_text())["fichier"] == name


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


async def test_each_file_costs_seventeen_requests_once_the_folders_are_there(dropper, monkeypatch):
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
    assert await cost("a.csv", "b.csv", "c.csv") - await cost("d.csv") == 2 * 17


async def test_folders_that_were_removed_are_made_again(dropper):
    for name in ("a.csv", "b.csv"):
        await dropper.drop(name, b"x")
        [native] = await dropper.offered()
        await dropper.source.done(native, REPORT)
        assert archives(dropper) == {name: b"x"}
        assert os.listdir(dropper.folder / "rapports") == [f"{name}.rapport.json"]
        shutil.rmtree(dropper.folder / "archives")
        shutil.rmtree(dropper.folder / "rapports")


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


@pytest.mark.parametrize("folders", [{"archives": "."}, {"rapports": "./"}, {"archives": "../depot"}])
async def test_reports_and_archives_never_land_among_the_files_to_take_in(dropper, folders):
    with pytest.raises(Misconfigured):
        dropper.new_source(entry=folders)
