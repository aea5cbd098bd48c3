"""A clerk drops the table that she keeps, under her own titles: what it says is read, and what it lacks comes back as
columns to fill in."""

from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from adapters.registry import TABULAIRES
from adapters.tabulaire.a_corriger import to_mend
from adapters.tabulaire.complete import completed
from adapters.tabulaire.deduits import FOLLOWS
from adapters.tabulaire.designees import Manquante, designated, missing
from adapters.tabulaire.essai import doubtful, examine
from adapters.tabulaire.profil import update_of
from contracts.base import Nature, Reference
from contracts.errors import InvalidNative
from contracts.partner import Famille, Partner
from contracts.ports import Ligne, Native, Rejet
from contracts.v1.demande import DemandeDecrite, DemandeRecue
from contracts.v1.place import PlaceVacante
from contracts.v1.pret_logement import PretLogementDeclare
from tests.rows import each_row
from tests.unit.adapters.tableaux import lignes, xlsx

CCAS = Partner(id="ccas", nom="CCAS", famille=Famille.PRESCRIPTEUR, territoire="02")
TABLEAU = TABULAIRES["prescripteur_tableau"]
OWN = "N° dossier;Nom;Prénom;Né(e) le;Tél;Ville;Nb adultes;Nb enfants;Composition familiale;Dispositif;Nom 2;Prénom 2"
CAS = Path(__file__).parents[2] / "golden"
ROW = "12;Exemple;Awa;12/05/1991;0612345678;Laon;1;1;Femme seule avec enfant(s);Urgence;Exemple;Sam"


def read(*rows: str) -> list[Ligne]:
    return lignes("\n".join(rows).encode(), TABLEAU, CCAS)


def test_her_ordinary_titles_are_other_names_of_the_columns_of_demands() -> None:
    (ligne,) = read(OWN, ROW)
    demande = ligne.contrat
    assert isinstance(demande, DemandeRecue), ligne.rejets
    assert (demande.commune, demande.menage.adultes, demande.menage.enfants) == ("02408", 1, 1)
    assert [each.prenom for each in demande.menage.personnes] == ["Awa", "Sam"]
    assert demande.menage.telephone == "0612345678"


@each_row(
    ("dialecte", "famille"),
    [
        ("prescripteur_tableau", Famille.PRESCRIPTEUR),
        ("spip_tableau", Famille.SPIP),
        ("ars_tableau", Famille.ARS),
    ],
)
def test_a_table_that_still_calls_the_dispositif_demandé_is_read_as_before(
    dialecte: str, famille: Famille
) -> None:
    partner = Partner(id="ancien", nom="Ancien", famille=famille, territoire="01")
    body = (CAS / dialecte / "demandes.csv").read_bytes()
    old = body.replace(b";Dispositif;", ";Demandé;".encode())
    new = lignes(body, TABULAIRES[dialecte], partner)
    assert old != body
    assert [each.contrat for each in lignes(old, TABULAIRES[dialecte], partner)] == [
        each.contrat for each in new
    ]
    assert any(isinstance(each.contrat, DemandeRecue) for each in new)


def test_a_household_without_a_number_has_that_of_its_demand() -> None:
    for header, row in (
        (OWN, ROW),
        (f"{OWN};N° du ménage", f"{ROW};"),
        (f"{OWN};N° du ménage", f"{ROW};M-7"),
    ):
        (ligne,) = read(header, row)
        assert isinstance(ligne.contrat, DemandeRecue)
        assert ligne.contrat.menage.id.valeur == (row.rpartition(";")[2] if "M-7" in row else "12")  # type: ignore[attr-defined]
        assert ligne.contrat.demande != ligne.contrat.menage.id


