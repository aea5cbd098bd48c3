"""Serve the page «Déposer», on which a file is first tried without effect, then sent."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from types import MappingProxyType
from typing import Annotated
from uuid import uuid4

from fastapi import Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from adapters.registry import ADAPTERS, TABULAIRES
from adapters.reparations import TABLEUR
from adapters.tabulaire.complete import NOT_AGAIN
from adapters.tabulaire.designees import Ecrite, Manquante, missing
from adapters.tabulaire.doutes import TOWN
from adapters.tabulaire.entete import UNREAD
from adapters.tabulaire.modele import model
from connectors.mailbox_http import content_of
from console.bureau.here import Cle, desk_page, partner_of
from console.pages.tried import Sent, Tried
from console.pages.trying import Envoye, apart, trial_of
from console.rendering import now
from console.visit import Parleur, Visite, closed, not_found
from contracts.base import Nature
from contracts.errors import InvalidNative
from contracts.partner import Partner
from contracts.ports import Native, Rejet
from contracts.v1.demande import DemandeRecue
from ops.desk.place_names import by_number
from ops.desk.words import read
from router.intake import profiling
from router.intake.decoders import TooCostly
from router.intake.decoding import Incoming
from router.intake.once import ID_TAKEN

router = closed()
NOTHING = "choisissez un fichier, puis cliquez sur « Essayer »"
EMPTY = "ce fichier est vide : enregistrez votre tableau, fermez-le, puis déposez-le à nouveau"
NOT_SPOKEN = (
    "votre entrée au registre ne prévoit pas ce format : enregistrez le fichier dans l'un de ceux de la page, ou "
    "demandez à l'équipe du hub d'en ajouter un"
)
NO_TABLE = (
    "ce n'est pas un tableau : ouvrez le vôtre dans votre tableur, enregistrez-le au format XLSX et déposez-le, ou "
    "remplissez le classeur vide de cette page"
)
SAVE_AS = "ouvrez-le, choisissez « Enregistrer sous » et « Classeur Excel (.xlsx) », puis déposez ce nouveau fichier"
CONVERTED: Mapping[str, str] = {
    "xls": f"c'est un classeur d'Excel d'avant 2007 : {SAVE_AS}",
    **dict.fromkeys(("xlsm", "xlsb"), f"c'est un classeur avec macros ou binaire : {SAVE_AS}"),
    "numbers": "c'est un document Numbers : ouvrez-le, choisissez Fichier, Exporter vers, Excel, puis déposez le "
    "fichier .xlsx obtenu",
    "gsheet": "c'est un lien vers Google Sheets : ouvrez-le, choisissez Fichier, Télécharger, Microsoft Excel (.xlsx), "
    "puis déposez ce fichier",
    "zip": "c'est une archive : ouvrez-la, et déposez le tableau qu'elle contient",
    **dict.fromkeys(("pdf", "doc", "docx", "odt", "png", "jpg", "jpeg", "heic"), NO_TABLE),
}
"""French advice for a file that the hub cannot read, by the file's suffix. Only a partner that may send
workbooks gets it."""
AS_CSV = ("txt", "tsv")
"""Suffixes under which spreadsheets save text. The hub reads such a file as CSV."""
BETWEEN = "\t"
"""Sign between the three parts of the text that `choice` returns: the column, the number of the first row,
and the word to write into all rows of the question."""
Mots = Annotated[Sequence[str], Form()]
SHOWN = 200
"""Maximum number of refused rows on the page."""
NAMED = 6
"""Maximum number of rows in a question about a missing word. In a question about more rows, the page does not
name the households of the rows."""


@router.get("/bureau/deposer")
async def drop(request: Request, visite: Parleur) -> Response:
    """Show the desk's page with the form for a dry run of a file. The file can be sent after the dry run."""
    partner = partner_of(visite)
    return _page(request, visite, partner, None)


