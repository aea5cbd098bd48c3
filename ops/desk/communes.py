"""Communes by the names under which people know them. Pure."""

from collections.abc import Sequence

from contracts.errors import InvalidContract
from contracts.reference.identifiants import code_commune
from contracts.reference.territoires import communes, departement_of, noms
from ops.duplicates.names import words

UNKNOWN = "aucune commune ne porte ce nom : choisissez-la dans la liste, ou donnez son code INSEE"
NO_CODE = "ce n'est pas le code INSEE d'une commune (le code postal en est un autre) : écrivez son nom"
SEVERAL = "plusieurs communes portent ce nom : donnez le code INSEE de la vôtre"


def town(code: str) -> str:
    """Return the name of a commune; its code if the list no longer has it."""
    return noms().get(code, code)


def near(territoire: str) -> list[str]:
    """Return the names of the communes in the département of a territory, in the order of the alphabet."""
    return sorted({noms()[code] for code in _codes((territoire,))}, key=words)


def code_of(text: str, territoires: Sequence[str]) -> str:
    """Return the code of the commune that a text names. Of several communes of one name, that of the territories is
    meant. A text with a digit is a code. Raises InvalidContract, without quoting the text."""
    if any(each.isdigit() for each in text):
        return _checked(text)
    exact = [code for code, nom in noms().items() if nom.casefold() == text.casefold()]
    here = _codes(territoires)
    found = [code for code in here if code in exact] or [c for c in here if words(noms()[c]) == words(text)]
    if len(found := found or exact) != 1:
        raise InvalidContract(SEVERAL if found else UNKNOWN)
    return found[0]


def _checked(code: str) -> str:
    try:
        return code_commune(code)
    except ValueError:
        raise InvalidContract(NO_CODE) from None


def is_there(asked: str, commune: str | None) -> bool:
    """Return whether a commune's name or code begins with this text."""
    code = commune or ""
    return code.startswith(asked) or " ".join(words(noms().get(code, ""))).startswith(
        " ".join(words(asked)) or "-"
    )


def _codes(territoires: Sequence[str]) -> list[str]:
    there = {departement_of(territoire) for territoire in territoires}
    return [code for code, departement in communes().items() if departement in there]
