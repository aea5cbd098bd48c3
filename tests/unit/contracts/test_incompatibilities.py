"""What a change of a schema takes away from those who rely on it."""

from typing import Any

import pytest

from contracts.schemas.__main__ import incompatibilities
from tests.rows import each_row


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def a_code(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
PLACE = an_object(place=TEXT, motif=a_code("A", "B"))


@pytest.mark.parametrize(
    "new",
    [
        PLACE,
        an_object(place=TEXT, motif=a_code("A", "B"), etage=NUMBER),
        an_object(place=TEXT, motif=a_code("B", "A", "C")),
        an_object(place=or_null(TEXT), motif=a_code("A", "B")),
        {**PLACE, "description": "autre"},
        {**PLACE, "$defs": {"Menage": an_object(id=TEXT)}},
    ],
    ids=["the same", "one property more", "one value more", "null too", "other words", "one definition more"],
)
def test_what_only_adds_is_compatible(new: dict[str, Any]) -> None:
    assert list(incompatibilities(PLACE, new)) == []


@each_row(
    ("new", "problem"),
    [
        (an_object(motif=a_code("A", "B")), ".place : propriété disparue"),
        ({**PLACE, "required": ["place"]}, ".place : devenu obligatoire"),
        (an_object(place=TEXT, motif=a_code("A")), ".motif : valeur « B » disparue"),
        (an_object(place=NUMBER, motif=a_code("A", "B")), ".place : type changé, « string » disparu"),
    ],
)
def test_what_takes_away_is_told_with_its_place(new: dict[str, Any], problem: str) -> None:
    assert list(incompatibilities(PLACE, new)) == [problem]


def test_a_property_that_was_required_and_no_longer_is_takes_nothing_away() -> None:
    assert list(incompatibilities({**PLACE, "required": ["place"]}, PLACE)) == []


def test_a_value_gone_from_a_code_that_may_be_null_is_seen() -> None:
    old, new = an_object(code=or_null(a_code("A", "B"))), an_object(code=or_null(a_code("A")))
    assert list(incompatibilities(old, new)) == [".code? : valeur « B » disparue"]


def test_a_value_gone_from_the_codes_of_a_list_is_seen() -> None:
    old = an_object(codes={"type": "array", "items": a_code("A", "B")})
    new = an_object(codes={"type": "array", "items": a_code("A")})
    assert list(incompatibilities(old, new)) == [".codes[] : valeur « B » disparue"]


def test_a_field_that_may_no_longer_be_null_is_seen() -> None:
    assert list(incompatibilities(an_object(nom=or_null(TEXT)), an_object(nom=TEXT))) == [
        ".nom : type changé, « null » disparu"
    ]


def test_what_a_definition_loses_is_seen() -> None:
    old = {**an_object(menage={"$ref": "#/$defs/Menage"}), "$defs": {"Menage": an_object(id=TEXT, nom=TEXT)}}
    new = {**an_object(menage={"$ref": "#/$defs/Menage"}), "$defs": {"Menage": an_object(id=TEXT)}}
    assert list(incompatibilities(old, new)) == [".Menage.nom : propriété disparue"]


def test_a_field_that_refers_to_another_definition_is_seen() -> None:
    old, new = an_object(menage={"$ref": "#/$defs/Menage"}), an_object(menage={"$ref": "#/$defs/Foyer"})
    assert list(incompatibilities(old, new)) == [".menage : type changé, « #/$defs/Menage » disparu"]


def test_everything_taken_away_is_told_at_once_in_a_steady_order() -> None:
    new = {**an_object(motif=a_code()), "required": ["motif"]}
    problems = list(incompatibilities(PLACE, new))
    assert problems == [
        ".place : propriété disparue",
        ".motif : devenu obligatoire",
        ".motif : valeur « A » disparue",
        ".motif : valeur « B » disparue",
    ]
