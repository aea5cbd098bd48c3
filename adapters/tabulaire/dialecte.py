"""Dialects of tables (CSV, workbooks), each with one column profile or more."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from itertools import chain
from typing import Any, TypeVar

from adapters.declaration import Declaration, Statut
from adapters.encodage import to_correct
from adapters.nir import refused_whole
from adapters.rejets import Illisible
from adapters.tabulaire import csv
from adapters.tabulaire.archive import MAGIC, protected
from adapters.tabulaire.cellules import text_of
from adapters.tabulaire.classeur import open_workbook
from adapters.tabulaire.entete import Entete, EnteteInconnu, NumeroAbsent, header, tables_of
from adapters.tabulaire.feuille import Cellules, Feuille, Rangees
from adapters.tabulaire.interdits import nir_in_csv, nir_in_workbook
from adapters.tabulaire.plan import Plan, plan
from adapters.tabulaire.profil import EVENEMENTS, Profil
from adapters.tabulaire.profils import brought
from adapters.tabulaire.sortie import MAX_ROWS, write
from contracts.envelope import Event
from contracts.errors import HubsOwnFault, InvalidNative, Misconfigured
from contracts.partner import Partner
from contracts.plurals import many
from contracts.ports import Decoded, Ligne, Native, Rejet, View

T = TypeVar("T")

OLE_MAGIC = b"\xd0\xcf\x11\xe0"
"""First bytes of workbooks of Excel before 2007, and of workbooks with a password."""
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""Name of the part with the content, in a workbook with a password."""


@dataclass(frozen=True)
class Tabulaire:
    """Dialect of tables, with its column profiles by name. For a partner whose registry entry names no
    profile, the dialect's default profile applies. The only profile of a dialect is its default."""

    nom: str
    profils: Mapping[str, Profil]

    def decode(self, native: Native, partner: Partner) -> Decoded:
        """Read a partner's file. Raises InvalidNative if the file cannot be opened, or has no header that the
        profile knows. The rows are read later, one by one; if there are no rows, InvalidNative is raised only
        then."""
        page = self.profil_de(partner)
        feuilles, guilty = opened(native.body, page)
        if guilty is not None:
            return refused_whole(guilty)
        lectures = readings(feuilles, page, partner)
        passed_over = tuple(each for lecture in lectures for each in lecture.entete.passed_over())
        one_line = feuilles[0].nom is None and b"\n" not in native.body
        return Decoded(_lignes(lectures, one_line=one_line), avertissements=passed_over)

    def encode(self, events: Sequence[Event], view: View) -> Native:
        """Write one file with a row for each event. Raises Unroutable for an event that the recipient's
        profile does not write; ValueError for a wrong number of events (see `sortie.write`)."""
        return write(self.profil_de(view.partner), events, view)

    def texte(self, body: bytes, partner: Partner) -> str | None:
        """Return a CSV file as text, for a person to correct. Return None for a workbook, and for a file in
        which a byte cannot be decoded."""
        return to_correct(body, self.profil_de(partner).encodage_lu)

    def octets(self, text: str, partner: Partner) -> bytes:
        """Encode a CSV text that a person has corrected, in the encoding in which the hub reads this
        partner's files. Raises InvalidNative for a character that the encoding lacks."""
        encoding = self.profil_de(partner).encodage_lu or "utf-8"
        try:
            return text.encode(encoding)
        except UnicodeEncodeError as exc:
            raise InvalidNative(
                f"le texte a un caractère que l'encodage {encoding} n'a pas : joignez un fichier"
            ) from exc

    def profil_de(self, partner: Partner) -> Profil:
        """Return a partner's column profile: the one in its registry entry or, if the entry has none that
        this dialect knows, the dialect's default profile. Raises Misconfigured for a faulty profile, and if
        the dialect has no default one."""
        named = self.profil_nomme(partner)
        if named is not None:
            return named
        meant = [page for page in self.profils.values() if page.defaut or len(self.profils) == 1]
        if not meant:
            raise Misconfigured(f"{self.nom} : nommez un profil parmi {', '.join(self.profils)}")
        return meant[0]

    def profil_nomme(self, partner: Partner) -> Profil | None:
        """Return the column profile that the partner's registry entry names or contains. Return None if the
        entry has no profile, or only a name that this dialect does not know. Raises HubsOwnFault if the entry
        contains a profile that is faulty or written for another dialect."""
        if partner.profil_externe is None:
            return self.profils.get(partner.profil or "")
        page = brought(partner.profil_externe)
        if page.dialecte != self.nom:
            raise HubsOwnFault(f"{self.nom} : le profil de {partner.id} est du dialecte {page.dialecte}")
        return page

    @cached_property
    def DECLARATION(self) -> Declaration:
        """Return the description of the dialect: the messages that at least one of its profiles reads, and the
        messages that all its profiles write."""
        pages = [declared(page) for page in self.profils.values()]
        return replace(
            pages[0],
            familles=_union(page.familles for page in pages),
            lit=_union(page.lit for page in pages),
            ecrit=tuple(c for c in pages[0].ecrit if all(c in page.ecrit for page in pages)),
            formats_lus=_union(page.formats_lus for page in pages),
            formats_ecrits=_union(page.formats_ecrits for page in pages),
            ecrit_au_plus=min(page.ecrit_au_plus for page in pages),
            statut=Statut.REEL if all(p.statut is Statut.REEL for p in pages) else Statut.PROFIL_SUPPOSE,
        )


