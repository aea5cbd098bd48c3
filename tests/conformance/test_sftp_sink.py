"""What is particular to deliveries as files: names, renames, faults of the server."""

import asyncio
import gc
from contextlib import suppress
from time import monotonic

import asyncssh
import pytest

from connectors.sftp import SftpSink
from connectors.sftp.files import PIECE_BYTES
from contracts.errors import Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused
from contracts.ports import Native
from contracts.sftp import SortieSftp

from .sftp_server import FaultySftpServer

PATIENCE_SECONDS = 60.0
"""Longer than any machine takes for what is answered."""
NATIVE = Native("réf;ville\n1;Évry\n".encode(), "text/csv", "candidats.csv")


@pytest.fixture
async def server(tmp_path, clock):
    server = FaultySftpServer(tmp_path)
    server.hangs = lambda: clock.passes(PATIENCE_SECONDS)
    (server.root / "depot").mkdir()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def open_sink(server):
    sinks = []

    def opened(**entry) -> SftpSink:
        sinks.append(
            SftpSink(
                SortieSftp(**{**server.entry(), "dossier": "depot", "delai_s": PATIENCE_SECONDS, **entry})
            )
        )
        return sinks[-1]

    yield opened
    for sink in sinks:
        await sink.close()


async def test_the_file_bears_the_natives_name_and_no_part_stays(server, open_sink):
    receipt = await open_sink().send(NATIVE, "livraison-1")
    assert server.names("depot") == ["candidats.csv"]
    assert receipt.proven


async def test_without_a_name_the_file_is_called_after_the_key(server, open_sink):
    await open_sink().send(Native(b"<a/>", "application/xml"), "livraison-1")
    assert server.names("depot") == ["livraison-1.xml"]


async def test_a_name_cannot_leave_the_folder_nor_hide(server, open_sink):
    await open_sink().send(Native(b"x", "text/csv", "../../.ssh/clés"), "livraison-1")
    assert server.names("depot") == ["_.._.ssh_clés"]


async def test_a_file_gets_its_name_only_after_it_is_on_the_disk(server, open_sink):
    await open_sink().send(NATIVE, "livraison-1")
    assert server.calls == ["open", "open", "write", "fsync", "rename"]


async def test_a_server_without_fsync_gets_its_file_all_the_same(server, open_sink):
    server.failing["fsync"] = asyncssh.SFTPOpUnsupported("no fsync here")
    assert (await open_sink().send(NATIVE, "livraison-1")).proven


async def test_large_files_arrive_exactly_and_are_recognised_again(server, open_sink):
    large = Native(bytes(range(256)) * 12_000, "application/octet-stream", "gros.bin")
    sink = open_sink()
    await sink.send(large, "livraison-1")
    assert (server.root / "depot" / "gros.bin").read_bytes() == large.body
    server.calls.clear()
    assert (await sink.send(large, "livraison-1")).proven
    assert "write" not in server.calls


@pytest.mark.parametrize(
    "other",
    [b"autre", bytes(reversed(NATIVE.body)), NATIVE.body + b"!"],
    ids=["shorter", "same size", "longer"],
)
async def test_a_name_taken_by_other_content_is_refused_and_left_alone(server, open_sink, other):
    (server.root / "depot" / "candidats.csv").write_bytes(other)
    with pytest.raises(Refused):
        await open_sink().send(NATIVE, "livraison-1")
    assert (server.root / "depot" / "candidats.csv").read_bytes() == other


@pytest.mark.parametrize("length", [0, 2 * PIECE_BYTES], ids=["empty", "whole pieces"])
async def test_a_file_that_only_begins_alike_is_other_content(server, open_sink, length):
    (server.root / "depot" / "candidats.csv").write_bytes(b"x" * (length + 1))
    with pytest.raises(Refused):
        await open_sink().send(Native(b"x" * length, "text/csv", "candidats.csv"), "livraison-1")


