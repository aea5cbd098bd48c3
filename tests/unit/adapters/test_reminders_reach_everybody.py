"""Whoever owes an answer by a moment can be reminded of it, in each dialect in which it may have been asked."""

import re
from base64 import b64decode
from collections.abc import Iterator

from adapters.registry import ADAPTERS, TABULAIRES, declaration
from adapters.tabulaire.dialecte import declared
from contracts.base import Contrat
from contracts.explications import ATTENDUS
from contracts.partner import Famille
from contracts.ports import Native, View
from contracts.v1.alerte import AlerteEcheance
from contracts.v1.echeance import Echeance
from contracts.v1.pret_logement import PretLogementDeclare
from router.domain.audience import receivable_by
from router.domain.deadlines import TERMES, Attendu
from router.domain.rights import rights
from tests.golden.cas import partenaire
from tests.golden.heard import owed
from tests.rows import each_row
from tests.unit.adapters.partenaires import ORIENTATION, event


def asked(famille: Famille, contrat: type[Contrat]) -> set[Echeance]:
    """What a partner of the family owes by a moment, once it has this message."""
    terms = {terme.echeance for terme in owed(famille, contrat)}
    if contrat is PretLogementDeclare and famille is Famille.CONTINGENT:
        terms |= {terme.echeance for terme in TERMES if terme.attendu is Attendu.LECTEURS}
    return terms


def ways(dialecte: str) -> Iterator[tuple[str | None, tuple[Famille, ...], tuple[type[Contrat], ...]]]:
    """The profiles of a dialect with their families and what they write."""
    if dialecte not in TABULAIRES:
        said = ADAPTERS[dialecte].DECLARATION
        yield None, said.familles, said.ecrit
    for name, page in TABULAIRES[dialecte].profils.items() if dialecte in TABULAIRES else ():
        yield name, page.familles, declared(page).ecrit


def walked() -> Iterator[tuple[str, str | None, Famille, Echeance]]:
    for dialecte in ADAPTERS:
        for profil, familles, ecrit in ways(dialecte):
            for famille in familles:
                told = (asked(famille, each) for each in receivable_by(famille) if each in ecrit)
                for echeance in sorted(set().union(*told)):
                    yield dialecte, profil, famille, echeance


def text_of(native: Native) -> str:
    """What a person reads in it, the file within a SOAP message included."""
    charset = re.search(r"charset=([\w-]+)", native.media_type)
    text = native.body.decode(charset[1] if charset else "utf-8", "replace")
    inside = re.search("<fichierXml>(.+)</fichierXml>", text)
    return text if inside is None else b64decode(inside[1]).decode()


def test_the_matrix_lets_whoever_is_awaited_read_its_reminders() -> None:
    awaited = {famille for _, _, famille, _ in walked()}
    assert Famille.CIL in awaited
    assert {famille for famille in awaited if not rights(famille).may_receive(AlerteEcheance)} == set()


@each_row(("dialecte", "profil", "famille", "echeance"), walked())
def test_a_reminder_says_in_the_dialect_of_who_is_awaited_what_and_until_when(
    dialecte: str, profil: str | None, famille: Famille, echeance: Echeance
) -> None:
    assert AlerteEcheance in declaration(dialecte, profil).ecrit, (
        "`with_alerts`, ou `alerte.echeance` dans un profil"
    )
    reader = partenaire(dialecte, {"famille": famille, "profil": profil})
    reminder = event(
        AlerteEcheance.TYPE,
        {
            "objet": ORIENTATION,
            "nature": "orientation",
            "evenement": ORIENTATION,
            "type_evenement": AlerteEcheance.TYPE,
            "echeance": echeance,
            "due_le": "2026-03-10T09:30:00+00:00",
            "etape": "MI_DELAI",
        },
    )
    text = text_of(ADAPTERS[dialecte].encode([reminder], View(reader)))
    assert "10/03/2026" in text, "la colonne `explication` d'un profil"
    assert ATTENDUS[echeance] in text


def test_every_family_that_owes_something_is_among_them() -> None:
    walked_by = {famille for _, _, famille, _ in walked()}
    owing = {famille for famille in Famille if any(asked(famille, each) for each in receivable_by(famille))}
    assert walked_by == owing
    assert all(rights(famille).may_receive(AlerteEcheance) for famille in owing)
