"""A parameter of a read that the database could not compare is refused before it gets there."""

import pytest
from pydantic import BaseModel, ValidationError

from router.intake.list_routes import Page
from router.intake.own_routes import Recherche


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        (Page, "apres", "99999999999999999999"),
        (Page, "depuis", "9223372036854775808"),
        (Page, "point", "9223372036854775808"),
        (Recherche, "depuis", "0001-01-01T00:00:00+14:00"),
        (Recherche, "depuis", "9999-12-31T23:59:59-12:00"),
    ],
)
def test_what_lies_outside_of_all_numbers_or_days_is_refused(
    model: type[BaseModel], name: str, value: str
) -> None:
    with pytest.raises(ValidationError):
        model.model_validate({name: value})
