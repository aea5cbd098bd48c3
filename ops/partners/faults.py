"""Say in French what is wrong in a file or in settings, without showing the wrong values."""

from collections.abc import Mapping

from pydantic_core import ErrorDetails

_FAUTES: Mapping[str, str] = {
    "missing": "champ obligatoire absent",
    "extra_forbidden": "champ inconnu",
    "enum": "valeur inconnue, attendu {expected}",
    "literal_error": "valeur inconnue, attendu {expected}",
    "string_pattern_mismatch": "format invalide, attendu {pattern}",
    "too_long": "{max_length} valeurs au plus",
    "greater_than": "plus de {gt} attendu",
    "greater_than_equal": "{ge} au moins",
    "less_than_equal": "{le} au plus",
    "finite_number": "nombre fini attendu",
    "float_parsing": "nombre attendu",
    "int_parsing": "nombre entier attendu",
    "int_from_float": "nombre entier attendu",
    "bool_parsing": "« true » ou « false » attendu",
    "union_tag_not_found": "champ « type » absent",
    "union_tag_invalid": "« type » inconnu, attendu {expected_tags}",
}


def french(detail: ErrorDetails) -> str:
    """Return a French phrase for a fault that pydantic, the library that checks data, has found."""
    context = {name: _written(value) for name, value in detail.get("ctx", {}).items()}
    if detail["type"] == "value_error":
        return str(context["error"])
    if "message" in context:
        return str(context["message"])
    fault = _FAUTES.get(detail["type"], "valeur non conforme ({type})")
    return fault.format_map({**context, **detail}).replace(" or ", " ou ")


def _written(bound: object) -> object:
    return str(bound).removesuffix(".0").replace(".", ",") if isinstance(bound, float) else bound
