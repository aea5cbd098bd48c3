"""The quarter of a collector's attributions, which the State learns every three months."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.reference.regle import RELU
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.convention import ConventionBilan, ConventionQuart
from contracts.v1.echeance import Echeance, Etape
from router.domain.books import message_at
from router.domain.deadlines import Deadline, running_of
from router.domain.rules.quarter import definition
from tests.unit.router.domain.monde import SIAO, Monde
from tests.unit.router.domain.test_rules_actes import ACTE, CIL, ETAT, accord, act, monde, motif

__all__ = ["monde"]  # the fixture


def statement(**more: Any) -> ConventionBilan:
    values = {
        "convention": ACTE,
        "numero": "2026/01/4",
        "du": date(2026, 1, 1),
        "au": date(2026, 3, 31),
        "attributions": 210,
        "dalo": 31,
        "sous_accord": 40,
    }
    return ConventionBilan(**{**values, **more})


@pytest.fixture
def agreed(monde: Monde) -> Monde:
    for who in (CIL, ETAT):
        monde.dit(who, accord())
    return monde


def due(monde: Monde) -> Deadline:
    return running_of(act(monde), monde.registry)[Echeance.BILAN_DU_QUART]


def test_dalo_and_agreement_are_shown_apart_over_the_total_to_state_siao_and_collector(agreed: Monde) -> None:
    (quarter,) = agreed.dit(CIL, statement()).derived
    assert isinstance(quarter, ConventionQuart)
    assert (quarter.attributions, quarter.dalo, quarter.sous_accord) == (210, 31, 40)
    assert (quarter.attendues, quarter.comptees) == (53, 40)
    assert set(agreed.hub_dit(quarter).recipients) == {SIAO, ETAT, CIL}


def test_a_statement_from_another_departement_reports_the_number_of_the_agreement_with_its_own(
    agreed: Monde,
) -> None:
    (quarter,) = agreed.dit(CIL, statement(numero="01:2026/01/4"), "69").derived
    assert isinstance(quarter, ConventionQuart)
    assert quarter.numero == "01:2026/01/4"


def test_a_statement_of_more_than_is_accepted_now_is_told_as_it_was_sent(agreed: Monde) -> None:
    stored = statement().model_dump() | {"attributions": 20_261_215}
    (told,) = agreed.dit(CIL, ConventionBilan.model_validate(stored, context=RELU)).derived
    assert isinstance(told, ConventionQuart)
    assert (told.attributions, told.attendues) == (20_261_215, 5_065_304)


def test_what_counts_towards_the_quarter_is_data(agreed: Monde, monkeypatch: pytest.MonkeyPatch) -> None:
    wider = definition().model_copy(update={"compte": ("dalo", "sous_accord")})
    monkeypatch.setattr("router.domain.rules.quarter.definition", lambda: wider)
    (quarter,) = agreed.dit(CIL, statement()).derived
    assert isinstance(quarter, ConventionQuart)
    assert quarter.comptees == 71


def test_without_a_statement_the_state_learns_that_after_three_months_and_again(agreed: Monde) -> None:
    first = due(agreed)
    assert first.due_at - first.started_at > timedelta(days=88)
    agreed.now = first.due_at
    silent = message_at(act(agreed), first, Etape.ECHUE)
    assert isinstance(silent, ConventionQuart)
    assert silent.attributions is None
    assert ETAT in agreed.hub_dit(silent).recipients
    assert due(agreed).started_at == first.due_at
    assert not agreed.hub_dit(silent).recipients


def test_a_statement_begins_the_next_three_months(agreed: Monde) -> None:
    agreed.now += timedelta(days=80)
    (quarter,) = agreed.dit(CIL, statement()).derived
    agreed.hub_dit(quarter)
    assert due(agreed).started_at == agreed.now


def test_a_statement_that_another_follows_at_once_is_told_too(agreed: Monde) -> None:
    told = [each for number in (210, 180) for each in agreed.dit(CIL, statement(attributions=number)).derived]
    agreed.now += timedelta(seconds=1)
    assert [ETAT in agreed.hub_dit(quarter).recipients for quarter in told] == [True, True]


def test_silence_is_not_told_once_the_collector_has_spoken(agreed: Monde) -> None:
    silent = message_at(act(agreed), due(agreed), Etape.ECHUE)
    (quarter,) = agreed.dit(CIL, statement()).derived
    agreed.now += timedelta(seconds=1)
    agreed.hub_dit(quarter)
    assert not agreed.hub_dit(silent).recipients


def test_nobody_but_the_collector_states_and_only_once_all_have_signed(monde: Monde) -> None:
    monde.dit(CIL, accord())
    assert motif(monde.dit(CIL, statement())) is MotifAnomalie.ACTE_NON_SIGNE
    monde.dit(ETAT, accord())
    for who in (SIAO, ETAT):
        assert motif(monde.dit(who, statement())) is MotifAnomalie.EMETTEUR_INATTENDU


def test_more_households_than_attributions_are_refused() -> None:
    with pytest.raises(ValidationError, match="ne dépassent pas le total"):
        statement(dalo=200)
