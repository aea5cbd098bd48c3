"""Make the plan for reading the rows of a sheet, from the sheet's header and the column profile."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from typing import Any, NamedTuple

from adapters.evenements import build, called_by_sender, foreign_structure, is_foreign
from adapters.rejets import ABSENT, Chemin, Illisible
from adapters.reparations import repair_of
from adapters.tabulaire.champs import champ, is_written, nested
from adapters.tabulaire.communes import whole_commune
from adapters.tabulaire.deduits import COMPOSITION, compose, remainders
from adapters.tabulaire.entete import Entete
from adapters.tabulaire.feuille import Cellules
from adapters.tabulaire.formules import refuse_formula
from adapters.tabulaire.lecteurs import OPENED_ONCE, lecteur, remembered, worded
from adapters.tabulaire.membres import UPDATES, completed, of_first
from adapters.tabulaire.profil import (
    DATE,
    DEPARTEMENT,
    ETAT,
    EVENEMENTS,
    STRUCTURE,
    Constante,
    Mot,
    Tableau,
)
from adapters.valeurs import Lire, departement, etablissement
from adapters.vocabulaire import Vocabulaire
from contracts.base import Contrat, Modele, Reference, people_in
from contracts.frozen import replace
from contracts.partner import Partner
from contracts.ports import Ligne, Rejet
from contracts.v1.pret_logement import PretLogementDeclare

SAID_ANEW = (PretLogementDeclare,)
"""Messages that may describe a subject again under the same number of the sender. Such a message is a
repetition only if all its values are the same too."""
OWED = "champ que cette ligne doit remplir : renseignez-le,"
NO_NUMBER = "numéro absent : donnez "
CHOSEN = f"{NO_NUMBER}un numéro de votre choix, jamais deux fois le même"
KNOWN = f"{NO_NUMBER}celui que le ménage avait ; s'il n'en avait pas, redites « {{}} »"


@dataclass(frozen=True, slots=True)
class Colonne:
    """Column of a file: its position, its name, the contract's field that it fills, and the function that reads
    its cells."""

    indice: int
    nom: str
    cible: str
    lire: Lire

    def read(self, cell: str) -> object:
        """Return the value of a cell, converted for the contract's field that the column fills: a date, a
        code, a text… Raises Illisible for a cell that cannot be converted."""
        refuse_formula(cell)
        return self.lire(cell)


@dataclass(frozen=True, slots=True)
class Cas:
    """Plan for reading the rows with a certain word in the state column. It has their contract, their
    columns, and the fixed values that the word implies (`constantes`)."""

    contrat: type[Contrat]
    colonnes: tuple[Colonne, ...]
    constantes: Mapping[str, Constante]
    restes: Mapping[str, Sequence[str]]
    noms: Mapping[str, str]
    absents: Mapping[str, str]
    """Columns of the profile that the file lacks, by the field that they would fill."""
    selon: Sequence[tuple[str, str, Collection[object]]]
    """Rules for fields of nested objects. Each rule gives a field, another field, and those values of the
    other field that make the first one obligatory. For example, a composition with children demands their
    number."""
    objets: Sequence[str]
    """Obligatory nested objects, such as `menage`, for which the profile has columns."""
    numeros: Mapping[str, str]
    """French advice on the number to write, by the column in which the number is missing."""
    imbrique: bool
    """Whether a column fills a field inside a nested object, such as `menage.adultes`."""
    composition: str | None
    """Column of the profile for the household's composition, even if the file lacks this column; None if the
    profile has none."""

    def name_of(self, chemin: Chemin) -> str | None:
        """Return the name of the column to cite in a rejection of the field at `chemin`: the first of these
        columns that exists. Return None if none of them exists.

        * the column of the profile that is read if the field's own is absent or empty (`a_defaut`), unless
          the message is an update;
        * the field's own column in the profile, even if the file lacks it;
        * a column of the file for a field inside the field at `chemin`;
        * a column of the file for the object that contains the field, or for another field of that object.
        """
        exact = ".".join(map(str, chemin))
        if exact in self.absents:
            return self.absents[exact]
        for length in range(len(chemin), 0, -1):
            path = ".".join(map(str, chemin[:length]))
            if path in self.noms:
                return self.noms[path]
            within = (nom for cible, nom in self.noms.items() if cible.startswith(f"{path}."))
            if (first := next(within, None)) is not None:
                return first
        return None

    def advised(self, rejet: Rejet) -> Rejet:
        """If the row was rejected because it lacks the number of its subject or household, return this
        rejection with a message that tells the sender which number to write. Return any other rejection
        unchanged. The number to write is:

        * for a new subject, a number that the sender has never used;
        * for a known household, in an update, the number that the household had;
        * if the household had none, the number in another column, such as its demand's; the message names
          this column.
        """
        advice = self.numeros.get(rejet.champ or "") if rejet.code == ABSENT else None
        return replace(rejet, message=advice) if advice else rejet

    def lacking(
        self, values: Mapping[str, Any], blamed: Collection[str | None], numero: int
    ) -> Iterator[Rejet]:
        """Yield a rejection of the row `numero` for each missing field that the value of another field makes
        obligatory. `blamed`: columns that already have a rejection; they get no second one."""
        for path, autre, valeurs in self.selon:
            nom = self.noms.get(path) or self.absents[path]
            if values.get(autre) in valeurs and path not in values and nom not in blamed:
                yield Rejet(ABSENT, f"{OWED} ou corrigez « {self.noms[autre]} »", numero, nom)

    def opened(self, tree: dict[str, Any]) -> dict[str, Any]:
        """Return `tree`, the values of a row, with an empty object for each obligatory object that is
        missing, such as `menage`. Rejections then name the columns that are missing inside the object."""
        return {name: {} for name in self.objets} | tree


class EtatAbsent(NamedTuple):
    """Test for a state column under a wrong name, in a file that has no column of the right name (`nom`). The
    test looks for words of a state column in the columns that the hub does not read. `places`: the positions
    of these unread columns."""

    nom: str
    places: Sequence[int]
    mots: Vocabulaire
    """Words by which the test recognises a state column. The words for the event that every row reports
    anyway are not among them."""

    def refuse(self, cells: Cellules) -> None:
        """Raise Illisible if a cell in an unread column contains a word that belongs in the state column,
        even misspelt. The unread column is then probably the state column under another name."""
        longest = 2 * max(map(len, self.mots.mots))
        for place in self.places:
            cell = cells[place].strip()
            if 0 < len(cell) < longest and (self.mots.meaning(cell) or self.mots.nearest(cell)):
                raise Illisible(
                    "etat_inconnu",
                    f"la colonne {place + 1} n'est pas lue, et dit ici ce que dirait « {self.nom} » : si c'est elle, "
                    "donnez-lui ce nom ; sinon, retirez-la",
                )


@dataclass(frozen=True, slots=True)
class Plan:
    """Plan for reading the rows of one sheet. It contains a plan (`Cas`) for each word of the state column."""

    largeur: int
    debordement: str
    etat: Colonne | None
    structure: Colonne | None
    cas_of: Callable[[str], Cas]
    """Function that returns the plan for a word of the state column. It caches the plans."""
    partner: Partner
    sujets: Callable[[], Sequence[Colonne]]
    """Columns that may hold the id of a row's subject."""
    reponse: Sequence[int] = ()
    """Positions of the cells for the partner's answer, in a table sent by the hub."""

    dates: Callable[[], Sequence[Colonne]] = tuple
    """Columns that may hold the date of a row's event."""
    etat_absent: EtatAbsent | None = None
    """Test for a state column under a wrong name; None if the file has a state column, or needs none."""

    def is_unanswered(self, cells: Cellules) -> bool:
        """Tell whether the partner left all answer columns of a row empty, in a table that the hub sent to be
        filled in. Return False if the row cannot be read, because it is too short, has a filled cell beyond the
        header, or has an unreadable date."""
        if not self.reponse or len(cells) <= max(1, *(each.indice for each in self.sujets())):
            return False
        filled = {place for place, cell in enumerate(cells) if cell.strip()}
        if not filled.isdisjoint(self.reponse) or any(place >= self.largeur for place in filled):
            return False
        return all(each.indice not in filled or read_at(each, cells) is not None for each in self.dates())

    def read(self, numero: int, cells: Cellules) -> Ligne:
        """Read the row `numero` of the table from its cells. Return it with its contract, or with its
        rejections."""
        champ_, mot = None, ""
        try:
            squared = self._to_header_width(cells)
            if self.etat is not None:
                champ_ = self.etat.nom
                mot = str(self.etat.read(squared[self.etat.indice]))
            elif self.etat_absent is not None:
                champ_ = self.etat_absent.nom
                self.etat_absent.refuse(squared)
        except Illisible as exc:
            return self._no_event(exc.rejet(numero, champ_), numero, cells)
        return self._event(self.cas_of(mot), numero, squared)

    def _no_event(self, rejet: Rejet, numero: int, cells: Cellules) -> Ligne:
        about = {
            (colonne.cible, value)
            for colonne in self.sujets()
            if (value := read_at(colonne, cells)) is not None
        }
        if len(about) != 1:
            return Ligne(numero, rejets=(rejet,))
        ((name, value),) = about
        told = replace(rejet, reference=called_by_sender(value))
        return Ligne(numero, rejets=(told,), lus=people_in({name: value}))

    def _to_header_width(self, cells: Cellules) -> Cellules:
        if len(cells) == self.largeur:
            return cells
        if any(cell.strip() for cell in cells[self.largeur :]):
            raise Illisible(
                "nombre_colonnes", f"{len(cells)} cellules pour {self.largeur} colonnes : {self.debordement}"
            )
        return cells[: self.largeur] + [""] * (self.largeur - len(cells))

    def _event(self, cas: Cas, numero: int, cells: Cellules) -> Ligne:
        values: dict[str, Any] = dict(cas.constantes)
        rejets: list[Rejet] = []
        repairs: list[Rejet] = []
        for colonne in cas.colonnes:
            cell = cells[colonne.indice]
            if not cell or cell.isspace():
                continue
            try:
                value = colonne.read(cell)
            except Illisible as exc:
                rejets.append(exc.rejet(numero, colonne.nom))
            else:
                if value is not None:
                    values[colonne.cible] = value
                    repairs += repair_of(cell, value, numero, colonne.nom)
        if cas.restes:
            rejets += remainders(values, cas.restes, numero, cas.noms)
        if DEPARTEMENT in cas.noms and not champ(cas.contrat, DEPARTEMENT):
            rejets += whole_commune(values, numero, cas.noms)
        if self.structure is not None and STRUCTURE not in cas.noms:
            rejets += self._foreign_structure(self.structure, cells, numero)
        if cas.composition and COMPOSITION not in values and all(r.champ != cas.composition for r in rejets):
            repairs[:0] = compose(values, cas.composition, numero)
        if cas.imbrique:  # else no member is described
            repairs += completed(values, cas.contrat, cas.noms, numero)
        if cas.selon:
            rejets += cas.lacking(values, {each.champ for each in rejets}, numero)
        tree = cas.opened(nested(values) if cas.imbrique else values)
        built = build(cas.contrat, tree, self.partner, numero, cas.name_of, rejets, repairs)
        if built.rejets:
            built = replace(built, rejets=tuple(map(cas.advised, built.rejets)))
        return numbered(built)

    def _foreign_structure(self, structure: Colonne, cells: Cellules, numero: int) -> list[Rejet]:
        cell = cells[structure.indice]
        try:
            foreign = bool(cell.strip()) and is_foreign(str(structure.read(cell)), self.partner)
        except Illisible as exc:
            return [exc.rejet(numero, structure.nom)]
        return [foreign_structure(numero, structure.nom, self.partner)] if foreign else []


