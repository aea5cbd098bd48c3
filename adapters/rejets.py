"""Reasons why a row is not accepted, in French for the partner's developer.

A rejection names the sender's field and says what to do. It never quotes a value or an unknown field name,
which may be personal.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import takewhile

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from contracts.base import Incoherence
from contracts.ports import Rejet
from contracts.reference.codes import listes

ABSENT = "champ_absent"
UNKNOWN_FIELD = "champ_inconnu"
MAX_REJETS = 50
LISTED_CHARACTERS = 4_000
"""Limit on the characters with which a rejection lists the allowed values of a field."""
ALL_NAMED, NEAREST, ALIKE_CHARACTERS = 8, 3, 3
"""Limits on the message types that a rejection names for a sender that wrote an unknown type. If the hub
knows at most `ALL_NAMED` types, it names all. If it knows more, it names at most `NEAREST`: types that share
at least their first `ALIKE_CHARACTERS` characters with the written one."""
PAGE = "la page de votre dialecte, sous /docs"
COMPARE = f"comparez avec l'exemple de {PAGE}"

Chemin = tuple[str | int, ...]
NameOf = Callable[[Chemin], str | None]
"""Function that returns the sender's name for the contract's field at a path, or None if the sender has no
name for it."""


class Illisible(Exception):
    """Raised for an unreadable value, with the code and French message of its rejection."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def rejet(self, ligne: int | None, champ: str | None) -> Rejet:
        """Return the rejection of the unreadable value."""
        return Rejet(self.code, str(self), ligne, champ)


def listed(values: Mapping[str, str] | list[str]) -> str:
    """Return the allowed values of a field as French text, with their labels if `values` has some. A text
    that would be too long is cut, and ends with a reference to the dialect's page."""
    labels = values if isinstance(values, Mapping) else {}
    text = ", ".join(f"« {value} »" + (f" ({labels[value]})" if value in labels else "") for value in values)
    if len(text) <= LISTED_CHARACTERS:
        return text
    return f"{text[:LISTED_CHARACTERS].rpartition(', ')[0]}… et d'autres, que donne {PAGE}"


def unknown_code(allowed: str, near: str | None = None, what: str = "code inconnu") -> str:
    """Return the French message for an unknown code. `allowed`: the known codes; `near`: the code probably
    meant, if any; `what`: the message's first words."""
    meant = f"vouliez-vous dire « {near} » ? Sinon, " if near else ""
    return f"{what} : {meant}écrivez l'une de ces valeurs : {allowed}"


def unknown_type(known: Collection[str], written: object, what: str = "type d'événement inconnu") -> str:
    """Return the French message for an event of an unknown type. `known`: the types that the dialect reads;
    `written`: what the sender wrote; `what`: the message's first words."""
    if len(known) <= ALL_NAMED:
        return f"{what} : écrivez l'un de ceux-ci : {listed(list(known))}"
    # by their beginning: to compare whole types (`Vocabulaire.nearest`) takes 30 times as long, for each row
    shared = {name: _shared(name, written) if isinstance(written, str) else 0 for name in known}
    near = [
        name for name in sorted(known, key=lambda name: -shared[name]) if shared[name] >= ALIKE_CHARACTERS
    ]
    meant = f" ; les plus proches : {listed(near[:NEAREST])}" if near else ""
    return f"{what} : écrivez l'un des {len(known)} que donne {PAGE}{meant}"