@each_row("word", ["Mise à jour", "Complétée"])
def test_an_update_names_the_household_because_that_of_a_known_demand_may_have_another_number(
    word: str,
) -> None:
    header = "N° de demande;Objet;Composition;Adultes;Dispositif"
    (ligne,) = read(header, f"12;{word};Homme seul;1;Urgence")
    assert [each.champ for each in ligne.rejets] == ["N° du ménage"]
    (ligne,) = read(f"{header};N° du ménage", f"12;{word};Homme seul;1;Urgence;")
    assert [each.champ for each in ligne.rejets] == ["N° du ménage"]
    assert "s'il n'en avait pas, redites « N° de demande »" in ligne.rejets[0].message
    (ligne,) = read(f"{header};N° du ménage", f"12;{word};Homme seul;1;Urgence;M-7")
    assert isinstance(ligne.contrat, DemandeDecrite)
    assert ligne.contrat.menage.id == Reference(Nature.MENAGE, "M-7")


@each_row("word", ["Annulée", "annulé", "Mise à jour", "Évaluation réalisée"])
def test_a_row_whose_unread_column_says_another_event_is_no_new_demand(word: str) -> None:
    new, other = read(f"{OWN};Statut", f"{ROW};Nouvelle", f"{ROW};{word}")
    assert isinstance(new.contrat, DemandeRecue), new.rejets
    assert other.contrat is None
    (rejet,) = other.rejets
    assert (rejet.code, rejet.champ) == ("etat_inconnu", "Objet")
    assert "la colonne 13 n'est pas lue" in rejet.message


def test_each_person_may_have_a_row_under_the_number_of_the_demand_alone() -> None:
    header = "N° de demande;Nom;Prénom;Adultes;Enfants;Composition;Dispositif"
    (ligne,) = read(header, "12;Exemple;Awa;1;1;Femme seule avec enfant(s);Urgence", "12;Exemple;Sam;;;;")
    assert isinstance(ligne.contrat, DemandeRecue), ligne.rejets
    assert [each.prenom for each in ligne.contrat.menage.personnes] == ["Awa", "Sam"]


def test_two_households_under_one_reference_are_not_joined() -> None:
    rows = "2026;Dupont;1;Homme seul;Urgence", "2026;Martin;1;Homme seul;Urgence"
    first, second = read("Référence;Nom;Adultes;Composition;Dispositif", *rows)
    for ligne, nom in ((first, "Dupont"), (second, "Martin")):
        assert isinstance(ligne.contrat, DemandeRecue), ligne.rejets
        assert [each.nom for each in ligne.contrat.menage.personnes] == [nom]


def test_two_titles_that_may_be_one_column_are_refused_and_none_is_called_read() -> None:
    for header, both, nom in (
        (f"Référence;{OWN}", ("Référence", "N° dossier"), "N° de demande"),
        (f"{OWN};Commune de résidence", ("Ville", "Commune de résidence"), "Commune"),
    ):
        said = why_not(header)
        assert said == (
            f"colonnes « {both[0]} » et « {both[1]} » : chacune peut être « {nom} ». Donnez ce nom à celle qui l'est"
        )
        assert guessed(header, ROW) == dict.fromkeys(both, nom)
    assert "présente deux fois" in why_not(f"{OWN};Ville")


def test_a_synonym_beside_the_column_itself_is_not_called_read() -> None:
    (ligne,) = read(f"{OWN};Commune", f"{ROW};Laon")
    assert isinstance(ligne.contrat, DemandeRecue), ligne.rejets
    assert guessed(f"{OWN};Commune", f"{ROW};Laon") == {"Ville": None}


def test_what_her_table_lacks_comes_back_as_yellow_columns_with_their_words() -> None:
    native = Native(xlsx([("N° dossier", "Nom", "Nb adultes"), ("12", "Exemple", 1)]), "", "suivi.xlsx")
    rejets = [each for ligne in TABLEAU.decode(native, CCAS).lignes for each in ligne.rejets]
    mended = to_mend(native, TABLEAU, CCAS, rejets)
    assert mended is not None
    sheet = openpyxl.load_workbook(BytesIO(mended.body)).worksheets[0]
    header, row = sheet.iter_rows()
    assert [cell.value for cell in header][3:] == ["Composition", "Enfants", "Dispositif", "a_corriger"]
    assert [cell.column_letter for cell in row if cell.comment] == ["D", "E", "F"]
    assert {str(each.sqref)[:1] for each in sheet.data_validations.dataValidation} == {"D", "F"}


