"""Perimeter of a partner: the communes in which it works."""

from functools import cached_property
from typing import Annotated, Self

from pydantic import model_validator

from contracts.entry import Table
from contracts.reference.identifiants import CodeCommune, CodeDepartement, code_commune
from contracts.reference.regle import Regle
from contracts.reference.territoires import arrondissements, communes, intercommunalites


def arrondissement(code: str) -> str:
    """Return `code`, the INSEE code of an arrondissement. Raises ValueError, in French, if no arrondissement
    has this code."""
    if code not in arrondissements():
        raise ValueError(
            "arrondissement inconnu : écrivez son code INSEE, le département puis un chiffre (691, 9742)"
        )
    return code


def intercommunalite(siren: str) -> str:
    """Return `siren`, the SIREN of an EPCI (group of communes). Raises ValueError, in French, if no EPCI has
    this SIREN."""
    if siren not in intercommunalites():
        raise ValueError(
            "EPCI inconnu : écrivez le SIREN d'un EPCI à fiscalité propre, ou d'un EPT du Grand Paris"
        )
    return siren


DISPARU = "disparu"
"""Code that stands in place of the code of an arrondissement or EPCI that no longer exists. It contains no
commune."""
CodeArrondissement = Annotated[str, Regle("arrondissement", arrondissement, ancien=DISPARU)]
SirenEpci = Annotated[str, Regle("epci", intercommunalite, ancien=DISPARU)]


class Perimetre(Table):
    """Set of communes. The registry entry names them one by one, or by département, arrondissement or EPCI."""

    departements: tuple[CodeDepartement, ...] = ()
    arrondissements: tuple[CodeArrondissement, ...] = ()
    epci: tuple[SirenEpci, ...] = ()
    communes: tuple[CodeCommune, ...] = ()

    def contient(self, commune: str) -> bool:
        """Return whether a commune is in the perimeter. A municipal arrondissement of Paris, Lyon or
        Marseille counts as its commune. Raises ValueError for an unknown code."""
        code = code_commune(commune)
        return communes()[code] in self.departements or code in self._nommees

    def touche(self, departement: str) -> bool:
        """Return whether the perimeter contains at least one commune of this département."""
        return departement in self.departements or departement in self._departements_nommes

    def toutes(self) -> frozenset[str]:
        """Return the codes of all communes in the perimeter."""
        whole = (code for code, departement in communes().items() if departement in self.departements)
        return self._nommees.union(whole)

    @cached_property
    def _nommees(self) -> frozenset[str]:
        divisions = (
            *(arrondissements()[code] for code in self.arrondissements if code != DISPARU),
            *(intercommunalites()[siren] for siren in self.epci if siren != DISPARU),
        )
        return frozenset(self.communes).union(*(division.communes for division in divisions))

    @cached_property
    def _departements_nommes(self) -> frozenset[str]:
        return frozenset(communes()[code] for code in self._nommees)

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if not (self.departements or self.arrondissements or self.epci or self.communes):
            raise ValueError(
                "un périmètre nomme un département, un arrondissement, un EPCI ou une commune au moins"
            )
        return self
