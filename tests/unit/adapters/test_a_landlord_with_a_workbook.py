"""A landlord who does not exist keeps an Excel sheet: one TOML file, and the hub reads and writes it."""

from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import openpyxl

import adapters.tabulaire
from adapters.declaration import cannot_carry
from adapters.tabulaire.dialecte import declared
from contracts.base import Contrat
from contracts.envelope import Event
from contracts.partner import Famille
from contracts.ports import View
from contracts.reference.codes import ResultatCommission
from contracts.v1 import attribution, orientation
from tests.rows import each_row
from tests.unit.adapters.partenaires import CANDIDATURE, event
from tests.unit.adapters.tableaux import BAILLEUR, FEUILLE, FICTIF, SIRET, lignes, ods, refused, saved, xlsx

TITRES: list[list[object]] = [["Service des attributions"], [None, "mise à jour du", date(2026, 3, 2)], []]
MIDNIGHT = datetime.combine(date(2026, 3, 5), time.min)
ENTETE: list[object] = [
    "Rang",
    "Commentaire",
    "Décision",
    "Date",
    "SIRET",
    "Référence du SIAO",
    "Prise d'effet",
]


def row(suite: str, le: object = None, rang: object = None, effet: object = None) -> list[object]:
    """One row in the landlord's own order of columns."""
    return [rang, "vu avec M. X", suite, le, int(SIRET), CANDIDATURE, effet]


def contracts(body: bytes) -> list[Contrat]:
    found = lignes(body)
    assert not [rejet for ligne in found for rejet in ligne.rejets]
    return [ligne.contrat for ligne in found if ligne.contrat is not None]


def test_the_columns_are_found_in_another_order_under_a_title():
    rows = [
        row("Dossier reçu"),
        row("Inscrit en CAL", MIDNIGHT),
        row("Attribué, avec rang", date(2026, 3, 5), rang=2),
        row("Non attribué", "05/03/2026"),
        row("Accepté"),
        row("Sans réponse"),
        row("Bail signé", date(2026, 4, 1), effet=date(2026, 4, 15)),
    ]
    ident = UUID(CANDIDATURE)
    day = date(2026, 3, 5)
    assert contracts(xlsx([*TITRES, ENTETE, *rows])) == [
        attribution.CandidatureAccusee(candidature=ident),
        attribution.CandidatureInscrite(candidature=ident, commission_le=day),
        attribution.DecisionCommission(
            candidature=ident, resultat=ResultatCommission.ATTRIBUTION_RANG, commission_le=day, rang=2
        ),
        attribution.DecisionCommission(
            candidature=ident, resultat=ResultatCommission.NON_ATTRIBUTION, commission_le=day
        ),
        attribution.PropositionAcceptee(candidature=ident),
        attribution.PropositionRefusee(candidature=ident, silence=True),
        attribution.BailSigne(candidature=ident, signature_le=date(2026, 4, 1), effet_le=date(2026, 4, 15)),
    ]


def test_rows_have_the_numbers_that_the_spreadsheet_shows():
    body = xlsx([*TITRES, ENTETE, row("Accepté"), [], [None] * 7, ENTETE, row("Refusé"), [], []])
    assert [ligne.numero for ligne in lignes(body)] == [5, 9]


def test_a_wrong_cell_is_told_by_its_row_and_the_landlords_own_name_of_the_column():
    body = xlsx([*TITRES, ENTETE, row("Attribué, avec rang", date(2026, 3, 5)), row("Peut-être")])
    rank, state = (ligne.rejets[0] for ligne in lignes(body))
    assert (rank.ligne, rank.code) == (5, "incoherence")
    assert (state.ligne, state.champ, state.code) == (6, "Suite", "etat_inconnu")
    assert "Inscrit en CAL" in state.message


def test_another_landlords_siret_is_refused_also_where_the_event_has_no_such_field():
    body = xlsx([ENTETE, [*row("Accepté")[:4], "26010004500020", CANDIDATURE, None]])
    ((rejet,),) = (ligne.rejets for ligne in lignes(body))
    assert (rejet.code, rejet.champ) == ("structure_etrangere", "SIRET")


