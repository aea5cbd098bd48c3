"""What every contract declares about its fields, before any message exists."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from contracts import v1
from contracts.base import Contrat, Modele, classe_of, is_sealed, name_of, sensitive_values
from contracts.privacy import LAST_CLEAR_CLASS, Classe, Protegeable, ValeursSensibles
from contracts.reference.identifiants import reference_acte
from contracts.v1 import CONTRATS, MODULES
from contracts.v1.evaluation import Evaluation
from contracts.v1.menage import Menage, MenageSurListe, Personne
from tests.rows import each_row

MODELES: tuple[type[Modele], ...] = (*CONTRATS.values(), Menage, MenageSurListe, Personne, Evaluation)
CHAMPS = [(model, name) for model in MODELES for name in model.model_fields]


def clear_texts(model: type[Modele]) -> Iterator[str]:
    """Fields of a contract that take any text and do not seal it."""
    for name, schema in model.model_json_schema()["properties"].items():
        parts = [part.get("items", part) for part in schema.get("anyOf", [schema])]
        free = any(p.get("type") == "string" and not p.keys() & {"pattern", "enum", "format"} for p in parts)
        if free and not is_sealed(classe_of(model, name) or LAST_CLEAR_CLASS):
            yield name


def nested(annotation: Any) -> Iterator[type[BaseModel]]:
    """Models anywhere in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from nested(part)


def sequences(annotation: Any) -> Iterator[Any]:
    """What the sequences in an annotation hold."""
    if get_origin(annotation) in (tuple, list, set, frozenset, dict):
        yield from get_args(annotation)
    for part in get_args(annotation):
        yield from sequences(part)


def markers(annotation: Any) -> Iterator[Any]:
    """Markers anywhere in an annotation."""
    if get_origin(annotation) is Annotated:
        yield from get_args(annotation)[1:]
    for part in get_args(annotation):
        yield from markers(part)


def test_every_field_has_a_privacy_class_or_holds_models_whose_fields_have_one() -> None:
    without = {
        f"{model.__name__}.{name}"
        for model, name in CHAMPS
        if classe_of(model, name) is None and not list(nested(model.model_fields[name].annotation))
    }
    assert without == set()


def test_a_field_that_holds_models_leaves_the_class_to_their_fields() -> None:
    both = {
        f"{model.__name__}.{name}"
        for model, name in CHAMPS
        if classe_of(model, name) is not None and list(nested(model.model_fields[name].annotation))
    }
    assert both == set()


def test_every_model_that_a_contract_holds_is_among_those_looked_at_here() -> None:
    held = {inner for model, name in CHAMPS for inner in nested(model.model_fields[name].annotation)}
    assert held <= set(MODELES)


def test_every_field_that_may_be_sealed_has_a_default_so_that_the_clear_half_validates_alone() -> None:
    required = {
        f"{model.__name__}.{name}"
        for model, name in CHAMPS
        if (info := model.model_fields[name]).is_required()
        and (
            is_sealed(classe_of(model, name) or Classe.C0)
            or any(isinstance(marker, Protegeable) for marker in info.metadata)
        )
    }
    assert required == set()


def test_no_sequence_holds_codes_of_which_some_say_more_than_their_field() -> None:
    """Only a single code is swapped for its wider value."""
    sensitive = {
        f"{model.__name__}.{name}"
        for model, name in CHAMPS
        for held in sequences(model.model_fields[name].annotation)
        if any(isinstance(marker, ValeursSensibles) for marker in markers(held))
    }
    assert sensitive == set()


def test_no_sealed_field_is_a_sequence() -> None:
    """Trees of sealed values are put together element by element, and elements are objects."""
    sealed = {
        f"{model.__name__}.{name}"
        for model, name in CHAMPS
        if list(sequences(model.model_fields[name].annotation))
        and is_sealed(classe_of(model, name) or Classe.C0)
    }
    assert sealed == set()


def test_the_wider_value_of_a_sensitive_code_is_not_sensitive_itself() -> None:
    for model, name in CHAMPS:
        values = sensitive_values(model, name)
        if values is not None:
            assert values.valeur_large not in values.classes, f"{model.__name__}.{name}"
            assert all(is_sealed(classe) for classe in values.classes.values()), f"{model.__name__}.{name}"