def numbered(ligne: Ligne) -> Ligne:
    """Give an event id to a row whose message creates a subject, and return the row. By this id, the hub
    recognises the row if it is sent again. The id contains the number that the sender gives the subject. For
    a household ready for housing, the id also contains a hash of the row: a row with the same number and
    other values is no repetition. Return any other row unchanged."""
    if not isinstance(ligne.contrat, OPENED_ONCE + SAID_ANEW):
        return ligne
    number = ligne.contrat.sujet
    called = number.valeur if isinstance(number, Reference) else str(number)
    if isinstance(ligne.contrat, SAID_ANEW):
        called += f" {sha256(repr(ligne.contrat).encode()).hexdigest()}"
    return replace(ligne, cle=f"{ligne.contrat.NOM} {called}")


def plan(entete: Entete, debordement: str, partner: Partner) -> Plan:
    """Return the plan for reading the rows under the header `entete`. `debordement`: French advice for a row
    that has a filled cell beyond the header."""
    tableau = entete.tableau
    cibles = [
        _Cible(entete.indices[nom], nom, cible)
        for nom, cible in (
            *zip(tableau.a_defaut.values(), tableau.a_defaut, strict=True),
            *tableau.colonnes.items(),
        )
        if nom in entete.indices
    ] + [_Cible(*membre) for membre in entete.membres]
    etat = _pseudo(cibles, ETAT, worded(tableau.mots_etat, "etat_inconnu"))
    structure = _pseudo(cibles, STRUCTURE, remembered(etablissement))
    shared: dict[tuple[int, str, str], Lire] = {}
    mots = {**tableau.seul, **tableau.mots}
    cas_of = cache(lambda word: _cas(mots[word], tableau, cibles, partner.territoires, shared))
    sujets = {DATE, *(contrat.SUJET for contrat in tableau.contrats.values())}
    dated = {each.indice for each in cibles if each.cible == DATE}
    return Plan(
        len(entete.cellules),
        debordement,
        etat,
        structure,
        cas_of,
        partner,
        cache(partial(_columns, tableau.mots, cas_of, lambda cas, each: each.cible == cas.contrat.SUJET)),
        [each.indice for each in cibles if each.cible not in sujets] if tableau.a_remplir else (),
        cache(partial(_columns, tableau.mots, cas_of, lambda _, each: each.indice in dated)),
        None if etat is not None else _absent(entete),
    )