def declared(page: Profil) -> Declaration:
    """Return the description of a dialect for partners with the column profile `page`: which messages and file
    formats the hub reads from these partners, and writes for them."""
    lit = _union(tableau.contrats.values() for tableau in page.tables.values())
    ecrit = tuple(EVENEMENTS[name] for name in page.sortie.evenements) if page.sortie else ()
    return Declaration(
        nom=page.dialecte,
        familles=page.familles,
        lit=lit,
        ecrit=ecrit,
        formats_lus=page.formats if lit else (),
        formats_ecrits=(page.sortie.format,) if page.sortie else (),
        lit_plusieurs=bool(lit),
        ecrit_au_plus=MAX_ROWS if ecrit else 0,
        statut=Statut.REEL if page.reel else Statut.PROFIL_SUPPOSE,
    )


def dialects(profils: Mapping[str, Profil]) -> Mapping[str, Tabulaire]:
    """Return the dialects to which column profiles belong, by name. Each dialect has the profiles that name
    it."""
    names = dict.fromkeys(page.dialecte for page in profils.values())
    return {
        nom: Tabulaire(nom, {name: page for name, page in profils.items() if page.dialecte == nom})
        for nom in names
    }


def _union(several: Iterable[Iterable[T]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(several)))


def opened(
    body: bytes, page: Profil, cell: Callable[[Any], str] = text_of
) -> tuple[Sequence[Feuille], list[int] | None]:
    """Return the sheets of a file, then the numbers of the rows that contain a NIR. If the file contains no
    NIR, the second value is None; otherwise, the caller must refuse the file. The second value is an empty
    list if a NIR stands outside the rows only.

    `page`: the sender's column profile; `cell`: function that turns the value of a workbook's cell into text.
    Raises InvalidNative if the file cannot be opened.
    """
    if body.startswith((MAGIC, OLE_MAGIC)):
        return _opened_workbook(body, [kind for kind in page.formats if kind != "csv"], cell)
    if "csv" not in page.formats:
        raise InvalidNative(f"classeur attendu : enregistrez le fichier au format {page.formats[0].upper()}")
    body = csv.transcoded(body, page.encodage_lu)
    return [csv.sheet(body, page.separateur)], nir_in_csv(body)


def _opened_workbook(
    body: bytes, formats: Sequence[str], cell: Callable[[Any], str]
) -> tuple[Sequence[Feuille], list[int] | None]:
    if not formats:
        raise InvalidNative("classeur de tableur : enregistrez-le au format CSV")
    if body.startswith(OLE_MAGIC):
        if ENCRYPTED in body:
            raise protected()
        raise InvalidNative(
            f"classeur d'Excel d'avant 2007 (.xls) : ouvrez-le dans votre tableur, choisissez « Enregistrer sous », et "
            f"le format {formats[0].upper()}"
        )
    classeur = open_workbook(body)
    if classeur.format not in formats:
        raise InvalidNative(
            f"classeur {classeur.format.upper()} : enregistrez-le au format {formats[0].upper()}"
        )
    return classeur.feuilles(cell), nir_in_workbook(classeur)


