"""What the hub fills in by itself is read of nobody and asked of nobody: in no dialect, no table, no form."""

from collections.abc import Iterator

from adapters.objets import Objet
from adapters.registry import EVENTS_IN_JSON, TABULAIRES
from adapters.tabulaire.champs import is_written
from contracts.base import Contrat, filled_in
from contracts.v1 import CONTRATS
from contracts.v1.demande import DemandeTransferee, EvaluationDemandee
from contracts.v1.pret_logement import ListeRepondue
from contracts.v1.transfert import DemandeTransfertRetire
from ops.desk.acts import asked_of
from tests.rows import each_row

FILLED = {
    (contrat, name)
    for contrat in CONTRATS.values()
    for name in contrat.model_fields
    if filled_in(contrat, name)
}


def read_in(table: Objet) -> Iterator[str]:
    """The fields of the contract itself that a table reads."""
    for champ in table.champs.values():
        if isinstance(champ, Objet):
            yield from read_in(champ) if champ.cible is None else ()
        elif champ.lire is not None:
            yield champ.cible


def test_the_contract_says_which_fields_the_hub_fills_in() -> None:
    for contrat, name in (
        (EvaluationDemandee, "rappel"),
        (ListeRepondue, "lecteur"),
        (DemandeTransfertRetire, "siao"),
    ):
        assert (contrat, name) in FILLED
    assert (DemandeTransferee, "siao") not in FILLED, "le SIAO choisit à qui il propose"


@each_row("nom", EVENTS_IN_JSON)
def test_no_event_in_json_is_read_for_one(nom: str) -> None:
    dialecte = EVENTS_IN_JSON[nom]
    read = {
        (contrat, name) for e, contrat in dialecte.entrants.items() for name in read_in(dialecte.tables[e])
    }
    assert read, "le test voit ce que le dialecte lit"
    assert read & FILLED == set()


@each_row("nom", TABULAIRES)
def test_no_column_that_a_partner_fills_leads_to_one_alone(nom: str) -> None:
    for page in TABULAIRES[nom].profils.values():
        for tableau in page.tables.values():
            for path in (*tableau.colonnes.values(), *tableau.constantes):
                having = [each for each in tableau.contrats.values() if path in each.model_fields]
                assert not having or any(is_written(each, path) for each in having), path


def test_no_form_of_the_desk_asks_for_one() -> None:
    def asked(contrat: type[Contrat]) -> set[tuple[type[Contrat], str]]:
        return {(contrat, name) for name, _ in asked_of(contrat)}

    assert set().union(*map(asked, CONTRATS.values())) & FILLED == set()
    assert {name for name, _ in asked_of(EvaluationDemandee)} == {"service", "methode", "avant_le"}