async def test_a_name_taken_while_the_file_was_written_is_never_overwritten(server, open_sink):
    server.after["write"] = lambda: (server.root / "depot" / "candidats.csv").write_bytes(b"autre")
    with pytest.raises(Refused):
        await open_sink().send(NATIVE, "livraison-1")
    assert (server.root / "depot" / "candidats.csv").read_bytes() == b"autre"
    assert server.names("depot") == ["candidats.csv"]


async def test_a_twin_that_was_faster_with_the_same_content_is_success(server, open_sink):
    server.after["write"] = lambda: (server.root / "depot" / "candidats.csv").write_bytes(NATIVE.body)
    assert (await open_sink().send(NATIVE, "livraison-1")).proven
    assert server.names("depot") == ["candidats.csv"]


async def test_two_keys_for_one_name_never_write_into_one_file(server, open_sink):
    sink = open_sink()
    outcomes = await asyncio.gather(
        sink.send(NATIVE, "livraison-1"),
        sink.send(Native(b"autre", "text/csv", "candidats.csv"), "livraison-2"),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert (server.root / "depot" / "candidats.csv").read_bytes() in (NATIVE.body, b"autre")


async def test_a_half_written_file_of_a_crash_is_written_anew(server, open_sink):
    server.lose_after = "write"
    with pytest.raises(PartnerUnavailable) as raised:
        await open_sink().send(NATIVE, "livraison-1")
    assert not isinstance(raised.value, OutcomeUnknown)
    [part] = server.names("depot")
    assert part.endswith(".part")
    assert (await open_sink().send(NATIVE, "livraison-1")).proven
    assert server.names("depot") == ["candidats.csv"]


@pytest.mark.parametrize("other", [b"autre", NATIVE.body], ids=["refused", "taken"])
async def test_what_a_crash_left_half_written_is_removed_once_its_name_is_taken(server, open_sink, other):
    server.lose_after = "write"
    with pytest.raises(PartnerUnavailable):
        await open_sink().send(NATIVE, "livraison-1")
    assert len(server.names("depot")) == 1
    (server.root / "depot" / "candidats.csv").write_bytes(other)
    with suppress(Refused):
        await open_sink().send(NATIVE, "livraison-1")
    assert server.names("depot") == ["candidats.csv"]


async def test_a_file_that_cannot_be_removed_changes_nothing_of_what_became_of_the_delivery(
    server, open_sink
):
    server.failing["remove"] = asyncssh.SFTPPermissionDenied("no")
    server.after["write"] = lambda: (server.root / "depot" / "candidats.csv").write_bytes(NATIVE.body)
    assert (await open_sink().send(NATIVE, "livraison-1")).proven
    server.failing["write"] = asyncssh.SFTPQuotaExceeded("full")
    server.hanging.add("remove")
    with pytest.raises(PartnerUnavailable):
        await open_sink().send(Native(b"x", "text/csv"), "livraison-2")


async def test_a_rename_that_is_not_answered_in_time_leaves_the_outcome_unknown_and_the_file_alone(
    server, open_sink
):
    server.hanging.add("rename")
    with pytest.raises(OutcomeUnknown):
        await open_sink().send(NATIVE, "livraison-1")
    assert "remove" not in server.calls


async def test_a_write_that_is_not_answered_in_time_delivered_nothing(server, open_sink, monkeypatch):
    monkeypatch.setattr("connectors.sftp.link.ABORT_GRACE_SECONDS", 10 * PATIENCE_SECONDS)
    server.hanging.add("write")
    with pytest.raises(PartnerUnavailable) as raised:
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            await open_sink().send(NATIVE, "livraison-1")
    assert not isinstance(raised.value, OutcomeUnknown)
    assert "candidats.csv" not in server.names("depot")


async def test_a_timeout_leaves_nothing_behind_that_fails_unseen(server, open_sink):
    unseen = []
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, context: unseen.append(context.get("exception"))
    )
    server.hanging.add("write")
    sink = open_sink()
    with pytest.raises(PartnerUnavailable):
        await sink.send(Native(bytes(100_000), "text/csv"), "livraison-1")
    await sink.close()
    await server.stop()
    for _ in range(10):
        await asyncio.sleep(0)  # whoever waits for an answer learns that none will come
    gc.collect()
    assert not any(unseen)


