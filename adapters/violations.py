"""Turn violations of an XML schema into French rejections. A rejection names the element, if its name is known,
and says what to do; it never quotes the element's text."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import takewhile
from typing import cast

from lxml import etree

from adapters.rejets import COMPARE, listed, unknown_code
from adapters.xml import Element
from contracts.ports import Rejet

_NAMES = re.compile(r"Element '(?:\{[^}]*\})?([^'{}]*)'(?:, attribute '([^']*)')?")
_EXPECTED = re.compile(r"\{[^}]*\}(\w+)")

_SIMPLE_TYPES = {
    "xs:date": ("date_illisible", "date illisible : écrivez-la aaaa-mm-jj"),
    "xs:positiveInteger": ("nombre_illisible", "nombre entier attendu : écrivez-en un, d'au moins 1"),
    "xs:nonNegativeInteger": ("nombre_illisible", "nombre entier attendu : écrivez-le en chiffres"),
}
_OTHERWISE = ("valeur_refusee", f"contenu refusé par le schéma : {COMPARE}")


def violations(
    schema: etree.XMLSchema, known: Collection[str], record: Element, ligne: int
) -> Iterator[Rejet]:
    """Yield the rejections of `record` for its errors against the schema. A rejection names an element, or an
    element and its attribute. All errors under the same name share one rejection. Only names in `known` are
    quoted, because any other name might be a person's. An attribute with another name is rejected under the
    name of its element; all elements with other names share one rejection without a name. `ligne`: the
    record's number in the file."""
    if schema.validate(record):
        return
    seen: set[str | None] = set()
    for entry in errors_of(schema):
        champ = _missing(entry.message) or _field(entry.message, known)
        code, message, champ = _french(entry.type, entry.message, champ)
        if champ not in seen:
            seen.add(champ)
            yield Rejet(code, message, ligne, champ)


def errors_of(schema: etree.XMLSchema) -> Iterator[etree._LogEntry]:
    """Yield the errors of the schema's last validation."""
    yield from cast("Iterable[etree._LogEntry]", schema.error_log)


def _field(message: str, known: Collection[str]) -> str | None:
    """Return what an error of the XML validator names, as `element` or `element@attribute`. A name that is
    not in `known` is left out. Return None if no name is left."""
    names = _NAMES.match(message)
    written = takewhile(known.__contains__, filter(None, names.groups() if names else ()))
    return "@".join(written) or None


def _missing(message: str) -> str | None:
    expected = _EXPECTED.findall(message.partition("Expected is")[2]) if "Missing child" in message else []
    return expected[0] if len(expected) == 1 else None


def _french(kind: int, message: str, champ: str | None) -> tuple[str, str, str | None]:
    translate = _TRANSLATIONS.get(kind)
    return (*(translate(message) if translate else _OTHERWISE), champ)


def _content(message: str) -> tuple[str, str]:
    expected = _EXPECTED.findall(message.partition("Expected is")[2])
    if "Missing child" in message:
        return "champ_absent", f"élément obligatoire absent : ajoutez {' ou '.join(expected)}"
    if expected:
        return "element_inattendu", f"élément inattendu à cette place : écrivez ici {' ou '.join(expected)}"
    return "element_inattendu", "élément inattendu à cette place : retirez-le"


def _set(message: str) -> tuple[str, str]:
    allowed = re.findall(r"'([^']*)'", message.rpartition("the set {")[2])
    return "code_inconnu", unknown_code(listed(allowed))


def _simple_type(message: str) -> tuple[str, str]:
    return _SIMPLE_TYPES.get(message.rpartition("type '")[2].rstrip("'."), _OTHERWISE)


def _always(code: str, message: str) -> Callable[[str], tuple[str, str]]:
    return lambda _: (code, message)


_TRANSLATIONS: Mapping[int, Callable[[str], tuple[str, str]]] = {
    etree.ErrorTypes.SCHEMAV_ELEMENT_CONTENT: _content,
    etree.ErrorTypes.SCHEMAV_CVC_ENUMERATION_VALID: _set,
    etree.ErrorTypes.SCHEMAV_CVC_DATATYPE_VALID_1_2_1: _simple_type,
    etree.ErrorTypes.SCHEMAV_CVC_PATTERN_VALID: _always(
        "identifiant_inconnu", "identifiant illisible : reprenez tel quel l'identifiant (UUID) reçu du hub"
    ),
    etree.ErrorTypes.SCHEMAV_CVC_COMPLEX_TYPE_2_3: _always(
        "element_inattendu", "texte inattendu entre deux éléments : retirez-le"
    ),
    etree.ErrorTypes.SCHEMAV_CVC_COMPLEX_TYPE_3_2_1: _always(
        "element_inattendu", "attribut inconnu : retirez-le"
    ),
    etree.ErrorTypes.SCHEMAV_CVC_COMPLEX_TYPE_4: _always(
        "champ_absent", "attribut « code » obligatoire absent : ajoutez-le"
    ),
}