def test_a_column_that_one_sheet_lacks_is_added_to_that_sheet_alone() -> None:
    more = [("N° dossier", "Composition", "Adultes", "Dispositif"), ("13", "Homme seul", "un", "Urgence")]
    rows = [(*more[0], "Commune"), ("12", "Homme seul", 1, "Urgence", "Nulle part")]
    native = Native(xlsx(rows, "Mars", Avril=more), "", "suivi.xlsx")
    rejets = [each for ligne in TABLEAU.decode(native, CCAS).lignes for each in ligne.rejets]
    mended = to_mend(native, TABLEAU, CCAS, rejets)
    assert mended is not None
    sheets = openpyxl.load_workbook(BytesIO(mended.body))
    assert [cell.value for cell in sheets["Mars"][1]] == [*rows[0], "a_corriger"]
    assert [cell.value for cell in sheets["Avril"][1]] == [*more[0], "a_corriger"]


def test_a_row_that_is_to_be_an_update_adds_a_column_in_which_each_row_stays_new_until_its_sender_changes_it() -> (
    None
):
    native = Native(
        xlsx([OWN.split(";"), ROW.split(";"), ("13", *ROW.split(";")[1:6], "un", *ROW.split(";")[7:])]),
        "",
        "suivi.xlsx",
    )
    demande = next(iter(TABLEAU.decode(native, CCAS).lignes)).contrat
    assert isinstance(demande, DemandeRecue)
    update = update_of(TABLEAU.profil_de(CCAS), demande)
    assert update is not None
    assert "« N° du ménage »" in str(update), "une mise à jour nomme le ménage"
    known = Rejet("identifiant_pris", str(update), 2, update.colonne)
    wrong = [each for ligne in TABLEAU.decode(native, CCAS).lignes for each in ligne.rejets]
    mended = to_mend(native, TABLEAU, CCAS, [known, *wrong])
    assert mended is not None
    header, first, second = openpyxl.load_workbook(BytesIO(mended.body)).worksheets[0].iter_rows()
    place = [cell.value for cell in header].index("Objet")
    assert (first[place].value, second[place].value) == ("Nouvelle", "Nouvelle"), (
        "un autre numéro suffit aussi"
    )
    assert "existe déjà" in first[place].comment.text


def why_not(header: str) -> str:
    with pytest.raises(InvalidNative) as refused:
        read(header, "x")
    return str(refused.value)


def test_the_table_that_most_titles_fit_is_the_one_that_is_meant() -> None:
    (ligne,) = read("Identifiant;Nom;Prénom;Date de naissance;Commune", "x")
    assert ligne.rejets[0].champ == "N° de demande"
    assert why_not("Identifiant;Usager;Commune;Suivi par;Bureau").startswith("en-tête non reconnu")


def test_a_household_ready_for_housing_stays_one_whatever_else_its_table_says() -> None:
    header = "N° du ménage;Prêt depuis le;Département;Référence;Ville;Sexe;Dispositif;Nom;Composition;Adultes"
    (ligne,) = read(header, "M-1;01/02/2026;02;12;Laon;F;Urgence;Exemple;Femme seule;1")
    assert isinstance(ligne.contrat, PretLogementDeclare), ligne.rejets