async def test_a_server_that_answers_with_less_than_asked_is_read_to_the_end(server, open_sink):
    large = Native(bytes(range(256)) * 1_000, "application/octet-stream", "gros.bin")
    sink = open_sink()
    await sink.send(large, "livraison-1")
    server.read_at_most_bytes = 1000
    assert (await sink.send(large, "livraison-1")).proven


async def test_after_a_timeout_the_next_delivery_has_a_connection_of_its_own(server, open_sink):
    sink = open_sink()
    server.hanging.add("write")
    with pytest.raises(PartnerUnavailable):
        await sink.send(NATIVE, "livraison-1")
    server.hanging.clear()
    assert (await sink.send(NATIVE, "livraison-1")).proven
    assert server.logins == 2


@pytest.mark.parametrize(
    ("call", "fault", "error"),
    [
        ("open", asyncssh.SFTPPermissionDenied("no"), Misconfigured),
        ("rename", asyncssh.SFTPPermissionDenied("no"), Misconfigured),
        ("write", asyncssh.SFTPNoSpaceOnFilesystem("full"), PartnerUnavailable),
        ("write", asyncssh.SFTPQuotaExceeded("full"), PartnerUnavailable),
        ("rename", asyncssh.SFTPFailure("disk"), PartnerUnavailable),
    ],
)
async def test_every_fault_of_the_server_has_one_meaning(server, open_sink, call, fault, error):
    server.failing[call] = fault
    with pytest.raises(error) as raised:
        await open_sink().send(NATIVE, "livraison-1")
    assert type(raised.value) is error
    assert server.names("depot") == []


async def test_a_missing_folder_needs_a_human(server, open_sink):
    with pytest.raises(Misconfigured):
        await open_sink(dossier="ailleurs").send(NATIVE, "livraison-1")