def _absent(entete: Entete) -> EtatAbsent | None:
    tableau = entete.tableau
    others = {word: word for word, mot in tableau.etats.items() if mot.evenement != tableau.evenement}
    if not others:
        return None
    nom = next(nom for nom, cible in tableau.colonnes.items() if cible == ETAT)
    return EtatAbsent(nom, entete.unread, Vocabulaire(others))


def _columns(
    mots: Iterable[str], cas_of: Callable[[str], Cas], wanted: Callable[[Cas, Colonne], bool]
) -> Sequence[Colonne]:
    cases = [cas_of(mot) for mot in mots]
    return list(dict.fromkeys(each for cas in cases for each in cas.colonnes if wanted(cas, each)))


def read_at(colonne: Colonne, cells: Cellules) -> object:
    """Return the value of a row in the column `colonne`. Return None if the cell is missing, empty or
    unreadable, or means «unknown»."""
    cell = cells[colonne.indice] if colonne.indice < len(cells) else ""
    try:
        return colonne.read(cell) if cell.strip() else None
    except Illisible:
        return None


class _Cible(NamedTuple):
    indice: int
    nom: str
    cible: str


def _pseudo(cibles: Iterable[_Cible], wanted: str, read: Lire) -> Colonne | None:
    return next((Colonne(*cible, read) for cible in cibles if cible.cible == wanted), None)


