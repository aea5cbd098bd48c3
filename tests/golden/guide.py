"""The tables of the partners' guide, one page for each family: what it sends, receives and sees, and what it may
send when."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from uuid import UUID

from python_calamine import CalamineWorkbook

from adapters.json_schema import schema_of
from adapters.registry import ADAPTERS, EVENTS_IN_JSON, TABULAIRES, declaration
from contracts.base import Contrat, Nature
from contracts.entry import Lot
from contracts.mots import ETATS, etat_of
from contracts.partner import Famille, may_offer
from contracts.ports import View
from contracts.privacy import Classe
from contracts.v1 import CONTRATS
from router.domain.audience import sayable_by
from router.domain.books import BOOKS
from router.domain.deadlines import Terme
from router.domain.messages import FACTS
from router.domain.parts import Party
from router.domain.permitted import permitted
from router.domain.rights import ALL, Droits, Stade, rights
from router.intake.catalogue import anchor, catalogue
from tests.golden.cas import EVENEMENT, ICI, Cas, a_decoder, a_encoder, evenement, expected, together, view
from tests.golden.heard import answers, by_when, dialects, owed, sent, ways_out

STADES: Mapping[Stade, str] = {
    Stade.AVANT: "avant l'admission",
    Stade.ADMIS: "après l'admission",
    Stade.ECARTE: "refusée, retirée",
}
CLASSES: Mapping[Classe, str] = {
    Classe.C0: "l'offre",
    Classe.C1: "le besoin, sans nom",
    Classe.C2: "identité, contact, numéro unique",
    Classe.C3: "situation sociale, ressources",
    Classe.C4: "santé, violences, justice, asile",
}
Rows = Iterable[tuple[str, ...]]
WORKBOOK = ".xlsx"
OF_A_LOT = ("orientation_proposee", "orientation_masquee", "rappel")
WRITTEN = "sortie"
"""Name of the folder with files that the hub writes. They may have any encoding."""


def _says(famille: str) -> Rows:
    yield "Message", "Clé exigée", "Dialectes"
    for contrat, names in _carried(dialects(Famille(famille)), "lit"):
        if sayable_by(Famille(famille), contrat) and may_offer(contrat.NATURE, Famille(famille)):
            yield f"`{contrat.NOM}`", "oui" if FACTS[contrat].needs_key else "", names


def _hears(famille: str) -> Rows:
    yield "Message", "Une réponse est attendue", "Dialectes"
    told = sent(Famille(famille))
    for contrat, names in _carried(ways_out(Famille(famille)), "ecrit"):
        if contrat in told:
            yield f"`{contrat.NOM}`", _answered(owed(Famille(famille), contrat)), names


def _answered(terms: Iterable[Terme]) -> str:
    said = " ; ".join(f"{what} en {long}" for what, long in by_when(terms))
    return f"oui : {said}" if said else ""


def _carried(dialectes: Iterable[str], way: str) -> Iterator[tuple[type[Contrat], str]]:
    """Yield the contracts that these dialects read or write (`way`), each with links to the dialects' pages."""
    by_contract: dict[type[Contrat], list[str]] = {}
    for nom in dialectes:
        for contrat in getattr(ADAPTERS[nom].DECLARATION, way):
            by_contract.setdefault(contrat, []).append(f"[{nom}](../dialectes/{nom}.md)")
    yield from ((contrat, ", ".join(names)) for contrat, names in by_contract.items())


def _sees(famille: str) -> Rows:
    yield "Ce que dit le message", *STADES.values()
    for classe, what in CLASSES.items():
        yield what, *(_paths(rights(Famille(famille), stade), classe) for stade in STADES)


def _paths(droits: Droits, classe: Classe) -> str:
    allowed = droits.paths.get(classe, frozenset())
    return "oui" if allowed is ALL else ", ".join(f"`{path}`" for path in sorted(allowed)) or "non"


def _allowed(nature: str) -> Rows:
    yield "Où on en est", "Attendu", "Le destinataire peut dire", "L'émetteur peut dire"
    kind = Nature(nature)
    for etat, french in ETATS[kind].items():
        party, expected = BOOKS[kind].expected.get(etat, (None, ""))
        of_whom = f"{expected} ({party})" if party else ""
        said = [_said(kind, etat, each) for each in (Party.DESTINATAIRE, Party.EMETTEUR)]
        yield f"{french} (`{etat}`)", of_whom, *said


def _said(nature: Nature, etat: str, party: Party) -> str:
    """Return the messages that this party may send about a subject in this state, each with the state to which it
    leads."""
    may = [each for each in permitted(nature, etat) if party in FACTS[each.contrat].said_by]
    table = BOOKS[nature].machine.table
    leads = (
        f"`{each.contrat.NOM}`{f' {each.valeur}' if each.valeur else ''} → {etat_of(nature, table[etat, each.move])}"
        for each in may
    )
    return "<br>".join(leads)


def _words(section: str) -> Rows:
    yield "Mot", "Sens", "Que faire", "Renvoyer tel quel"
    again = {None: "", True: "inutile", False: "peut suffire"}
    for word, said in catalogue()[section].items():
        mark = f'<a id="{anchor(section, word)}"></a>`{word}`'
        yield mark, said.sens, said.remede, again[said.definitif]


def _answers() -> Rows:
    yield "Ce que vous recevez", "Ce qui est attendu de vous", "En, sans autre accord"
    for contrat, terms in answers():
        for what, long in by_when(terms):
            yield f"`{contrat.NOM}`", what, long


