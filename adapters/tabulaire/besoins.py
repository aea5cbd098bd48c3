"""Tell which columns a row of a table must fill in, and in which cases. The rules are those by which the hub
reads rows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from adapters.tabulaire.champs import champ, obligatory, required
from adapters.tabulaire.entete import header
from adapters.tabulaire.membres import LISTE, LISTING_ALL, UPDATES
from adapters.tabulaire.mots import OUI_NON
from adapters.tabulaire.plan import Cas, plan
from adapters.tabulaire.profil import DEPARTEMENT, ETAT, Tableau
from contracts.base import Modele
from contracts.partner import Partner

NEEDED = "Colonne obligatoire."
KEPT = "gardez cette colonne"
FILLED = "à remplir"
EACH = "pour chaque personne du ménage"
MOST_LISTED = 4
"""Limit on the columns that the text of a condition names."""
PERSONNES = LISTE.removesuffix(".")
"""Path of the list of the household's members."""


class Si(NamedTuple):
    """Condition on a row: at least one of the columns `colonnes` is filled in. If `mots` is given, `colonnes`
    has only one column, and its value must be one of `mots` or, if `sauf` is true, none of them."""

    colonnes: tuple[str, ...]
    mots: tuple[str, ...] = ()
    sauf: bool = False

    def __str__(self) -> str:
        if self.mots:
            return f"{'sauf ' if self.sauf else ''}si « {self.colonnes[0]} » est {_either(self.mots)}"
        if len(self.colonnes) > MOST_LISTED:
            return f"si vous remplissez {', '.join(map(_quoted, self.colonnes[:MOST_LISTED]))}…"
        return f"si vous remplissez {_either(self.colonnes)}"


class Besoin(NamedTuple):
    """Requirement that a row fill in at least one of `colonnes`. If `si` is given, only rows that meet this
    condition are concerned; otherwise, all rows are."""

    colonnes: tuple[str, ...]
    si: Si | None = None
    pour_chacun: bool = False
    """Whether the requirement holds for each member of the household."""


def needs(tableau: Tableau, partner: Partner) -> Mapping[str, Sequence[Besoin]]:
    """Return, for each word of the state column, which columns a row with this word must fill in, and in
    which cases. For a table without a state column, the only key is ""."""
    entete = header(iter([(1, list(tableau.colonnes))]), {"": tableau}, 0, None)
    cas_of = plan(entete, "", partner).cas_of
    return {mot: list(dict.fromkeys(_needs(cas_of(mot), tableau))) for mot in tableau.mots}


def needed_if(tableau: Tableau, partner: Partner) -> Mapping[str, Mapping[str, str]]:
    """Return which columns become obligatory because of a word in another column. The outer keys are the
    columns that may have such a word. The inner keys are the columns that become obligatory, each with a French
    note that says for which words."""
    found: dict[str, dict[str, str]] = {}
    for besoin in (each for besoins in needs(tableau, partner).values() for each in besoins):
        if besoin.si and besoin.si.mots and not besoin.si.sauf:
            found.setdefault(besoin.si.colonnes[0], {}).update(dict.fromkeys(besoin.colonnes, _said(besoin)))
    return found


def marks(tableau: Tableau, partner: Partner) -> Mapping[str, str]:
    """Return, by column name, a French note on each column that must be in the header, or that must have a
    value in at least some rows. The note says which of the two, and in which rows."""
    needed = needs(tableau, partner)
    found: dict[str, dict[str, list[str]]] = {}
    for mot, besoins in needed.items():
        for besoin in besoins:
            for column in besoin.colonnes:
                found.setdefault(column, {}).setdefault(_said(besoin), []).append(mot)
    state = next((nom for nom, cible in tableau.colonnes.items() if cible == ETAT), "")
    told = {
        column: [f"{said}{_when(state, mots, needed)}" for said, mots in by_said.items()]
        for column, by_said in found.items()
    }
    for column in tableau.obligatoires:
        if FILLED not in told.setdefault(column, []):
            told[column].insert(0, KEPT)
    return {column: _note(told[column]) for column in tableau.colonnes if column in told}