@router.post("/bureau/deposer")
async def trial(request: Request, visite: Parleur, sent: Envoye, mots: Mots = ()) -> Response:
    """Make a dry run of the posted file, and show its result. If rows lack a value for which there are words
    to choose from, the page asks for it. Rows that lack a value in the same column, and have the same words
    to choose from, share one question. `mots`: the visitor's answers, as `choice` writes them, when the page
    posts the file again. The hub writes the chosen words into the rows of the questions, and shows the result
    of a new dry run."""
    partner = partner_of(visite)
    if not sent.native.body:
        return _page(
            request, visite, partner, Tried(sent, why_not=EMPTY if sent.native.filename else NOTHING)
        )
    tried, written = await _tried(visite, partner, sent)
    added: Sequence[Manquante] = ()
    if any(mots):
        added = [
            each._replace(mots=[mot])
            for each in _lacking(partner, tried, written)[0]
            for mot in each.mots
            if choice(each, mot) in mots
        ]
    if added:
        try:
            native = await _completed(visite, partner, tried, added)
        except InvalidNative as exc:
            return _page(request, visite, partner, Tried(sent, why_not=str(exc)))
        except TooCostly:
            return _page(request, visite, partner, Tried(sent, why_not=NOT_AGAIN))
        tried, written = await _tried(visite, partner, Sent(native, tried.sent.dialecte, ""))
    already = await already_of(visite, partner, tried.rejets, written)
    before = await _sent_before(visite, partner, tried)
    return _page(request, visite, partner, tried, written, already, added, before)


async def _tried(visite: Visite, partner: Partner, sent: Sent) -> tuple[Tried, Mapping[int, Ecrite]]:
    spoken = dialects_for(partner, sent.native.filename or "")
    if sent.dialecte:
        spoken = [sent.dialecte] if sent.dialecte in partner.dialectes else []
    tried = Tried(sent, why_not=why_not_spoken(partner, sent.native.filename or ""))
    for dialect in reversed(spoken):  # first dialect last: its answer is shown if none reads the file
        tried = await trial_of(
            visite, Sent(sent.native, dialect, ""), Incoming(sent.native, partner, dialect), own=True
        )
        if has_rows(tried):
            break
    return tried, await _written(visite, partner, tried)


async def _completed(visite: Visite, partner: Partner, tried: Tried, added: Sequence[Manquante]) -> Native:
    message = Incoming(tried.sent.native, partner, tried.sent.dialecte)
    mots: dict[str, dict[int, str]] = {}
    for each in added:
        mots.setdefault(each.nom, {}).update(dict.fromkeys(each.lignes, each.mots[0]))
    return await apart(visite, message, profiling.completed, message, mots)


def choice(asked: Manquante, mot: str) -> str:
    """Return the form value by which the visitor answers the question `asked` with the word `mot`. The page of
    a dry run asks such a question about a column (`asked.nom`) that has no value in some rows (`asked.lignes`).
    The hub then writes the word into that column, in each of these rows."""
    return BETWEEN.join((asked.nom, str(asked.lignes[0]), mot))


def _lacking(
    partner: Partner, tried: Tried, written: Mapping[int, Ecrite]
) -> tuple[Sequence[Manquante], Sequence[Rejet]]:
    if not written:
        return (), tried.rejets
    return missing(tried.rejets, written, TABULAIRES[tried.sent.dialecte].profil_de(partner), partner)


async def _written(visite: Visite, partner: Partner, tried: Tried) -> Mapping[int, Ecrite]:
    lignes = {rejet.ligne for rejet in tried.rejets if rejet.ligne is not None}
    if not lignes or tried.sent.dialecte not in TABULAIRES:
        return {}
    message = Incoming(tried.sent.native, partner, tried.sent.dialecte)
    rows = await visite.parts.decoders.designated(message, lignes)
    return {each.ligne: each for each in rows}


