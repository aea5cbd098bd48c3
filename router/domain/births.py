"""Find dates of birth that must be typing errors. Such a date lies after today, or would make a minor of the
only adult of a household."""

from datetime import date, timedelta

from contracts.reference.tranches import age

LENIENCY = timedelta(days=1)
"""Longest time after today at which a date of birth is still accepted. The sender's clock may be ahead."""
ADULT_YEARS = 18
BORN_AHEAD = "date de naissance après aujourd'hui : corrigez-la ; inconnue, laissez-la vide"
NO_ADULT = (
    "cette personne serait mineure, et le seul adulte du ménage : corrigez la date, ou écrivez la composition"
)


def is_ahead(birth: date, today: date) -> bool:
    """Tell whether a date of birth lies more than `LENIENCY` after `today`. `today` is the date in the sender's
    territory when the date of birth was received."""
    return birth - today > LENIENCY


def is_minor(birth: date, today: date) -> bool:
    """Tell whether a person is younger than `ADULT_YEARS` on the day `today`."""
    return age(min(birth, today), today) < ADULT_YEARS