def _cas(
    mot: Mot,
    tableau: Tableau,
    cibles: Iterable[_Cible],
    territoires: Sequence[str],
    shared: dict[tuple[int, str, str], Lire],
) -> Cas:
    contrat = EVENEMENTS[mot.evenement]
    used = []
    for indice, nom, cible in cibles:
        path = tableau.dates.get(mot.evenement, "") if cible == DATE else cible
        if path == DEPARTEMENT and champ(contrat, "commune"):
            used.append(
                Colonne(indice, nom, path, shared.setdefault((indice, cible, path), remembered(departement)))
            )
        elif issubclass(contrat, UPDATES) and tableau.a_defaut.get(cible) == nom:
            continue  # the known household may have another number than its demand
        elif is_written(contrat, path):
            first = of_first(path)
            found = lecteur(
                contrat, path, tableau.lecteur_de(first), tableau.mots_valeurs.get(first), territoires
            )
            read = shared.setdefault((indice, cible, found.cle), found.lire)
            used.append(Colonne(indice, nom, path, read))
    said = {**tableau.constantes, **mot.constantes}
    constantes = {path: value for path, value in said.items() if champ(contrat, path)}
    noms = {colonne.cible: colonne.nom for colonne in used}
    profile = {
        (tableau.dates.get(mot.evenement) if c == DATE else c): nom for nom, c in tableau.colonnes.items()
    }
    absents = {path: nom for path, nom in profile.items() if path and path not in noms}
    known = issubclass(contrat, UPDATES)
    absents |= {} if known else tableau.a_defaut
    numeros = {profile[path]: KNOWN.format(nom) for path, nom in tableau.a_defaut.items() if known}
    numeros |= {profile[contrat.SUJET]: CHOSEN} if contrat in OPENED_ONCE and contrat.SUJET in profile else {}
    imbrique = any("." in path for path in (*constantes, *noms))
    restes = {path: parts for path, parts in tableau.restes.items() if champ(contrat, path)}
    around = dict.fromkeys(path.partition(".")[0] for path in (*noms, *absents) if "." in path)
    objets = [each for each in around if (outer := champ(contrat, each)) and outer.obligatoire]
    selon = [
        (f"{outer}.{path}", f"{outer}.{autre}", valeurs)
        for outer, modele in _nested(contrat, objets)
        for path, (autre, valeurs) in modele.SELON.items()
        if f"{outer}.{autre}" in noms and f"{outer}.{path}" in {**noms, **absents}
    ]
    composition = noms.get(COMPOSITION) or absents.get(COMPOSITION) if champ(contrat, COMPOSITION) else None
    return Cas(
        contrat, tuple(used), constantes, restes, noms, absents, selon, objets, numeros, imbrique, composition
    )


def _nested(contrat: type[Contrat], objets: Iterable[str]) -> Iterator[tuple[str, type[Modele]]]:
    for name in objets:
        found = champ(contrat, name)
        if found is not None and isinstance(found.type, type) and issubclass(found.type, Modele):
            yield name, found.type
