"""A file tried against a profile, be it a draft: what its columns are taken for, and how its first rows are read.

What is personal in a row is named, and not shown. A workbook may cost anything to open: `Decoders.apart` calls these.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from adapters.registry import ADAPTERS, TABULAIRES
from adapters.tabulaire.ebauche import draft
from adapters.tabulaire.essai import Constat, examine
from adapters.tabulaire.profils import profils
from contracts.base import Contrat
from contracts.errors import HubError
from contracts.partner import Famille
from contracts.sealed import take_apart
from router.domain.partners import flattened
from router.intake.decoding import Message

PREVIEWED_ROWS = 5


class Apercu(NamedTuple):
    """One row, as it would be read."""

    ligne: int
    type: str
    dit: Mapping[str, object]
    """Its fields that say nothing of a person (C0 and C1)."""
    tait: Sequence[str]
    """The names of the others."""


class Essai(NamedTuple):
    """What a file looks like to a dialect."""

    constats: Sequence[Constat] = ()
    """Of a table: one a sheet."""
    apercus: Sequence[Apercu] = ()
    """The first rows that can be read, whoever may say them."""


class Ebauche(NamedTuple):
    """The TOML of a profile that is proposed for a file, or why none can be."""

    toml: str | None
    why_not: str | None = None


def drafted(body: bytes) -> Ebauche:
    """A proposal for a file that no profile describes yet."""
    try:
        return Ebauche(draft(body, profils()))
    except HubError as exc:
        return Ebauche(None, str(exc))


def tried(message: Message) -> Essai:
    """As far as it can be read; why it cannot be any further, its report says row by row."""
    constats: Sequence[Constat] = ()
    apercus: Sequence[Apercu] = ()
    try:
        if (table := TABULAIRES.get(message.dialect)) is not None:
            constats = list(examine(message.native.body, table.profil_de(message.partner)))
        anybody = message.partner.model_copy(
            update={"famille": Famille.SIAO}
        )  # it speaks for every structure
        lignes = ADAPTERS[message.dialect].decode(message.native, anybody).lignes
        read = ((ligne.numero, ligne.contrat) for ligne in lignes if ligne.contrat is not None)
        apercus = [apercu(numero, contrat) for numero, contrat in islice(read, PREVIEWED_ROWS)]
    except HubError:
        return Essai(constats, apercus)
    return Essai(constats, apercus)


def apercu(ligne: int, contrat: Contrat) -> Apercu:
    """A row without what is personal in it."""
    apart = take_apart(contrat)
    hidden = {name for tree in apart.secrets.values() for name in flattened(tree)}
    return Apercu(ligne, contrat.NOM, flattened(apart.clair), sorted(hidden))