async def already_of(
    visite: Visite, partner: Partner, rejets: Sequence[Rejet], written: Mapping[int, Ecrite]
) -> Mapping[int, str]:
    """Find rows that were refused because they use, for a new demand, a number that the sender already gave to
    another demand. Return, by row number, the name of the other demand's household; a row is left out if the
    partner may not read this name. `rejets`: the file's rejections; `written`: the refused rows as their sender
    wrote them, by row number."""
    desk, numbers = visite.parts.desk, demands_taken(rejets[:SHOWN], written)
    known = await desk.declared.taken(partner, {*numbers.values()}, Nature.DEMANDE)
    names = await desk.reader.names(partner, {*known.values()}, visite.person.actor)
    return {ligne: names[known[number]] for ligne, number in numbers.items() if known.get(number) in names}


async def _sent_before(visite: Visite, partner: Partner, tried: Tried) -> Mapping[str, Sequence[str]]:
    """Find the demands in the file of the dry run (`tried`) that the hub already has with the same content.
    Return the partner's own numbers of these demands, by the demand's present state in the hub, in French."""
    rows = tried.rapport.deja_envoyees if tried.rapport else ()
    if not rows or tried.sent.dialecte not in TABULAIRES:
        return {}
    message = Incoming(tried.sent.native, partner, tried.sent.dialecte)
    written = await visite.parts.decoders.designated(message, rows)
    states = await visite.parts.desk.declared.states(
        partner, [each.numero for each in written if each.numero]
    )
    numbers: dict[str, list[str]] = {}
    for number, state in states.items():
        numbers.setdefault(state, []).append(number)
    return {state: sorted(each, key=by_number) for state, each in numbers.items()}


def to_check(tried: Tried) -> Sequence[Rejet]:
    """Return a dry run's warnings for the sender to check. Warnings about values that may have been meant
    otherwise come first. Leave out the warnings about columns that the hub does not read. If a column has a
    warning about towns given in digits, also leave out its warnings about leading zeros that the hub
    restored."""
    if tried.rapport is None or tried.essai is None:
        return ()
    doubts = tried.essai.avertissements
    read = {each.champ for each in doubts if each.code == TOWN}
    remarks = (each for each in tried.rapport.avertissements if each.code != UNREAD)
    return [*doubts, *(each for each in remarks if each.champ not in read or each.message != TABLEUR)]


def demands_taken(rejets: Sequence[Rejet], written: Mapping[int, Ecrite]) -> Mapping[int, str]:
    """Find the rows refused because the sender had already used the number of their new demand. Return these
    numbers, which are the sender's own, by row number. `written`: the refused rows as their sender wrote them,
    by row number."""
    taken = {rejet.ligne for rejet in rejets if rejet.code == ID_TAKEN.code}
    rows = (row for ligne, row in written.items() if ligne in taken)
    return {
        row.ligne: row.numero for row in rows if row.numero and row.sur and row.sur.type == DemandeRecue.TYPE
    }


def together(remarks: Sequence[Rejet]) -> Mapping[tuple[str | None, str], Sequence[int]]:
    """Group equal warnings, so that the page shows each text once. Return the row numbers of each group, by the
    group's column and text."""
    rows: dict[tuple[str | None, str], list[int]] = {}
    for each in remarks:
        rows.setdefault((each.champ, each.message), []).extend(() if each.ligne is None else (each.ligne,))
    return rows


@router.post("/bureau/deposer/envoyer")
async def send(visite: Parleur, sent: Envoye, cle: Cle) -> Response:
    """Send the file, and show its result. If the file corrects the refused rows of an earlier message, that
    earlier message leaves the partner's tasks. Raises 409 if the form has already sent another file, 422 if
    the dialect is not the partner's."""
    desk, actor = visite.parts.desk, visite.person.actor
    message = _message(visite, sent)
    report = await desk.speaker.send(*message, str(cle), actor)
    if report.etat == "conflit":
        raise HTTPException(409, "ce formulaire a déjà servi à un autre fichier : reprenez à « Déposer »")
    if report.acceptes:
        waiting = await desk.todo.uncorrected(message.partner, now())
        await desk.own.settle_corrected(
            message.partner, waiting, report.message_id, actor, desk.reader.menages
        )
    return RedirectResponse(f"/bureau/envois/{report.message_id}", 303)