def test_the_same_table_is_read_from_ods_and_csv():
    cells = [["Décision", "Référence du SIAO"], ["Accepté", CANDIDATURE]]
    text = "Tableau des suites\r\n\r\n" + "".join(";".join(cell) + "\r\n" for cell in cells)
    wanted = [attribution.PropositionAcceptee(candidature=UUID(CANDIDATURE))]
    assert contracts(ods(cells)) == contracts(text.encode()) == wanted


def test_sheets_of_another_name_and_hidden_ones_are_left_alone():
    book = openpyxl.Workbook()
    book.active.append(["Mode d'emploi", "Suite"])
    page = book.create_sheet("SUITES DONNEES")
    page.append(ENTETE)
    page.append(row("Accepté"))
    hidden = book.create_sheet(f"{FEUILLE} ")
    hidden.append(ENTETE)
    hidden.append(row("Bail signé"))
    hidden.sheet_state = "hidden"
    (contrat,) = contracts(saved(book))
    assert isinstance(contrat, attribution.PropositionAcceptee)


def test_a_workbook_without_the_sheet_says_which_one_is_missing():
    assert FEUILLE in refused(xlsx([ENTETE, row("Accepté")], sheet="Feuil1"))


def test_a_header_too_far_down_is_not_looked_for():
    assert "en-tête non reconnu" in refused(xlsx([["x"]] * 6 + [ENTETE, row("Accepté")]))


def test_a_header_that_lacks_a_column_names_it():
    assert "« Réf. SIAO »" in refused(xlsx([["Décision", "Date"], ["Accepté", None]]))


def candidacies() -> list[Event]:
    menage = {
        "id": str(UUID(int=3)),
        "composition": "40",
        "adultes": 1,
        "enfants": 1,
        "numero_unique": "075011234567890123",
        "personnes": [{"nom": "=EXEMPLE", "date_naissance": "1990-02-14"}, {"prenom": "Zoé"}],
    }
    data = {"candidature": CANDIDATURE, "bailleur": SIRET, "canal": "CONTINGENT"}
    return [
        event("fr.siao.attribution.candidature.presentee.v1", {**data, "menage": menage}),
        event("fr.siao.attribution.candidature.retiree.v1", {"candidature": CANDIDATURE}),
    ]


def test_an_hours_candidacies_come_as_one_workbook():
    native = FICTIF.encode(candidacies(), View(BAILLEUR))
    page = openpyxl.load_workbook(BytesIO(native.body)).active
    assert native.filename is not None
    assert native.filename.startswith("candidatures_")
    assert [list(row) for row in page.iter_rows(values_only=True)] == [
        ["Réf. SIAO", "Objet", "N° unique", "Adultes", "Nom", "Né(e) le", "Autres", "Titre"],
        [
            CANDIDATURE,
            "Présentation",
            "075011234567890123",
            1,
            "'=EXEMPLE",
            datetime.combine(date(1990, 2, 14), time.min),
            "Zoé",
            "Contingent préfectoral",
        ],
        [CANDIDATURE, "Retrait", None, None, None, None, None, None],
    ]


def test_the_same_candidacies_give_the_same_bytes_and_a_lot_keeps_its_name_whoever_is_missing():
    one, two = candidacies()
    view = View(BAILLEUR, lot=uuid4())
    assert FICTIF.encode([one, two], view) == FICTIF.encode([one, two], view)
    assert FICTIF.encode([one, two], view).filename == FICTIF.encode([two], view).filename
    names = {FICTIF.encode([one], View(BAILLEUR, lot=lot)).filename for lot in (None, uuid4(), uuid4())}
    assert len(names) == 3


def test_its_declaration_says_what_it_can_carry():
    said = declared(FICTIF.profils["bailleur_fictif"])
    assert said.familles == (Famille.BAILLEUR,)
    assert attribution.DecisionCommission in said.lit
    wanted: list[type[Contrat]] = [
        attribution.CandidaturePresentee,
        orientation.OrientationProposee,
        attribution.CandidatureRetiree,
    ]
    assert cannot_carry(said, wanted) == ["orientation.proposee"]


@each_row("word", ["bailleur", "hebergement", "candidature"])
def test_no_family_of_partners_stands_in_the_code_that_reads_tables(word):
    sources = Path(adapters.tabulaire.__path__[0]).glob("*.py")
    assert not [path.name for path in sources if word in path.read_text("utf-8")]
