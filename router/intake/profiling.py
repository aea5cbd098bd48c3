"""Try a column profile on a partner's table, or propose a profile for it. A column profile says what each
column of the table means.

The result shows how the columns and the first rows are read. It contains the names of personal fields, but
their values only for people of the file's sender. Opening a workbook may take very long: call these functions
through `Decoders.apart`.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from adapters.registry import ADAPTERS, TABULAIRES
from adapters.tabulaire.ebauche import draft
from adapters.tabulaire.essai import Constat, doubtful, examine
from adapters.tabulaire.profils import parse, profils
from contracts.base import Contrat, Nature, Reference
from contracts.errors import HubError, Misconfigured
from contracts.partner import Famille
from contracts.ports import Rejet
from contracts.sealed import take_apart
from contracts.v1.menage import Menage
from router.domain.partners import flattened
from router.intake.decoding import Incoming

PREVIEWED_ROWS = 5
PREVIEWED_AMONG = 1000
"""Number of rows at the beginning of a file among which the preview looks for rows that can be read."""


class Apercu(NamedTuple):
    """One row of a partner's file, as the hub understands it."""

    ligne: int
    type: str
    nature: Nature | None
    numero: str | None
    """Sender's own id of the place, demand or other subject that the row is about. None if the row names its
    subject in another way: by an id of the hub, or by a number such as the numéro unique of the national
    register."""
    dit: Mapping[str, object]
    """Values that the row gives for fields without personal data (privacy classes C0 and C1). The key is the
    field's dotted path."""
    tait: Mapping[str, int]
    """Number of values in each field with personal data. The key is the field's dotted path; the values
    themselves are left out."""
    menage: Menage | None = None
    """Household in the row, with its names. Only people of the file's sender get it; for anybody else it is
    None."""


class Essai(NamedTuple):
    """Result of reading a file with a column profile, without any effect."""

    constats: Sequence[Constat] = ()
    """Findings about the columns, one finding for each sheet."""
    apercus: Sequence[Apercu] = ()
    """First rows of the file that could be read. Rows that the partner may not send are included."""
    avertissements: Sequence[Rejet] = ()
    """Warnings about values whose meaning may differ from what the hub reads in them."""


class Ebauche(NamedTuple):
    """Proposed column profile, as TOML. If no profile can be proposed, `toml` is None, and `why_not` is the
    reason in French."""

    toml: str | None
    why_not: str | None = None


def dialect_of(profile: str) -> str:
    """Return the dialect (message format) of a column profile. Raises Misconfigured if the dialect is not one
    for tables."""
    dialecte = parse(profile, "à l'essai").dialecte
    if dialecte not in TABULAIRES:
        raise Misconfigured(f"le dialecte « {dialecte} » de ce profil n'est pas celui d'un tableau")
    return dialecte


def drafted(body: bytes) -> Ebauche:
    """Propose a column profile for a file. If a known profile fits, or no profile can be proposed, return
    the reason in place of a profile."""
    try:
        return Ebauche(draft(body, profils()))
    except HubError as exc:
        return Ebauche(None, str(exc))


def tried(message: Incoming, *, own: bool = False) -> Essai:
    """Read a file without any effect, and return what was found. An error in the file ends the reading, but
    no exception is raised.

    `own` says that the result is for people of the file's sender: its first rows then contain their
    household.
    """
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
        first = islice(lignes, PREVIEWED_AMONG)
        read = ((ligne.numero, ligne.contrat) for ligne in first if ligne.contrat is not None)
        apercus = [apercu(numero, contrat, own=own) for numero, contrat in islice(read, PREVIEWED_ROWS)]
    except HubError:
        return Essai(constats, apercus, doubts)
    return Essai(constats, apercus, doubts)


def apercu(ligne: int, contrat: Contrat, *, own: bool) -> Apercu:
    """Return how the hub understands a row of a file: message type, type of subject (such as a referral), and
    fields. Personal fields appear without their values. With `own`, the row's household is added."""
    clair, secrets = take_apart(contrat)
    hidden = {name: value for tree in secrets.values() for name, value in flattened(tree).items()}
    counted = {name: len(each) if isinstance(each, list) else 1 for name, each in sorted(hidden.items())}
    numero = contrat.sujet.valeur if type(contrat.sujet) is Reference else None
    menage = getattr(contrat, "menage", None) if own else None
    household = menage if isinstance(menage, Menage) else None
    return Apercu(ligne, contrat.TYPE, contrat.NATURE, numero, flattened(clair), counted, household)
