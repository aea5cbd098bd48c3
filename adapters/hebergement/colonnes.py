"""How the rows of one CSV file are read, worked out once from its header and the package's profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.evenements import build, foreign_structure, is_foreign
from adapters.hebergement.cellules import DATE, EVENEMENTS, reader
from adapters.profil import Tableau
from adapters.rejets import Chemin, Illisible
from adapters.valeurs import Lire
from adapters.vocabulaire import Vocabulaire, fold
from contracts.base import Contrat
from contracts.errors import InvalidNative
from contracts.partner import Partner
from contracts.ports import Ligne, Rejet
from contracts.reference.identifiants import departement_de_commune


@dataclass(frozen=True, slots=True)
class Colonne:
    """One cell of a row: where it is, what the package calls it, which field it feeds, how it is read."""

    indice: int
    nom: str
    cible: str
    lire: Lire


@dataclass(frozen=True, slots=True)
class Cas:
    """The rows of one state: which contract they become, from which cells."""

    contrat: type[Contrat]
    colonnes: tuple[Colonne, ...]
    constantes: Mapping[str, str]
    noms: Mapping[str, str]

    def name_of(self, chemin: Chemin) -> str | None:
        """The package's column for a field of the contract."""
        return self.noms.get(str(chemin[0])) if chemin else None


@dataclass(frozen=True, slots=True)
class Plan:
    """How each row of a file is read."""

    largeur: int
    etat: Colonne
    mots_etat: Vocabulaire
    structure: Colonne | None
    cas: Mapping[str, Cas]
    partner: Partner

    def read(self, numero: int, cells: list[str]) -> Ligne:
        """The row as a contract, or what is wrong with it."""
        champ = None
        try:
            cells = self._squared(cells)
            champ = self.etat.nom
            event = self.etat.lire(cells[self.etat.indice])
        except Illisible as exc:
            return Ligne(numero, rejets=(exc.rejet(numero, champ),))
        return self._event(self.cas[str(event)], numero, cells)

    def _squared(self, cells: list[str]) -> list[str]:
        """Spreadsheets drop empty cells at the end of a row; anything beyond the header is an accident."""
        if len(cells) == self.largeur:
            return cells
        if any(cell.strip() for cell in cells[self.largeur :]):
            raise Illisible(
                "nombre_colonnes",
                f"{len(cells)} cellules pour {self.largeur} colonnes : "
                "mettez entre guillemets un texte qui contient le séparateur",
            )
        return cells[: self.largeur] + [""] * (self.largeur - len(cells))

    def _event(self, cas: Cas, numero: int, cells: list[str]) -> Ligne:
        values: dict[str, Any] = dict(cas.constantes)
        rejets: list[Rejet] = []
        for colonne in cas.colonnes:
            cell = cells[colonne.indice]
            if not cell or cell.isspace():
                continue
            try:
                values[colonne.cible] = colonne.lire(cell)
            except Illisible as exc:
                rejets.append(exc.rejet(numero, colonne.nom))
        if "departement" in cas.noms:
            rejets += _whole_commune(values, numero, cas)
        if self.structure is not None and "structure" not in cas.noms:
            rejets += self._elsewhere(cells[self.structure.indice], numero)
        return build(cas.contrat, values, self.partner, numero, cas.name_of, rejets)

    def _elsewhere(self, cell: str, numero: int) -> list[Rejet]:
        """A row whose event does not need the structure must still not speak of somebody else's."""
        assert self.structure is not None
        try:
            foreign = bool(cell.strip()) and is_foreign(str(self.structure.lire(cell)), self.partner)
        except Illisible as exc:
            return [exc.rejet(numero, self.structure.nom)]
        return [foreign_structure(numero, self.structure.nom)] if foreign else []


