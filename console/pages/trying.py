"""Try a partner's file without effect, under the partner's column profile or under a draft of one."""

import binascii
from base64 import b64decode
from collections.abc import Callable
from typing import Annotated, ParamSpec, TypeVar

from fastapi import Depends, Form, HTTPException, Request, Response, UploadFile

from connectors.media import media_type_of
from console.pages.partners import entry_of, shown
from console.pages.tried import Sent, Tried
from console.visit import Suiveur, Visite, closed
from contracts.errors import Misconfigured
from contracts.partner import Partner
from contracts.ports import Native
from router.intake import profiling
from router.intake.decoders import TooCostly
from router.intake.decoding import OPENING_SECONDS, TOO_COSTLY, Incoming

P = ParamSpec("P")
T = TypeVar("T")

router = closed()
LONGEST_PROFILE = 200_000
"""Maximum number of characters of a column profile."""
PROFILE_TOO_COSTLY = (
    "ce profil demande trop de calcul pour être lu : raccourcissez ses tables de mots et ses listes"
)


async def _sent(
    dialecte: Annotated[str, Form()] = "",
    corps: Annotated[str, Form()] = "",
    profil: Annotated[str, Form(max_length=LONGEST_PROFILE)] = "",
    garde: Annotated[str, Form()] = "",
    garde_nom: Annotated[str, Form(max_length=200)] = "",
    fichier: UploadFile | None = None,
) -> Sent:
    if fichier is not None and fichier.filename:
        body, name = await fichier.read(), fichier.filename
    elif corps or not garde:
        body, name = corps.encode(), ""
    else:
        body, name = _decoded(garde), garde_nom
    return Sent(Native(body, media_type_of(name or "corps.txt"), name or None), dialecte, profil.strip())


def _decoded(kept: str) -> bytes:
    try:
        return b64decode(kept, validate=True)
    except binascii.Error:
        raise HTTPException(422, "le fichier gardé est abîmé : choisissez-le à nouveau") from None


Envoye = Annotated[Sent, Depends(_sent)]


@router.post("/partenaires/{ident}/fichier")
async def try_file(request: Request, visite: Suiveur, ident: str, sent: Envoye) -> Response:
    """Make a dry run of a partner's file, and show the result. A column profile in the form replaces the
    partner's own. Raises 422 for a dialect that the partner does not use."""
    entry = entry_of(visite, ident)
    if sent.dialecte not in entry.dialectes:
        raise HTTPException(422, "ce partenaire ne parle pas ce dialecte")
    try:
        speaker, dialect = await _speaker(visite, entry, sent)
    except Misconfigured as exc:
        return await shown(request, visite, entry, Tried(sent, why_not=str(exc)))
    except TooCostly:
        return await shown(request, visite, entry, Tried(sent, why_not=PROFILE_TOO_COSTLY))
    tried = await trial_of(visite, sent, Incoming(sent.native, speaker, dialect))
    return await shown(request, visite, entry, tried)


@router.post("/partenaires/{ident}/ebauche")
async def draft(request: Request, visite: Suiveur, ident: str, sent: Envoye) -> Response:
    """Propose a column profile that fits a partner's file, and show it on the partner's page. If no profile can
    be proposed, show why."""
    entry = entry_of(visite, ident)
    message = Incoming(sent.native, entry, sent.dialecte)
    try:
        ebauche = await apart(visite, message, profiling.drafted, sent.native.body)
    except TooCostly:
        ebauche = profiling.Ebauche(None, TOO_COSTLY.message)
    proposed = Sent(sent.native, sent.dialecte, ebauche.toml or sent.profil)
    return await shown(request, visite, entry, Tried(proposed, why_not=ebauche.why_not))


async def trial_of(visite: Visite, sent: Sent, message: Incoming, *, own: bool = False) -> Tried:
    """Return the result of a dry run of `message`, which carries the posted file `sent`: the hub's report,
    and a preview of how the hub reads the file. The preview is empty if reading the file costs too much.
    `own`: whether the visitor works for the sender. If so, the preview names people too."""
    report = await visite.parts.intake.receive(*message, dry_run=True, by_hand=own)
    refused = {rejet.ligne for rejet in report.rejets if own and rejet.ligne is not None}
    try:
        essai = await apart(visite, message, profiling.tried, message, own=own, refused=refused)
    except TooCostly:
        essai = profiling.Essai()
    return Tried(sent, report, essai)


async def _speaker(visite: Visite, entry: Partner, sent: Sent) -> tuple[Partner, str]:
    if not sent.profil:
        return entry, sent.dialecte
    decoders = visite.parts.decoders
    dialect = await decoders.apart(entry.id, OPENING_SECONDS, profiling.dialect_of, sent.profil)
    return entry.model_copy(update={"profil": None, "profil_externe": sent.profil}), dialect


async def apart(
    visite: Visite, message: Incoming, function: Callable[P, T], *args: P.args, **kw: P.kwargs
) -> T:
    """Run `function` on a message in another process, and return its result. Raises TooCostly if this takes
    more CPU time than a message of this size may cost, or too much memory."""
    seconds = message.seconds(message.rows_at_most)
    return await visite.parts.decoders.apart(message.partner.id, seconds, function, *args, **kw)
