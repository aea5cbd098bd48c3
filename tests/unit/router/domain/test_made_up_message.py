"""A new message type is one contract and one row: all the rest follows, in the pure part of the hub."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from contracts.base import Nature, Reference
from contracts.privacy import Classe
from contracts.sealed import put_together, take_apart
from contracts.topics import ORIENTATION
from contracts.v1.alerte import MotifAnomalie
from router.domain import judging
from router.domain.messages import facts_of, topic_of
from router.privacy.crosswalk import references
from tests.unit.router.domain.message_fictif import Etape, VisiteConvenue, registered
from tests.unit.router.domain.monde import AUTRE, CENTRE, DEMAIN, SIAO, Monde, ident, proposition, vacance

PLACE, REFERRAL = ident("place"), ident("orientation")


@pytest.fixture(autouse=True)
def _known() -> Iterator[None]:
    with registered():
        yield


@pytest.fixture
def monde() -> Monde:
    """A household is referred to a vacant place."""
    monde = Monde()
    monde.dit(CENTRE, vacance(PLACE))
    monde.dit(SIAO, proposition(REFERRAL, PLACE))
    return monde


def visite(place: UUID = PLACE, version: int | None = None) -> VisiteConvenue:
    return VisiteConvenue(
        orientation=REFERRAL,
        visite_le=DEMAIN,
        etapes=(Etape(place=place),),
        contact="M. Fictif",
        version=version,
    )


def test_it_is_refused_from_who_may_not_say_it(monde: Monde) -> None:
    effects = monde.dit(AUTRE, visite())
    assert effects.outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    assert monde.etat(REFERRAL) == "PROPOSEE"


def test_it_is_routed_to_who_hears_it_and_moves_its_rule_book(monde: Monde) -> None:
    assert monde.dit(CENTRE, visite()).recipients == (SIAO,)
    assert monde.etat(REFERRAL) == "PREADMISSION"


def test_it_travels_in_order_with_all_that_is_said_of_its_subject() -> None:
    assert topic_of(VisiteConvenue.TYPE) is ORIENTATION
    assert VisiteConvenue.TYPE == "fr.siao.orientation.visite.convenue.v1"
    assert list(judging.concerned(visite())) == [REFERRAL, PLACE]


def test_a_lower_version_of_it_is_older(monde: Monde) -> None:
    monde.dit(CENTRE, visite(version=5))
    assert monde.dit(CENTRE, visite(version=4)).outcome == ("sans_effet", "plus_ancien")


def test_what_is_personal_in_it_is_sealed_and_the_rules_need_none_of_it(monde: Monde) -> None:
    clair, secrets = take_apart(visite())
    assert secrets == {Classe.C2: {"contact": "M. Fictif"}}
    assert "Fictif" not in str(clair)
    assert monde.dit(CENTRE, put_together(VisiteConvenue, clair)).recipients == (SIAO,)


def test_a_partners_id_deep_in_it_is_found() -> None:
    theirs = Reference(Nature.PLACE, "A-101")
    assert references(visite(theirs)) == [theirs]


def test_it_needs_a_key_and_starts_nobodys_deadline() -> None:
    assert facts_of(visite()).needs_key
    assert not facts_of(visite()).owed_an_answer
