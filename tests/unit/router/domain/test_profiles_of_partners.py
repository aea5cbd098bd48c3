"""A partner's profile may stand outside the package: `partners apply` brings it into the registry."""

from pathlib import Path

import pytest

from adapters.registry import ADAPTERS, declaration_for
from contracts.errors import Misconfigured
from contracts.ports import Native
from ops.partners.registry_file import load
from router.domain.partners import difference, field_changes
from tests.golden.cas import ICI

ENTRY = """
[[partenaire]]
id = "chrs"
nom = "CHRS"
famille = "hebergement"
territoire = "01"
structures = ["010000024"]
dialectes = ["hebergement_csv"]
profil = "{profil}"
"""
PACKAGED = (ICI.parents[1] / "adapters" / "profiles" / "hebergement_gestion.toml").read_text("utf-8")
THEIRS = PACKAGED.replace("N° de chambre", "Chambre n°")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one profile of a partner."""
    (tmp_path / "tilleuls.toml").write_text(THEIRS, encoding="utf-8")
    return tmp_path


def registry(folder: Path, profil: str = "tilleuls"):
    path = folder / "partners.toml"
    path.write_text(ENTRY.format(profil=profil), encoding="utf-8")
    return load(path, folder)


def test_a_file_is_read_by_the_profile_that_the_entry_brings_with_it(folder: Path) -> None:
    partner = registry(folder).partners["chrs"]
    body = (ICI / "hebergement_csv" / "gestion_places.csv").read_bytes().decode("cp1252")
    theirs = body.replace("N° de chambre", "Chambre n°", 1).encode()
    lignes = list(ADAPTERS["hebergement_csv"].decode(Native(theirs, "text/csv"), partner).lignes)
    assert lignes[0].contrat is not None
    assert declaration_for(partner, "hebergement_csv").lit


def test_a_change_of_the_profile_is_a_change_of_the_entry_and_the_audit_has_its_fingerprint(
    folder: Path,
) -> None:
    before = registry(folder)
    (folder / "tilleuls.toml").write_text(THEIRS.replace("Lits", "Couchages"), encoding="utf-8")
    after = registry(folder)
    assert difference(before, after).changed == ("chrs",)
    ((old, new),) = field_changes(before.partners["chrs"], after.partners["chrs"]).values()
    assert str(old).startswith("sha256:")
    assert old != new


@pytest.mark.parametrize("name", ["../tilleuls", "inconnu", "/etc/passwd"])
def test_a_profile_is_found_by_its_name_in_the_folder_and_nowhere_else(folder: Path, name: str) -> None:
    with pytest.raises(Misconfigured, match="profil de colonnes inconnu"):
        registry(folder, name)


def test_a_profile_that_is_wrong_is_refused_when_it_is_applied(folder: Path) -> None:
    (folder / "tilleuls.toml").write_text(THEIRS.replace("place.vacante", "place.libre"), encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"événement inconnu « place\.libre »"):
        registry(folder)


def test_a_profile_of_another_dialect_is_refused(folder: Path) -> None:
    other = THEIRS.replace('dialecte = "hebergement_csv"', 'dialecte = "autre_tableau"')
    (folder / "tilleuls.toml").write_text(other, encoding="utf-8")
    with pytest.raises(Misconfigured, match="est du dialecte autre_tableau"):
        registry(folder)


def test_a_profile_of_the_package_is_not_taken_from_the_folder(folder: Path) -> None:
    (folder / "hebergement_gestion.toml").write_text(THEIRS, encoding="utf-8")
    assert registry(folder, "hebergement_gestion").partners["chrs"].profil_externe is None