def test_a_table_without_numbers_is_told_all_that_it_lacks_at_once() -> None:
    own = [
        ("Nom", "Prénom", "Commune", "Adultes"),
        ("Exemple", "Awa", "Laon", "une"),
        ("Exemple", "Sam", "Laon", 1),
    ]
    native = Native(xlsx([("Suivi du CCAS",), *own]), "", "suivi.xlsx")
    rejets = [each for ligne in TABLEAU.decode(native, CCAS).lignes for each in ligne.rejets]
    rows = {each.ligne: each for each in designated(native, TABLEAU, CCAS)}
    lacking, others = missing(rejets, rows, TABLEAU.profil_de(CCAS), CCAS)
    assert [(each.nom, each.lignes) for each in lacking] == [
        ("N° de demande", [3, 4]),
        ("Composition", [3]),
        ("Composition", [4]),
        ("Dispositif", [3, 4]),
        ("Enfants", [3, 4]),
    ]
    assert [*lacking[0].mots] == ["un numéro de votre choix, jamais deux fois le même"]
    assert [(each.ligne, each.champ) for each in others] == [(3, "Adultes")]
    mended = to_mend(native, TABLEAU, CCAS, rejets)
    assert mended is not None
    header, first, _ = openpyxl.load_workbook(BytesIO(mended.body)).worksheets[0].iter_rows()
    assert [cell.value for cell in header][4:-1] == ["N° de demande", "Composition", "Enfants", "Dispositif"]
    assert "numéro de votre choix" in first[4].comment.text


@each_row("title", ["N°", "n°", "Numéro"])
def test_a_bare_number_is_that_of_the_demand(title: str) -> None:
    (ligne,) = read(OWN.replace("N° dossier", title), ROW)
    assert isinstance(ligne.contrat, DemandeRecue), ligne.rejets
    assert ligne.contrat.demande == Reference(Nature.DEMANDE, "12")


@each_row("cell", ["612987654", "6 12 98 76 54", "6.12.98.76.54"])
def test_a_telephone_number_that_a_spreadsheet_took_for_a_number_gets_its_zero_back(cell: str) -> None:
    (ligne,) = read(OWN, ROW.replace("0612345678", cell))
    assert isinstance(ligne.contrat, DemandeRecue), ligne.rejets
    assert ligne.contrat.menage.telephone == f"0{cell}"
    (warning,) = [each for each in ligne.avertissements if each.champ == "Téléphone"]
    assert "rien à faire" in warning.message


@each_row("number", ["06 12 98 76 54", "+33 6 12 98 76 54", "0032470123456"])
def test_any_other_telephone_number_is_read_as_written_or_refused_with_an_example(number: str) -> None:
    ligne, wrong = read(OWN, *(ROW.replace("0612345678", each) for each in (number, f"{number} le soir")))
    assert isinstance(ligne.contrat, DemandeRecue), ligne.rejets
    assert (ligne.contrat.menage.telephone, ligne.avertissements) == (number, ())
    (rejet,) = wrong.rejets
    assert (rejet.champ, rejet.code) == ("Téléphone", "format_invalide")
    assert "dix chiffres, comme 06 12 34 56 78, sans autre texte" in rejet.message


@each_row("number", ["33 6 98 76 54 32", "+33 (0)6 98 76 54 32", "0033(0)698765432"])
def test_a_french_number_with_its_country_code_becomes_ten_digits_with_a_remark(number: str) -> None:
    (ligne,) = read(OWN, ROW.replace("0612345678", number))
    assert isinstance(ligne.contrat, DemandeRecue), ligne.rejets
    assert ligne.contrat.menage.telephone == "0698765432"
    (warning,) = [each for each in ligne.avertissements if each.champ == "Téléphone"]
    assert "rien à faire" in warning.message


@each_row(
    "number", ["06 71 23 45 6", "06 12 34 56 7", "12345678", "061234567890", "+33 6 12 34 56 7", "+33", "?"]
)
def test_a_telephone_number_that_nobody_can_dial_is_refused(number: str) -> None:
    (ligne,) = read(OWN, ROW.replace("0612345678", number))
    (rejet,) = ligne.rejets
    assert (rejet.champ, rejet.code) == ("Téléphone", "format_invalide")
    assert "écrivez dix chiffres, comme 06 12 34 56 78" in rejet.message


