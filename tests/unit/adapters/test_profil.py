"""Column profiles are data: each shipped one must be complete and say nothing that the code does not know."""

from importlib.resources import files

import pytest

from adapters.hebergement.cellules import EVENEMENTS
from adapters.hebergement.csv_sortie import EVENEMENTS as SORTANTS
from adapters.hebergement.csv_sortie import OTHERS
from adapters.profil import Profil, Tableau, profil
from contracts.errors import Misconfigured
from contracts.v1.menage import Menage, Personne
from contracts.v1.orientation import OrientationProposee

NAMES = sorted(file.name.removesuffix(".toml") for file in files("adapters").joinpath("profiles").iterdir())
PSEUDO = {"etat", "date", "departement"}
FIELDS = {name for contrat in EVENEMENTS.values() for name in contrat.model_fields}


def tableaux(page: Profil) -> list[Tableau]:
    return [page.places, page.decisions]


@pytest.mark.parametrize("name", NAMES)
def test_every_column_feeds_a_field_and_every_constant_too(name):
    for tableau in tableaux(profil(name)):
        assert set(tableau.colonnes.values()) <= FIELDS | PSEUDO
        assert set(tableau.constantes) | set(tableau.valeurs) <= FIELDS


@pytest.mark.parametrize("name", NAMES)
def test_every_event_of_the_dialect_has_a_state(name):
    states = [event for tableau in tableaux(profil(name)) for event in tableau.etats.values()]
    assert sorted(states) == sorted(EVENEMENTS)


@pytest.mark.parametrize("name", NAMES)
def test_every_column_of_the_referral_file_shows_something_that_exists(name):
    page = profil(name).orientations
    assert set(page.evenements) == set(SORTANTS)
    for path in page.colonnes.values():
        first, *rest = path.split(".")
        known = {"menage": Menage.model_fields, "personnes": Personne.model_fields}
        assert path in ("id_evenement", "evenement", OTHERS) or first in OrientationProposee.model_fields
        assert not rest or path == OTHERS or rest[-1] in {**known["menage"], **known["personnes"]}


def test_an_unknown_profile_is_a_fault_of_the_registry():
    with pytest.raises(Misconfigured, match="hebergement_standard"):
        profil("../../etc/passwd")


def test_two_words_that_look_the_same_are_refused_when_the_profile_is_read():
    with pytest.raises(ValueError, match="se confondent"):
        Tableau(colonnes={"État": "etat", "etat": "place"}, obligatoires=(), etats={}).noms.meaning("etat")
