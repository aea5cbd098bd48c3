"""What the demo tells to copy for its sandbox: each role says something in its own format that the hub takes."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.registry import ADAPTERS
from contracts.ports import Native
from ops.partners.registry_file import load
from router.domain.sandbox import PREFIX
from router.intake.guide import served
from simulation.sandbox import BOX, Player, entry_of, players_of
from simulation.sandbox_sheets import SHEETS
from tests.golden.cas import partenaire
from tests.rows import each_row

FINESS, SIRET, COMMUNE = "010000024", "26010004500012", "01053"
KNOWN = {"url": "http://hub", "folder": "/f", "hook_port": 1, "hook_secret": "whsec"}
PLAYED: Mapping[str, tuple[str, dict[str, Any]]] = {
    "centre": ("hebergement_json", {}),
    "webhook": ("hebergement_json", {}),
    "bailleur": ("bailleur_xml", {}),
    "fichiers": ("bailleur_tableau", {"profil": "bailleur_gestion"}),
    "ville": ("collectivite_tableau", {"profil": "collectivite_reservations"}),
    "contingent": ("contingent_json", {}),
    "siao-01": ("si_siao_json", {}),
    "etat": ("etat_json", {}),
    "115": ("veille_sociale_json", {}),
    "ccas": ("prescripteur_json", {}),
    "spip": ("spip_xml", {}),
}
ID = "c2a7d5e0-3b1f-4f6e-9a58-2f60b1d0e201"
SAID = re.compile(r"(?:-d|printf(?: '%s')?) '([^']*)'")


def commands(role: str) -> str:
    dialecte, _ = PLAYED[role]
    structure = FINESS if dialecte == "hebergement_json" else SIRET
    return SHEETS[role][1].format(player=Player(role, structure, "", dialecte, commune=COMMUNE), **KNOWN)


def test_every_role_has_a_page_of_the_guide_and_its_own_key_and_reads_what_came_of_it() -> None:
    assert SHEETS.keys() == PLAYED.keys()
    for role, (page, _) in SHEETS.items():
        assert f"guide-partenaire/{page}.md" in served()
        assert commands(role).count("CLE=") == 1
        assert "effet" in commands(role) or role == "fichiers"


def test_the_registry_takes_every_role(tmp_path: Path) -> None:
    registry = tmp_path / "partenaires.toml"
    lines = (line for player in players_of(1, BOX, ((), BOX)) for line in entry_of(player))
    registry.write_text("\n".join(lines), encoding="utf-8")
    assert {name.removeprefix(PREFIX) for name in load(registry).partners} == SHEETS.keys()


@each_row("role", SHEETS)
def test_what_a_role_is_told_to_send_is_taken_as_it_stands(role: str) -> None:
    dialecte, more = PLAYED[role]
    bodies = [said.replace("UUID", ID).replace("REF", ID) for said in SAID.findall(commands(role))]
    assert bodies
    for body in (body.replace("\\n", "\n").encode() for body in bodies):
        decoded = ADAPTERS[dialecte].decode(Native(body, ""), partenaire(dialecte, more))
        rows = list(decoded.lignes)
        assert rows
        assert [row.rejets for row in rows if row.rejets] == []
