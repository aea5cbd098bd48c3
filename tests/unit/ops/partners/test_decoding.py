"""`siao-hub decode`: what a file would become, before its partner is in any registry."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.partners.decoding import decode_file
from tests.integration.messages import vacancy


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "places.json"
    path.write_text(json.dumps([vacancy("A-1"), vacancy("A-2", commune="99999")]))
    return path


def test_without_a_registry_a_file_is_read_for_what_it_says(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decode_file(file, "hebergement_json", None, None, None) == 1
    said = capsys.readouterr()
    assert [json.loads(line)["structure"] for line in said.out.splitlines()] == [vacancy()["structure"]]
    assert "structure_etrangere" not in said.err
    assert "commune" in said.err


def test_with_the_entry_of_a_partner_the_structures_of_others_are_foreign(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = tmp_path / "partners.toml"
    registry.write_text(
        '[[partenaire]]\nid = "centre"\nnom = "centre"\nfamille = "hebergement"\nterritoire = "01"\n'
        'dialectes = ["hebergement_json"]\nstructures = ["010000032"]\n'
    )
    assert decode_file(file, "hebergement_json", registry, "centre", None) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "structure_etrangere" in said.err


def test_a_birth_after_today_is_rejected_as_at_the_receipt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "demandes.json"
    born = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    household = {"id": "M-1", "composition": "20", "adultes": 1, "personnes": [{"dateNaissance": born}]}
    path.write_text(
        json.dumps({"type": "demande.recue", "demande": "D-1", "menage": household, "dispositif": "URGENCE"})
    )
    assert decode_file(path, "prescripteur_json", None, None, None) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "date_invraisemblable" in said.err