@pytest.mark.parametrize("algorithm", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
async def test_another_host_key_needs_a_human_and_gets_nothing(server, open_sink, algorithm):
    other = asyncssh.generate_private_key(algorithm).export_public_key().decode()
    with pytest.raises(Misconfigured):
        await open_sink(cle_hote=other).send(NATIVE, "livraison-1")
    assert server.names("depot") == []


@pytest.mark.parametrize(
    "entry", [{"port": 99_999}, {"hote": "a..b"}, {"hote": "é" * 63}, {"hote": "a\0b"}], ids=str
)
async def test_an_impossible_address_that_was_taken_all_the_same_needs_a_human(server, entry):
    sortie = SortieSftp(**server.entry(), dossier="depot").model_copy(update=entry)
    sink = SftpSink(sortie)
    with pytest.raises(Misconfigured):
        await sink.send(NATIVE, "livraison-1")
    with pytest.raises(Misconfigured):
        await sink.has_received(NATIVE, "livraison-1")


@pytest.mark.parametrize("entry", [{"cle_hote": "pas une clé"}, {"cle_privee": "file:/nulle/part"}])
async def test_unreadable_keys_need_a_human(open_sink, entry):
    with pytest.raises(Misconfigured):
        await open_sink(**entry).send(NATIVE, "livraison-1")


async def test_a_private_key_that_is_none_needs_a_human(open_sink, tmp_path):
    (tmp_path / "key").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(Misconfigured):
        await open_sink(cle_privee=f"file:{tmp_path / 'key'}").send(NATIVE, "livraison-1")


async def test_a_question_costs_one_look_and_writes_nothing(server, open_sink):
    sink = open_sink()
    await sink.send(NATIVE, "livraison-1")
    server.calls.clear()
    assert await sink.has_received(NATIVE, "livraison-1")
    assert server.calls == ["stat"]


async def test_a_file_that_has_not_got_its_name_is_not_received(server, open_sink):
    server.failing["rename"] = asyncssh.SFTPFailure("disk")
    sink = open_sink()
    with pytest.raises(PartnerUnavailable):
        await sink.send(NATIVE, "livraison-1")
    assert not await sink.has_received(NATIVE, "livraison-1")


async def test_a_question_about_a_folder_that_is_missing_needs_a_human(server, open_sink):
    (server.root / "depot").rmdir()
    with pytest.raises(Misconfigured):
        await open_sink().has_received(NATIVE, "livraison-1")


async def test_a_question_that_is_not_answered_in_time_tells_nothing(server, open_sink):
    server.hanging.add("stat")
    with pytest.raises(PartnerUnavailable) as raised:
        await open_sink().has_received(NATIVE, "livraison-1")
    assert not isinstance(raised.value, OutcomeUnknown)


async def test_one_connection_serves_all_deliveries(server, open_sink):
    sink = open_sink(en_vol=4)
    await asyncio.gather(*(sink.send(Native(b"%d" % n, "text/csv"), f"livraison-{n}") for n in range(20)))
    assert len(server.names("depot")) == 20
    assert server.logins == 1


async def test_a_delivery_that_finds_no_free_place_in_time_delivered_nothing(server, open_sink):
    sink = open_sink(en_vol=1, delai_s=0.1)
    async with sink._slots.one(monotonic() + 1):
        with pytest.raises(PartnerUnavailable):
            await sink.send(NATIVE, "livraison-1")
    assert server.names("depot") == []


FILES = tuple(
    Native(f"{name}~1\r".encode(), "text/plain", name) for name in ("VPAXTSIA", "VPAXTDMR", "VPAXTDME")
)
SET = Native(b"\r", "text/plain", "CPAXT", avant=FILES)


async def test_the_marker_of_a_set_lies_there_once_all_of_its_files_do(server, open_sink):
    seen = []
    server.after["rename"] = lambda: seen.append(server.names("depot"))
    assert (await open_sink().send(SET, "livraison-1")).proven
    assert server.names("depot") == ["CPAXT", "VPAXTDME", "VPAXTDMR", "VPAXTSIA"]
    assert [file for names in seen for file in names if file == "CPAXT"] == ["CPAXT"]
    assert all((server.root / "depot" / str(one.filename)).read_bytes() == one.body for one in (*FILES, SET))


@pytest.mark.parametrize("renames", range(4))
async def test_a_set_that_was_cut_is_completed_and_has_not_arrived_before(server, open_sink, renames):
    def cut() -> None:
        if server.calls.count("rename") > renames:
            server.lose_after, server.after = "rename", {}

    server.after["rename"] = cut
    sink = open_sink()
    with pytest.raises(PartnerUnavailable):
        await sink.send(SET, "livraison-1")
    there = server.names("depot")
    assert await sink.has_received(SET, "livraison-1") is (len(there) == len(FILES) + 1)
    server.calls.clear()
    await sink.send(SET, "livraison-1")
    assert server.names("depot") == ["CPAXT", "VPAXTDME", "VPAXTDMR", "VPAXTSIA"]
    assert server.calls.count("rename") == len(FILES) + 1 - len(there)


async def test_a_file_of_a_set_whose_name_is_taken_refuses_the_set_before_its_marker(server, open_sink):
    (server.root / "depot" / "VPAXTDMR").write_bytes(b"autre")
    with pytest.raises(Refused):
        await open_sink().send(SET, "livraison-1")
    assert "CPAXT" not in server.names("depot")


async def test_a_server_that_only_packs_is_left_alone_for_what_it_packs_has_no_bound(server, open_sink):
    await server.stop()
    await server.start(compression_algs=["zlib@openssh.com"])
    with pytest.raises(Misconfigured):
        await open_sink().send(NATIVE, "livraison-1")
