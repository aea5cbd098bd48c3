"""A probation service says in XML what it would say in JSON, and no more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.objets import write
from adapters.registry import ADAPTERS
from adapters.spip.json import DIALECTE, ENTRANTS
from adapters.spip.xml import NAMESPACE, VERSION
from adapters.xml_table import document
from contracts.base import Contrat
from contracts.ports import Native, View
from tests.golden.cas import partenaire
from tests.rows import each_row
from tests.unit.adapters.partenaires import read
from tests.unit.adapters.test_round_trips import json_of, plain, quelques, theirs, whole
from tests.unit.contracts.contrats_fictifs import contrats

PARTNER = partenaire("spip_xml", {})


def xml(record: dict[str, Any]) -> bytes:
    return document("evenements", {"versionInterface": VERSION}, NAMESPACE, "evenement", record)


def repeated(tree: Any) -> Any:
    """Lists as the writer of XML wants them."""
    if isinstance(tree, dict):
        return {name: repeated(value) for name, value in tree.items()}
    return tuple(map(repeated, tree)) if isinstance(tree, list) else tree


@pytest.mark.parametrize("contrat", ENTRANTS.values(), ids=lambda contrat: contrat.NOM)
@quelques
@given(data=st.data())
def test_what_is_read_is_written_back_as_it_was(contrat: type[Contrat], data: st.DataObject) -> None:
    table = DIALECTE.tables[contrat.NOM]
    message = plain(json_of(write(whole(data.draw(contrats(contrat))), table, View(PARTNER))))
    body = xml({"type": contrat.NOM, **repeated(message)})
    (ligne,) = ADAPTERS["spip_xml"].decode(Native(body, "application/xml"), PARTNER).lignes
    assert ligne.contrat is not None, ligne.rejets
    assert json_of(write(ligne.contrat, table, View(PARTNER, dict(theirs(ligne.contrat))))) == message


@each_row(
    "hidden",
    ['<suivi peine="x">S-1</suivi>', "<suivi>S-1</suivi>peine", "<suivi>S-1<peine>x</peine></suivi>"],
)
def test_nothing_is_slipped_in_beside_the_fields(hidden: str) -> None:
    event = f"<evenement><type>demande.annulee</type>{hidden}<motif>ERREUR</motif></evenement>"
    body = f'<evenements xmlns="{NAMESPACE}" versionInterface="{VERSION}">{event}</evenements>'
    (ligne,) = read("spip_xml", body, PARTNER).lignes
    assert ligne.contrat is None
