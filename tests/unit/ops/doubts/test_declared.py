"""What is declared holds until the end of the next working day, or as agreed; then somebody hears of it, once."""

from datetime import date, datetime, time

import pytest

from contracts.partner import Delais, Partner
from contracts.reference.codes import Dispositif
from contracts.rythme import Fermeture
from contracts.v1.echeance import Echeance, Etape
from ops.doubts.declared import (
    alerts_of,
    is_stale_vacancy,
    of_occupations,
    of_vacancies,
    stale,
    stale_figures,
    stale_since,
)
from ops.occupation.compared import Occupation
from router.domain.calendar import moment
from router.domain.doubts import Doubt, Kind
from router.domain.partners import Registry
from router.domain.rulebooks.place import Etat
from tests.rows import each_row
from tests.unit.router.domain.monde import CENTRE, REGISTRE, SIAO, TERRITOIRE

VENDREDI, LUNDI, MARDI = date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10)
JEUDI = date(2026, 3, 5)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return moment(TERRITOIRE, datetime.combine(day, time(hour, minute)))


def centre(**changes: object) -> Partner:
    return REGISTRE.partners[CENTRE].model_copy(update=changes)


def last_stale(partner: Partner, now: datetime, echeance: Echeance = Echeance.VACANCE) -> date | None:
    found = stale(partner, echeance, now)
    return None if found is None else found.day


@pytest.mark.parametrize("echeance", [Echeance.OCCUPATION, Echeance.VACANCE])
def test_what_is_told_on_a_friday_holds_until_the_monday_is_over_at_whatever_hour_it_came(
    echeance: Echeance,
) -> None:
    assert last_stale(centre(), at(LUNDI, 23, 59), echeance) == JEUDI
    found = stale(centre(), echeance, at(MARDI, 0))
    assert found is not None
    assert (found.day, found.ended, found.since) == (date(2026, 3, 8), at(LUNDI, 0), at(MARDI, 0))


def test_an_agreement_says_how_long_vacancies_and_figures_hold_each_for_itself() -> None:
    weekly = centre(delais=Delais(occupation="7 jours"))
    assert last_stale(weekly, at(MARDI, 12), Echeance.OCCUPATION) == date(2026, 3, 2)
    assert last_stale(weekly, at(MARDI, 12), Echeance.VACANCE) == date(2026, 3, 8)


def test_of_who_is_closed_nothing_is_out_of_date_before_it_has_had_a_day_to_speak_again() -> None:
    closed = centre(fermetures=(Fermeture(du=date(2026, 3, 2), au=VENDREDI),))
    assert stale(closed, Echeance.VACANCE, at(date(2026, 3, 4), 12)) is None
    assert stale(closed, Echeance.VACANCE, at(LUNDI, 23)) is None
    assert last_stale(closed, at(MARDI, 0)) == date(2026, 3, 8)


SAMEDI, DIMANCHE = date(2026, 3, 7), date(2026, 3, 8)
TEN = at(VENDREDI, 10)


def is_shown_as_stale(etat: str, now: datetime, manager: Partner, heard: datetime = TEN) -> bool:
    return is_stale_vacancy(etat, heard, stale_since([manager], now).get(manager.id))


@each_row(
    ("now", "old"),
    [(at(SAMEDI, 11), False), (at(SAMEDI, 20), False), (at(LUNDI, 23, 59), False), (at(MARDI, 0), True)],
)
def test_a_vacancy_of_a_friday_is_no_older_on_the_saturday_and_out_of_date_once_the_monday_is_over(
    now: datetime, old: bool
) -> None:
    assert is_shown_as_stale(Etat.DISPONIBLE, now, centre()) is old


def test_a_vacancy_is_out_of_date_when_its_manager_agreed_to_tell_it_anew() -> None:
    monthly, hourly = centre(delais=Delais(vacance="1 mois")), centre(delais=Delais(vacance="1 heure"))
    assert not is_shown_as_stale(Etat.DISPONIBLE, at(MARDI, 0), monthly)
    assert is_shown_as_stale(Etat.DISPONIBLE, at(SAMEDI, 1), hourly)


@each_row("etat", [etat for etat in Etat if etat is not Etat.DISPONIBLE])
def test_a_place_that_is_no_vacancy_is_never_out_of_date(etat: Etat) -> None:
    assert not is_shown_as_stale(etat, at(MARDI, 0), centre())


def test_figures_are_out_of_date_by_the_days_for_which_they_hold_and_not_by_those_of_a_vacancy() -> None:
    weekly = centre(delais=Delais(occupation="7 jours"))
    assert stale_figures(centre(), JEUDI, at(SAMEDI, 12)) is None
    assert stale_figures(centre(), VENDREDI, at(LUNDI, 23, 59)) is None
    assert stale_figures(centre(), VENDREDI, at(MARDI, 0)) is not None
    assert stale_figures(centre(), DIMANCHE, at(MARDI, 0)) is not None
    assert stale_figures(centre(), LUNDI, at(MARDI, 0)) is None
    assert stale_figures(weekly, VENDREDI, at(MARDI, 0)) is None


def occupation(occupees: int, day: date = LUNDI, partner: str = CENTRE) -> Occupation:
    """Ten places, in six of which people have lived since before that day."""
    return Occupation(partner, Dispositif.INSERTION, day, 10, occupees, 10, 6, 0, 6)


def doubts(*occupations: Occupation, silent: tuple[str, ...] = ()) -> list[Doubt]:
    return list(of_occupations(occupations, REGISTRE, silent, at(MARDI, 12)))


def test_a_gap_is_doubted_with_both_figures_and_figures_that_agree_are_not() -> None:
    (gap,) = doubts(occupation(9))
    assert (gap.kind, gap.said, gap.known, gap.day, gap.since) == (Kind.ECART, 9, 6, LUNDI, at(MARDI, 12))
    assert "9 places occupées d'après lui le 09/03/2026, 6 d'après le hub" in gap.sentence
    assert doubts(occupation(6)) == []


def test_old_figures_are_doubted_since_they_are_and_nothing_of_who_is_silent_or_gone() -> None:
    (old,) = doubts(occupation(6, VENDREDI))
    assert (old.kind, old.day, old.since) == (Kind.RELEVE, VENDREDI, at(MARDI, 0))
    assert doubts(occupation(9, VENDREDI), silent=(CENTRE,)) == []
    assert doubts(occupation(9, partner="parti")) == []


def test_the_siao_and_the_partner_are_told_of_what_is_out_of_date_and_nobody_of_a_gap() -> None:
    partner = centre()
    found = stale(partner, Echeance.VACANCE, at(MARDI, 12))
    assert found is not None
    (alert,) = alerts_of(partner, of_vacancies(partner, found, 3), REGISTRE)
    assert (alert.echeance, alert.etape, alert.due_le) == (Echeance.VACANCE, Etape.ECHUE, at(MARDI, 0))
    assert alert.emetteur == CENTRE
    (gap,) = doubts(occupation(9))
    assert alerts_of(partner, gap, REGISTRE) == []
    nobody = Registry.of(p for p in REGISTRE.partners.values() if p.id != SIAO)
    assert alerts_of(partner, of_vacancies(partner, found, 3), nobody) == []
