"""A numéro unique is read in one way, whatever the field, the dialect and the hand that wrote it."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args

from pydantic import BaseModel, TypeAdapter

from adapters import valeurs
from adapters.registry import ADAPTERS
from contracts.base import Nature, Numero
from contracts.reference.identifiants import NumeroUnique
from contracts.v1 import CONTRATS
from tests.golden import cas
from tests.rows import each_row

NUMERO = "1110318016982G1104"
AS_WRITTEN = [
    "1110318016982g1104",
    "111 0318 016982 G1104",
    " 111\u00a00318\u00a0016982\u00a0g1104 ",
    "111\u202f0318 016982\tg1104",
]
IN_A_MESSAGE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Z]{3}(?:0[1-9]|1[0-2])\d\d[0-9A-Z]{11}(?![0-9A-Za-z])")
SPACES = {"spaces": " ", "no-break spaces": "\u00a0"}


def models(kind: object) -> Iterator[type[BaseModel]]:
    """The models within a field's type, and those within them."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for info in kind.model_fields.values():
            yield from models(info.annotation)
    for part in get_args(kind):
        yield from models(part)


def fields() -> Iterator[tuple[str, Any]]:
    """The fields of the contracts that hold a numéro unique, with their types."""
    found = {model for contrat in CONTRATS.values() for model in models(contrat)}
    for model in sorted(found, key=lambda each: each.__name__):
        for name, info in model.model_fields.items():
            if NumeroUnique in get_args(info.annotation) or info.annotation is NumeroUnique:
                yield f"{model.__name__}.{name}", Annotated[info.annotation, *info.metadata]


FIELDS = dict(fields())


@each_row("written", AS_WRITTEN)
def test_every_field_and_every_reader_understands_a_numero_unique_with_spaces_or_in_lower_case(written):
    assert {"Menage.numero_unique", "RadiationSne.numero_unique"} <= FIELDS.keys()
    read: dict[str, str] = {name: TypeAdapter(kind).validate_python(written) for name, kind in FIELDS.items()}
    assert read == dict.fromkeys(FIELDS, NUMERO)
    assert valeurs.candidacy(written) == Numero(Nature.CANDIDATURE, NUMERO)
    assert valeurs.candidacy(f"{written}/ab 12") == Numero(Nature.CANDIDATURE, f"{NUMERO}/AB12")
    assert valeurs.listed_household(written) == Numero(Nature.MENAGE, NUMERO)


def with_numbers() -> Iterator[tuple[cas.Cas, str]]:
    """The messages of the golden cases that hold a numéro unique, and ways to space it."""
    for case in cas.a_decoder():
        if case.entree.suffix in (".json", ".csv", ".xml") and IN_A_MESSAGE.search(
            case.entree.read_text("utf-8", "replace")
        ):
            yield from ((case, way) for way in SPACES)


@each_row(("case", "way"), with_numbers())
def test_a_message_is_read_alike_however_its_numero_unique_is_spaced(case, way, tmp_path):
    def spaced(found: re.Match[str]) -> str:
        number = found[0].lower()
        return SPACES[way].join((number[:3], number[3:7], number[7:13], number[13:]))

    again = tmp_path / case.entree.name
    again.write_bytes(
        IN_A_MESSAGE.sub(spaced, case.entree.read_bytes().decode("utf-8", "surrogateescape")).encode(
            "utf-8", "surrogateescape"
        )
    )
    said = cas.expected(case).get("partenaire", {})
    assert cas.decode(cas.Cas(case.dialecte, again, case.attendu), said) == cas.decode(case, said)


def test_every_dialect_that_cites_a_candidacy_by_its_number_is_among_them():
    walked = {case.dialecte for case, _ in with_numbers()}
    assert {"action_logement_json", "bailleur_xml", "cil_tableau", "si_siao_json", "sne_xml"} <= walked
    assert walked <= ADAPTERS.keys()
