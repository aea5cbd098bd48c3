"""Compute ages and age bands from dates of birth."""

from datetime import date

from contracts.reference.codes import TrancheAge

BORNES_ANNEES: tuple[tuple[int, TrancheAge], ...] = (
    (65, TrancheAge.DE_65_ET_PLUS),
    (50, TrancheAge.DE_50_A_64),
    (35, TrancheAge.DE_35_A_49),
    (25, TrancheAge.DE_25_A_34),
    (18, TrancheAge.DE_18_A_24),
    (11, TrancheAge.DE_11_A_17),
    (3, TrancheAge.DE_3_A_10),
    (0, TrancheAge.MOINS_DE_3),
)
"""Age bands, oldest first, each with its lowest age in completed years."""


def age(date_naissance: date, au: date) -> int:
    """Return a person's age on the day `au`, in completed years. A birthday on 29 February falls on 1 March in
    common years. Raises ValueError for a birth after `au`."""
    if date_naissance > au:
        raise ValueError("date de naissance postérieure à la date de référence : corrigez-la")
    return au.year - date_naissance.year - ((au.month, au.day) < (date_naissance.month, date_naissance.day))


def tranche_age(date_naissance: date, au: date) -> TrancheAge:
    """Return a person's age band on the day `au`. Raises ValueError for a birth after this day."""
    years = age(date_naissance, au)
    return next(tranche for bound, tranche in BORNES_ANNEES if years >= bound)