@each_row("birth", ["02/11/85", "1968", "11/1968"])
def test_an_unreadable_birth_is_refused_with_what_to_do_if_it_is_unknown(birth: str) -> None:
    unclear, blank = read(OWN, *(ROW.replace("12/05/1991", each) for each in (birth, "")))
    (rejet,) = unclear.rejets
    assert rejet.message.endswith("année sur quatre chiffres ; inconnue : laissez vide")
    assert isinstance(blank.contrat, DemandeRecue), "une naissance vide est acceptée"


def test_an_unlikely_year_of_birth_is_said_to_lie_before_today() -> None:
    (ligne,) = read(OWN, ROW.replace("1991", "1791"))
    assert "avant aujourd'hui" in ligne.rejets[0].message


def test_the_sheet_of_the_asylum_offices_says_towns_by_their_code() -> None:
    spada = CCAS.model_copy(update={"famille": Famille.ASILE})
    body = b"Motif;Dossier;Famille;Composition;Adultes;Commune\noffre refusee;R-1;F-1;homme seul;1;59350"
    (ligne,) = lignes(body, TABULAIRES["asile_tableau"], spada)
    assert isinstance(ligne.contrat, DemandeRecue), ligne.rejets
    assert ligne.contrat.commune == "59350"


def test_the_state_s_own_words_for_shelter_are_read_and_an_unknown_word_is_told_each_meaning_once() -> None:
    (ligne,) = read(OWN, ROW.replace("Urgence", "hébergement d'urgence"))
    assert isinstance(ligne.contrat, DemandeRecue), ligne.rejets
    assert ligne.contrat.dispositif == "URGENCE"
    (wrong,) = read(OWN, ROW.replace("Urgence", "Palace"))
    (rejet,) = wrong.rejets
    assert rejet.message.startswith("mot inconnu : ")
    assert "« Urgence », « Stabilisation »" in rejet.message
    assert "Hébergement" not in rejet.message


WITHOUT = "N° de demande;Nom;Né(e) le;Civilité;Adultes;Enfants;Dispositif"


@each_row(
    ("adultes", "enfants", "sexe", "composition"),
    [("1", "0", "Mme", "20"), ("1", "0", "M.", "10"), ("1", "2", "Mme", "40"), ("1", "1", "Monsieur", "50")],
)
def test_the_composition_of_one_adult_follows_from_her_sex_and_her_children_and_is_said_to(
    adultes: str, enfants: str, sexe: str, composition: str
) -> None:
    (ligne,) = read(WITHOUT, f"12;Exemple;12/05/1991;{sexe};{adultes};{enfants};Urgence")
    assert isinstance(ligne.contrat, DemandeRecue), ligne.rejets
    assert ligne.contrat.menage.composition == composition
    said = [each.message for each in ligne.avertissements if each.champ == "Composition"]
    assert said == [FOLLOWS]


@each_row(
    ("adultes", "enfants", "sexe"),
    [("2", "0", "Mme"), ("2", "1", "M."), ("1", "0", ""), ("1", "", "Mme"), ("0", "1", "M."), ("3", "", "")],
)
def test_a_composition_that_may_be_another_is_never_guessed(adultes: str, enfants: str, sexe: str) -> None:
    (ligne,) = read(WITHOUT, f"12;Exemple;12/05/1991;{sexe};{adultes};{enfants};Urgence")
    assert ligne.contrat is None
    assert "Composition" in [each.champ for each in ligne.rejets]


def test_a_composition_that_cannot_be_read_is_not_replaced_by_one_that_follows() -> None:
    (ligne,) = read(f"{WITHOUT};Composition", "12;Exemple;12/05/1991;Mme;1;0;Urgence;Une personne")
    assert [(each.code, each.champ) for each in ligne.rejets] == [("code_inconnu", "Composition")]


@each_row(("child", "composition"), [("12/05/2019", "40"), ("", None)])
def test_of_several_described_members_the_eldest_is_the_only_adult_if_all_births_are_known(
    child: str, composition: str | None
) -> None:
    (ligne,) = read(WITHOUT, f"12;Exemple;{child};M.;1;1;Urgence", "12;Exemple;03/02/1991;Mme;;;")
    menage = getattr(ligne.contrat, "menage", None)
    assert (menage and menage.composition) == composition


