"""The generated parts of `docs/`: examples from golden files, tables from the code.

A part stands between `<!-- exemple FICHIER -->` or `<!-- table NOM ARGUMENT… -->` and `<!-- fin -->`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from adapters.bailleur import xml as bailleur_xml
from adapters.bailleur import xml_sortie
from adapters.messages import Dialecte
from adapters.objets import Champ, Objet
from adapters.registry import EVENTS_IN_JSON, declaration
from adapters.tabulaire.champs import required
from adapters.tabulaire.profil import DATE, Mot, Tableau
from adapters.tabulaire.profils import profil
from contracts.base import Contrat
from contracts.reference.codes import (
    AuteurRefus,
    MotifIndisponibilite,
    MotifRefus,
    ResultatCommission,
    listes,
)
from contracts.v1.menage import Menage
from tests.golden import automates, cas, exploitation, guide

RACINE = cas.ICI.parents[1]
DOCS = RACINE / "docs"
DIALECTES = EVENTS_IN_JSON

_PART = re.compile(r"(<!-- (exemple|table) ([^>]*) -->\n).*?(<!-- fin -->)", re.DOTALL)


def pages() -> list[Path]:
    """Return every page of the documentation that has a generated part."""
    return [page for page in sorted(DOCS.rglob("*.md")) if _PART.search(page.read_text("utf-8"))]


def dialect_pages() -> list[Path]:
    """Return the page of each dialect."""
    return sorted((DOCS / "dialectes").glob("*.md"))


def regenerated(page: Path) -> str:
    """Return the page's text with its generated parts renewed."""
    return _PART.sub(lambda part: part[1] + _content(part[2], part[3]) + part[4], page.read_text("utf-8"))


def _content(kind: str, argument: str) -> str:
    if kind == "exemple":
        return _example(cas.ICI / argument)
    if argument in exploitation.TABLES:
        header, *rows = exploitation.TABLES[argument]()
        return _table(header, rows) + "\n"
    name, *arguments = argument.split()
    if name in guide.TABLES:
        header, *rows = guide.TABLES[name](*arguments)
        return _table(header, rows) + "\n"
    return _TABLES[name](*arguments) + "\n"


