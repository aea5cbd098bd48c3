"""Ages and sexes that contradict a composition are told to the sender and the SIAO; nobody is refused for it."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from contracts.partner import Famille
from contracts.v1.alerte import DOUBTS, AlerteAnomalie, MotifAnomalie
from contracts.v1.demande import DemandeRecue
from contracts.v1.menage import AVerifier, Menage, Personne
from contracts.v1.orientation import OrientationAnnulee
from contracts.v1.pret_logement import PretLogementActualise, PretLogementDeclare, PretLogementDecrit
from router.domain.composition import checked, doubts
from router.domain.partners import Registry
from tests.rows import each_row
from tests.unit.router.domain.monde import SIAO, Monde, ident, partner

TODAY = date(2026, 3, 2)
REGISTRE = Registry.of([partner(SIAO, Famille.SIAO), partner("ccas", Famille.PRESCRIPTEUR)])
ADULT, CHILD = date(1990, 2, 14), date(2016, 6, 1)
NINETEEN, FIFTEEN = date(2007, 1, 1), date(2010, 7, 1)
MINEUR, AGES, SEXES = AVerifier.MINEUR_SEUL, AVerifier.AGES_ET_COMPOSITION, AVerifier.SEXES_ET_COMPOSITION


def household(
    composition: str, adultes: int, *members: tuple[date | None, str | None], **more: Any
) -> Menage:
    people = tuple(Personne(date_naissance=born, sexe=sexe) for born, sexe in members)
    enfants = more.pop("enfants", len(members) - adultes if members else 0)
    more.setdefault("id", uuid4())
    return Menage(composition=composition, adultes=adultes, enfants=enfants, personnes=people, **more)


@each_row(
    ("menage", "found"),
    [
        (household("10", 1, (ADULT, "M")), []),
        (household("10", 1, (ADULT, None)), []),
        (household("10", 1, (None, None)), []),
        (household("10", 1), []),
        (household("10", 1, (ADULT, "F")), [SEXES]),
        (household("20", 1, (None, "M")), [SEXES]),
        (household("30", 2, (ADULT, "F"), (ADULT, "F")), []),
        (household("40", 1, (ADULT, "F"), (CHILD, "M")), []),
        (household("40", 1, (ADULT, "M"), (CHILD, "F")), [SEXES]),
        (household("40", 1, (ADULT, "F"), (NINETEEN, "M")), []),
        (household("40", 1, (ADULT, "F"), (ADULT, "M")), [AGES, SEXES]),
        (household("30", 2, (ADULT, "F"), (CHILD, "M")), [AGES]),
        (household("10", 1, (FIFTEEN, "M")), [MINEUR]),
        (household("20", 1, (FIFTEEN, "M")), [MINEUR, SEXES]),
        (household("40", 1, (FIFTEEN, "F"), (CHILD, "F")), [MINEUR]),
        (household("80", 0, (FIFTEEN, "M")), [MINEUR]),
        (household("80", 1), [MINEUR]),
        (household("90", 0, enfants=3), [MINEUR]),
        (household("120", 1, (ADULT, "F"), (FIFTEEN, "M")), []),
        (household("10", 1, (date(2026, 3, 3), "M")), []),
    ],
)
def test_what_ages_and_sexes_contradict(menage: Menage, found: list[AVerifier]) -> None:
    assert list(doubts(menage, TODAY)) == found


def test_a_minor_alone_may_be_said_without_an_adult_and_nobody_else() -> None:
    assert household("80", 0, enfants=1).adultes == 0
    for composition, enfants in (("40", 1), ("80", 0), ("10", 0)):
        with pytest.raises(ValidationError):
            household(composition, 0, enfants=enfants)


def test_a_sender_does_not_say_what_is_to_be_verified() -> None:
    said = DemandeRecue(
        demande=ident("d"),
        menage=household("10", 1, (ADULT, "M"), a_verifier=(MINEUR,)),
        dispositif="URGENCE",
    )
    kept = checked(said, lambda: TODAY)
    assert isinstance(kept, DemandeRecue)
    assert kept.menage.a_verifier is None
    other = OrientationAnnulee(orientation=ident("o"))
    assert checked(other, lambda: TODAY) is other


def test_a_lone_minor_is_kept_and_the_siao_and_who_brings_it_are_told() -> None:
    monde = Monde(REGISTRE)
    menage = household("20", 1, (FIFTEEN, "M"))
    said = checked(DemandeRecue(demande=ident("d"), menage=menage, dispositif="URGENCE"), lambda: TODAY)
    effects = monde.dit("ccas", said)
    assert effects.outcome is None
    assert effects.recipients
    alerts = [each for each in effects.derived if isinstance(each, AlerteAnomalie)]
    assert [each.motif for each in alerts] == [MotifAnomalie.MINEUR_SEUL, MotifAnomalie.SEXES_ET_COMPOSITION]
    assert {each.emetteur for each in alerts} == {"ccas"}


def test_a_doubt_is_told_once_however_often_its_household_is_described_and_again_once_it_was_gone() -> None:
    monde = Monde(REGISTRE)
    members = (ADULT, "M"), (FIFTEEN, "M"), (ADULT, "F")
    odd, alone, right = (household("20", 1, member, id=ident("h")) for member in members)

    def told(said: type[PretLogementDecrit], menage: Menage) -> list[MotifAnomalie]:
        listed = said(menage=menage, departement="01", evaluee_le=TODAY)
        derived = monde.dit(SIAO, checked(listed, lambda: TODAY)).derived
        return [each.motif for each in derived if isinstance(each, AlerteAnomalie)]

    assert told(PretLogementDeclare, odd) == [MotifAnomalie.SEXES_ET_COMPOSITION]
    for said in (PretLogementActualise, PretLogementDeclare, PretLogementActualise):
        assert told(said, odd) == []
    assert told(PretLogementActualise, alone) == [MotifAnomalie.MINEUR_SEUL]
    assert told(PretLogementActualise, right) == []
    assert told(PretLogementActualise, odd) == [MotifAnomalie.SEXES_ET_COMPOSITION]


def test_every_doubt_has_its_alert() -> None:
    assert {*map(str, DOUBTS)} == {*map(str, AVerifier)}
