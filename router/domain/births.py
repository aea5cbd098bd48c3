"""Find births after today, which are typing errors. Pure."""

from datetime import date, timedelta

LENIENCY = timedelta(days=1)
"""A birth is refused only this much after today: the sender's clock may be ahead."""
BORN_AHEAD = "date de naissance après aujourd'hui : corrigez-la ; inconnue, laissez-la vide"


def is_ahead(birth: date, today: date) -> bool:
    """Tell whether a date of birth lies more than `LENIENCY` after `today`, the day of the receipt in the
    sender's territory."""
    return birth - today > LENIENCY
