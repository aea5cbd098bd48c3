"""Try a partner's spreadsheet with a column profile (the meanings of its columns), or propose a profile.

Shows how columns and first rows are read; personal fields are only named. Opening a workbook may take any
time: call these functions through `Decoders.apart`.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from adapters.registry import ADAPTERS, TABULAIRES
from adapters.tabulaire.ebauche import draft
from adapters.tabulaire.essai import Constat, examine
from adapters.tabulaire.profils import parse, profils
from contracts.base import Contrat, Nature, Reference
from contracts.errors import HubError, Misconfigured
from contracts.partner import Famille
from contracts.sealed import take_apart
from router.domain.partners import flattened
from router.intake.decoding import Incoming

PREVIEWED_ROWS = 5
PREVIEWED_AMONG = 1000
"""Number of rows, from the top of a table, from which the preview is chosen."""


class Apercu(NamedTuple):
    """Row of a partner's file, as the hub would read it."""

    ligne: int
    type: str
    nature: Nature | None
    numero: str | None
    """Number that the sender gives to the subject of the row; None if the row names no number of the sender's own."""
    dit: Mapping[str, object]
    """Values of the row's fields without personal data (classes C0 and C1)."""
    tait: Sequence[str]
    """Names of the row's personal fields, without values."""


class Essai(NamedTuple):
    """Result of trying a file against a dialect."""

    constats: Sequence[Constat] = ()
    """Findings about the table, one for each sheet."""
    apercus: Sequence[Apercu] = ()
    """First readable rows of the file, even of messages that the partner may not send."""


class Ebauche(NamedTuple):
    """Proposed column profile, as TOML. If no profile can be proposed, it is None and `why_not` gives the
    reason."""

    toml: str | None
    why_not: str | None = None


def dialect_of(profile: str) -> str:
    """Return the dialect of a column profile. Raises Misconfigured if it is not tabular."""
    dialecte = parse(profile, "à l'essai").dialecte
    if dialecte not in TABULAIRES:
        raise Misconfigured(f"le dialecte « {dialecte} » de ce profil n'est pas celui d'un tableau")
    return dialecte


def drafted(body: bytes) -> Ebauche:
    """Propose a column profile for a file, if no known profile recognises its columns."""
    try:
        return Ebauche(draft(body, profils()))
    except HubError as exc:
        return Ebauche(None, str(exc))


def tried(message: Incoming) -> Essai:
    """Try a file, and return what can be read of it. Contents of the file raise no error."""
    constats: Sequence[Constat] = ()
    apercus: Sequence[Apercu] = ()
    try:
        if (table := TABULAIRES.get(message.dialect)) is not None:
            constats = list(examine(message.native.body, table.profil_de(message.partner)))
        anybody = message.partner.model_copy(
            update={"famille": Famille.SIAO}
        )  # a SIAO may name every structure
        lignes = ADAPTERS[message.dialect].decode(message.native, anybody).lignes
        first = islice(lignes, PREVIEWED_AMONG)
        read = ((ligne.numero, ligne.contrat) for ligne in first if ligne.contrat is not None)
        apercus = [apercu(numero, contrat) for numero, contrat in islice(read, PREVIEWED_ROWS)]
    except HubError:
        return Essai(constats, apercus)
    return Essai(constats, apercus)


def apercu(ligne: int, contrat: Contrat) -> Apercu:
    """Return a row as the hub would read it, without values of personal fields."""
    clair, secrets = take_apart(contrat)
    hidden = {name for tree in secrets.values() for name in flattened(tree)}
    numero = contrat.sujet.valeur if type(contrat.sujet) is Reference else None
    return Apercu(ligne, contrat.TYPE, contrat.NATURE, numero, flattened(clair), sorted(hidden))