def _lots() -> Rows:
    yield "Dialecte", "Format", "Lignes, au plus"
    (_, most) = Lot.model_fields["lignes"].metadata
    for nom in sorted(TABULAIRES):
        said = declaration(nom)
        if said.ecrit_au_plus > 1:
            number = min(said.ecrit_au_plus, most.le)
            yield f"[{nom}](dialectes/{nom}.md)", ", ".join(said.formats_ecrits), str(number)


TABLES: Mapping[str, Callable[..., Rows]] = {
    "guide-delais": _answers,
    "guide-lots": _lots,
    "guide-dit": _says,
    "guide-recoit": _hears,
    "guide-voit": _sees,
    "guide-permis": _allowed,
    "mots": _words,
}


def lot(nom: str) -> str:
    """Return a lot of a dialect as its partner gets it: the events of some golden cases in one file."""
    texts = ((ICI / nom / "sortie" / f"{case}{EVENEMENT}").read_text("utf-8") for case in OF_A_LOT)
    said = [json.loads(_about_another(text, number)) for number, text in enumerate(texts)]
    ids = {ours: theirs for each in said for ours, theirs in view(nom, each).ids.items()}
    as_one = View(view(nom, said[0]).partner, ids, lot=UUID(int=0x7C0E3A55_0000_4000_8000_000000000017))
    native = ADAPTERS[nom].encode([evenement(each) for each in said], as_one)
    body = native.body.decode("utf-8-sig").replace("\r\n", "\n").rstrip()
    return f"`{native.filename}` :\n\n```csv\n{body}\n```\n"


def _about_another(text: str, number: int) -> str:
    """Return the text of a golden case's event, changed to be about another referral. Otherwise all of them are
    about one."""
    subject = evenement(json.loads(text)).attributes.subject
    return text.replace(str(subject), str(UUID(int=subject.int + number)))


def examples(famille: str, way: str) -> str:
    """Return examples of each event of the family's dialects, either read (`lu`) or written (`ecrit`) by the hub.

    Of the written ones, only those that the family may be sent. Tables and XML are shown as whole files of the
    golden tests.
    """
    blocks: list[str] = []
    family = Famille(famille)
    only = {contrat.TYPE for contrat in sent(family)} if way == "ecrit" else set(CONTRATS)
    for nom in ways_out(family) if way == "ecrit" else dialects(family):
        lines = _of(nom, way, only)
        blocks += [f"`{nom}` :", "", "```json", *lines, "```", ""] if lines else []
        for path in whole_files(nom, way, only) if nom not in EVENTS_IN_JSON else ():
            cells = ", ses cellules" if path.suffix == WORKBOOK else ""
            blocks += [
                f"`{nom}`, `{path.name}`{cells} :",
                "",
                "```csv" if path.suffix == WORKBOOK else f"```{path.suffix[1:]}",
                _text(path).rstrip(),
                "```",
                "",
            ]
    return "\n".join(blocks) or "Les exemples sont sur la page de chaque dialecte.\n"


def whole_files(nom: str, way: str, only: Collection[str] = frozenset(CONTRATS)) -> Sequence[Path]:
    """Return few files that together have every event of a dialect's golden cases, and none of a type outside
    `only`."""
    cases = a_decoder() if way == "lu" else a_encoder()
    held: dict[Path, frozenset[str]] = {}
    for case in cases:
        path = case.entree if way == "lu" else case.attendu
        if case.dialecte == nom and _text(path):
            events = _accepted(case) if way == "lu" else _written(case)
            held[path] = events if events <= set(only) else frozenset()
    fuller = 1 if way == "ecrit" else -1  # what one gets is shown whole, what one sends as short as it may be
    chosen: list[Path] = []
    missing = frozenset().union(*held.values())
    while missing:
        best = max(
            held, key=lambda path: (len(held[path] & missing), fuller * path.stat().st_size, path.name)
        )
        chosen.append(best)
        missing -= held[best]
    return chosen


def _text(path: Path) -> str:
    """Return the text of a file, or the cells of a workbook. Empty if it cannot be shown as an example."""
    body = path.read_bytes()
    if path.suffix == WORKBOOK:
        return _cells(body) if path.parent.name == WRITTEN else ""
    for encoding in ("utf-8-sig", "cp1252") if path.parent.name == WRITTEN else ("utf-8-sig",):
        with suppress(UnicodeDecodeError):
            return one_ending(body.decode(encoding))
    return ""


def one_ending(text: str) -> str:
    r"""Return the text with `\n` as the end of each line."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cells(workbook: bytes) -> str:
    """Return the first sheet of a workbook as CSV."""
    rows = CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_index(0).to_python()
    return "\n".join(";".join(map(_cell, row)) for row in rows)


def _cell(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _accepted(case: Cas) -> frozenset[str]:
    """Return the types of events in a file without rejections and warnings; empty for any other file."""
    read = expected(case)
    lines = read.get("lignes", ())
    whole = lines and all("contrat" in line and "avertissements" not in line for line in lines)
    return frozenset(line["type"] for line in lines) if whole else frozenset()


def _written(case: Cas) -> frozenset[str]:
    return frozenset(event["type"] for event in together(json.loads(case.entree.read_text("utf-8"))))


def _of(nom: str, way: str, only: Collection[str]) -> Sequence[str]:
    dialecte = EVENTS_IN_JSON.get(nom)
    if dialecte is None:
        return ()
    events = dialecte.entrants if way == "lu" else dialecte.sortants
    named = (event for event, contrat in events.items() if contrat.TYPE in only)
    shown = (schema_of(dialecte, event, read=way == "lu")["example"] for event in named)
    return [json.dumps(example, ensure_ascii=False) for example in shown]
