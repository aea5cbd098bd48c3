"""The audit proves itself: bound within seconds, signed outside the database, and never changed in silence."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import AsyncMock

import asyncpg
import pytest
from structlog.testing import capture_logs

from ops.audit import sealing as ops
from ops.audit.kept import read_heads
from ops.status import changes
from router.domain.audit_chain import BEGINNING, Fault
from router.domain.audit_heads import Lack
from router.domain.roles import Role
from router.store import audit
from router.store.database import AUDIT, JOBS
from tests.integration import clock, lasting
from tests.integration.auditing import faults, sealed, sealer_of, verified, written
from tests.integration.messages import vacancy
from tests.integration.seen import vitals
from tests.integration.tampering import FORBIDDEN, done_by_the_hub, tampered
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared = lasting.prepared


async def test_what_the_hub_writes_is_bound_and_signed_by_itself(prepared: World) -> None:
    await prepared.start(Role.GATEWAY, Role.SCHEDULER)
    await prepared.accepted("centre", vacancy("A-1"))
    await until(lambda: _signed(prepared), "une tête est signée")
    verdict = await verified(prepared)
    assert verdict.is_whole
    assert verdict.proof.rows == await prepared.count("audit")


async def _signed(world: World) -> bool:
    heads = read_heads(world.settings.audit_heads_file)
    verdict = await verified(world)
    return (
        bool(heads) and verdict.is_whole and verdict.waiting == 0
    )  # the topic may get a head after the file


async def test_the_hub_itself_cannot_change_a_row_nor_take_one_out(prepared: World) -> None:
    await written(prepared, 1)
    await sealed(prepared)
    for statement in FORBIDDEN:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await done_by_the_hub(prepared, statement)


CHANGES = {
    "edited": Fault.ROW_CHANGED,
    "edited detail": Fault.ROW_CHANGED,
    "deleted": Fault.ROW_MISSING,
    "swapped": Fault.ROW_CHANGED,
    "end cut": Fault.END_CUT,
    "all cut": Fault.END_CUT,
    "beginning cut": Fault.BEGINNING_CUT,
    "link changed": Fault.LINK_CHANGED,
    "row let in beside the chain": Fault.ROW_UNBOUND,
}


async def test_what_an_operator_of_the_database_does_to_the_audit_is_found(prepared: World) -> None:
    for _ in range(3):
        await written(prepared, 4)
        await sealed(prepared)
    await tampered(prepared, "rows backed up", "links backed up")
    for kind, fault in CHANGES.items():
        assert (await verified(prepared)).proof.findings == [], f"avant : {kind}"
        await tampered(prepared, kind)
        assert fault in faults(await verified(prepared)), kind
        await tampered(prepared, "rows put back", "links put back")


async def test_a_chain_that_was_made_anew_after_a_change_differs_from_the_head_outside(
    prepared: World,
) -> None:
    await written(prepared, 3)
    await sealed(prepared)
    await tampered(prepared, "edited everywhere", "all cut", "to be bound anew")
    async with prepared.database.transaction() as connection:
        assert await audit.bind(connection)
    assert faults(await verified(prepared)) == {Fault.HEAD_DIFFERS}


async def test_what_no_head_covers_yet_is_named_and_after_a_while_told_as_a_gap(prepared: World) -> None:
    await written(prepared, 2)
    await sealed(prepared)
    await written(prepared, 3)
    assert (await verified(prepared)).waiting == 3
    async with prepared.database.transaction() as connection:
        await audit.bind(connection)
    verdict = await verified(prepared)
    assert (verdict.waiting, verdict.proof.window, verdict.proof.findings) == (0, 3, [])
    (gap,) = (await verified(prepared, datetime.now(UTC) + timedelta(hours=2))).gaps
    assert (gap.lack, gap.until) == (Lack.HEAD, None)


async def test_two_sealers_at_once_bind_each_row_once(prepared: World) -> None:
    await written(prepared, 5)

    async def bind() -> Any:
        async with prepared.database.transaction() as connection:
            return await audit.bind(connection)

    await asyncio.gather(bind(), bind(), return_exceptions=True)
    assert (await verified(prepared)).proof.findings == []
    assert (await verified(prepared)).proof.rows == await prepared.count("audit")


async def test_rows_that_never_cease_are_bound_by_the_link_and_not_each_by_itself(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sealed(prepared)
    sealer = sealer_of(prepared)
    bind, bound = sealer._bind, []

    async def bind_while_others_write() -> int:
        bound.append(await bind())
        await written(prepared, 1)
        return bound[-1]

    monkeypatch.setattr(sealer, "_bind", bind_while_others_write)
    await written(prepared, audit.LINK_ROWS + 1)
    async with asyncio.timeout(30):
        await sealer._seal()
    assert bound == [audit.LINK_ROWS, 2]


async def test_what_a_person_does_wakes_up_the_sealer_and_a_message_does_not(prepared: World) -> None:
    told: list[str] = []
    wake = {name: partial(told.append, name) for name in (AUDIT, JOBS)}
    listening = asyncio.create_task(prepared.database.listen(wake))
    await until(lambda: told == [AUDIT, JOBS], "l'écoute a commencé")
    await written(prepared, 1, "message.accepte")
    await written(prepared, 1, "compte.inscrire")
    async with prepared.database.transaction() as connection:
        await prepared.database.notify(connection, JOBS)
    await until(lambda: told.count(JOBS) == 2, "ce qui vient après est annoncé")
    listening.cancel()
    assert told.count(AUDIT) == 2


async def test_rows_of_messages_are_bound_as_long_as_they_come(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealer = sealer_of(prepared)
    bind, bound = sealer._bind, []

    async def bind_while_another_comes() -> int:
        bound.append(await bind())
        if len(bound) == 1:
            await written(prepared, 1, "message.accepte")
        return bound[-1]

    async def all_bound() -> bool:
        return len(bound) > 1 and await prepared.count("audit_queue") == 0

    monkeypatch.setattr(sealer, "_bind", bind_while_another_comes)
    await written(prepared, 1, "message.accepte")
    sealer._wake.set()
    sealing = asyncio.create_task(sealer.run())
    await until(all_bound, "la ligne suivante est liée")
    sealing.cancel()


async def test_a_link_that_another_made_first_is_news_and_any_other_refusal_a_fault(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(prepared, 1)
    await sealed(prepared)
    await written(prepared, 1)
    monkeypatch.setattr(ops, "BUG_SECONDS", 0)
    for number, said in ((0, "audit.another_binds"), (2**63, "audit.bug")):
        monkeypatch.setattr(audit, "end", AsyncMock(return_value=audit.End(number, BEGINNING)))
        with capture_logs() as logged:
            await sealer_of(prepared)._seal()
        assert [line["event"] for line in logged if line["event"].startswith("audit.")] == [said]


async def test_a_database_that_went_back_is_not_signed_until_it_is_recovered(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ops, "CLOCKS_DIFFER", timedelta())
    await written(prepared, 2, "base.reprendre")
    await sealed(prepared)
    await tampered(prepared, "rows backed up", "links backed up")
    await written(prepared, 2, "perdu")
    await sealed(prepared)
    await tampered(prepared, "rows gone back", "links gone back")
    heads = read_heads(prepared.settings.audit_heads_file)
    for _ in range(2):
        await written(prepared, 1, "depuis")
        await sealed(prepared)
    assert read_heads(prepared.settings.audit_heads_file) == heads, "rien n'est signé"
    assert faults(await verified(prepared)) == {Fault.HEAD_DIFFERS}
    await written(prepared, 1, "base.reprendre")
    await sealed(prepared)
    verdict = await verified(prepared)
    assert (verdict.proof.findings, verdict.proof.window) == ([], 0)
    assert not verdict.is_whole, "personne n'a annoncé cette reprise"
    assert (await verified(prepared, announced=1)).is_whole


async def test_status_tells_an_audit_that_nobody_signs_from_one_with_nothing_to_sign(prepared: World) -> None:
    await written(prepared, 1)
    await sealed(prepared)
    assert await _head_told(prepared, holds=True) == "rien à signer depuis"
    await tampered(prepared, "rows backed up", "links backed up")
    await written(prepared, 1)
    await _head_told(prepared, holds=True)
    await clock.grow_older(prepared, "audit", timedelta(minutes=3))
    assert "personne ne signe" in await _head_told(prepared, holds=False), "aucun maillon"
    await sealer_of(prepared)._bind()
    await clock.grow_older(prepared, "audit_link", timedelta(minutes=3))
    assert "personne ne signe" in await _head_told(prepared, holds=False), "aucune tête"
    await sealed(prepared)
    await tampered(prepared, "rows gone back", "links gone back")
    assert "audit verify" in await _head_told(prepared, holds=False)


async def _head_told(world: World, *, holds: bool) -> str:
    """Return what `siao-hub status` says after the hour of the newest head."""
    safeguards = (await vitals(world)).safeguards
    (said,) = [each for each in safeguards if each.name == "têtes de l'audit"]
    assert said.holds is holds, said
    return said.state.partition(" ; ")[2]


async def test_a_line_that_a_crash_cut_short_is_no_head_and_is_written_over(prepared: World) -> None:
    await written(prepared, 1)
    await sealed(prepared)
    file = prepared.settings.audit_heads_file
    whole = read_heads(file)
    file.write_bytes(file.read_bytes() + b'{"maillon": 2, "empr')
    assert read_heads(file) == whole
    await written(prepared, 1)
    await sealed(prepared)
    assert [head.rank for head in read_heads(file)] == [1, 2]


async def test_a_registry_of_many_entries_is_one_change_and_hides_none_before_it(prepared: World) -> None:
    async with prepared.database.transaction() as connection:
        await audit.record(connection, "sam", "cle.tourner", "cle", {})
    async with prepared.database.transaction() as connection:
        for number in range(changes.READ + 1):
            await audit.record(connection, "alix", "partenaire.changer", f"centre-{number}", {})
    async with prepared.database.statement() as connection:
        rows = await audit.changes(connection, changes.READ, changes.SCANNED)
        few = await audit.changes(connection, changes.READ, changes.READ)
    newest, before, *_ = changes.changes_of(rows)
    assert (newest.what, newest.others) == ("partenaire.changer", changes.READ)
    assert (before.who, before.what) == ("sam", "cle.tourner")
    assert changes.is_all(rows)
    assert len(few) == 1
    assert few[0].scanned == changes.READ
