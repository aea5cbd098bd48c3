"""Try a partner's spreadsheet against a column profile (the meanings of its columns), or propose a profile:
show how its columns are understood, and how its first rows are read.

Personal fields are only named, and their values are not shown. Opening a workbook may take any time: call
these functions through `Decoders.apart`.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from adapters.registry import ADAPTERS, TABULAIRES
from adapters.tabulaire.ebauche import draft
from adapters.tabulaire.essai import Constat, examine
from adapters.tabulaire.profils import parse, profils
from contracts.base import Contrat, Nature
from contracts.errors import HubError, Misconfigured
from contracts.partner import Famille
from contracts.sealed import take_apart
from router.domain.partners import flattened
from router.intake.decoding import Incoming

PREVIEWED_ROWS = 5
PREVIEWED_AMONG = 1000
"""Number of rows, from the top of a table, among which the rows for the preview are searched."""


class Apercu(NamedTuple):
    """One row of a partner's file, as the hub would read it."""

    ligne: int
    type: str
    nature: Nature | None
    dit: Mapping[str, object]
    """Fields of the row without personal data (classes C0 and C1), with their values."""
    tait: Sequence[str]
    """Names of the personal fields of the row, whose values are not shown."""


class Essai(NamedTuple):
    """Result of trying a file against a dialect."""

    constats: Sequence[Constat] = ()
    """Findings about a table, one for each sheet."""
    apercus: Sequence[Apercu] = ()
    """First readable rows of the file, even rows of messages that the partner may not send."""


class Ebauche(NamedTuple):
    """Column profile proposed for a file, as TOML; None, with the reason (`why_not`), if none can be
    proposed."""

    toml: str | None
    why_not: str | None = None


def dialect_of(profile: str) -> str:
    """Return the dialect of a column profile on trial. Raises Misconfigured if that dialect is not a tabular
    one."""
    dialecte = parse(profile, "à l'essai").dialecte
    if dialecte not in TABULAIRES:
        raise Misconfigured(f"le dialecte « {dialecte} » de ce profil n'est pas celui d'un tableau")
    return dialecte


def drafted(body: bytes) -> Ebauche:
    """Propose a column profile for a file that fits no known profile."""
    try:
        return Ebauche(draft(body, profils()))
    except HubError as exc:
        return Ebauche(None, str(exc))


def tried(message: Incoming) -> Essai:
    """Try a file, and return what can be read of it. Contents of the file raise no error: the report of a dry
    run says, row by row, why the rest cannot be read."""
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
    """Return a row of a file as the hub would read it, without the values of personal fields."""
    clair, secrets = take_apart(contrat)
    hidden = {name for tree in secrets.values() for name in flattened(tree)}
    return Apercu(ligne, contrat.TYPE, contrat.NATURE, flattened(clair), sorted(hidden))
