"""CloudEvents carry our contracts whole, to every family but the SIAO."""

import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.cloudevents.json import ENTRANTS, TABLES
from adapters.declaration import cannot_carry
from adapters.nir import has_nir
from adapters.objets import Objet, write
from adapters.registry import ADAPTERS, declaration
from contracts.base import Contrat
from contracts.partner import Famille
from contracts.ports import View
from contracts.v1.acte import EvenementActe
from router.domain.audience import receivable_by
from tests.rows import each_row
from tests.unit.adapters.test_round_trips import (
    json_of,
    native,
    own_stay,
    plain,
    quelques,
    speaker,
    theirs,
    whole,
)
from tests.unit.contracts.contrats_fictifs import contrats

NOM = "cloudevents_json"


@each_row("contrat", ENTRANTS, ids=lambda contrat: contrat.NOM)
@quelques
@given(data=st.data())
def test_what_is_read_is_written_back_as_it_was(contrat: type[Contrat], data: st.DataObject) -> None:
    table: Any = TABLES[contrat.TYPE].champs["data"]
    said = whole(data.draw(contrats(contrat)))
    partner = speaker(NOM, said)
    message = plain(json_of(write(said, table, View(partner, own_stay(said)))))
    event = {"specversion": "1.0", "type": contrat.TYPE, "data": message}
    assume(not has_nir(json.dumps(message)))  # fifteen digits of a telephone may be one
    (ligne,) = ADAPTERS[NOM].decode(native(event), partner).lignes
    assert ligne.contrat is not None, ligne.rejets
    assert json_of(write(ligne.contrat, table, View(partner, dict(theirs(ligne.contrat))))) == message


@each_row("contrat", ENTRANTS, ids=lambda contrat: contrat.NOM)
def test_every_field_of_a_contract_can_be_said_but_what_the_hub_notes_itself(contrat: type[Contrat]) -> None:
    data = TABLES[contrat.TYPE].champs["data"]
    assert isinstance(data, Objet)
    by_its_number = {contrat.SUJET} if issubclass(contrat, EvenementActe) else set()
    noted = {"protegee", "gestionnaire", "acte", "lecteur", "declarant", "renseigne", *by_its_number}
    assert contrat.model_fields.keys() - data.champs.keys() <= noted


@each_row("famille", sorted(set(Famille) - {Famille.SIAO}))
def test_every_family_but_the_siao_can_be_told_all_that_it_is_to_hear(famille: Famille) -> None:
    missing = cannot_carry(declaration(NOM), receivable_by(famille))
    assert not missing, "à mettre dans SORTANTS ; et dans OF_THE_SIAO, si un SIAO le dit"
