"""Read communes in tables. A commune is given by its name or its code, with or without a column for its
département."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters import valeurs
from adapters.encodage import clean
from adapters.rejets import Illisible
from adapters.valeurs import Lire
from contracts.errors import InvalidContract
from contracts.ports import Rejet
from contracts.reference.communes import code_of, is_named, is_postcode, town
from contracts.reference.identifiants import departement_de_commune

CODE_CHARACTERS = 5
TWO_TOWNS = "écrivez le nom de la commune : ce nombre est le code INSEE de {}, et le code postal d'une autre"


def commune_near(territoires: Sequence[str]) -> Lire:
    """Return a reader of communes, given by code or name. `territoires` decide between communes with the same
    name. The reader raises Illisible for an unknown commune, and for a name that stays ambiguous. It returns
    a number of at most three digits unchanged: the commune's département is then in another column."""

    def read(cell: str) -> str:
        named = is_named(cell)
        text = clean(cell) if named else valeurs.commune(cell)
        if not named and len(text) < CODE_CHARACTERS:
            return text  # the département is in another column
        try:
            return code_of(text, territoires)
        except InvalidContract as exc:
            raise Illisible("code_commune_invalide", str(exc)) from None

    return read


def commune_by_hand(territoires: Sequence[str]) -> Lire:
    """Return a reader of communes in a table written by hand. The reader raises Illisible for an unknown
    commune, an ambiguous name, or a number that is one commune's code and another's postcode."""
    near = commune_near(territoires)

    def read(cell: str) -> object:
        code = str(near(cell))
        if is_postcode(code) and not any(each.isalpha() for each in cell):
            raise Illisible("code_commune_invalide", TWO_TOWNS.format(town(code)))
        return code

    return read


def whole_commune(values: dict[str, Any], numero: int, noms: Mapping[str, str]) -> list[Rejet]:
    """Complete the commune's code in `values` from `departement` and `commune`: 01 and 4 make 01004. Remove
    `departement` from `values`. The list that is returned has a rejection of the row `numero` in two cases:

    * the code is incomplete, and the département is missing: `commune` is then removed too
    * the code is already complete, and the département contradicts it

    Otherwise, the list is empty. `noms`: the sender's column names, by field."""
    departement, commune = values.pop("departement", ""), values.get("commune")
    if not isinstance(commune, str):
        return []
    if not departement:
        return _departement_needed(values, numero, noms) if len(commune) < CODE_CHARACTERS else []
    if len(commune) <= CODE_CHARACTERS - len(departement):
        values["commune"] = departement + commune.zfill(CODE_CHARACTERS - len(departement))
    elif _other_departement(commune, departement):
        message = "le département ne correspond pas à la commune : corrigez l'un des deux"
        return [Rejet("departement_incoherent", message, numero, noms["departement"])]
    return []


def _departement_needed(values: dict[str, Any], numero: int, noms: Mapping[str, str]) -> list[Rejet]:
    del values["commune"]
    message = "numéro de commune sans département lisible : renseignez le département"
    return [Rejet("champ_absent", message, numero, noms["commune"])]


def _other_departement(commune: str, departement: str) -> bool:
    try:
        return departement_de_commune(commune) != departement
    except ValueError:
        return False  # the contract will say what is wrong with the commune
