"""Find communes by name or code, and name them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TypeVar

from contracts.errors import InvalidContract
from contracts.reference.donnees import lignes
from contracts.reference.graphie import words
from contracts.reference.identifiants import code_commune
from contracts.reference.territoires import communes, departement_of, noms

UNKNOWN = "aucune commune ne porte ce nom : vérifiez-le, ou donnez son code INSEE"
NO_CODE = "ce n'est pas le code INSEE d'une commune. Si c'est un code postal, écrivez le nom de la commune"
SEVERAL = "plusieurs communes portent ce nom : ajoutez-y le code INSEE de la vôtre"
BY_NAME = "écrivez le nom de la commune : ce nombre est le code INSEE de {}, et peut-être le code postal d'une autre"

Name = TypeVar("Name")
LONGEST = 80
"""Largest number of characters in a text that names a commune. The longest name of a commune has 45."""
_LETTERS = re.compile(r"[^\W\d_]{2}")
_NUMBERS = re.compile(r"\(?\b\d\w*\)?")
_CODE = re.compile(r"\b\d[\dAB]\d{3}\b", re.ASCII)
"""Five characters that may be the code of a commune or a postcode."""


def town(code: str) -> str:
    """Return the name of the commune with this code. Return an unknown code unchanged."""
    return noms().get(code, code)


def near(territoire: str) -> list[str]:
    """Return the names of all communes in a territory's département, in alphabetical order."""
    there = departement_of(territoire)
    return sorted({noms()[code] for code, each in communes().items() if each == there}, key=words)


def prefilled(code: str, territoires: Sequence[str]) -> str:
    """Return the text that a web form shows for the commune `code`. This is the commune's name alone, if the
    hub would read it as this commune in a message from a partner with these `territoires`. Else it is the
    name and the code."""
    name = town(code)
    with suppress(InvalidContract):
        if code_of(name, territoires) == code:
            return name
    return name if name == code else f"{name} ({code})"


def unmistakable(code: str) -> str:
    """Return the text for a commune in a table that people read. This is the commune's code alone, unless it
    is also another commune's postcode: then it is the name and the code."""
    return f"{town(code)} ({code})" if is_postcode(code) else code


def is_named(text: str) -> bool:
    """Return whether a text gives a commune by its name. A code or postcode may stand beside the name. Return
    False for a code or postcode alone."""
    return _LETTERS.search(text) is not None or not any(each.isdigit() for each in text)


def code_of_named(text: str, territoires: Sequence[str]) -> str:
    """Return the code of the commune that `text` names. If several communes have this name, a code or
    postcode beside it decides, or else the sender's territories, `territoires`. Raises InvalidContract if
    several communes fit, or none. Raises it for a number alone too, because the number may be a postcode."""
    code = code_of(text, territoires)
    if not is_named(text):
        raise InvalidContract(BY_NAME.format(town(code)))
    return code


def is_postcode(code: str) -> bool:
    """Return whether the code of a commune is also the postcode of another commune."""
    return code in _postcodes()


def code_of(text: str, territoires: Sequence[str]) -> str:
    """Return the code of the commune that `text` gives by name or code. If several communes have the name, a
    code or postcode beside it decides (`Abbeville (80100)`), or else the sender's `territoires`.

    Raises InvalidContract unless exactly one commune fits. The error does not quote `text`.
    """
    if len(text) > LONGEST:
        raise InvalidContract(UNKNOWN)
    if not is_named(text):
        return _checked(text)
    number = match[0] if (match := _CODE.search(text)) else ""
    name = " ".join(_NUMBERS.sub(" ", text).split())
    exact = _spelt().get(name.casefold(), ())
    for there in ({departement_of(number)} - {None}, {departement_of(each) for each in territoires}):
        here = [code for code in exact if communes()[code] in there]
        if found := here or [code for each in there for code in _alike(each).get(words(name), ())]:
            return _only(found, number)
    return _only(exact, number)


def _only(found: Sequence[str], number: str) -> str:
    if number in found:
        return number
    if not found:
        raise InvalidContract(UNKNOWN)
    if len(found) > 1:
        raise InvalidContract(f"{SEVERAL} ({', '.join(sorted(found))})")
    return found[0]


def _checked(code: str) -> str:
    try:
        return code_commune(code)
    except ValueError:
        raise InvalidContract(NO_CODE) from None


def is_there(asked: str, commune: str | None) -> bool:
    """Return whether a search for `asked` finds a commune: the commune's name or its code must begin with
    `asked`. `commune`: the code of the commune; None is found only if `asked` is empty."""
    code = commune or ""
    return code.startswith(asked) or " ".join(words(noms().get(code, ""))).startswith(
        " ".join(words(asked)) or "-"
    )


@cache
def _postcodes() -> frozenset[str]:
    return frozenset(code for _, codes in lignes("codes_postaux.csv") for code in codes.split())


@cache
def _spelt() -> Mapping[str, Sequence[str]]:
    return _grouped((nom.casefold(), code) for code, nom in noms().items())


@cache
def _alike(departement: str | None) -> Mapping[tuple[str, ...], Sequence[str]]:
    there = (code for code, each in communes().items() if each == departement)
    return _grouped((words(noms()[code]), code) for code in there)


def _grouped(named: Iterable[tuple[Name, str]]) -> Mapping[Name, Sequence[str]]:
    found: dict[Name, list[str]] = {}
    for name, code in named:
        found.setdefault(name, []).append(code)
    return found
