"""Warn a partner about values that the hub has repaired. A warning tells the defect and what to do, and never
quotes the value."""

import re
from datetime import date
from typing import Any

from adapters.encodage import LOST, MOJIBAKE
from adapters.valeurs import MENDED_PHONE
from contracts.base import Reference
from contracts.ports import Rejet
from contracts.reference.identifiants import OUTRE_MER_DES_MINISTERES, compact

ENCODAGE = "texte mal encodé, réparé : exportez en UTF-8"
OUTRE_MER = "code d'outre-mer des ministères (9A à 9F), lu comme celui de l'INSEE : écrivez 971 à 976"
TABLEUR = (
    "zéro de tête perdu, ou décimale ajoutée : réparé, rien à faire. "
    "Pour l'éviter, donnez à la colonne le format Texte"
)
INDICATIF = "indicatif 33 écrit sans le +, ou avec (0) : lu comme un numéro à dix chiffres, rien à faire"
ECRITURE = "code mal saisi, réparé : écrivez des chiffres là où il en faut"
VIRGULE = "nombre lu comme un entier : écrivez-le sans décimale"
JOUR = "jour inconnu, lu comme le premier du mois : écrivez la date entière"

_MONTH = re.compile(r"\d\d?/\d{4}", re.ASCII)


def repair(written: Any, read: object) -> str | None:
    """If the hub repaired a value, such as by adding a lost leading zero, return the French warning about
    this repair. Otherwise, return None. `written`: the value as the partner wrote it; `read`: the value as
    the hub read it."""
    if read == written:
        return None
    if (
        isinstance(written, str)
        and not written.isascii()
        and any(mark in written for mark in (*MOJIBAKE, LOST))
    ):
        return ENCODAGE
    if isinstance(read, bool) or not isinstance(written, str | int):
        return None
    if isinstance(read, int):
        return VIRGULE if isinstance(written, str) and re.search("[.,]", written) else None
    if isinstance(read, date):
        return JOUR if isinstance(written, str) and _MONTH.fullmatch(written.strip()) else None
    if isinstance(read, Reference):
        same = read.valeur == written or compact(read.valeur) == compact(str(written))
        return None if same else ECRITURE
    return _of_code(compact(str(written)), compact(read)) if isinstance(read, str) else None


def _of_code(plain: str, read: str) -> str | None:
    if plain == read:
        return None
    if plain[:2] in OUTRE_MER_DES_MINISTERES and read.startswith("97"):
        return OUTRE_MER
    mended = MENDED_PHONE.fullmatch(plain.replace(".", ""))
    if plain != f"+33{read[1:]}" and mended and mended["prefix"]:
        return INDICATIF
    same_number = plain.replace(",", ".").removesuffix(".0").lstrip("0") == read.lstrip("0")
    return TABLEUR if same_number else None


def repair_of(written: Any, read: object, ligne: int, champ: str) -> tuple[Rejet, ...]:
    """Return a tuple with a warning if the hub repaired a partner's value, such as a lost leading zero.
    Otherwise, return an empty tuple. `written`: the value as the partner wrote it; `read`: the value as the
    hub read it; `champ`: the partner's name for the field."""
    message = repair(written, read)
    return (Rejet("valeur_reparee", message, ligne, champ),) if message else ()