def told(*towns: str) -> list[Rejet]:
    rows = [f"{n};Homme seul;1;Urgence;{town}" for n, town in enumerate(towns)]
    body = "\n".join(("N° dossier;Composition;Adultes;Dispositif;Commune", *rows)).encode()
    return list(doubtful(body, TABLEAU.profil_de(CCAS), CCAS))


def test_a_town_in_digits_is_told_once_under_the_name_that_is_read() -> None:
    (first, second) = told("2691", "Laon", "2691", "02408", "99999", "02200")
    assert (first.ligne, first.champ) == (2, "Commune")
    assert first.message == (
        "2691 est lu comme 02691, code INSEE : Saint-Quentin. Si vous en vouliez une autre, écrivez son nom"
    )
    assert "Laon" in second.message


@each_row("title", ["Commune", "Ville"])
def test_a_number_that_is_one_town_s_code_and_another_s_postcode_is_to_be_corrected(title: str) -> None:
    header = f"N° dossier;Composition;Adultes;Dispositif;{title}"
    towns = ["02100", "2100", "02408", "Bony (02100)", "Saint-Quentin"]
    found = read(header, *(f"{n};Homme seul;1;Urgence;{town}" for n, town in enumerate(towns)))
    (refused,), (mended,), *others = (each.rejets for each in found)
    assert refused.message == mended.message
    assert (refused.code, refused.champ) == ("code_commune_invalide", "Commune")
    assert refused.message == (
        "écrivez le nom de la commune : ce nombre est le code INSEE de Bony, et le code postal d'une autre"
    )
    assert not any(others)


def test_software_that_names_its_structures_says_towns_by_their_code() -> None:
    centre = CCAS.model_copy(update={"famille": Famille.HEBERGEMENT, "structures": ("020000063",)})
    header = "reference_place;etat;structure;commune;dispositif"
    body = f"{header}\nA;vacante;020000063;02100;URGENCE".encode()
    (ligne,) = lignes(body, TABULAIRES["hebergement_csv"], centre)
    assert isinstance(ligne.contrat, PlaceVacante), ligne.rejets
    assert ligne.contrat.commune == "02100"


def test_a_place_file_of_software_hears_nothing_about_its_codes() -> None:
    places = TABULAIRES["hebergement_csv"]
    header = "reference_place;etat;structure;commune;dispositif"
    body = f"{header}\nA;vacante;010000024;01053;URGENCE".encode()
    assert list(doubtful(body, places.profil_de(CCAS), CCAS)) == []


def guessed(header: str, *rows: str) -> dict[str, str | None]:
    """What each unread column is guessed to be."""
    (found,) = examine("\n".join((header, *rows)).encode(), TABLEAU.profil_de(CCAS))
    return {each.nom: each.devinee for each in found.colonnes if each.champ is None}


def test_a_title_that_shares_one_word_with_a_known_one_is_not_taken_for_it() -> None:
    header = (
        "N° dossier;Nom de famille;Où dort la famille;Date de la demande;Référent social;Prénon;Nbr enfants"
    )
    assert guessed(header) == {
        "Où dort la famille": None,
        "Date de la demande": None,
        "Référent social": None,
        "Prénon": "Prénom",
        "Nbr enfants": "Nb enfants",
    }


def test_a_column_whose_cells_are_the_words_of_a_free_one_is_guessed_to_be_it() -> None:
    header = "N° dossier;Situation du foyer;Ce qu'il faut;Remarque"
    rows = "1;Couple avec enfant;Insertion;Urgence", "2;homme seul;Urgence;à rappeler", "3;;;"
    assert guessed(header, *rows) == {
        "Situation du foyer": "Composition",
        "Ce qu'il faut": "Dispositif",
        "Remarque": None,
    }
    header = "N° dossier;Type de famille;Type d'hébergement souhaité;Adultes;Enfants"
    (ligne,) = read(header, "1;Couple avec enfant;Insertion;2;1")
    assert isinstance(ligne.contrat, DemandeRecue), ligne.rejets


