"""What a REST service with a form login asks of us beyond what every transport promises."""

import asyncio
import json
import tracemalloc
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from connectors.byte_budget import ByteBudget
from connectors.rest import RestSink, source
from connectors.rest.lists import read_lists
from connectors.rest.source import AGAIN_SECONDS, FAILURES_TO_STOP
from contracts.errors import Misconfigured, PartnerUnavailable
from contracts.ports import IntakeReport, Native
from contracts.rest import EntreeRest, SortieRest

from .reports import MESSAGE
from .rest_partner import RestDropper

REPORT = IntakeReport(MESSAGE, "accepte", 1)


@pytest.fixture
async def dropper(tmp_path, monkeypatch):
    monkeypatch.setenv("SIAO_SECRET_MOT_DE_PASSE", "mot-de-passe")
    dropper = RestDropper(tmp_path)
    await dropper.start()
    yield dropper
    await dropper.stop()


@pytest.fixture
async def sink(dropper):
    sink = RestSink(SortieRest(**dropper.server.entry))
    yield sink
    await sink.close()


def an_object(number: int) -> Native:
    body = json.dumps({"id": number}).encode()
    return Native(body, "application/json", headers={"content-location": f"/demandeInsertion/{number}"})


async def test_a_session_that_has_ended_is_renewed_and_nothing_is_lost(dropper, sink):
    await sink.send(an_object(1), "cle-1")
    dropper.server.end_sessions()
    assert (await sink.send(an_object(2), "cle-2")).proven
    assert [path for path, _ in dropper.server.puts] == ["/demandeInsertion/1", "/demandeInsertion/2"]
    assert dropper.server.logins == 2


async def test_many_that_find_the_session_ended_sign_in_once(dropper, sink):
    await sink.send(an_object(0), "cle-0")
    dropper.server.end_sessions()
    await asyncio.gather(*(sink.send(an_object(n), f"cle-{n}") for n in range(1, 5)))
    assert dropper.server.logins == 2
    assert len(dropper.server.puts) == 5


async def test_a_dialect_that_names_no_object_needs_a_human(sink):
    with pytest.raises(Misconfigured, match="quel objet"):
        await sink.send(Native(b"{}", "application/json"), "cle-1")


async def test_a_fiche_is_one_document_of_its_objects_and_what_it_lacks_is_null(dropper):
    dropper.change(4711, {"id": 4711})
    [native] = await dropper.offered()
    assert json.loads(native.body) == {"ficheSynthese": {"id": 4711}, "demandeInsertion": None}


async def test_a_settled_fiche_is_offered_again_only_once_it_has_changed(dropper):
    dropper.change(4711, {"id": 4711})
    [first] = await dropper.offered()
    await dropper.source.done(first, REPORT)
    assert await dropper.offered() == []
    dropper.change(4711, {"id": 4711, "composition": 40}, at="2026-03-02T08:00:00")
    [second] = await dropper.offered()
    assert second.cle != first.cle


async def test_another_process_offers_it_under_the_same_key(dropper):
    dropper.change(4711, {"id": 4711})
    [first] = await dropper.offered()
    successor = dropper.new_source()
    [again] = [native async for native in successor.fetch()]
    await successor.close()
    assert again == first


async def test_a_fiche_that_cannot_be_read_does_not_stand_before_the_others(dropper):
    dropper.change(1, {"id": 1})
    dropper.change(2, {"id": 2})
    dropper.server.broken.add("/fiches/ficheSynthese/1")
    fiches = dropper.source.fetch()
    assert json.loads((await anext(fiches)).body)["ficheSynthese"] == {"id": 2}
    with pytest.raises(PartnerUnavailable):
        await anext(fiches)


async def test_a_service_that_gives_no_fiche_at_all_is_not_asked_for_each(dropper):
    for number in range(2 * FAILURES_TO_STOP):
        dropper.change(number, {})
        dropper.server.broken.add(f"/fiches/ficheSynthese/{number}")
    asked = dropper.server.asked
    with pytest.raises(PartnerUnavailable):
        await dropper.offered()
    assert dropper.server.asked - asked == FAILURES_TO_STOP + 1


async def test_less_is_listed_once_all_is_settled_and_a_day_of_it_again(dropper):
    dropper.change(4711, {"id": 4711}, at="2026-03-02T08:00:00")
    [native] = await dropper.offered()
    await dropper.offered()
    [native] = await dropper.offered()
    await dropper.source.done(native, REPORT)
    await dropper.offered()
    assert dropper.server.since == ["1970-01-01T00:00:00"] * 3 + ["2026-03-01T00:00:00"]


NOW = datetime(2026, 11, 27, 10, tzinfo=UTC).timestamp()
TODAY = "2026-11-27T00:00"


class Days:
    """A source whose clock moves when told, and what it offers and settles at each look."""

    def __init__(self, dropper):
        self.seconds = NOW
        self.source = dropper.new_source(now=lambda: self.seconds)

    async def look(self, later=0.0):
        self.seconds += later
        offered = [native async for native in self.source.fetch()]
        for native in offered:
            await self.source.done(native, REPORT)
        return offered


@pytest.fixture
async def days(dropper):
    days = Days(dropper)
    yield days
    await days.source.close()


