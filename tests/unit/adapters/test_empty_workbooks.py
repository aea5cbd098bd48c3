"""The empty workbook of a partner marks each column without which a row is refused: the reader is asked."""

from collections.abc import Iterator
from enum import EnumType
from io import BytesIO

import openpyxl

from adapters.json_schema import EXAMPLES
from adapters.registry import TABULAIRES
from adapters.tabulaire.besoins import NEEDED, Besoin, marks, needs
from adapters.tabulaire.champs import champ
from adapters.tabulaire.entete import header
from adapters.tabulaire.essai import examine
from adapters.tabulaire.lecteurs import OPENED_ONCE
from adapters.tabulaire.modele import SHEET_NAME, model
from adapters.tabulaire.mots import FEUILLE, words_of
from adapters.tabulaire.plan import Cas, Plan, plan
from adapters.tabulaire.profil import DEPARTEMENT, ETAT, Profil, Tableau
from contracts.partner import Famille, Partner, may_offer
from contracts.ports import Ligne
from contracts.reference.codes import MotifRefus
from contracts.v1.menage import COUPLES_ET_FAMILLES
from contracts.v1.orientation import OrientationRefusee
from tests.rows import each_row
from tests.unit.adapters.partenaires import ORIENTATION, STRUCTURE

Rangee = dict[str, str]
"""Row of a table: its filled cells, by column."""
DAY, LATER = "04/03/2026", "31/12/2026"
SIRET = "26010004500012"
WRITTEN = {
    "au": LATER,
    "candidature": ORIENTATION,
    "capacite": "3",
    "attributions": "3",
    "entretien_le": "04/03/2026 10:00",
    "jusqu_au": LATER,
    "operateur": SIRET,
    "orientation": ORIENTATION,
    "territoire": "69",
    "vu_le": "04/03/2026 10:00",
}
"""What a person writes in a column, by the field of the contract; in others, something by the type, or as in JSON."""
BY_TYPE = {"int": "1", "date": DAY, "bool": "OUI", "UUID": ORIENTATION}


def tables() -> Iterator[tuple[Profil, Tableau, str, Famille]]:
    """Each table of each profile, as each of its families reads each word of the state column. A family sends no table
    of places that it does not offer: the workbook leaves that sheet out."""
    for table in TABULAIRES.values():
        for page in table.profils.values():
            for tableau in page.tables.values():
                for famille in page.familles:
                    if any(may_offer(contrat.NATURE, famille) for contrat in tableau.contrats.values()):
                        yield from ((page, tableau, mot, famille) for mot in tableau.mots)


def partner_of(famille: Famille) -> Partner:
    return Partner(id="somme", nom="Somme", famille=famille, territoire="80", structures=(STRUCTURE, SIRET))