def test_several_first_names_in_one_cell_are_told_at_the_first_trial() -> None:
    body = "N° dossier;Nom;Prénoms\n1;Exemple;Karim, Leïla, Sam (4 ans)\n2;Exemple;Jean-Pierre\n".encode()
    (doubt,) = doubtful(body, TABLEAU.profil_de(CCAS), CCAS)
    assert (doubt.ligne, doubt.champ) == (2, "Prénom")
    assert "une seule personne" in doubt.message
    assert "Karim" not in doubt.message


def test_a_doubtful_cell_of_a_row_to_correct_is_marked_too() -> None:
    native = Native(xlsx([("N° dossier", "Ville", "Nb adultes"), ("12", "02408", 1)]), "", "suivi.xlsx")
    rejets = [each for ligne in TABLEAU.decode(native, CCAS).lignes for each in ligne.rejets]
    mended = to_mend(native, TABLEAU, CCAS, rejets)
    assert mended is not None
    sheet = openpyxl.load_workbook(BytesIO(mended.body)).worksheets[0]
    assert "code INSEE : Laon" in sheet["B2"].comment.text


def test_a_column_that_is_missing_in_all_rows_is_told_once_with_its_words() -> None:
    body = "N° dossier;Nom;Composition;Adultes\n1;Exemple;Homme seul;1\n2;Exemple;Homme seul;\n".encode()
    native = Native(body, "", "suivi.csv")
    rejets = [each for ligne in TABLEAU.decode(native, CCAS).lignes for each in ligne.rejets]
    rows = {each.ligne: each for each in designated(native, TABLEAU, CCAS)}
    (lacking,), others = missing(rejets, rows, TABLEAU.profil_de(CCAS), CCAS)
    assert (lacking.nom, lacking.mots[0], lacking.lignes) == ("Dispositif", "Urgence", [2, 3])
    assert "Hébergement d'urgence" not in lacking.mots, "chaque sens, par un mot"
    assert [(each.ligne, each.champ) for each in others] == [(3, "Adultes")]


@each_row(
    ("header", "row", "lacks"),
    [
        ("N° dossier;Composition", "1;Femme seule avec enfant(s)", ["Adultes", "Dispositif", "Enfants"]),
        ("N° dossier;Composition", "1;femme + 2", ["Adultes", "Dispositif", "Enfants"]),
        ("N° dossier;Adultes", "1;1", ["Composition", "Dispositif", "Enfants"]),
        ("N° dossier;Composition;Enfants", "1;femme + 2;2", ["Adultes", "Dispositif"]),
        ("N° dossier;Composition", "1;Homme seul", ["Adultes", "Dispositif"]),
    ],
)
def test_children_that_a_composition_may_have_are_asked_for_at_the_first_trial(
    header: str, row: str, lacks: list[str]
) -> None:
    native = Native(f"{header}\n{row}\n".encode(), "", "suivi.csv")
    rejets = [each for ligne in TABLEAU.decode(native, CCAS).lignes for each in ligne.rejets]
    rows = {each.ligne: each for each in designated(native, TABLEAU, CCAS)}
    told, _ = missing(rejets, rows, TABLEAU.profil_de(CCAS), CCAS)
    assert sorted(each.nom for each in told) == lacks
    mended = to_mend(native, TABLEAU, CCAS, rejets, as_workbook=True)
    assert mended is not None
    sheet = openpyxl.load_workbook(BytesIO(mended.body)).worksheets[0]
    asked = {cell.value: below.comment for cell, below in zip(sheet[1], sheet[2], strict=True)}
    assert {*lacks} <= {*asked}
    assert all(asked[nom] is not None for nom in lacks), "une case à remplir est colorée, et dit pourquoi"
    assert ("Enfants" in asked) == ("Enfants" in header or "Enfants" in lacks)