@router.post("/bureau/deposer/a-corriger")
async def to_mend(visite: Parleur, sent: Envoye) -> Response:
    """Return a file to correct, with only the rows that a dry run of the posted file refuses. Raises 404 if
    the dry run refuses no single row, for example because it refuses the whole file. Raises 422 if the
    dialect is not the partner's."""
    message, intake = _message(visite, sent), visite.parts.intake
    report = await intake.receive(*message, dry_run=True, by_hand=True)
    mended = await intake.with_rows_to_mend(report, *message, as_workbook=True)
    if mended.a_corriger is None:
        raise HTTPException(404, "aucune ligne de ce fichier ne se corrige une à une : relisez l'essai")
    return content_of(mended.a_corriger)


@router.get("/bureau/deposer/modele/{dialecte}")
async def empty(visite: Parleur, dialecte: str) -> Response:
    """Return an empty workbook with the columns and codes of the partner's column profile. Raises 404 unless
    the partner may send workbooks in this dialect."""
    partner = partner_of(visite)
    if dialecte not in workbooks(partner):
        raise not_found()
    return content_of(model(TABULAIRES[dialecte].profil_de(partner), partner))


def _message(visite: Visite, sent: Sent) -> Incoming:
    partner = partner_of(visite)
    if sent.dialecte not in partner.dialectes:
        raise HTTPException(422, NOT_SPOKEN)
    return Incoming(sent.native, partner, sent.dialecte)


def dialects_for(partner: Partner, filename: str) -> list[str]:
    """Return the partner's dialects that read files with the suffix of `filename`."""
    kind = "csv" if suffix_of(filename) in AS_CSV else suffix_of(filename)
    return [name for name in partner.dialectes if kind in read_by(name)]


def why_not_spoken(partner: Partner, filename: str) -> str:
    """Return French advice for a file that none of the partner's dialects reads."""
    advice = CONVERTED.get(suffix_of(filename)) if workbooks(partner) else None
    return advice or NOT_SPOKEN


def suffix_of(filename: str) -> str:
    """Return the suffix of a file name in lower case, without its dot."""
    return PurePath(filename).suffix.lower().removeprefix(".")


def has_rows(tried: Tried) -> bool:
    """Return whether the dry run found rows in the file, accepted or refused."""
    accepted = tried.rapport is not None and tried.rapport.acceptes > 0
    return accepted or any(rejet.ligne for rejet in tried.rejets)


def workbooks(partner: Partner) -> dict[str, str]:
    """Return the partner's dialects that read XLSX, each with the French name of the partner's column
    profile."""
    pages = {name: TABULAIRES[name].profil_de(partner) for name in partner.dialectes if name in TABULAIRES}
    return {name: page.nom for name, page in pages.items() if "xlsx" in page.formats}


def read_by(dialect: str) -> tuple[str, ...]:
    """Return the types of file that a dialect reads, such as csv, xlsx or xml; an empty tuple for an unknown
    dialect."""
    adapter = ADAPTERS.get(dialect)
    return () if adapter is None else adapter.DECLARATION.formats_lus


def _page(
    request: Request,
    visite: Visite,
    partner: Partner,
    tried: Tried | None,
    written: Mapping[int, Ecrite] = MappingProxyType({}),
    already: Mapping[int, str] = MappingProxyType({}),
    added: Sequence[Manquante] = (),
    before: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Response:
    lacking, rejets = _lacking(partner, tried, written) if tried else ((), ())
    formats = dict.fromkeys(kind for name in partner.dialectes for kind in read_by(name))
    return desk_page(
        request,
        visite,
        partner,
        "deposer.html",
        tente=tried,
        ecrits=written,
        deja=already,
        manquantes=lacking,
        ajoutees=added,
        connues=before,
        choix=choice,
        nommees=NAMED,
        rejets=rejets,
        formats=tuple(formats),
        modeles=workbooks(partner),
        cle=uuid4(),
        a_verifier=together(to_check(tried)) if tried else {},
        montres=SHOWN,
        en_mots=read,
    )