class Reader:
    """The reader of a table, given rows with little more than what the marks ask for."""

    def __init__(self, tableau: Tableau, mot: str, famille: Famille) -> None:
        partner = partner_of(famille)
        self.tableau, self.mot = tableau, mot
        self.needs = needs(tableau, partner)[mot]
        self.marked = marks(tableau, partner)
        header(
            iter([(1, list(self.marked))]), {"": tableau}, 0, None
        )  # raises if one of the table's own is not marked
        self.columns = list(tableau.colonnes)
        self.columns += [f"Personne {n} {each}" for n in (2, 3) for each in self.of_each_person()]
        entete = header(iter([(1, self.columns)]), {"": tableau}, 0, None)
        self.plan: Plan = plan(entete, "", partner)
        self.cas: Cas = self.plan.cas_of(mot)

    def of_each_person(self) -> set[str]:
        """The columns of which one must be filled in for every member of the household."""
        return {column for besoin in self.needs if besoin.pour_chacun for column in besoin.colonnes}

    def read(self, rangee: Rangee) -> Ligne | None:
        """The row as the hub reads it; None for one without an answer, of which nothing is kept."""
        cells = [rangee.get(column, "") for column in self.columns]
        return None if self.plan.is_unanswered(cells) else self.plan.read(2, cells)

    def accepts(self, rangee: Rangee) -> bool:
        ligne = self.read(rangee)
        return ligne is not None and ligne.contrat is not None

    def least(self, rangee: Rangee) -> Rangee:
        """The row with what the marks ask for besides: in each column that must be filled in, an example."""
        for besoin in self.needs:
            if self.asks(besoin, rangee) and not any(rangee.get(each) for each in besoin.colonnes):
                return self.least(rangee | {besoin.colonnes[0]: self.example(besoin.colonnes[0], rangee)})
        return rangee

    def asks(self, besoin: Besoin, rangee: Rangee) -> bool:
        """Whether the row meets the condition."""
        if besoin.si is None:
            return True
        filled = [rangee.get(each, "") for each in besoin.si.colonnes]
        return (filled[0] in besoin.si.mots) is not besoin.si.sauf if besoin.si.mots else any(filled)

    def rows(self) -> Iterator[Rangee]:
        """Rows with the marked columns alone: the least, one for each word of each of its columns, and one that meets
        each condition."""
        least = self.least({})
        chosen = [(column, word) for column in least for word in self.words(column, {})]
        met = [besoin.si.colonnes[0] for besoin in self.needs if besoin.si and not besoin.si.mots]
        chosen += [(column, self.example(column, least)) for column in met]
        yield self.listed(least)
        for column, word in chosen:
            kept = {name: cell for name, cell in least.items() if name not in self.of_words()}
            yield self.listed(self.least(kept | {column: word}))

    def of_words(self) -> set[str]:
        """The columns whose cells follow a word of another column: the numbers, and the reason of a refusal."""
        follow = ("menage.adultes", "menage.enfants", "motif")
        return {nom for cible, nom in self.cas.noms.items() if cible in follow}

    def others(self) -> Iterator[Rangee]:
        """The least row with one more column, which is not marked."""
        least = self.least({})
        for column in self.cas.noms.values():
            if column not in self.marked:
                for cell in self.words(column, least) or (self.example(column, least),):
                    yield self.least(least | {column: cell})

    def listed(self, rangee: Rangee) -> Rangee:
        """The row with a name for each further member, where it must list them all."""
        counted = [
            int(rangee.get(self.cas.noms.get(f"menage.{each}", "")) or 0) for each in ("adultes", "enfants")
        ]
        names = [besoin.colonnes[0] for besoin in self.needs if besoin.pour_chacun]
        return rangee | {
            f"Personne {n} {name}": "Exemple" for name in names for n in range(2, sum(counted) + 1)
        }

    def of_persons(self) -> set[str]:
        """The columns of numbers that follow the composition."""
        return {nom for cible, nom in self.cas.noms.items() if cible in ("menage.adultes", "menage.enfants")}

    def example(self, column: str, rangee: Rangee) -> str:
        cible = next((path for path, nom in self.cas.noms.items() if nom == column), ETAT)
        if cible == ETAT:
            return self.mot
        if cible == "menage.adultes":
            return self.adults(rangee)
        if cible == self.cas.contrat.SUJET and self.cas.contrat in OPENED_ONCE:
            return "N-118"
        if cible == "commune" and DEPARTEMENT in self.cas.noms:
            return "53"
        if words := self.words(column, rangee):
            return words[0]
        found = champ(self.cas.contrat, cible)
        by_type = BY_TYPE.get(getattr(found and found.type, "__name__", ""))
        return WRITTEN.get(cible) or by_type or str(EXAMPLES.get(cible.rpartition(".")[2], "10"))

    def words(self, column: str, rangee: Rangee) -> list[str]:
        """The words of a column that fit this kind of row; none for the state column."""
        cible = next((path for path, nom in self.cas.noms.items() if nom == column), "")
        return [each for each in words_of(self.tableau, cible, ()) if self.fits(cible, each, rangee)]

    def fits(self, cible: str, word: str, rangee: Rangee) -> bool:
        """Whether a word of a column is one for this kind of row: a table may share a column of reasons."""
        code, found = self.code(cible, word), champ(self.cas.contrat, cible)
        known = [*found.type] if found and isinstance(found.type, EnumType) else [code]
        return code in known and (
            self.cas.contrat is not OrientationRefusee or self.is_the_authors(code, rangee)
        )

    def code(self, cible: str, word: str) -> str:
        return self.tableau.valeurs.get(cible, {}).get(word, word)

    def adults(self, rangee: Rangee) -> str:
        """Two adults in a couple, one in any other household."""
        column = self.cas.noms["menage.composition"]
        if not rangee.get(column):
            return BY_TYPE["int"]
        code = self.code("menage.composition", rangee[column])
        return "2" if COUPLES_ET_FAMILLES.get(code, (False, False))[0] else "1"

    def is_the_authors(self, code: str, rangee: Rangee) -> bool:
        """Whether a code is a reason of the author of the refusal that the row names, or no reason at all."""
        said = rangee.get(self.cas.noms.get("auteur", ""), str(self.cas.constantes.get("auteur", "")))
        return code not in [*MotifRefus] or MotifRefus(code).auteur == self.code("auteur", said)