def test_a_number_of_children_that_cannot_be_read_is_refused_once() -> None:
    (ligne,) = read(OWN, ROW.replace(";1;1;", ";1;un;"))
    assert [each.code for each in ligne.rejets] == ["nombre_illisible"]


def test_a_word_for_all_rows_is_added_to_her_file_and_every_row_keeps_its_number() -> None:
    body = 'Suivi;;;\n\nN° dossier;Nom;Composition;Adultes\n1;"Exem\nple";Homme seul;1\n\n2;Exemple;Homme seul;un\n'
    rows = [
        ("Suivi",),
        (),
        ("N° dossier", "Né(e) le", "Composition", "Adultes"),
        (7, date(1991, 5, 12), "Homme seul", 1),
    ]
    for native, numbers in (
        (Native(body.encode(), "text/csv", "suivi.csv"), {4, 7}),
        (Native(xlsx(rows), "", "suivi.xlsx"), {4}),
    ):
        with_it = completed(native, TABLEAU, CCAS, {"Dispositif": dict.fromkeys(numbers, "Urgence")})
        assert with_it.filename == native.filename
        found = {each.numero: each for each in TABLEAU.decode(with_it, CCAS).lignes}
        assert found.keys() == numbers
        first = found[4].contrat
        assert isinstance(first, DemandeRecue), found[4].rejets
        assert first.dispositif == "URGENCE"
        left = [(numero, each.champ) for numero, ligne in found.items() for each in ligne.rejets]
        assert left == [(7, "Adultes")] * (len(numbers) - 1), "et ce qui est faux le reste"


def questions(native: Native) -> list[Manquante]:
    """What the rows of a table lack and may be answered together."""
    rejets = [each for ligne in TABLEAU.decode(native, CCAS).lignes for each in ligne.rejets]
    rows = {each.ligne: each for each in designated(native, TABLEAU, CCAS)}
    asked, others = missing(rejets, rows, TABLEAU.profil_de(CCAS), CCAS)
    assert not others
    return [*asked]


@each_row("column", [";", ""])
def test_rows_whose_composition_may_be_one_of_two_are_asked_about_together(column: str) -> None:
    """Whether the column is there with empty cells, or is not."""
    title = ";Composition" if column else ""
    rows = ("2;0;Mme", "2;1;M.", "1;0;M.", "2;0;M.", "1;;Mme")
    body = "\n".join(
        [
            f"N° de demande;Adultes;Enfants;Sexe;Dispositif{title}",
            *(f"{n};{row};Urgence{column}" for n, row in enumerate(rows)),
        ]
    )
    native = Native(body.encode(), "text/csv", "suivi.csv")
    asked = questions(native)
    assert [(each.nom, [*each.mots], each.lignes) for each in asked] == [
        ("Composition", ["Couple sans enfant", "Groupe d'adultes sans enfant"], [2, 5]),
        ("Composition", ["Groupe avec enfant(s)", "Couple avec enfant"], [3]),
        ("Composition", ["Femme seule", "Femme seule avec enfant(s)"], [6]),
    ]
    couples = completed(
        native, TABLEAU, CCAS, {"Composition": dict.fromkeys(asked[0].lignes, asked[0].mots[0])}
    )
    assert [each.lignes for each in questions(couples)] == [[3], [6]], "les autres questions restent"
    found = {each.numero: each.contrat for each in TABLEAU.decode(couples, CCAS).lignes}
    compositions = {n: each.menage.composition for n, each in found.items() if isinstance(each, DemandeRecue)}
    assert compositions == {2: "30", 4: "10", 5: "30"}


def test_a_file_with_an_unreadable_row_gets_no_column() -> None:
    broken = Native(
        'N° dossier;Composition;Adultes\n1;Homme seul;1\n2;"a"b;1\n'.encode(), "text/csv", "suivi.csv"
    )
    with pytest.raises(InvalidNative, match="ligne 3 illisible"):
        completed(broken, TABLEAU, CCAS, {"Dispositif": {2: "Urgence"}})
