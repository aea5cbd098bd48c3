"""The file for a person has what is said of that person, and nothing of the others of the household."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from contracts.reference.codes import Sexe
from contracts.v1.menage import Menage, Personne
from contracts.v1.suite import AdmissionDirecte
from ops.person.telling import Said, lines

BORN = date(2001, 3, 7)


def diallo(prenom: str | None) -> Personne:
    return Personne(nom="Diallo", prenom=prenom, date_naissance=BORN, sexe=Sexe.F)


LINA, LILA = diallo("Lina"), diallo("Lila")


def told_to(who: Personne, *listed: Personne, members: Sequence[Personne] = (LINA, LILA)) -> str:
    """What the file for one of the twins says of a message that lists these people."""
    kind = "20" if len(listed) == 1 else "60"
    menage = Menage(id=uuid4(), composition=kind, adultes=len(listed), personnes=listed)
    admitted = AdmissionDirecte(place=uuid4(), menage=menage, admission_le=date(2026, 3, 5))
    said = Said(datetime(2026, 3, 5, tzinfo=UTC), "centre", admitted, ())
    return "\n".join(lines([said], who, members, frozenset(), {}))


@pytest.mark.parametrize(("who", "other"), [(LINA, "Lila"), (LILA, "Lina")])
def test_each_of_two_twins_reads_her_own_name_and_not_the_others(who: Personne, other: str) -> None:
    told = told_to(who, LINA, LILA)
    assert f"prenom : {who.prenom}" in told
    assert other not in told


@pytest.mark.parametrize("listed", [LINA, diallo("Linna"), diallo(None)])
def test_a_twin_reads_nothing_of_a_person_who_is_the_other_or_may_be(listed: Personne) -> None:
    told = told_to(LILA, listed)
    assert "prenom" not in told
    assert "07/03/2001" not in told
    assert "autres membres : 1" in told


def test_of_two_who_resemble_her_she_reads_the_nearest() -> None:
    told = told_to(LILA, diallo("Linna"), diallo("Lilla"), members=(LILA,))
    assert "prenom : Lilla" in told
    assert "Linna" not in told


def test_whose_name_is_written_another_way_reads_what_is_said_of_her() -> None:
    assert "prenom : Lilla" in told_to(LILA, diallo("Lilla"), members=(LILA, diallo("Fatoumata")))
