"""Column profiles are data: each shipped one must be complete, and a wrong one is refused when it is read."""

import re
from pathlib import Path

import pytest

from adapters.registry import TABULAIRES
from adapters.tabulaire.profil import Profil, Sortie, Tableau
from adapters.tabulaire.profils import parse, profil, profils
from contracts.errors import Misconfigured
from tests.rows import each_row

SHELTERS = sorted(TABULAIRES["hebergement_csv"].profils)

LANDLORD = """
nom = "Bailleur"
dialecte = "bailleur_tableau"
familles = ["bailleur"]
formats = ["xlsx"]

[tables.suites]
obligatoires = ["Candidature", "Suite"]
constantes = {}
lecteurs = {}
synonymes = {}

[tables.suites.colonnes]
"Candidature" = "candidature"
"Suite" = "etat"
"Le" = "date"

[tables.suites.etats]
"Inscrite" = "candidature.inscrite"
"Sans réponse" = { evenement = "proposition.refusee", silence = true }

[tables.suites.dates]
"candidature.inscrite" = "commission_le"

[sortie]
fichier = "candidature"
colonnes = { Candidature = "candidature", Nom = "menage.personnes.0.nom" }
evenements = { "candidature.presentee" = "Présentation" }
"""


@pytest.mark.parametrize("name", SHELTERS)
def test_every_shelter_profile_speaks_of_the_same_events(name):
    first, other = (
        {contrat for table in profil(page).tables.values() for contrat in table.contrats.values()}
        for page in (SHELTERS[0], name)
    )
    assert first == other, "un message de plus : dans les [tables.…] de chacun de ces profils"


def test_a_profile_is_read_from_any_text():
    page = parse(LANDLORD, "essai")
    assert set(page.tables["suites"].contrats) == {"candidature.inscrite", "proposition.refusee"}
    assert page.tables["suites"].mots["Sans réponse"].constantes == {"silence": True}


@each_row(
    ("written", "instead", "told"),
    [
        ('"candidature"\n', '"candidatures"\n', "n'a de champ « candidatures »"),
        ("proposition.refusee", "proposition.perdue", "événement inconnu « proposition.perdue »"),
        ('"commission_le"', '"commission"', "« commission » n'est pas une date"),
        ('"Le" = "date"\n', "", "« dates » suppose une colonne « date »"),
        ('"candidature.inscrite" = "commission_le"', "", "champ obligatoire « commission_le »"),
        ("silence = true", "silences = true", "n'a pas de champ « silences »"),
        ("constantes = {}", 'constantes = { rang = "1" }', "n'a de champ « rang »"),
        ("lecteurs = {}", 'lecteurs = { candidature = "devine" }', "lecteurs.candidature"),
        (
            "lecteurs = {}",
            'restes = { commission_le = ["perdu", "candidature"] }',
            "« perdu » n'est le champ",
        ),
        ("lecteurs = {}", 'restes = { commission_le = ["candidature", "candidature"] }', "pas un nombre"),
        ("synonymes = {}", 'synonymes = { "Réf" = "Référence" }', "un synonyme ne mène pas"),
        ("synonymes = {}", 'synonymes = { "SUITE" = "Suite" }', "se confondent"),
        ('["Candidature", "Suite"]', '["Candidature", "Décision"]', "colonne obligatoire"),
        ('"Suite" = "etat"\n', "", "colonne obligatoire"),
        ('Nom = "menage.personnes.0.nom"', 'Nom = "menage.personnes.nom"', "« menage.personnes.nom »"),
        ('["bailleur"]', '["bailleurs"]', "familles.0"),
        ('["xlsx"]', '["xls"]', "formats.0"),
        ("[sortie]", "[sorties]", "sorties"),
        ("[tables.suites]", "[tables.suites", "TOML illisible"),
    ],
)
def test_a_wrong_profile_is_refused_when_it_is_read_and_says_where(written, instead, told):
    assert written in LANDLORD
    with pytest.raises(Misconfigured, match=re.escape(told)):
        parse(LANDLORD.replace(written, instead), "essai")


def test_an_unknown_profile_is_a_fault_of_the_registry():
    with pytest.raises(Misconfigured, match="hebergement_standard"):
        profil("../../etc/passwd")


def test_every_dialect_of_profiles_knows_which_one_is_meant_where_none_is_named():
    for dialecte in TABULAIRES.values():
        meant = [page for page in dialecte.profils.values() if page.defaut]
        assert len(meant) == 1 or len(dialecte.profils) == 1
    assert {page.dialecte for page in profils().values()} == set(TABULAIRES)


def test_the_example_of_the_documentation_is_a_profile():
    text = (Path(__file__).parents[3] / "docs" / "profils.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert set(parse(example, "docs/profils.md").tables) == {"suites"}
    keys = {name for part in (Profil, Tableau, Sortie) for name in part.model_fields} - {"tables", "sortie"}
    assert not [name for name in keys if f"`{name}" not in text]


@each_row(
    ("text", "told"),
    [
        (".".join(["a"] * 20_000) + " = 1", "ligne 1 : plus de 64 points"),
        ("nom = 1\n[" + ".".join(["a"] * 20_000) + "]", "ligne 2 : plus de 64 points"),
        ("a = " + "[" * 20_000, "imbriquées à l'excès"),
        ("a = " + "{ a = " * 20_000, "imbriquées à l'excès"),
        ("a = " + "1" * 20_000, "TOML illisible"),
    ],
)
def test_a_profile_made_to_cost_is_refused_in_french(text: str, told: str):
    with pytest.raises(Misconfigured, match=re.escape(told)):
        parse(text, "à l'essai")


def test_no_key_of_more_parts_than_a_person_writes_is_parsed(monkeypatch: pytest.MonkeyPatch):
    parsed: list[str] = []
    monkeypatch.setattr("adapters.tabulaire.profils.tomllib.loads", parsed.append)
    with pytest.raises(Misconfigured):
        parse(".".join(["a"] * 66) + " = 1", "à l'essai")
    assert parsed == []