@each_row(("page", "tableau", "mot", "famille"), tables())
def test_a_row_with_the_marked_columns_alone_passes_and_without_any_one_of_them_it_is_refused(
    page: Profil, tableau: Tableau, mot: str, famille: Famille
) -> None:
    reader = Reader(tableau, mot, famille)
    for rangee in reader.rows():
        ligne = reader.read(rangee)
        assert ligne is not None
        assert ligne.contrat is not None, (
            f"« {page.nom} », « {mot} » : une valeur que lisent ces colonnes : EXAMPLES (adapters/json_schema.py) : "
            f"{ligne.rejets}, {rangee}"
        )
        for besoin in reader.needs:
            if reader.asks(besoin, rangee):
                without = {name: cell for name, cell in rangee.items() if name not in besoin.colonnes}
                assert not reader.accepts(without), (page.nom, mot, besoin, "n'est pas nécessaire")


@each_row(("page", "tableau", "mot", "famille"), tables())
def test_a_column_that_is_not_marked_makes_no_other_one_necessary(
    page: Profil, tableau: Tableau, mot: str, famille: Famille
) -> None:
    reader = Reader(tableau, mot, famille)
    for rangee in reader.others():
        ligne = reader.read(rangee)
        assert ligne is not None
        assert "champ_absent" not in {rejet.code for rejet in ligne.rejets}, (
            page.nom,
            mot,
            rangee,
            ligne.rejets,
        )


def test_a_workbook_shows_each_mark_and_says_in_a_comment_when_the_column_is_needed() -> None:
    for table in TABULAIRES.values():
        for page in table.profils.values():
            partner = partner_of(page.familles[0])
            book = openpyxl.load_workbook(BytesIO(model(page, partner).body))
            for name, tableau in page.tables.items():
                if not any(
                    may_offer(contrat.NATURE, partner.famille) for contrat in tableau.contrats.values()
                ):
                    assert (tableau.feuille or page.titre(name)) not in book.sheetnames, (
                        "l'OFII attribue ces places"
                    )
                    continue
                whole = tableau.feuille or page.titre(name)
                (sheet,) = [each for each in book if is_short_for(each.title, whole)]
                shown = {cell.value: cell.comment.text for cell in sheet[1] if cell.comment}
                assert shown == marks(tableau, partner)
                assert set(tableau.obligatoires) <= set(shown)
                first = [cell.value for cell in sheet[1]][: list(shown.values()).count(NEEDED)]
                assert {*first} <= {*shown}, "à gauche, ce qui est à remplir"
                assert all(cell.fill.fill_type == "solid" for cell in sheet[1] if cell.comment)


def is_short_for(title: str, whole: str) -> bool:
    """Whether the name of a sheet is that of its table, or says that it is cut, after a word."""
    return title == whole or (
        len(title) <= SHEET_NAME and title.endswith("…") and whole.startswith(f"{title[:-1]} ")
    )


def test_a_comment_says_the_case_in_plain_words() -> None:
    demandes = TABULAIRES["prescripteur_tableau"].profils["prescripteur_demandes"].tables["demandes"]
    said = marks(demandes, partner_of(Famille.PRESCRIPTEUR))
    assert said["N° de demande"] == NEEDED
    assert said["Adultes"] == "À remplir, sauf si « Objet » est « Annulée » ou « Évaluation réalisée »."
    assert said["Motif d'annulation"] == "À remplir quand « Objet » est « Annulée »."
    assert said["Enfants"].startswith("À remplir si « Composition » est « Femme seule avec enfant(s) », ")
    assert "Téléphone" not in said
    orientations = TABULAIRES["siao_tableau"].profils["siao_tableau"].tables["orientations"]
    assert marks(orientations, partner_of(Famille.SIAO))["Place"] == (
        "Remplissez « Place » ou « Structure » quand « Objet » est « Orientation »."
    )


def test_a_trial_says_nothing_of_the_sheet_of_words_that_the_hub_itself_added() -> None:
    ccas = Partner(id="ccas", nom="CCAS", famille=Famille.PRESCRIPTEUR, territoire="80")
    page = TABULAIRES["prescripteur_tableau"].profil_de(ccas)
    empty = model(page, ccas)
    assert FEUILLE in openpyxl.load_workbook(BytesIO(empty.body)).sheetnames
    assert [constat.feuille for constat in examine(empty.body, page)] == [
        "demandes", "signalements", "ménages prêts au logement", "ménages qui ne sont plus prêts…"
    ]  # fmt: skip
