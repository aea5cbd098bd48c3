"""Version 1 of every message, and the one table from CloudEvents type to contract."""

from collections.abc import Iterator, Mapping
from types import ModuleType

from contracts.base import Contrat
from contracts.v1 import (
    alerte,
    attribution,
    convention,
    demande,
    echeance,
    livraison,
    observation,
    occupation,
    orientation,
    place,
    pret_logement,
    suite,
)

MODULES = (
    place,
    occupation,
    demande,
    orientation,
    suite,
    pret_logement,
    attribution,
    convention,
    observation,
    alerte,
    echeance,
    livraison,
)
"""One concept each."""


def _messages(module: ModuleType) -> Iterator[type[Contrat]]:
    """The contracts that a module defines: those that have a name of their own."""
    own = (thing for thing in vars(module).values() if getattr(thing, "__module__", "") == module.__name__)
    for thing in own:
        if isinstance(thing, type) and issubclass(thing, Contrat) and "NOM" in vars(thing):
            yield thing


CONTRATS: Mapping[str, type[Contrat]] = {
    contrat.TYPE: contrat for module in MODULES for contrat in _messages(module)
}
