"""Perimeter of a partner: the communes of its territories in which it works."""

from functools import cached_property
from typing import Annotated, Self

from pydantic import model_validator

from contracts.entry import Table
from contracts.reference.identifiants import CodeCommune, CodeDepartement, code_commune
from contracts.reference.regle import Regle
from contracts.reference.territoires import arrondissements, communes, intercommunalites


def arrondissement(code: str) -> str:
    """Return the code of an arrondissement in its normal form. Raises ValueError, in French, for an unknown
    one."""
    if code not in arrondissements():
        raise ValueError(
            "arrondissement inconnu : écrivez son code INSEE, le département puis un chiffre (691, 9742)"
        )
    return code


def intercommunalite(siren: str) -> str:
    """Return the SIREN of an EPCI. Raises ValueError, in French, for an unknown one."""
    if siren not in intercommunalites():
        raise ValueError(
            "EPCI inconnu : écrivez le SIREN d'un EPCI à fiscalité propre, ou d'un EPT du Grand Paris"
        )
    return siren


DISPARU = "disparu"
"""Code that replaces an arrondissement or EPCI of an applied entry that a newer map no longer has. It holds
no commune."""
CodeArrondissement = Annotated[str, Regle("arrondissement", arrondissement, ancien=DISPARU)]
SirenEpci = Annotated[str, Regle("epci", intercommunalite, ancien=DISPARU)]


class Perimetre(Table):
    """Communes of a perimeter, named one by one or by a larger division. A commune is inside if any of these holds
    it."""

    departements: tuple[CodeDepartement, ...] = ()
    arrondissements: tuple[CodeArrondissement, ...] = ()
    epci: tuple[SirenEpci, ...] = ()
    communes: tuple[CodeCommune, ...] = ()

    def contient(self, commune: str) -> bool:
        """Tell whether a commune is inside, in any spelling of its code, also that of an arrondissement of
        Paris, Lyon or Marseille. Raises ValueError for a code that is not in the official geographic code
        (COG)."""
        code = code_commune(commune)
        return communes()[code] in self.departements or code in self._nommees

    def touche(self, departement: str) -> bool:
        """Tell whether some commune of a département is inside."""
        return departement in self.departements or departement in self._departements_nommes

    def toutes(self) -> frozenset[str]:
        """Return the codes of all communes inside."""
        whole = (code for code, departement in communes().items() if departement in self.departements)
        return self._nommees.union(whole)

    @cached_property
    def _nommees(self) -> frozenset[str]:
        """The communes inside that are named one by one, by arrondissement or by EPCI. Those of whole
        départements are not among them."""
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