def plan(header: list[str], tableaux: Mapping[str, Tableau], partner: Partner) -> Plan:
    """Which kind of file this is and how to read it. Raises InvalidNative naming a missing column."""
    tableau = _recognised(header, tableaux)
    indices = _indices(header, tableau)
    colonnes = [
        Colonne(indices[nom], nom, cible, reader(tableau, cible))
        for nom, cible in tableau.colonnes.items()
        if nom in indices
    ]
    etat = next(colonne for colonne in colonnes if colonne.cible == "etat")
    structure = next((colonne for colonne in colonnes if colonne.cible == "structure"), None)
    cas = {event: _cas(event, tableau, colonnes) for event in tableau.etats.values()}
    return Plan(len(header), etat, tableau.mots_etat, structure, cas, partner)


def is_header(cells: list[str], header: list[str]) -> bool:
    """Whether a row repeats the header (files glued together)."""
    return cells[0].lstrip("\ufeff") == header[0] and list(map(fold, cells)) == list(map(fold, header))


def _recognised(header: list[str], tableaux: Mapping[str, Tableau]) -> Tableau:
    known = {kind: {tableau.noms.meaning(cell) for cell in header} for kind, tableau in tableaux.items()}
    lacking = {
        kind: [nom for nom in tableau.obligatoires if nom not in known[kind]]
        for kind, tableau in tableaux.items()
    }
    kind = min(tableaux, key=lambda kind: len(lacking[kind]) / len(tableaux[kind].obligatoires))
    if len(lacking[kind]) == len(tableaux[kind].obligatoires):
        expected = " ; ".join(
            f"{kind} : {', '.join(tableau.obligatoires)}" for kind, tableau in tableaux.items()
        )
        hint = " ; une seule colonne trouvée : vérifiez le séparateur" if len(header) == 1 else ""
        raise InvalidNative(f"en-tête non reconnu{hint}. Colonnes obligatoires — {expected}")
    if lacking[kind]:
        absent = ", ".join(f"« {nom} »" for nom in lacking[kind])
        raise InvalidNative(f"colonne absente de l'en-tête d'un fichier de {kind} : {absent}")
    return tableaux[kind]


def _indices(header: list[str], tableau: Tableau) -> dict[str, int]:
    indices: dict[str, int] = {}
    for indice, cell in enumerate(header):
        nom = tableau.noms.meaning(cell)
        if nom is not None and nom in indices:
            raise InvalidNative(f"colonne « {nom} » présente deux fois dans l'en-tête : n'en gardez qu'une")
        if nom is not None:
            indices[nom] = indice
    return indices


def _cas(event: str, tableau: Tableau, colonnes: list[Colonne]) -> Cas:
    contrat = EVENEMENTS[event]
    fields = set(contrat.model_fields)
    if "commune" in fields:
        fields.add("departement")
    used = []
    for colonne in colonnes:
        cible = DATE.get(event, "") if colonne.cible == "date" else colonne.cible
        if cible in fields:
            used.append(Colonne(colonne.indice, colonne.nom, cible, colonne.lire))
    constantes = {name: value for name, value in tableau.constantes.items() if name in fields}
    return Cas(contrat, tuple(used), constantes, {colonne.cible: colonne.nom for colonne in used})


def _whole_commune(values: dict[str, Any], numero: int, cas: Cas) -> list[Rejet]:
    """Some packages split a commune: département 1 and number 4 make 01004, 974 and 11 make 97411."""
    departement, commune = values.pop("departement", ""), values.get("commune")
    if not isinstance(commune, str):
        return []
    if not departement:
        return _departement_needed(values, numero, cas) if len(commune) < 5 else []
    if len(commune) <= 5 - len(departement):
        values["commune"] = departement + commune.zfill(5 - len(departement))
    elif _other_departement(commune, departement):
        message = "le département ne correspond pas à la commune : corrigez l'un des deux"
        return [Rejet("departement_incoherent", message, numero, cas.noms["departement"])]
    return []


def _departement_needed(values: dict[str, Any], numero: int, cas: Cas) -> list[Rejet]:
    """The number of a commune says nothing without its département."""
    del values["commune"]
    return [Rejet("champ_absent", "numéro de commune sans département lisible", numero, cas.noms["commune"])]


def _other_departement(commune: str, departement: str) -> bool:
    try:
        return departement_de_commune(commune) != departement
    except ValueError:
        return False  # the contract will say what is wrong with the commune
