"""The SI-SIAO's own API, before and since its version 3.43: what was renamed says what it said."""

import json
from typing import Any

import pytest

from tests.golden.cas import ICI
from tests.unit.adapters.partenaires import SIAO, contract, read

NOM = "si_siao_fiches"
AVANT = (ICI / NOM / "avant_3_43.json").read_text("utf-8")
RENAMED = {'"datenaissance"': '"dateNaissance"', '"demandeurprincipal"': '"contactPrincipal"'}


def document() -> Any:
    return json.loads(AVANT)


def said(tree: Any) -> Any:
    return contract(read(NOM, tree, SIAO))


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_a_renamed_element_is_read_as_it_was(old: str, new: str):
    assert old in AVANT
    assert said(json.loads(AVANT.replace(old, new))) == said(document())


@pytest.mark.parametrize(
    ("old", "new", "euros"), [("OUI", "NON", 0), ("NON", "OUI", None), ("NR", "NR", None)]
)
def test_having_an_income_is_the_contrary_of_having_none(old: str, new: str, euros: int | None):
    for diagnostic in ({"sansRessource": old}, {"avecRessource": new}):
        menage = said(document() | {"diagnosticSocial": diagnostic}).menage
        assert menage.ressources_mensuelles_euros == euros


@pytest.mark.parametrize("where", ["ficheSynthese", "demandeInsertion", "diagnosticSocial"])
@pytest.mark.parametrize("spelling", ["victimeviolence", "victimeViolence"])
def test_violence_is_heard_wherever_it_is_said_though_another_object_denies_it(where: str, spelling: str):
    tree = document()
    for name in ("ficheSynthese", "demandeInsertion", "diagnosticSocial"):
        tree[name][spelling] = "OUI" if name == where else "NON"
    assert said(tree).menage.victime_de_violences is True


@pytest.mark.parametrize(("modified", "adults"), [("2022-03-01T00:00", 1), ("2039-06-01T00:00", 2)])
def test_adults_are_counted_on_the_day_of_the_demand_and_not_on_ours(modified: str, adults: int):
    tree = document()
    tree["ficheSynthese"]["composition"] = {"id": 40 if adults == 1 else 30}
    tree["demandeInsertion"]["dateModification"] = modified
    assert said(tree).menage.adultes == adults
