"""What a row of a table is about is known even if the row is wrong."""

from adapters.registry import ADAPTERS, TABULAIRES
from adapters.tabulaire.designees import Designee, Ecrite, designated
from contracts.base import Nature, Reference
from contracts.errors import InvalidNative
from contracts.ports import Native
from contracts.v1.demande import DemandeAnnulee, DemandeRecue
from tests.golden import cas
from tests.rows import each_row

HEADER = "N° de demande;Objet;N° du ménage;Composition;Adultes;Dispositif"
CCAS = cas.partenaire("prescripteur_tableau", {})
NAMED = (Nature.PLACE, Nature.DEMANDE, Nature.ORIENTATION, Nature.MENAGE)
"""Kinds of subject that tables name by a column of their own."""


def written(*rows: str) -> list[Ecrite]:
    native = Native("\n".join((HEADER, *rows)).encode(), "text/csv")
    return designated(native, TABULAIRES["prescripteur_tableau"], CCAS)


def about(*rows: str) -> list[Designee | None]:
    return [each.sur for each in written(*rows)]


def test_a_wrong_row_is_about_the_subject_and_the_message_that_it_names() -> None:
    d_1, d_2 = Reference(Nature.DEMANDE, "D-1"), Reference(Nature.DEMANDE, "D-2")
    rows = about("D-1;Nouvelle;M-1;Homme seul;un;Urgence", "D-2;Anulée;;;;")
    assert rows == [Designee(DemandeRecue.TYPE, d_1), Designee(DemandeAnnulee.TYPE, d_2)]


def test_a_row_to_correct_keeps_its_number_and_what_was_written_in_it() -> None:
    native = Native(
        f"{HEADER};a_corriger\nD-2;Nouvelle;M-2;Homme seul;un;Urgence;ligne 7 — Adultes : …".encode(), ""
    )
    (row,) = designated(native, TABULAIRES["prescripteur_tableau"], CCAS)
    assert (row.ligne, row.origine, row.numero, row.cellules["Adultes"]) == (2, 7, "D-2", "un")
    (first,) = written("D-2;Nouvelle;M-2;Homme seul;un;Urgence")
    assert (first.ligne, first.origine, first.numero) == (2, 2, "D-2")


def test_a_row_without_a_number_or_without_a_known_state_is_about_nothing() -> None:
    assert about(";Nouvelle;M-1;Homme seul;1;Urgence", "D-2;Peut-être;;;;", "D-3;;;;;", "D-4") == [None] * 4


@each_row("case", [each for each in cas.a_decoder() if each.dialecte in TABULAIRES])
def test_a_right_row_is_about_what_it_says(case: cas.Cas) -> None:
    partner = cas.partenaire(case.dialecte, cas.expected(case).get("partenaire", {}))
    native = Native(case.entree.read_bytes(), "", case.entree.name)
    try:
        rows = list(ADAPTERS[case.dialecte].decode(native, partner).lignes)
    except InvalidNative:
        return
    said = {(each.contrat.TYPE, each.contrat.sujet) for each in rows if each.contrat is not None}
    found = designated(native, TABULAIRES[case.dialecte], partner)
    about = {(each.sur.type, each.sur.sujet) for each in found if each.sur}
    named = {each for each in said if isinstance(each[1], Reference) and each[1].nature in NAMED}
    assert named <= about
    if not any(each.rejets for each in rows):
        assert about <= said
