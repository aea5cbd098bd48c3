"""A profile is proposed for a file that none describes: a person decides, and starts from something."""

import tomllib

import pytest

from adapters.tabulaire.dialecte import Tabulaire
from adapters.tabulaire.ebauche import draft
from adapters.tabulaire.profils import parse, profil, profils
from contracts.errors import InvalidNative
from contracts.ports import Native
from tests.golden.cas import ICI, partenaire

GOLDEN = ICI / "hebergement_csv"


@pytest.mark.parametrize(
    ("name", "known"),
    [("gestion_places", "hebergement_gestion"), ("gestion_decisions", "hebergement_gestion")],
)
def test_the_proposal_for_a_file_of_a_known_package_reads_it_as_its_profile_does(
    name: str, known: str
) -> None:
    body = (GOLDEN / f"{name}.csv").read_bytes()
    proposed = parse(draft(body, profils()), "essai")
    read = [[ligne.contrat for ligne in _read(page, body)] for page in (proposed, profil(known))]
    assert read[0] == read[1]
    assert any(read[0])


def _read(page, body):
    reader = Tabulaire("hebergement_csv", {"essai": page})
    return reader.decode(Native(body, "text/csv"), partenaire("hebergement_csv", {})).lignes


UNKNOWN = """Centre des Tilleuls,,,
Relevé du lundi,,,
Établissement,Lieu,Remarque,Ouvert le
010000024,01053,EXEMPLE Ana,01/03/2026
010000024,01053,EXEMPLE Zoé,02/03/2026
"""


def test_values_are_recognised_by_what_they_are_wherever_the_header_is() -> None:
    proposed = draft(UNKNOWN.encode(), profils())
    assert '"Établissement" = "structure"  # ressemble à : FINESS ou SIRET' in proposed
    assert '"Lieu" = "commune"  # ressemble à : commune' in proposed
    assert '# "Ouvert le" = ?  # ressemble à : date' in proposed
    said = tomllib.loads(proposed)
    assert (said["separateur"], said["lignes_avant_entete"]) == (",", 2)


def test_no_value_of_a_person_is_in_a_proposal() -> None:
    assert "EXEMPLE" not in draft(UNKNOWN.encode(), profils())


def test_a_file_without_a_table_is_said_to_be_none() -> None:
    with pytest.raises(InvalidNative, match="aucun tableau dans ce fichier"):
        draft(b"12\n13\n", profils())