def _needs(cas: Cas, tableau: Tableau) -> Iterator[Besoin]:
    yield from (Besoin((nom,)) for nom, cible in tableau.colonnes.items() if cible == ETAT)
    filled = partial(_filling, cas)
    for path in required(cas.contrat):
        if path in tableau.a_defaut and not issubclass(cas.contrat, UPDATES):
            continue
        parts = (path,) if path in cas.noms else cas.restes.get(path, (path,))
        each = path == PERSONNES and issubclass(cas.contrat, LISTING_ALL)
        yield from (Besoin(columns, pour_chacun=each) for part in parts if (columns := filled(part)))
        if path == "commune" and DEPARTEMENT in cas.noms and not champ(cas.contrat, DEPARTEMENT):
            yield Besoin((cas.noms[DEPARTEMENT],))
    yield from (Besoin(columns) for group in cas.contrat.AU_MOINS_UN if (columns := filled(*group)))
    for path, excuse in cas.contrat.SAUF.items():
        if columns := filled(path):
            yield Besoin(columns, Si(filled(excuse), OUI_NON[:1], sauf=True) if filled(excuse) else None)
    yield from _with_others(cas)
    for prefix, modele in _models(cas):
        for name, (autre, valeurs) in modele.SELON.items():
            yield from _by_value(cas, tableau, f"{prefix}{name}", f"{prefix}{autre}", valeurs)


def _filling(cas: Cas, *paths: str) -> tuple[str, ...]:
    if any(path in cas.constantes for path in paths):
        return ()
    return tuple(
        nom
        for cible, nom in cas.noms.items()
        if any(cible == path or cible.startswith(f"{path}.") for path in paths)
    )


def _with_others(cas: Cas) -> Iterator[Besoin]:
    for prefix, modele in _models(cas):
        name = prefix.removesuffix(".")
        found = champ(cas.contrat, name) if name else None
        if found is None or found.obligatoire:
            continue
        within = _filling(cas, name)
        for path in obligatory(modele, prefix):
            columns = _filling(cas, path)
            others = tuple(each for each in within if each not in columns)
            if columns and others:
                yield Besoin(columns, Si(others))


def _models(cas: Cas) -> Iterator[tuple[str, type[Modele]]]:
    yield "", cas.contrat
    for name in dict.fromkeys(path.partition(".")[0] for path in cas.noms if "." in path):
        found = champ(cas.contrat, name)
        if found is not None and issubclass(found.type, Modele):
            yield f"{name}.", found.type


def _by_value(
    cas: Cas, tableau: Tableau, path: str, autre: str, valeurs: Collection[object]
) -> Iterator[Besoin]:
    if not (columns := _filling(cas, path)):
        return
    if autre in cas.constantes:
        yield from [Besoin(columns)] if cas.constantes[autre] in valeurs else []
    elif autre in cas.noms:
        yield Besoin(columns, Si((cas.noms[autre],), tuple(_words(tableau, autre, valeurs))))


def _words(tableau: Tableau, path: str, valeurs: Collection[object]) -> Iterator[str]:
    if words := tableau.valeurs.get(path):
        yield from (word for word, code in words.items() if code in valeurs)
    else:
        yield from (OUI_NON[not each] if isinstance(each, bool) else str(each) for each in valeurs)


def _said(besoin: Besoin) -> str:
    one = FILLED if len(besoin.colonnes) == 1 else f"remplissez {_either(besoin.colonnes)}"
    return " ".join(filter(None, (one, EACH if besoin.pour_chacun else "", str(besoin.si or ""))))


def _when(state: str, mots: Sequence[str], among: Collection[str]) -> str:
    others = [mot for mot in among if mot not in mots]
    if not others:
        return ""
    if len(others) < len(mots):
        return f", sauf si « {state} » est {_either(others)}"
    return f" quand « {state} » est {_either(mots)}"


def _note(told: Sequence[str]) -> str:
    if told == [FILLED]:
        return NEEDED
    text = " ; ".join(told)
    return f"{text[0].upper()}{text[1:]}."


def _either(words: Sequence[str]) -> str:
    *most, last = map(_quoted, words)
    return f"{', '.join(most)} ou {last}" if most else last


def _quoted(word: str) -> str:
    return f"« {word} »"