def test_offer_and_pseudonymous_need_travel_in_clear_and_nothing_else_does() -> None:
    assert [classe for classe in Classe if not is_sealed(classe)] == [Classe.C0, Classe.C1]
    assert LAST_CLEAR_CLASS is Classe.C1


def test_every_module_of_messages_is_one_of_the_modules() -> None:
    written = {path.stem for path in Path(v1.__file__).parent.glob("*.py")}
    assert written - {m.__name__.rpartition(".")[2] for m in MODULES} == {
        "__init__",
        "acte",
        "evaluation",
        "menage",
        "numero_acte",
        "protection",
    }


def test_every_contract_of_the_modules_is_in_the_table_under_its_type() -> None:
    written = {
        thing
        for module in MODULES
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Contrat) and "TYPE" in vars(thing)
    }
    assert set(CONTRATS.values()) == written
    assert all(name == contrat.TYPE for name, contrat in CONTRATS.items())


@each_row("contrat", CONTRATS.values(), ids=lambda contrat: contrat.__name__)
def test_a_contract_names_its_type_its_subject_and_what_its_sender_owes(contrat: type[Contrat]) -> None:
    words = contrat.TYPE.split(".")
    assert words[:2] == ["fr", "siao"]
    assert words[-1] == "v1"
    assert len(words) in (6, 7)
    assert contrat.SUJET in contrat.model_fields
    for path in (*contrat.OBLIGATOIRES, *contrat.SAUF):
        first, *rest = path.split(".")
        assert first in contrat.model_fields
        assert all(name in Menage.model_fields for name in rest)


def test_a_contract_is_frozen_closed_and_silent_about_what_it_was_given() -> None:
    assert all(model.model_config.get("frozen") for model in MODELES)
    assert all(model.model_config.get("extra") == "forbid" for model in MODELES)
    assert all(model.model_config.get("hide_input_in_errors") for model in MODELES)


PARTNERS_AND_TYPES = {"gestionnaire", "emetteur", "partenaire", "lecteur", "type_evenement", "etat"}
"""The hub writes these itself: ids of the registry, types, states."""


def test_no_field_takes_any_text_in_clear_for_a_name_may_stand_in_it() -> None:
    assert {name for model in MODELES for name in clear_texts(model)} == PARTNERS_AND_TYPES


@each_row("text", ["M. Dupont, accord oral", "DUPONT-1990-12", "ANNE", "PETIT-12", "Ana-Liz-3", "12-ANA"])
def test_the_reference_of_an_act_has_no_room_for_a_name_and_its_refusal_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="écrivez le numéro de l'acte, sans texte") as refused:
        reference_acte(text)
    assert text not in str(refused.value)


@each_row("text", ["DER-2026-17", "2026/38/17", "D-2026-2A-4", "AC-01"])
def test_the_reference_of_an_act_is_taken_as_it_is(text: str) -> None:
    assert reference_acte(text) == text


def test_the_name_of_an_event_is_read_from_its_type_alone() -> None:
    assert {contrat.TYPE: name_of(contrat.TYPE) for contrat in CONTRATS.values()} == {
        kind: contrat.NOM for kind, contrat in CONTRATS.items()
    }
    assert name_of("autre.chose") == "autre.chose"


BOUNDED_ELSEWHERE = {"version", "fiche", "numero", "places_perimees", "valeur", "delai_jours"}
"""Numbers that the hub counts itself; the days of an offer, which a rule of the contract bounds; and the sender's
version of a subject, which its dialect bounds."""


def test_every_whole_number_of_a_sender_has_a_largest_value() -> None:
    """A slip, such as a SIRET in a column of places, would else reach a sum in the database, or a day in the
    calendar."""
    schemas = ((model, model.model_json_schema()["properties"].items()) for model in MODELES)
    unbounded = {
        f"{model.__name__}.{name}"
        for model, properties in schemas
        for name, schema in properties
        for part in schema.get("anyOf", [schema])
        if part.get("type") == "integer" and "maximum" not in part and name not in BOUNDED_ELSEWHERE
    }
    assert unbounded == set()
