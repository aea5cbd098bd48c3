"""Cells of a shelter's CSV files: which events they speak of, and how each column is read."""

from collections.abc import Mapping

from adapters import valeurs
from adapters.encodage import clean
from adapters.evenements import by_short_name
from adapters.profil import Tableau
from adapters.rejets import Illisible, listed
from adapters.valeurs import Lire
from adapters.vocabulaire import Vocabulaire
from contracts.base import Nature
from contracts.v1 import orientation, place, suite

EVENEMENTS = by_short_name(
    place.PlaceDeclaree,
    place.PlaceVacante,
    place.PlaceVacancePrevisible,
    place.PlaceOccupee,
    place.PlaceIndisponible,
    place.PlaceDisponible,
    place.PlaceLiberee,
    place.PlaceFermee,
    orientation.OrientationAccusee,
    orientation.OrientationMiseEnAttente,
    orientation.OrientationAcceptee,
    orientation.OrientationRefusee,
    suite.AdmissionPrononcee,
    suite.EntreeConstatee,
    suite.PresentationAbsence,
    suite.SortieDeclaree,
)

LIRE: Mapping[str, Lire] = {
    "place": valeurs.their_id(Nature.PLACE),
    "orientation": valeurs.our_id,
    "version": valeurs.whole_number,
    "structure": valeurs.etablissement,
    "commune": valeurs.commune,
    "departement": valeurs.departement,
    "adresse": valeurs.text,
    "capacite": valeurs.whole_number,
    "compositions": valeurs.several(valeurs.code),
    "accessible": valeurs.tri_state,
}
"""Readers by contract field; dates end in `_le` or are `jusqu_au`, the others are codes."""

ALL_DIFFERENT = frozenset({"place", "orientation", "adresse"})
REMEMBERED_CELLS = 1000

DATE: Mapping[str, str] = {
    "place.vacante": "disponible_le",
    "place.vacance-previsible": "libre_le",
    "place.indisponible": "jusqu_au",
    "orientation.acceptee": "accueil_le",
    "admission.prononcee": "admission_le",
    "entree.constatee": "entree_le",
    "presentation.absence": "constatee_le",
    "sortie.declaree": "sortie_le",
}
"""What a column that is only called "date" dates, by event."""


def reader(tableau: Tableau, cible: str) -> Lire:
    """How the cells of a column are read that feeds `cible`."""
    if cible == "etat":
        return _worded(tableau.mots_etat, "etat_inconnu")
    if cible in tableau.valeurs:
        word = _worded(Vocabulaire(tableau.valeurs[cible]), "code_inconnu")
        return _remembered(valeurs.several(word)) if cible == "compositions" else word
    if cible == "date" or cible.endswith("_le") or cible == "jusqu_au":
        return _remembered(valeurs.day)
    read = LIRE.get(cible, valeurs.code)
    return read if cible in ALL_DIFFERENT else _remembered(read)


def _remembered(read: Lire) -> Lire:
    """The same reader for a column that says few things again and again."""
    seen: dict[str, object] = {}

    def recall(cell: str) -> object:
        if cell in seen:
            return seen[cell]
        value = read(cell)
        if len(seen) < REMEMBERED_CELLS:
            seen[cell] = value
        return value

    return recall


def _worded(words: Vocabulaire, code: str) -> Lire:
    """A reader of the package's own words."""
    allowed = f"valeurs admises : {listed(list(words.mots))}"

    def read(cell: str) -> str:
        found = words.meaning(cell)
        if found is not None:
            return found
        if not cell.strip():
            raise Illisible("champ_absent", f"champ obligatoire absent ; {allowed}")
        clean(cell)
        raise Illisible(code, f"code inconnu ; {allowed}")

    return read
