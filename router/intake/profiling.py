"""Try a column profile on a partner's table, or propose a profile. A column profile says what each column means.

The result of a trial shows how the hub reads the columns and the first rows. It names the personal fields. Their
values are only for people who work for the file's sender. To open a workbook may take very long: call this
module's functions through `Decoders.apart`.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from adapters.registry import ADAPTERS, TABULAIRES
from adapters.tabulaire import complete
from adapters.tabulaire.complete import Mots
from adapters.tabulaire.deduits import COMPOSITION, DEDUITE
from adapters.tabulaire.ebauche import draft
from adapters.tabulaire.essai import Constat, doubtful, examine
from adapters.tabulaire.profils import parse, profils
from contracts.base import Contrat, Nature, Reference
from contracts.errors import HubError, Misconfigured
from contracts.partner import Famille
from contracts.ports import Ligne, Native, Rejet
from contracts.sealed import take_apart
from contracts.v1.menage import Menage
from router.domain.partners import flattened
from router.intake.decoding import Incoming

PREVIEWED_ROWS = 5
PREVIEWED_AMONG = 1000
"""Number of first rows among which the preview looks for readable rows."""


class Apercu(NamedTuple):
    """One row of a file as the hub reads it, for the preview of the file."""

    ligne: int
    type: str
    nature: Nature | None
    numero: str | None
    """Sender's own id of the row's subject. None if the row does not name the subject by such an id."""
    dit: Mapping[str, object]
    """Values of the fields in the privacy classes C0 and C1, which are not personal, by dotted path."""
    tait: Mapping[str, int]
    """Number of values in each personal field, by dotted path."""
    menage: Menage | None = None
    """Household in the row. Set only if the preview is for people who work for the file's sender."""
    deduits: Sequence[str] = ()
    """Paths of the values that have no cell of their own, and that the hub deduced from the row's cells."""


class Essai(NamedTuple):
    """Preview of a file that is read with a column profile. Nothing is stored or sent."""

    constats: Sequence[Constat] = ()
    """One finding for each sheet."""
    apercus: Sequence[Apercu] = ()
    """First readable rows, even if the partner may not send such rows."""
    avertissements: Sequence[Rejet] = ()
    """Values whose meaning may differ from what the hub reads."""


class Ebauche(NamedTuple):
    """Proposed column profile, or the reason in French why there is none."""

    toml: str | None
    why_not: str | None = None


def dialect_of(profile: str) -> str:
    """Return the name of the dialect for which a column profile is written. Raises Misconfigured if the dialect
    does not read tables."""
    dialecte = parse(profile, "à l'essai").dialecte
    if dialecte not in TABULAIRES:
        raise Misconfigured(f"le dialecte « {dialecte} » de ce profil n'est pas celui d'un tableau")
    return dialecte


def drafted(body: bytes) -> Ebauche:
    """Propose a column profile for a file. If a known profile fits the file, or if the file cannot be
    read, return the reason in place of a profile."""
    try:
        return Ebauche(draft(body, profils()))
    except HubError as exc:
        return Ebauche(None, str(exc))


def completed(message: Incoming, mots: Mots) -> Native:
    """Return the sender's table with words written into its cells. `mots` has the words, by column and row number.
    A word replaces the cell's text. Missing columns are added. Raises InvalidNative if the hub cannot read the
    table, or cannot write its format."""
    return complete.completed(message.native, TABULAIRES[message.dialect], message.partner, mots)


def tried(message: Incoming, *, own: bool = False, refused: Collection[int] = ()) -> Essai:
    """Return a preview of how the hub reads a file, without any effect. If an error stops the reading, the parts of
    the preview that are not complete are empty. `own` is True if people who work for the file's sender look at the
    preview: only they may see the households. `refused` has the numbers of the rows to leave out."""
    constats: Sequence[Constat] = ()
    apercus: Sequence[Apercu] = ()
    doubts: Sequence[Rejet] = ()
    try:
        if (table := TABULAIRES.get(message.dialect)) is not None:
            page = table.profil_de(message.partner)
            constats = list(examine(message.native.body, page))
            doubts = list(doubtful(message.native.body, page, message.partner))
        anybody = message.partner.model_copy(
            update={"famille": Famille.SIAO}
        )  # read as a SIAO, which may name every structure
        lignes = ADAPTERS[message.dialect].decode(message.native, anybody).lignes
        first = (ligne for ligne in islice(lignes, PREVIEWED_AMONG) if ligne.numero not in refused)
        read = ((ligne, ligne.contrat) for ligne in first if ligne.contrat is not None)
        apercus = [apercu(ligne, contrat, own=own) for ligne, contrat in islice(read, PREVIEWED_ROWS)]
    except HubError:
        return Essai(constats, apercus, doubts)
    return Essai(constats, apercus, doubts)


def apercu(ligne: Ligne, contrat: Contrat, *, own: bool) -> Apercu:
    """Return how the hub understands a row. If people who work for the row's sender will read the result (`own`), it
    has the household; otherwise it has no personal values."""
    clair, secrets = take_apart(contrat)
    hidden = {name: value for tree in secrets.values() for name, value in flattened(tree).items()}
    counted = {name: len(each) if isinstance(each, list) else 1 for name, each in sorted(hidden.items())}
    numero = contrat.sujet.valeur if type(contrat.sujet) is Reference else None
    menage = getattr(contrat, "menage", None) if own else None
    household = menage if isinstance(menage, Menage) else None
    deduits = [COMPOSITION] if any(each.code == DEDUITE for each in ligne.avertissements) else []
    said = flattened(clair)
    return Apercu(ligne.numero, contrat.TYPE, contrat.NATURE, numero, said, counted, household, deduits)
