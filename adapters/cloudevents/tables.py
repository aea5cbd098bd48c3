"""Field tables of a CloudEvent's `data`, made from the contract."""

from collections.abc import Mapping

from pydantic import BaseModel

from adapters import valeurs
from adapters.objets import Champ as Lu
from adapters.objets import Objet
from adapters.tabulaire.champs import Champ, champ, element, nature
from adapters.tabulaire.lecteurs import LEUR_ID, LIRE, kind
from adapters.valeurs import Lire
from contracts.base import Contrat, filled_in
from contracts.privacy import DuHub
from contracts.v1.acte import EvenementActe


def fields(
    contrat: type[Contrat], within: type[BaseModel] | None = None, path: str = ""
) -> Mapping[str, Lu | Objet]:
    """Return the field table of a contract, with the contract's own field names. Fields that no partner sees
    are left out. `within`: a model nested in the contract; if it is given, the table has the fields of this
    model instead. `path`: the path of `within` in the contract, with a final dot."""
    model = within or contrat
    noted = {contrat.SUJET} if issubclass(contrat, EvenementActe) else set[str]()
    noted |= {name for name in model.model_fields if filled_in(model, name) is DuHub.NOTE}
    names = [name for name in model.model_fields if name not in noted]
    return {name: _field(contrat, name, path + name, filled_in(model, name)) for name in names}


def _field(contrat: type[Contrat], name: str, path: str, filled: DuHub | None) -> Lu | Objet:
    found = champ(contrat, path)
    assert found is not None, path
    single = element(found)
    inner = (single or found).type
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        step = f"{path}.0." if single else f"{path}."
        return Objet(fields(contrat, inner, step), cible=name, liste=single is not None)
    if filled is not None:
        return Lu(name, None, path)
    read = _reader(single or found, contrat, path)
    return Lu(name, valeurs.several(read) if single else read, path)


def _reader(found: Champ, contrat: type[Contrat], path: str) -> Lire:
    name = kind(found, contrat, path)
    return valeurs.their_id(nature(contrat, path)) if name == LEUR_ID else LIRE[name]
