"""Version 1 of every message contract, and their table by CloudEvents type."""

from collections.abc import Iterator, Mapping
from types import ModuleType

from contracts.base import Contrat
from contracts.v1 import (
    aide_sociale,
    alerte,
    attribution,
    convention,
    daho,
    demande,
    echeance,
    examen,
    livraison,
    observation,
    occupation,
    orientation,
    place,
    pret_logement,
    suite,
    suivi,
    transfert,
)

MODULES = (
    place,
    occupation,
    demande,
    transfert,
    orientation,
    suite,
    aide_sociale,
    daho,
    suivi,
    pret_logement,
    attribution,
    examen,
    convention,
    observation,
    alerte,
    echeance,
    livraison,
)


def _messages(module: ModuleType) -> Iterator[type[Contrat]]:
    own = (thing for thing in vars(module).values() if getattr(thing, "__module__", "") == module.__name__)
    for thing in own:
        if isinstance(thing, type) and issubclass(thing, Contrat) and "NOM" in vars(thing):
            yield thing


CONTRATS: Mapping[str, type[Contrat]] = {
    contrat.TYPE: contrat for module in MODULES for contrat in _messages(module)
}
