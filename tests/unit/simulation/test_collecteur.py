"""A list to the collector is read by the hub, answered by numéro unique, and late for one household alone."""

from pathlib import Path
from uuid import UUID

from adapters.registry import ADAPTERS
from contracts.ports import Native
from contracts.v1.alerte import AlerteEcheance, MotifAnomalie
from contracts.v1.attribution import CandidatureSurListe, DecisionCommission
from contracts.v1.echeance import Echeance, Etape
from simulation import actes, collecteur, derived, siao, siao_messages, story
from simulation.cast import CIL, ETAT, SIAO
from simulation.config import Config
from simulation.familles.table import LANGUES
from simulation.journal import Record
from simulation.siao_memory import Memory
from tests.rows import each_row
from tests.unit.simulation.journaux import Journals
from tests.unit.simulation.test_etat import (
    COLLECTOR,
    OURS,
    PREFECT,
    TODAY,
    partner,
    read_of,
    replies,
    written,
)
from tests.unit.simulation.test_siao import Door

OVERDUE = {"event": "alerte.echeance", "overdue": True, "subject": str(OURS)}


def listed() -> list[CandidatureSurListe]:
    body = siao_messages.on_a_list(COLLECTOR, TODAY)
    lignes = ADAPTERS[SIAO.dialecte].decode(Native(body, "application/json"), partner(SIAO)).lignes
    return [each.contrat for each in lignes if isinstance(each.contrat, CandidatureSurListe)]


def of(number: int, **about: object) -> Record:
    return {"event": collecteur.LISTED, "subject": str(OURS), "dossier": number, **about}


def steps(effect: Record) -> list[str]:
    return [step.event for step, _ in collecteur.answers(effect)]


def test_each_household_of_the_list_is_a_row_that_the_collector_tells_by_its_numero_unique() -> None:
    rows = collecteur.rows()
    assert len({row.opens for row in rows}) == len(rows) > 2
    for row, contrat in zip(rows, listed(), strict=True):
        body = written(CIL, contrat)
        assert b"Firmin" not in body
        effect = LANGUES[CIL.id].understand(body)
        assert isinstance(effect, dict)
        assert (effect["ref"], story.loop(effect["dossier"])) == (row.ref, row.opens)
        told = siao_messages.understand(written(SIAO, contrat))
        assert told["dossier"] == effect["dossier"]


@each_row("number", collecteur.NUMBERS)
def test_a_household_of_the_list_is_answered_by_its_numero_unique(number: int) -> None:
    late = number == collecteur.LATE
    several = replies(CIL, {**OVERDUE, "dossier": number} if late else of(number))
    contrats = [read_of(CIL, LANGUES[CIL.id].file([reply.content])) for reply in several]
    (decided,) = (contrat for contrat in contrats if isinstance(contrat, DecisionCommission))
    assert str(decided.candidature) != str(OURS)
    assert several[-1].rows[0].ref.rpartition(":")[2] == ("decision.commission" if late else "bail.signe")


def test_one_household_is_answered_once_it_is_overdue_and_nobody_else_then() -> None:
    in_time, *_, late = collecteur.NUMBERS
    assert steps(of(in_time))
    assert steps({**OVERDUE, "dossier": late})
    assert not steps(of(late))
    assert not steps({**OVERDUE, "dossier": in_time})
    assert not steps({**OVERDUE, "dossier": story.dossier(3, story.CANDIDACY_SLOT)})
    reminded = {name: value for name, value in OVERDUE.items() if name != "overdue"}
    assert not steps({**reminded, "dossier": late})


@each_row("etape", [Etape.MI_DELAI, Etape.BIENTOT, Etape.ECHUE])
def test_the_collector_tells_a_reminder_from_the_end_of_its_deadline(etape: Etape) -> None:
    contrat = AlerteEcheance.model_validate(
        {
            "objet": OURS,
            "nature": "candidature",
            "type_evenement": CandidatureSurListe.TYPE,
            "evenement": UUID(int=7),
            "motif": MotifAnomalie.ECHEANCE_ATTEINTE,
            "echeance": Echeance.COMMISSION,
            "etape": etape,
            "due_le": "2026-03-02T09:00:10Z",
        }
    )
    effect = LANGUES[CIL.id].understand(written(CIL, contrat))
    assert isinstance(effect, dict)
    assert ("overdue" in effect, effect["subject"]) == (etape is Etape.ECHUE, str(OURS))


async def test_the_list_leaves_once_the_agreement_on_lists_is_signed_by_both() -> None:
    door = Door()
    desk = siao.Siao(Config(SIAO.id, Path(), Path(), "", "", 1, TODAY), door, Memory())  # type: ignore[arg-type]  # it only remembers
    single, by_list = actes.agreements(COLLECTOR, PREFECT)
    for terms, signer in ((single, ETAT), (by_list, ETAT), (single, CIL)):
        await desk.react({"event": actes.AGREEMENT, "terms": terms, "signer": signer.id})
    assert door.sent == []
    await desk.react({"event": actes.AGREEMENT, "terms": by_list, "signer": CIL.id})
    assert door.sent == [row.ref for row in collecteur.rows()]


def test_a_delay_of_which_the_collector_hears_and_no_siao_is_named() -> None:
    ref = f"hub:alerte.echeance:{OURS}:COMMISSION:ECHUE:1::"
    journals = Journals().effect(f"{ref}{CIL.id}", to=CIL.id)
    assert derived.untold(journals.observed)
    (trouble,) = derived.troubles(journals.observed)
    assert "le SIAO l'ignore" in trouble.says
    journals.effect(f"{ref}{SIAO.id}")
    assert not derived.untold(journals.observed)
    assert list(derived.troubles(journals.observed)) == []
