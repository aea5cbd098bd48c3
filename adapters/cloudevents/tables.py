"""Tables of an event's `data`, made from the contract itself: its schema is the partner's documentation."""

from collections.abc import Mapping

from pydantic import BaseModel

from adapters import valeurs
from adapters.objets import Champ as Lu
from adapters.objets import Objet
from adapters.tabulaire.champs import Champ, champ, element, nature
from adapters.tabulaire.lecteurs import LEUR_ID, LIRE, kind
from adapters.valeurs import Lire
from contracts.base import Contrat
from contracts.v1.acte import EvenementActe

NOTED_BY_THE_HUB = frozenset({"protegee", "gestionnaire", "acte", "lecteur", "renseigne"})
"""Fields that the hub fills in from its own data; no sender writes them."""


def fields(
    contrat: type[Contrat], within: type[BaseModel] | None = None, path: str = ""
) -> Mapping[str, Lu | Objet]:
    """Return the table of a contract's fields, or of those of `within`, the model at `path` in it. Each has
    its own name and the reader that its type asks for. Fields that the hub fills in are left out."""
    noted = NOTED_BY_THE_HUB | ({contrat.SUJET} if issubclass(contrat, EvenementActe) else set())
    names = (name for name in (within or contrat).model_fields if name not in noted)
    return {name: _field(contrat, name, path + name) for name in names}


def _field(contrat: type[Contrat], name: str, path: str) -> Lu | Objet:
    found = champ(contrat, path)
    assert found is not None, path
    single = element(found)
    inner = (single or found).type
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        step = f"{path}.0." if single else f"{path}."
        return Objet(fields(contrat, inner, step), cible=name, liste=single is not None)
    read = _reader(single or found, contrat, path)
    return Lu(name, valeurs.several(read) if single else read, path)


def _reader(found: Champ, contrat: type[Contrat], path: str) -> Lire:
    name = kind(found, contrat, path)
    return valeurs.their_id(nature(contrat, path)) if name == LEUR_ID else LIRE[name]