def _shared(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def blamed_fields(rejets: Iterable[Rejet]) -> set[str | None]:
    """Return the fields that these rejections name, and None if a rejection names no field. Rejections of
    unknown fields do not count, because such a rejection may name the whole object around the unknown field."""
    return {rejet.champ for rejet in rejets if rejet.code != UNKNOWN_FIELD}


def unblamed(found: Iterable[Rejet], blamed: Collection[Rejet]) -> Iterator[Rejet]:
    """Yield the rejections of `found` that no rejection in `blamed` explains. A rejection of a field explains
    every rejection of this field or of a field inside it, and every rejection that names no field."""
    fields = blamed_fields(blamed)
    within = tuple(f"{champ}." for champ in fields)
    for rejet in found:
        consequence = blamed and (rejet.champ is None or rejet.champ.startswith(within))
        if rejet.champ not in fields and not consequence:
            yield rejet


def from_validation(
    error: ValidationError, ligne: int, name_of: NameOf, blamed: Collection[str | None] = ()
) -> Iterator[Rejet]:
    """Yield a rejection of the row `ligne` for each fault in pydantic's error. `name_of`: function that
    returns the sender's name for a field; `blamed`: the sender's names of fields that are rejected already. A
    contradiction between several fields is left out if one of these fields is in `blamed`."""
    seen: set[tuple[str, str | None]] = set()
    for detail in error.errors(include_url=False, include_input=False):
        code, message = _french(detail)
        champs = [name_of((*detail["loc"], *each)) for each in _contradicting(detail)]
        champ = champs[0]
        if (code, champ) not in seen and not (len(champs) > 1 and any(each in blamed for each in champs)):
            seen.add((code, champ))
            yield Rejet(code, message, ligne, champ)


def _contradicting(detail: ErrorDetails) -> list[tuple[str, ...]]:
    error = detail.get("ctx", {}).get("error")
    return [(champ,) for champ in error.champs] if isinstance(error, Incoherence) else [()]


def _french(detail: ErrorDetails) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return "incoherence", str(context["error"])
    if kind in ("enum", "literal_error"):
        return "code_inconnu", unknown_code(_expected(str(context["expected"])))
    if kind == "code_inconnu":
        return kind, unknown_code(_of_list(str(context["message"])))
    if "message" in context:  # an error of a `Regle`, whose message is French already
        return f"{kind}_invalide", str(context["message"])
    code, message = _MESSAGES.get(kind, ("valeur_refusee", f"valeur refusée : {COMPARE}"))
    return code, message.format_map({name: value for name, value in context.items() if name in _SAFE_CONTEXT})


def _of_list(message: str) -> str:
    named = re.search("« (.*) »", message)
    return listed(listes()[named[1]]) if named and named[1] in listes() else f"celles de {PAGE}"


def _expected(expected: str) -> str:
    return listed(re.findall(r"'([^']*)'", expected) or [expected])


_SAFE_CONTEXT = {"max_length", "min_length", "ge", "gt", "le", "lt"}
_WHOLE = ("nombre_illisible", "nombre entier attendu : écrivez-le en chiffres, sans unité ni décimale")
OBJECT_EXPECTED = "objet attendu : écrivez-le entre accolades, avec ses champs"
_UUID = ("identifiant_inconnu", "identifiant illisible : reprenez tel quel l'UUID reçu du hub")
_YES_NO = ("booleen_illisible", "ni oui ni non : écrivez OUI ou NON")
_OBJECT = ("type_inattendu", OBJECT_EXPECTED)
_DATE = ("date_illisible", "date illisible : écrivez-la aaaa-mm-jj ou jj/mm/aaaa")
_MESSAGES: Mapping[str, tuple[str, str]] = {
    "missing": (ABSENT, "champ obligatoire absent : renseignez-le"),
    "extra_forbidden": ("champ_inconnu", "champ sans objet pour cet événement : retirez-le"),
    "string_type": ("type_inattendu", "texte attendu : écrivez-le entre guillemets"),
    "string_too_long": ("trop_long", "{max_length} caractères au plus : raccourcissez"),
    "string_too_short": ("trop_court", "{min_length} caractères au moins : complétez"),
    "string_pattern_mismatch": ("format_invalide", f"format invalide : {COMPARE}"),
    "string_unicode": ("caracteres_illisibles", "caractères illisibles : renvoyez le message en UTF-8"),
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "greater_than": ("nombre_hors_bornes", "nombre trop petit : donnez-en un plus grand que {gt}"),
    "greater_than_equal": ("nombre_hors_bornes", "nombre trop petit : donnez au moins {ge}"),
    "less_than": ("nombre_hors_bornes", "nombre trop grand : donnez-en un plus petit que {lt}"),
    "less_than_equal": ("nombre_hors_bornes", "nombre trop grand : donnez au plus {le}"),
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "tuple_type": ("type_inattendu", "liste attendue : écrivez-la entre crochets"),
}