@dataclass(frozen=True, slots=True)
class Lecture:
    """Sheet whose header was recognised, with what is needed to read its rows."""

    rangees: Rangees
    entete: Entete
    plan_of: Callable[[int], Plan]
    """Function that returns the plan for reading a household, given how many rows the household has. The plan
    says which column fills which field."""
    avant: int
    """Number of rows in the sheets read before this one: row numbers go on from sheet to sheet."""
    place: int
    """Position of the sheet in the workbook, from 1."""
    nom: str | None
    """Name of the sheet; None for CSV."""

    def lignes(self) -> Iterator[Ligne | None]:
        """Yield each row, or the joined rows of a household, with its contract or its rejections. In a table
        that the hub sent to be filled in, yield None for a row that the partner left unanswered."""
        for numero, group in self._groups():
            if isinstance(group, Illisible):
                yield Ligne(numero, rejets=(group.rejet(numero, None),))
            elif self.plan_of(len(group)).is_unanswered(group[0]):
                yield None
            else:
                found, cells = self.joined(group)
                ligne = found.read(numero, cells)
                yield self._renumbered(ligne) if self.avant else ligne

    def rows(self) -> Iterator[tuple[int, Sequence[Cellules]]]:
        """Yield, for each household, the number of its first row and the list of its rows. Rows that cannot
        be split into cells are left out."""
        for numero, group in self._groups():
            if not isinstance(group, Illisible):
                yield numero + self.avant, group

    def _groups(self) -> Iterator[tuple[int, Illisible | list[Cellules]]]:
        entete = self.entete
        kept = ((n, c) for n, c in self.rangees if isinstance(c, Illisible) or not entete.repeated_by(c))
        if (rows := entete.rows) is not None:
            return rows.grouped(kept)
        return ((n, cells if isinstance(cells, Illisible) else [cells]) for n, cells in kept)

    def joined(self, group: Sequence[Cellules]) -> tuple[Plan, Cellules]:
        """Join the rows of one household into one row. Return first the plan for reading this row (which column
        fills which field), then the row."""
        rows = self.entete.rows
        if len(group) == 1 or rows is None:
            return self.plan_of(1), group[0]
        return self.plan_of(len(group)), rows.wide(group)

    def _renumbered(self, ligne: Ligne) -> Ligne:
        where = f"feuille {self.place}, ligne {ligne.numero}"
        numero = ligne.numero + self.avant

        def moved(told: Sequence[Rejet]) -> tuple[Rejet, ...]:
            return tuple(replace(r, ligne=numero, message=f"{where} : {r.message}") for r in told)

        return replace(
            ligne, numero=numero, rejets=moved(ligne.rejets), avertissements=moved(ligne.avertissements)
        )


def readings(feuilles: Sequence[Feuille], page: Profil, partner: Partner) -> Sequence[Lecture]:
    """Return the sheets of a file that hold a table of the profile, each with its header and the rule for
    reading its rows. The rule depends on the registry entry of `partner`, the sender. Raises InvalidNative if
    no sheet holds a table. Raises it too if a header lacks an obligatory column, with one exception: the
    column of the number by which a row names its subject (`Tableau.numero`). Without this column, each row is
    rejected later."""
    lectures: list[Lecture] = []
    unknown: EnteteInconnu | None = None
    avant = 0
    for place, feuille in enumerate(feuilles, 1):
        tableaux = tables_of(page, feuille.nom)
        if not tableaux:
            continue
        rangees = feuille.lire()
        try:
            separator = None if feuille.nom else page.separateur
            entete = header(rangees, tableaux, page.lignes_avant_entete, separator)
        except EnteteInconnu as exc:
            unknown = unknown or exc
            continue
        except NumeroAbsent as exc:
            entete, rangees = exc.entete, _under(exc.ligne, feuille)
        plan_of = cache(partial(_plan, entete, feuille, partner))
        lectures.append(Lecture(rangees, entete, plan_of, avant, place, feuille.nom))
        avant += feuille.lignes
    if not lectures:
        raise unknown or InvalidNative(_no_sheet(page))
    return lectures


def _under(ligne: int, feuille: Feuille) -> Rangees:
    return ((numero, cells) for numero, cells in feuille.lire() if numero > ligne)


def _plan(entete: Entete, feuille: Feuille, partner: Partner, number: int) -> Plan:
    if (rows := entete.rows) is not None and number > 1:
        added = tuple(rows.columns(number))
        cellules = [*entete.cellules, *(column.nom for column in added)]
        entete = replace(entete, cellules=cellules, membres=added)
    return plan(entete, feuille.debordement, partner)


def _no_sheet(page: Profil) -> str:
    wanted = ", ".join(f"« {tableau.feuille} »" for tableau in page.tables.values() if tableau.feuille)
    return f"aucune feuille à lire : nommez-la {wanted}" if wanted else "ce profil ne lit aucun fichier"


def _lignes(lectures: Iterable[Lecture], *, one_line: bool) -> Iterator[Ligne]:
    last, unanswered = 0, 0
    for lecture in lectures:
        for ligne in lecture.lignes():
            if ligne is None:
                unanswered += 1
            else:
                last = ligne.numero
                yield ligne
    if unanswered and not last:
        raise InvalidNative(
            f"{many(unanswered, 'ligne')} sans réponse : remplissez la colonne de la réponse d'une ligne au moins"
        )
    if unanswered:
        yield Ligne(last + 1, avertissements=(Rejet("sans_reponse", _left_open(unanswered)),))
    elif not last:
        without_ends = " (avec curl, « --data-binary » : « -d » ôte les fins de ligne)" if one_line else ""
        raise InvalidNative(f"aucune ligne sous l'en-tête : ajoutez-en une au moins{without_ends}")


def _left_open(rows: int) -> str:
    return f"{many(rows, 'ligne')} sans réponse : rien n'en est retenu, et la réponse reste attendue"
