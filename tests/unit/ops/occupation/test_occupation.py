"""What `siao-hub occupation` says of figures that were not given anew."""

from datetime import date, datetime, time
from io import StringIO

from rich.console import Console

from contracts.partner import Delais
from contracts.reference.codes import Dispositif
from ops.occupation.admissions import Figures
from ops.occupation.compared import Occupation
from ops.occupation.printed import table_of
from router.domain.calendar import moment
from router.domain.partners import Registry
from tests.unit.router.domain.monde import CENTRE, REGISTRE, TERRITOIRE

VENDREDI, LUNDI, MARDI = date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10)


def shown(day: date, registry: Registry = REGISTRE, partner: str = CENTRE) -> str:
    """Of figures of that Friday, at noon of a day."""
    noon = moment(TERRITOIRE, datetime.combine(day, time(12)))
    figures = Figures((Occupation(partner, Dispositif.INSERTION, VENDREDI, 10, 6, 10, 6, 0, 6),))
    said = StringIO()
    Console(file=said, width=80).print(table_of({partner: figures}, "2026-03", registry, noon))
    return said.getvalue()


def test_figures_of_a_friday_are_out_of_date_on_the_tuesday_and_not_on_the_monday() -> None:
    assert "relevé du 06/03/2026, périmé" in shown(MARDI)
    assert "relevé du 06/03/2026" in shown(LUNDI)
    assert "périmé" not in shown(LUNDI)


def test_an_agreement_says_how_long_figures_hold_and_of_who_has_left_nothing_is_out_of_date() -> None:
    weekly = REGISTRE.partners[CENTRE].model_copy(update={"delais": Delais(occupation="7 jours")})
    assert "périmé" not in shown(MARDI, Registry.of([weekly]))
    assert "périmé" not in shown(MARDI, partner="parti")
