"""The SI-SIAO's own API, before and since its version 3.43: what was renamed says what it said."""

import json
from typing import Any

import pytest

from adapters.declaration import Statut
from adapters.objets import MAX_ITEMS
from adapters.registry import ADAPTERS, declaration
from contracts.ports import Ligne
from contracts.v1.orientation import OrientationProposee
from contracts.v1.pret_logement import PretLogementActualise, PretLogementDeclare
from tests.golden.cas import ICI
from tests.rows import each_row
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


@each_row(("old", "new", "euros"), [("OUI", "NON", 0), ("NON", "OUI", None), ("NR", "NR", None)])
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


REFERRED = (ICI / NOM / "demande_et_orientations.json").read_text("utf-8")


def lines_of(tree: Any) -> list[Ligne]:
    return list(read(NOM, tree, SIAO).lignes)


def referred() -> Any:
    return json.loads(REFERRED)


def test_a_document_with_referrals_never_puts_its_household_on_the_list_of_the_ready_unless_it_says_so():
    ready = (PretLogementDeclare, PretLogementActualise)
    assert not [line for line in lines_of(referred()) if isinstance(line.contrat, ready)]
    assert lines_of(referred() | {"orientations": []}), "une demande seule est lue"
    *_, last = lines_of(referred() | {"pretLogement": {"id": 1}})
    assert isinstance(last.contrat, PretLogementDeclare)


@each_row("said", ["NON", True, [None]])
def test_anything_but_an_object_declares_nobody_ready_and_is_refused_alone(said: Any):
    *others, last = lines_of(referred() | {"pretLogement": said})
    assert (last.contrat, [each.champ for each in last.rejets]) == (None, ["pretLogement"])
    assert [line.contrat for line in others] == [line.contrat for line in lines_of(referred())]
    (alone,) = lines_of(document() | {"pretLogement": said})
    assert [each.champ for each in alone.rejets] == ["pretLogement"]


def test_more_referrals_than_a_household_can_have_are_refused_as_one():
    _, *rest = lines_of(referred() | {"orientations": [{}] * (MAX_ITEMS + 1)})
    assert [each.champ for line in rest for each in line.rejets] == ["orientations"]


def test_a_transfer_proposed_again_is_another_message_and_a_fiche_read_again_is_not():
    tree = json.loads((ICI / NOM / "demande_transferee_ou_annulee.json").read_text("utf-8"))[:1]
    first, again = lines_of(tree)[0].cle, lines_of(tree)[0].cle
    tree[0]["demandeInsertion"][0]["dateModification"] = "2026-03-01T14:32:11"
    assert first == again != lines_of(tree)[0].cle


def test_a_fiche_that_changes_says_its_old_news_under_the_ids_that_it_said_them_before():
    before, after = referred(), referred()
    after["ficheSynthese"]["personnes"][0]["prenom"] = "Anna"
    ids = [line.cle for line in lines_of(before)]
    assert [line.cle for line in lines_of(after)] == ids
    assert ids[1] is None, "une orientation dit le ménage, qui peut changer"
    other = referred()
    other["demandeInsertion"]["preconisations"] = [{"typeEtablissementUn": {"id": 800}}]
    assert lines_of(other)[0].cle != ids[0]


def test_of_a_demand_that_the_hub_did_not_bring_nothing_is_said_but_its_referrals_are():
    tree = referred()
    del tree["demandeInsertion"]["identifiantExterne"]
    proposed, _ = [line.contrat for line in lines_of(tree)]
    assert isinstance(proposed, OrientationProposee)
    assert proposed.demande is None


def test_no_rejection_of_a_fiche_quotes_its_household():
    tree = document() | {"diagnosticSocial": {"avecRessource": "peut-être"}}
    (line,) = lines_of(tree)
    assert line.rejets
    assert {rejet.reference for rejet in line.rejets} == {"4711"}


@pytest.mark.parametrize("nom", [nom for nom in ADAPTERS if declaration(nom).statut is Statut.EN_PARTIE])
def test_a_dialect_that_is_real_in_part_says_in_its_page_which_part(nom: str):
    page = (ICI.parents[1] / "docs" / "dialectes" / f"{nom}.md").read_text("utf-8")
    assert "\n## Réel ou supposé\n" in page
    assert "| Opération | Réel | Supposé |" in page
