"""Sources of several partners, in several processes: one has a folder at a time, and one that fails fails alone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs

from connectors.registry import Lent, open_source
from connectors.sftp import SftpSource
from contracts.errors import Transient
from contracts.partner import Partner
from contracts.ports import Native, Source
from contracts.sftp import EntreeSftp
from router.intake import sources
from tests.conformance.droppers import SftpDropper
from tests.integration import clock, lasting
from tests.integration.accidents import another_takes_over
from tests.integration.dropped import both_picked_up, drop_big_files, entree, file_of, picked_up
from tests.integration.registry import AUTRE_FINESS, FINESS
from tests.integration.seen import correspondent
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, dropper, neighbour = lasting.prepared, lasting.dropper, lasting.neighbour

LEASE = "source:centre"
FOR_LONG = 3600.0


async def test_a_file_read_before_a_freeze_in_which_another_process_took_over_is_left_to_its_look(
    prepared: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = asyncio.Event()

    class Frozen(SftpSource):
        """What it has read first is offered when another process has the lease."""

        async def fetch(self) -> AsyncIterator[Native]:
            try:
                async for native in super().fetch():
                    if not left.is_set():
                        assert prepared.hub is not None
                        prepared.hub.heart.every_s = FOR_LONG  # it is the process that stands still
                        await until(partial(another_takes_over, prepared, LEASE), "un autre a pris le bail")
                    yield native
                    assert left.is_set(), "un autre a le bail"
            finally:
                left.set()

    monkeypatch.setattr(sources, "open_source", lambda *_: Frozen(entree(dropper)))
    await dropper.drop("0.json", file_of("A-0"))
    await picked_up(prepared, dropper)
    await until(left.is_set, "le fichier est laissé")
    assert await prepared.messages() == []
    assert dropper.remaining() == ["0.json"]
    await clock.lease_runs_out(prepared, LEASE)
    await until(lambda: dropper.remaining() == [], "l'autre parti, le fichier est repris")


async def test_a_source_is_readable_again_with_its_first_file_put_away_while_the_others_still_wait(
    prepared: World, dropper: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, goes_on = asyncio.Event(), asyncio.Event()

    class Slow(SftpSource):
        """Does not answer at first. Then gives a file, and makes the next one wait."""

        async def fetch(self) -> AsyncIterator[Native]:
            if not answers.is_set():
                raise Transient("injoignable")
            async for native in super().fetch():
                yield native
                await goes_on.wait()

    async def fails() -> bool:
        assert prepared.hub is not None
        prepared.hub.heart.wake.set()
        reading = (await correspondent(prepared, "centre")).reading
        return reading is not None and reading.failing_since is not None

    async def is_readable() -> bool:
        return not await fails()

    monkeypatch.setattr(sources, "open_source", lambda *_: Slow(entree(dropper)))
    for n in range(2):
        await dropper.drop(f"{n}.json", file_of(f"A-{n}"))
    await picked_up(prepared, dropper)
    await until(fails, "le serveur ne répond pas")
    answers.set()
    await until(is_readable, "un fichier est rangé : le hub lit")
    assert dropper.remaining() == ["1.json"]
    goes_on.set()
    await until(lambda: dropper.remaining() == [], "l'autre fichier suit")


class Buggy(SftpSource):
    """Has a bug, until it is mended, which quotes a name."""

    mended = False

    def __init__(self, partner: Partner, lent: Lent) -> None:
        assert isinstance(partner.entree, EntreeSftp)
        super().__init__(partner.entree, budget=lent.budget)

    async def fetch(self) -> AsyncIterator[Native]:
        if not self.mended:
            raise LookupError("Mme DUPONT")
        async for native in super().fetch():
            yield native


async def test_a_bug_in_a_source_is_logged_without_values_and_costs_neither_the_others_nor_its_next_look(
    prepared: World, dropper: SftpDropper, neighbour: SftpDropper, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: dict[str, Callable[[Partner, Lent], Source]] = {
        "centre": Buggy,
        "centre-boite": open_source,
    }
    monkeypatch.setattr(sources, "open_source", lambda partner, lent: opened[partner.id](partner, lent))
    await drop_big_files(dropper, FINESS, 1)
    await drop_big_files(neighbour, AUTRE_FINESS, 1)
    with capture_logs() as logs:
        await both_picked_up(prepared, dropper, neighbour)
        await until(lambda: neighbour.remaining() == [], "le voisin est relevé")
        await until(lambda: len(bugs(logs)) >= 2, "la faute est dite, et dite encore")
    assert {(bug["partner"], bug["type"]) for bug in bugs(logs)} == {("centre", "LookupError")}
    assert any("fetch" in frame for frame in bugs(logs)[0]["pile"])
    assert "DUPONT" not in str(logs)
    monkeypatch.setattr(Buggy, "mended", True)
    await until(lambda: dropper.remaining() == [], "corrigée, le centre est relevé")


def bugs(logs: list[Any]) -> list[Any]:
    """What the log says of bugs in sources."""
    return [line for line in logs if line["event"] == "source.bug"]