@pytest.mark.parametrize("at", [TODAY, "2026-11-27T09:59:58", "inconnue"])
async def test_a_fiche_that_changes_again_under_the_same_line_is_offered_again(dropper, days, at):
    dropper.change(4711, {"composition": 1}, at)
    [first] = await days.look()
    dropper.change(4711, {"composition": 2}, at)
    assert await days.look() == [], "pas plus souvent que toutes les cinq minutes"
    [second] = await days.look(AGAIN_SECONDS)
    assert json.loads(second.body)["ficheSynthese"] == {"composition": 2}
    assert second.cle != first.cle


async def test_a_fiche_that_is_again_what_it_was_this_morning_is_no_repetition(dropper, days):
    keys = []
    for composition in (1, 2, 1, 2):
        dropper.change(4711, {"composition": composition}, TODAY)
        keys += [native.cle for native in await days.look(AGAIN_SECONDS)]
    assert len({*keys}) == 4


async def test_what_a_line_may_hide_is_read_again_until_its_day_is_over_and_is_offered_only_if_it_is_another(
    dropper, days
):
    dropper.change(4711, {"composition": 1}, TODAY)
    await days.look()
    asked = dropper.server.asked
    for _ in range(30):
        assert await days.look(3600.0) == []
    reads = (dropper.server.asked - asked - 30) / 2
    assert reads == 25


async def test_a_look_reads_no_more_than_so_many_fiches_again_and_the_others_at_the_next(
    dropper, days, monkeypatch
):
    monkeypatch.setattr(source, "AGAIN_AT_ONCE", 2)
    for number in range(4):
        dropper.change(number, {"composition": 1}, TODAY)
    await days.look()
    for number in range(4):
        dropper.change(number, {"composition": 10 + number}, TODAY)
    first, second = await days.look(AGAIN_SECONDS), await days.look(1.0)
    assert [len(first), len(second)] == [2, 2]
    assert len({native.body for native in (*first, *second)}) == 4


async def test_a_fiche_of_last_month_is_read_once(dropper, days):
    dropper.change(4711, {"composition": 1}, "2026-10-27T00:00")
    await days.look()
    asked = dropper.server.asked
    await days.look(AGAIN_SECONDS)
    assert dropper.server.asked - asked == 1, "la liste seule"


async def test_a_date_in_the_future_does_not_end_the_list(dropper, days):
    dropper.change(1, {"id": 1}, "2062-03-02T08:00:00")
    dropper.change(2, {"id": 2}, "2026-11-27T09:00:00")
    with capture_logs() as logs:
        await days.look()
        await days.look()
    assert dropper.server.since[-1] == "2026-11-26T00:00:00"
    assert [(line["event"], line["number"]) for line in logs] == [("source.dated_ahead", 1)]


async def test_what_is_offered_is_taken_from_the_budget(dropper):
    dropper.change(4711, {"id": 4711})
    budget = ByteBudget(1000)
    source = dropper.new_source(budget=budget)
    [native] = [native async for native in source.fetch()]
    await source.close()
    assert budget.lacks(1000 - len(native.body) + 1)
    assert not budget.lacks(1000 - len(native.body))


async def test_a_list_of_another_shape_needs_a_human(dropper):
    dropper.server.fiches["1"] = {"numero": 1}
    with pytest.raises(Misconfigured, match="liste"):
        await dropper.offered()


async def test_a_list_that_unfolds_to_millions_of_values_is_refused_before_it_is_put_together(dropper):
    dropper.server.listed = b"[" + b"[]," * 1_000_000 + b"[]]"
    tracemalloc.start()
    with pytest.raises(Misconfigured, match="trop longue"):
        await dropper.offered()
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 6 * len(dropper.server.listed)


async def test_a_list_that_unfolds_to_more_bytes_than_that_is_read_no_further(dropper):
    dropper.server.listed = b" " * (source.LIST_MAX_BYTES + 1)
    with pytest.raises(PartnerUnavailable, match="8192 Kio"):
        await dropper.offered()


async def test_a_fiche_that_unfolds_to_hundreds_of_thousands_of_values_stops_no_other(dropper):
    dropper.change(1, {})
    dropper.change(2, {})
    dropper.server.objects["/fiches/ficheSynthese/1"] = b"[" + b"[]," * 300_000 + b"[]]"
    fiches = dropper.source.fetch()
    assert json.loads((await anext(fiches)).body)["ficheSynthese"] == {}
    with pytest.raises(PartnerUnavailable, match="valeurs"):
        await anext(fiches)


async def test_code_lists_are_read_as_they_are_today_and_a_missing_one_is_not_there(dropper):
    server = dropper.server
    server.objects["/referentiels/compositions"] = (
        b'[{"id": 10, "libelle": "Couple"}, {"id": 20, "nom": "Seul"}]'
    )
    lists = await read_lists(EntreeRest(**reading(dropper)), ("compositions", "typePlaces"))
    assert lists == {"compositions": {"10": "Couple", "20": "Seul"}}
    server.objects["/referentiels/typePlaces"] = b'{"erreur": "inconnu"}'
    with pytest.raises(Misconfigured, match="typePlaces"):
        await read_lists(EntreeRest(**reading(dropper)), ("typePlaces",))


def reading(dropper):
    """An entry that reads fiches."""
    documents = [{"nom": "fiche", "chemin": "/fiches/{fiche}"}]
    return {
        **dropper.server.entry,
        "dialecte": "si_siao_fiches",
        "liste": "/modifiees",
        "documents": documents,
    }
