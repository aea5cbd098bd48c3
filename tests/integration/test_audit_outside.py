"""Base and file may be cut together: the topic, a pinned key and an authority outside still tell."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from contracts.errors import BusUnavailable, PartnerUnavailable
from contracts.topics import HEADS
from deploy.local.ports import reserved_ports
from ops.audit import proving, time_stamps
from ops.audit.heads import newest
from ops.audit.kept import read_heads
from ops.audit.time_stamps import Stamper, stamped
from ops.outside.lines import publish
from ops.status.safeguards import safeguards_of
from router.domain import audit_heads
from router.domain.audit_chain import Fault
from router.domain.audit_heads import Gap, Head, Lack
from router.domain.roles import Role
from router.settings import TimeStampSettings
from router.store import audit
from simulation.time_stamps import Authority, authority
from tests.integration import lasting
from tests.integration.auditing import cut, faults, lease_of, sealed, sealer_of, verified, written
from tests.integration.tampering import tampered
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared = lasting.prepared

TAIL = ("rows gone back", "links gone back")


async def with_a_tail(world: World) -> None:
    """Rows that somebody will want to be gone, signed as all others are."""
    await written(world, 2)
    await sealed(world)
    await tampered(world, "rows backed up", "links backed up")
    await written(world, 2, "compromettant")
    await sealed(world)


async def tail_cut(world: World) -> None:
    """The owner of the database, who reaches the file too, cuts the end of both."""
    await tampered(world, *TAIL)
    cut(world.settings.audit_heads_file)


async def test_what_another_sealer_bound_and_did_not_sign_is_signed_by_who_has_the_lease_after_it(
    prepared: World,
) -> None:
    first = sealer_of(prepared)
    await written(prepared, 2)
    await first._seal()
    await written(prepared, 2)
    await sealer_of(prepared)._bind()
    first._signs_at = 0.0  # a minute later
    await first._seal()
    last = await newest(prepared.settings)
    async with prepared.database.transaction() as connection:
        assert last is not None
        assert last.rank == (await audit.end(connection)).rank


async def test_an_end_cut_off_table_and_file_is_found_and_nothing_signed_over_it_until_a_recovery_that_is_found_too(
    prepared: World,
) -> None:
    await with_a_tail(prepared)
    assert (await verified(prepared)).is_whole
    await tail_cut(prepared)
    verdict = await verified(prepared)
    assert faults(verdict) == {Fault.END_CUT}
    assert "1 tête du topic manque au fichier" in verdict.notes
    heads = read_heads(prepared.settings.audit_heads_file)
    await written(prepared, 2, "depuis")
    with capture_logs() as logged:
        await sealed(prepared)
    assert "audit.misconfigured" in [line["event"] for line in logged]
    assert read_heads(prepared.settings.audit_heads_file) == heads

    await written(prepared, 2, "base.reprendre")
    await sealed(prepared)
    verdict = await verified(prepared)
    assert (verdict.proof.findings, verdict.is_whole) == ([], False), "personne n'a annoncé cette reprise"
    assert [(each.rank, each.lost) for each in verdict.proof.restorations] == [(1, 2)]
    assert any(note.startswith("reprise signée le") for note in verdict.notes)


async def test_nothing_is_called_whole_without_the_topic_or_a_pinned_key_and_heads_of_another_key_bind_nothing(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> list[Head]:
        raise BusUnavailable("Kafka ne répond pas")

    await written(prepared, 2)
    await sealed(prepared)
    with monkeypatch.context() as without_topic:
        without_topic.setattr(proving, "published_heads", away)
        verdict = await verified(prepared)
    assert not verdict.is_whole
    assert verdict.doubts == ["le topic des têtes n'a pas été lu : Kafka ne répond pas"]

    pinned = prepared.settings
    prepared.settings = pinned.model_copy(update={"audit_public_key_file": None})
    verdict = await verified(prepared)
    assert (verdict.proof.findings, verdict.is_whole) == ([], False)
    assert "la clé publique n'est pas épinglée" in verdict.doubts[0]

    stranger = pinned.audit_heads_file.with_name("autre.pub")
    stranger.write_text("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\n")
    prepared.settings = pinned.model_copy(update={"audit_public_key_file": stranger})
    assert Fault.HEAD_FORGED in faults(await verified(prepared))


async def test_what_somebody_else_writes_on_the_topic_stops_no_signing_and_is_found(prepared: World) -> None:
    await written(prepared, 1)
    await sealed(prepared)
    (head,) = read_heads(prepared.settings.audit_heads_file)
    forged = replace(head, rank=99, at=head.at + timedelta(days=1))
    for line in (b"\xff", forged.to_json().encode()):
        await publish(prepared.settings.kafka, HEADS, [(None, line)])
    await written(prepared, 1)
    await sealed(prepared)
    assert [head.rank for head in read_heads(prepared.settings.audit_heads_file)] == [1, 2]
    assert faults(await verified(prepared)) == {Fault.HEAD_FORGED}


# --- an authority outside


@pytest.fixture
def tsa_port() -> Iterator[int]:
    with reserved_ports(1) as (port,):
        yield port


@pytest_asyncio.fixture(loop_scope="module")
async def tsa(prepared: World, tmp_path: Path, tsa_port: int) -> AsyncIterator[Authority]:
    """An authority that the hub knows, and whose certificate is pinned."""
    async with authority(tmp_path / "autorite", tsa_port).running() as running:
        section = TimeStampSettings(url=running.url, ca_file=running.ca_file)
        prepared.settings = prepared.settings.model_copy(update={"time_stamps": section})
        yield running


async def stamps(world: World) -> None:
    """What the scheduler does every few minutes."""
    await Stamper(world.settings, lease_of(world, "horodatage"))._work()


async def test_a_stamped_head_is_verified_with_its_authority_gone_and_contradicts_another_one_and_a_history_made_anew(
    prepared: World, tsa: Authority, tmp_path: Path
) -> None:
    """A history that is made anew by who holds table, file, topic and key."""
    await written(prepared, 3)
    await sealed(prepared)
    await stamps(prepared)
    tsa.status = 503
    verdict = await verified(prepared, datetime.now(UTC) + timedelta(hours=2))
    assert verdict.is_whole
    assert verdict.gaps == []

    pinned = prepared.settings
    other = authority(tmp_path / "autre", tsa.port)
    section = TimeStampSettings(url=tsa.url, ca_file=other.ca_file)
    prepared.settings = pinned.model_copy(update={"time_stamps": section})
    assert faults(await verified(prepared)) == {Fault.STAMP_FORGED}
    prepared.settings = pinned

    await tampered(prepared, "edited everywhere", "all cut", "to be bound anew")
    prepared.settings.audit_heads_file.unlink()
    kafka = prepared.settings.kafka
    elsewhere = kafka.model_copy(update={"prefix": f"{kafka.prefix}.neuf"})
    prepared.settings = prepared.settings.model_copy(update={"kafka": elsewhere})
    await sealed(prepared)
    assert Fault.HEAD_DIFFERS in faults(await verified(prepared))


async def test_an_authority_that_is_away_delays_no_signing_and_leaves_a_gap_that_is_told(
    prepared: World, tsa: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    tsa.silent = True
    await written(prepared, 2)
    with capture_logs() as logged, monkeypatch.context() as impatient:
        impatient.setattr(time_stamps, "ANSWER_SECONDS", 0.5)
        waiting = asyncio.create_task(stamps(prepared))
        await sealed(prepared)
        head = await newest(prepared.settings)
        await stamps(prepared)
        await waiting
    assert head is not None
    assert "audit.unstamped" in [line["event"] for line in logged]
    later = datetime.now(UTC) + timedelta(hours=2)
    verdict = await verified(prepared, later)
    assert verdict.gaps[0] == Gap(Lack.STAMP, head.at, None)
    (safeguard,) = [
        safeguard
        for safeguard in safeguards_of(prepared.settings, later)
        if safeguard.name == "horodatage de l'audit"
    ]
    assert not safeguard.holds
    tsa.silent = False
    await stamps(prepared)
    assert (await verified(prepared)).is_whole


async def test_an_answer_that_is_no_time_stamp_is_no_stamp(prepared: World, tsa: Authority) -> None:
    head = Head(1, b"\0" * 32, datetime.now(UTC), restored=False)
    for answer in (b"", b"<html>", b"\x30\x82\x7f\xff" * 8192, b"x" * (time_stamps.ANSWER_BYTES + 1)):
        tsa.answer = answer
        with pytest.raises(PartnerUnavailable):
            await stamped(prepared.settings, head)


async def test_the_scheduler_has_heads_stamped_by_itself(
    prepared: World, tmp_path: Path, tsa_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_heads, "HEAD_SECONDS", 0.5)
    async with authority(tmp_path / "autorite", tsa_port).running() as running:
        section = TimeStampSettings(url=running.url, ca_file=running.ca_file, every_s=0.5)
        prepared.settings = prepared.settings.model_copy(update={"time_stamps": section})
        await prepared.start(Role.SCHEDULER)
        await written(prepared, 1)
        await until(prepared.settings.audit_stamps_file.exists, "une tête est horodatée")
        assert len(running.asked) >= 1
