"""The guide shows everything that one may send, in one's own format, and all of it is accepted."""

import pytest

from adapters.registry import ADAPTERS
from contracts.ports import Native
from tests.golden.cas import partenaire
from tests.golden.guide import whole_files

FILES = ("bailleur_xml", "bailleur_tableau", "collectivite_tableau", "contingent_tableau", "spip_xml")
"""Dialects that are no JSON, and read every message of their families."""


@pytest.mark.parametrize("nom", FILES)
def test_the_files_of_the_guide_hold_every_message_of_a_dialect_and_are_accepted(nom: str) -> None:
    read = [
        ligne
        for path in whole_files(nom, "lu")
        for ligne in ADAPTERS[nom]
        .decode(Native(path.read_bytes(), "", path.name), partenaire(nom, {}))
        .lignes
    ]
    assert [ligne.rejets for ligne in read if ligne.rejets] == []
    shown = {type(ligne.contrat) for ligne in read}
    assert shown == set(ADAPTERS[nom].DECLARATION.lit)
