"""A signatory that reads tables is sent the terms of an act, in the words by which it signs the same ones."""

import csv
import io
from typing import Any

import openpyxl

from adapters.registry import ADAPTERS, TABULAIRES
from adapters.tabulaire.profil import ETAT
from contracts.ports import View
from contracts.v1.convention import OF_A_COLLECTOR, Attribution, ConventionSignee, DerogationAccordee, Objet
from tests.golden.cas import partenaire
from tests.rows import each_row
from tests.unit.adapters.partenaires import event
from tests.unit.adapters.tableaux import lignes

READS = TABULAIRES["etat_tableau"].profils["etat_actes"].tables["actes"]
COLUMNS = {path: name for name, path in READS.colonnes.items()}
WORDS = {mot.evenement: word for word, mot in READS.etats.items()}
ACTE = "3d4c0a10-2222-4a57-9f3e-0c2f6f0a1902"
PLACES = ["0d3f6c52-8d0f-4f57-b1c9-5a4f7be0c101", "0d3f6c52-8d0f-4f57-b1c9-5a4f7be0c102"]
ITS_OWN = {"sur_papier", "signee_le", "places"}
"""What a signatory says of its own signature, and the numbers that it alone has for its places."""


def writers(contrat: type[ConventionSignee | DerogationAccordee]) -> list[str]:
    """Return the dialects that write a signature as a table."""
    return sorted(nom for nom in TABULAIRES if contrat in ADAPTERS[nom].DECLARATION.ecrit)


def cells(dialecte: str, sent: ConventionSignee | DerogationAccordee) -> dict[str, str]:
    """Return the cells of a signature's row that the table of acts reads, under the names that it has there."""
    here, table = partenaire(dialecte, {}), TABULAIRES[dialecte]
    page = table.profil_de(here)
    assert page.sortie is not None
    body = table.encode([event(sent.TYPE, sent.model_dump(mode="json"))], View(here, {})).body
    if page.sortie.format == "xlsx":
        _, row = openpyxl.load_workbook(io.BytesIO(body)).active.values
        row = [
            "" if cell is None else f"{cell:%d/%m/%Y}" if hasattr(cell, "day") else str(cell) for cell in row
        ]
    else:
        _, row = csv.reader(io.StringIO(body.decode(page.encodage)), delimiter=page.separateur)
    shown = dict(zip(page.sortie.colonnes.values(), row, strict=True))
    return {COLUMNS[path]: cell for path, cell in shown.items() if path in COLUMNS and path not in ITS_OWN}


def signed_alike(dialecte: str, sent: Any) -> Any:
    """Return the signature that a partner says by the table of acts, from the row that it was sent."""
    row = {COLUMNS[ETAT]: WORDS[sent.NOM], **cells(dialecte, sent)}
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows([row.keys(), row.values()])
    (line,) = lignes(file.getvalue().encode(), TABULAIRES["etat_tableau"], partenaire("etat_tableau", {}))
    assert line.contrat is not None, line.rejets
    return line.contrat


def terms(contrat: ConventionSignee | DerogationAccordee) -> dict[str, Any]:
    return contrat.model_dump(exclude={*ITS_OWN, "version", "convention", "derogation"})


def agreement(objet: Objet) -> ConventionSignee:
    sirets = ("26010004500012", "35600000000048")
    return ConventionSignee.model_validate(
        {
            "convention": ACTE,
            "numero": "2026/01/4",
            "objet": objet,
            "partenaire": sirets[0],
            "signataires": sirets,
            "du": "2026-01-01",
            "au": "2028-12-31",
            "tacite_reconduction_mois": 12,
            "avenant_a": "2025/01/7",
            "attribution": Attribution.DIRECTE if objet is Objet.CONTINGENT else None,
            "reference_cnil": "REG-2026-12" if objet is Objet.CIL_LISTE else None,
            "attributions_du_collecteur": 812 if objet in OF_A_COLLECTOR else None,
        }
    )


@each_row("dialecte", writers(ConventionSignee))
def test_a_signatory_signs_from_its_table_the_terms_of_an_agreement_that_it_was_sent(dialecte: str) -> None:
    for objet in Objet:
        assert terms(signed_alike(dialecte, agreement(objet))) == terms(agreement(objet))


@each_row("dialecte", writers(DerogationAccordee))
def test_a_signatory_reads_how_many_places_a_derogation_is_for(dialecte: str) -> None:
    whole = {"derogation": ACTE, "numero": "DER-2026-17", "structure": "010000024"}
    dates = {"du": "2026-01-01", "au": "2026-12-31"}
    for said, at_once in (({"places": PLACES}, 2), ({"quota": 3}, 3), ({"places": PLACES, "quota": 1}, 1)):
        derogation = DerogationAccordee.model_validate({**whole, **dates, **said})
        assert cells(dialecte, derogation)[COLUMNS["quota"]] == str(at_once)
