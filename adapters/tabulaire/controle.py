"""Check a column profile, before a partner's first file."""

from collections.abc import Iterator
from datetime import date

from adapters.tabulaire.champs import champ, is_written, nature, required
from adapters.tabulaire.lecteurs import BY_NATURE
from adapters.tabulaire.profil import (
    DATE,
    DEPARTEMENT,
    EVENEMENTS,
    PSEUDO_CHAMPS,
    Mot,
    Profil,
    Sortie,
    Tableau,
)
from adapters.tabulaire.sortie import PSEUDO_CHEMINS, SUJET
from contracts.base import Contrat


def faults(page: Profil) -> Iterator[str]:
    """Yield each fault of a column profile as French text, which begins with the part of the profile that has
    the fault."""
    for name, tableau in page.tables.items():
        yield from (f"tables.{name} : {fault}" for fault in _of_table(tableau))
    if page.sortie is not None:
        yield from (f"sortie : {fault}" for fault in _of_output(page.sortie))


def _of_table(tableau: Tableau) -> Iterator[str]:
    yield from _of_words(tableau)
    contrats = tableau.contrats.values()
    fields = {path for path in tableau.colonnes.values() if path not in PSEUDO_CHAMPS}
    for path in sorted(fields | {*tableau.constantes, *tableau.restes, *tableau.a_defaut}):
        having = [contrat for contrat in contrats if champ(contrat, path)]
        if not having:
            yield f"aucun événement de la table n'a de champ « {path} »"
        elif not any(is_written(contrat, path) for contrat in having):
            yield f"« {path} » est rempli par le hub lui-même : retirez sa colonne"
    for path in sorted((set(tableau.valeurs) | set(tableau.lecteurs)) - fields - set(tableau.dates.values())):
        yield f"« {path} » n'est le champ d'aucune colonne"
    for path, parts in tableau.restes.items():
        for unknown in sorted(set(parts) - fields - set(tableau.constantes)):
            yield f"restes.{path} : « {unknown} » n'est le champ d'aucune colonne"
        for odd in sorted(each for each in (path, *parts) if not _is_number(each, tableau)):
            yield f"restes.{path} : « {odd} » n'est pas un nombre"
    completes = not any(champ(contrat, DEPARTEMENT) for contrat in contrats)
    if completes and DEPARTEMENT in tableau.colonnes.values() and "commune" not in fields:
        yield "« departement » complète une colonne « commune », qui manque"
    yield from _of_dates(tableau)
    for mot in tableau.mots.values():
        yield from _of_word(mot, EVENEMENTS[mot.evenement], tableau)


def _is_number(path: str, tableau: Tableau) -> bool:
    found = [champ(contrat, path) for contrat in tableau.contrats.values()]
    return all(each is None or each.type is int for each in found)


def _of_words(tableau: Tableau) -> Iterator[str]:
    """Yield a fault if two column names, or two words of one column, differ only in accents, case or
    punctuation."""
    try:
        assert tableau.noms.mots
        assert tableau.mots_etat.mots or tableau.evenement
        assert all(words.mots for words in tableau.mots_valeurs.values())
    except ValueError as exc:
        yield str(exc)


def _of_dates(tableau: Tableau) -> Iterator[str]:
    if tableau.dates and DATE not in tableau.colonnes.values():
        yield "« dates » suppose une colonne « date »"
    for name, path in tableau.dates.items():
        contrat = tableau.contrats.get(name)
        found = champ(contrat, path) if contrat else None
        if found is None or not issubclass(found.type, date):
            yield f"dates : « {path} » n'est pas une date d'un événement de la table"


def _of_word(mot: Mot, contrat: type[Contrat], tableau: Tableau) -> Iterator[str]:
    yield from (
        f"« {mot.evenement} » n'a pas de champ « {path} »"
        for path in mot.constantes
        if champ(contrat, path) is None
    )
    fed = {
        *mot.constantes,
        *tableau.constantes,
        *tableau.restes,
        *tableau.colonnes.values(),
        tableau.dates.get(mot.evenement),
    }
    for path in required(contrat):
        if not any(known == path or str(known).startswith(f"{path}.") for known in fed):
            yield f"rien ne remplit le champ obligatoire « {path} » de « {mot.evenement} »"
    for path, reader in tableau.lecteurs.items():
        if reader in BY_NATURE and champ(contrat, path) is not None:
            yield from _of_id(contrat, path)


def _of_id(contrat: type[Contrat], path: str) -> Iterator[str]:
    try:
        nature(contrat, path)
    except ValueError:
        yield f"« {path} » n'est pas un identifiant"


def _of_output(sortie: Sortie) -> Iterator[str]:
    contrats = [EVENEMENTS[name] for name in sortie.evenements]
    for path in sortie.colonnes.values():
        if path not in (*PSEUDO_CHEMINS, SUJET) and not any(champ(contrat, path) for contrat in contrats):
            yield f"aucun événement de la sortie n'a de champ « {path} »"
    for path in set(sortie.valeurs) - set(sortie.colonnes.values()):
        yield f"« {path} » n'est montré par aucune colonne"