def _example(path: Path) -> str:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    text = guide.one_ending(text).rstrip("\n")
    return f"```{path.suffix[1:]}\n{text}\n```\n"


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(header)]
    lines += [("---",) * len(lines[0]), *(tuple(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _colonnes(nom: str, kind: str) -> str:
    tableau = profil(nom).tables[kind]
    return _table(
        ("Colonne", "Obligatoire", "Champ", "Valeurs"),
        (
            (
                _written_as(tableau, c),
                "oui" if c in tableau.obligatoires else "",
                f"`{champ}`",
                _valeurs(tableau, champ),
            )
            for c, champ in tableau.colonnes.items()
        ),
    )


def _needs(nom: str, kind: str) -> str:
    """Return a table of the words of the state column. Each row has the further columns that the word makes
    obligatory."""
    tableau = profil(nom).tables[kind]
    rows = (
        (f"`{word}`", _meant(mot), ", ".join(f"`{c}`" for c in _needed(tableau, word)))
        for word, mot in tableau.etats.items()
    )
    return _table(("Mot", "Ce qu'il dit", "Colonnes qu'il exige"), rows)


def _meant(mot: Mot) -> str:
    values = (str(value) for value in mot.constantes.values() if isinstance(value, str))
    return " ".join((f"`{mot.evenement}`", *values))


def _needed(tableau: Tableau, word: str) -> Iterable[str]:
    mot = tableau.etats[word]
    dated = tableau.dates.get(mot.evenement)
    fields = {*required(tableau.contrats[mot.evenement])}
    if mot.constantes.get("resultat") == ResultatCommission.ATTRIBUTION_RANG:
        fields.add("rang")  # a rule between two fields of `decision.commission`, which no field declares
    for colonne, champ in tableau.colonnes.items():
        if (dated if champ == DATE else champ) in fields:
            yield colonne


def _written_as(tableau: Tableau, colonne: str) -> str:
    """Return a column's name, with the other names under which it is read."""
    others = [f"`{name}`" for name, of in tableau.synonymes.items() if of == colonne]
    return f"`{colonne}`" + (f" (ou {', '.join(others)})" if others else "")


def _valeurs(tableau: Tableau, champ: str) -> str:
    words = tableau.etats if champ == "etat" else tableau.valeurs.get(champ, {})
    return ", ".join(f"`{word}`" for word in words)


def _sortie(nom: str) -> str:
    page = profil(nom).sortie
    assert page is not None
    return _table(("Colonne", "Contenu"), ((f"`{c}`", f"`{path}`") for c, path in page.colonnes.items()))


def _evenements(dialecte: str, sens: str) -> str:
    known = DIALECTES[dialecte]
    events: Mapping[str, type[Contrat]] = getattr(known, sens)
    rows = ((f"`{name}`", _champs_de(known, name, contrat, sens)) for name, contrat in events.items())
    return _table(("Événement", "Champs (**obligatoires**)"), rows)


def _champs_de(dialecte: Dialecte, name: str, contrat: type[Contrat], sens: str) -> str:
    table = dialecte.tables[name]
    return ", ".join(_noms(table, contrat, "", sens == "entrants"))


def _noms(table: Objet, contrat: type[Contrat], path: str, read: bool, within: str = "") -> Iterable[str]:
    modele = Menage if within else contrat
    for name, champ in table.champs.items():
        if isinstance(champ, Objet) and champ.cible in (None, "menage"):
            inside = f"{champ.cible}." if champ.cible else within
            yield from _noms(champ, contrat, f"{path}{name}.", read, inside)
        elif not read or isinstance(champ, Objet) or champ.lire is not None:
            needed = modele.model_fields[str(champ.cible)].is_required()
            needed |= f"{within}{champ.cible}" in contrat.OBLIGATOIRES
            yield f"**`{path}{name}`**" if needed and read else f"`{path}{name}`"


def _champs(dialecte: str) -> str:
    seen: dict[str, str] = {}
    for table in DIALECTES[dialecte].tables.values():
        _collect(table, "", seen)
    return _table(("Champ", "Contenu"), ((f"`{name}`", aide) for name, aide in seen.items()))


def _collect(table: Objet, path: str, seen: dict[str, str]) -> None:
    for name, champ in table.champs.items():
        if isinstance(champ, Champ):
            seen.setdefault(f"{path}{name}", champ.aide)
        else:
            _collect(champ, f"{path}{name}{'[]' if champ.liste else ''}.", seen)


def _enregistrements() -> str:
    rows = []
    for name, contrat in bailleur_xml.ENREGISTREMENTS.items():
        if name == "proposition":
            rows.append(("`<proposition>`", "**`refCandidature`**, **`reponse`**"))
            continue
        rows.append(
            (f"`<{name}>`", ", ".join(_noms(bailleur_xml.CHAMPS.narrowed(contrat), contrat, "", True)))
        )
    return _table(("Enregistrement", "Éléments, dans cet ordre (**obligatoires**)"), rows)


def _codes_xml() -> str:
    rows = [("resultat", f"`{code}`", str(valeur)) for code, valeur in bailleur_xml.RESULTATS.items()]
    for code, (contrat, extra) in bailleur_xml.REPONSES.items():
        meaning = contrat.NOM
        rows.append(("reponse", f"`{code}`", meaning + (" (silence)" if extra.get("silence") else "")))
    rows += [("canal", f"`{code}`", str(canal)) for canal, code in xml_sortie.CANAUX.items()]
    return _table(("Élément", "Code", "Sens"), rows)


def _declaration(dialecte: str) -> str:
    said = declaration(dialecte)
    at_once = (
        ("aucun", "un")[said.ecrit_au_plus] if said.ecrit_au_plus < 2 else f"{said.ecrit_au_plus} au plus"
    )
    rows = (
        ("Statut", str(said.statut)),
        ("Familles", ", ".join(f"`{famille}`" for famille in said.familles)),
        ("Formats lus", ", ".join(said.formats_lus)),
        ("Messages par envoi lu", "un ou plusieurs" if said.lit_plusieurs else "un"),
        ("Lit", _names(said.lit)),
        ("Format écrit", ", ".join(said.formats_ecrits)),
        ("Messages par envoi écrit", at_once),
        ("Écrit", _names(said.ecrit)),
    )
    return _table(("Le dialecte", ""), rows)


def _names(contrats: Iterable[type[Contrat]]) -> str:
    return ", ".join(f"`{contrat.NOM}`" for contrat in contrats)


def _liste(nom: str) -> str:
    return _table(("Code", "Libellé"), ((f"`{code}`", label) for code, label in listes()[nom].items()))


def _refus() -> str:
    rows = (
        (f"`{auteur}`", ", ".join(f"`{m}`" for m in MotifRefus if m.auteur is auteur))
        for auteur in AuteurRefus
    )
    return _table(("Auteur", "Motifs"), rows)


def _indisponibilites() -> str:
    return ", ".join(f"`{motif}`" for motif in MotifIndisponibilite)


def _delais() -> str:
    header, *rows = automates.deadlines()
    return _table(header, rows)


_TABLES: Mapping[str, Callable[..., str]] = {
    "declaration": _declaration,
    "colonnes": _colonnes,
    "exige": _needs,
    "sortie": _sortie,
    "evenements": _evenements,
    "champs": _champs,
    "enregistrements": _enregistrements,
    "codes_xml": _codes_xml,
    "liste": _liste,
    "refus": _refus,
    "indisponibilites": _indisponibilites,
    "automate": automates.diagram,
    "delais": _delais,
    "guide-exemples": guide.examples,
    "guide-lot": guide.lot,
}
