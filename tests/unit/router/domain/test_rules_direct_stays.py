"""An admission without the SIAO opens a stay under the centre's own number, and its exit is expected."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.base import Contrat
from contracts.v1.alerte import AlerteAnomalie, MotifAnomalie
from contracts.v1.orientation import OrientationAnnulee
from contracts.v1.place import PlaceDisponible, PlaceOccupee
from contracts.v1.suite import EntreeConstatee, SejourProlonge, SortieDeclaree, Titre
from router.domain.rules.effects import Effects
from tests.unit.router.domain.monde import (
    AUTRE,
    CENTRE,
    DEMAIN,
    JOUR,
    SIAO,
    Monde,
    admission,
    ident,
    proposition,
    reservation,
    vacance,
)
from tests.unit.router.domain.test_rules_actes import monde
from tests.unit.router.domain.test_rules_derogations import BARE, admitted, granted, occupied, state_is_told

__all__ = ["granted", "monde"]  # fixtures

PLACE, SEJOUR = ident("place"), ident("séjour 118")


def left(**more: object) -> SortieDeclaree:
    return SortieDeclaree(**{"orientation": SEJOUR, "sortie_le": JOUR, **more})


def alerts(effects: Effects) -> list[MotifAnomalie]:
    return [c.motif for c in effects.derived if isinstance(c, AlerteAnomalie)]


@pytest.fixture
def opened() -> Monde:
    opened = Monde()
    opened.dit(CENTRE, vacance(PLACE))
    opened.dit(CENTRE, admission(PLACE, orientation=SEJOUR))
    return opened


def test_it_opens_a_stay_whose_exit_the_siao_hears_and_which_frees_the_place(opened: Monde) -> None:
    stay = opened.orientation(SEJOUR)
    assert (opened.etat(SEJOUR), stay.emetteur, stay.destinataire) == ("ENTREE", SIAO, CENTRE)
    assert opened.place(PLACE).orientation == SEJOUR
    assert opened.dit(CENTRE, SejourProlonge(orientation=SEJOUR, jusqu_au=DEMAIN)).recipients == (SIAO,)
    effects = opened.dit(CENTRE, left())
    assert effects.recipients == (SIAO,)
    assert (opened.etat(SEJOUR), opened.etat(PLACE)) == ("SORTIE", "DISPONIBLE")
    assert [type(each) for each in effects.derived] == [PlaceDisponible]


def test_nobody_referred_it_so_no_answer_is_counted_and_no_receipt_noted(opened: Monde) -> None:
    opened.dit(CENTRE, left())
    stay = opened.orientation(SEJOUR)
    assert (stay.remise_le, stay.repondue_le, stay.demande) == (None, None, None)


def test_said_again_it_is_corrected_and_opens_nothing_new(opened: Monde) -> None:
    again = admission(PLACE, orientation=SEJOUR).model_copy(update={"admission_le": JOUR - timedelta(days=1)})
    assert alerts(opened.dit(CENTRE, again)) == [MotifAnomalie.SANS_DEROGATION]
    assert (opened.etat(SEJOUR), opened.orientation(SEJOUR).sans_siao_le) == ("ENTREE", again.admission_le)


def test_under_the_same_number_another_day_of_admission_is_a_correction_and_no_other_household(
    granted: Monde,
) -> None:
    granted.dit(CENTRE, admitted(orientation=SEJOUR, **BARE))
    since = granted.place(admitted().place).a_justifier_depuis
    granted.now += timedelta(days=2)
    effects = granted.dit(CENTRE, admitted(orientation=SEJOUR, admission_le=DEMAIN, **BARE))
    assert state_is_told(effects) is None
    assert granted.place(admitted().place).a_justifier_depuis == since


def test_a_number_that_is_taken_is_told_once_however_often_the_admission_is_said(granted: Monde) -> None:
    granted.dit(CENTRE, admitted(orientation=SEJOUR, **BARE))
    granted.dit(CENTRE, left())
    assert MotifAnomalie.NUMERO_DE_SEJOUR_PRIS in alerts(
        granted.dit(CENTRE, admitted(orientation=SEJOUR, **BARE))
    )
    assert alerts(granted.dit(CENTRE, admitted(orientation=SEJOUR, **BARE))) == []


@pytest.mark.parametrize("ended", [False, True])
def test_a_number_of_another_stay_opens_nothing_and_is_told(opened: Monde, ended: bool) -> None:
    elsewhere = PLACE if ended else ident("autre place")
    opened.dit(CENTRE, left() if ended else vacance(elsewhere))
    before = opened.orientation(SEJOUR)
    assert MotifAnomalie.NUMERO_DE_SEJOUR_PRIS in alerts(
        opened.dit(CENTRE, admission(elsewhere, orientation=SEJOUR))
    )
    assert opened.etat(elsewhere) == "OCCUPEE", "l'admission reste un fait"
    assert opened.orientation(SEJOUR) == before


@pytest.mark.parametrize("number", [None, ident("séjour 119")])
def test_a_household_admitted_where_another_one_was_to_leave_has_its_centre_asked_for_that_exit(
    opened: Monde, number: UUID | None
) -> None:
    opened.dit(CENTRE, left(sortie_le=DEMAIN))
    effects = opened.dit(CENTRE, admission(PLACE, orientation=number))
    (asked,) = (c for c in effects.derived if isinstance(c, AlerteAnomalie) and c.objet == SEJOUR)
    assert asked.motif is MotifAnomalie.SEJOUR_PRECEDENT_OUVERT
    assert set(opened.hub_dit(asked).recipients) == {SIAO, CENTRE}
    opened.dit(CENTRE, left())
    assert (opened.etat(SEJOUR), opened.place(PLACE).orientation) == ("SORTIE", number)
    assert opened.etat(PLACE) == "OCCUPEE"


@pytest.mark.parametrize("number", [None, ident("séjour 119")])
def test_the_exit_of_a_household_whose_place_another_one_has_lived_in_since_frees_nothing(
    opened: Monde, number: UUID | None
) -> None:
    following = admission(PLACE, orientation=number).model_copy(update={"admission_le": DEMAIN})
    effects = opened.dit(CENTRE, following)
    assert [c.objet for c in effects.derived if isinstance(c, AlerteAnomalie)].count(SEJOUR) == 1
    assert opened.dit(CENTRE, following).derived == (), "redite, elle ne demande rien de plus"
    assert opened.dit(CENTRE, left()).derived == ()
    held = opened.place(PLACE)
    assert (opened.etat(SEJOUR), held.etat, held.orientation) == ("SORTIE", "OCCUPEE", number)
    assert held.admission["admission_le"] == DEMAIN.isoformat()


def test_nor_does_the_exit_of_a_household_that_the_siao_had_referred_there() -> None:
    monde, referred = reservation(PLACE, ident("orienté")), ident("orienté")
    monde.dit(CENTRE, EntreeConstatee(orientation=referred, entree_le=JOUR))
    effects = monde.dit(CENTRE, admission(PLACE))
    assert MotifAnomalie.SEJOUR_PRECEDENT_OUVERT in alerts(effects)
    assert monde.dit(CENTRE, left(orientation=referred)).derived == ()
    assert (monde.etat(referred), monde.etat(PLACE)) == ("SORTIE", "OCCUPEE")
    assert monde.place(PLACE).admission


@pytest.mark.parametrize(("number", "later"), [(SEJOUR, 0), (SEJOUR, 5), (None, 1)])
def test_a_late_word_about_a_stay_that_is_over_leaves_the_place_to_the_household_referred_since(
    opened: Monde, number: UUID | None, later: int
) -> None:
    referred = ident("orienté")
    opened.dit(CENTRE, left())
    opened.now += timedelta(days=3)
    arrived = opened.now.date()
    opened.dit(SIAO, proposition(referred, PLACE))
    opened.dit(CENTRE, EntreeConstatee(orientation=referred, entree_le=arrived))
    late = admission(PLACE, orientation=number)
    late = late.model_copy(update={"admission_le": JOUR + timedelta(days=later)})
    assert MotifAnomalie.SEJOUR_PRECEDENT_OUVERT not in alerts(opened.dit(CENTRE, late))
    assert (opened.etat(PLACE), opened.place(PLACE).orientation) == ("OCCUPEE", referred)
    opened.dit(CENTRE, left(orientation=referred, sortie_le=arrived))
    assert opened.etat(PLACE) == "DISPONIBLE"


@pytest.mark.parametrize("former", [None, ident("séjour 117")])
def test_nor_does_an_older_admission_said_after_a_newer_one_put_the_household_out(
    opened: Monde, former: UUID | None
) -> None:
    older = admission(PLACE, orientation=former).model_copy(update={"admission_le": JOUR - timedelta(days=9)})
    assert MotifAnomalie.SEJOUR_PRECEDENT_OUVERT not in alerts(opened.dit(CENTRE, older))
    assert opened.place(PLACE).orientation == SEJOUR
    opened.dit(CENTRE, left())
    assert opened.etat(PLACE) == "DISPONIBLE"


@pytest.mark.parametrize(
    ("who", "said"),
    [(AUTRE, left()), (SIAO, OrientationAnnulee(orientation=SEJOUR))],
    ids=["un autre", "le SIAO"],
)
def test_only_its_centre_ends_it(opened: Monde, who: str, said: Contrat) -> None:
    effects = opened.dit(who, said)
    assert effects.outcome is not None
    assert opened.etat(SEJOUR) == "ENTREE"


def test_the_siao_refers_the_household_of_a_stay_elsewhere_and_its_place_to_another(opened: Monde) -> None:
    there, coming = ident("là-bas"), ident("suivant")
    opened.dit(CENTRE, vacance(there))
    opened.dit(SIAO, proposition(ident("relogé"), there))
    assert (opened.etat(SEJOUR), opened.etat(there)) == ("ENTREE", "RESERVEE")
    opened.dit(CENTRE, left(sortie_le=DEMAIN))
    opened.dit(SIAO, proposition(coming, PLACE, presentation_le=DEMAIN))
    assert opened.place(PLACE).orientation == coming
    opened.dit(CENTRE, left())
    assert (opened.etat(SEJOUR), opened.place(PLACE).orientation) == ("SORTIE", coming)


def test_its_exit_gives_the_place_back_to_the_derogation(granted: Monde) -> None:
    place = admitted().place
    granted.dit(CENTRE, admitted(orientation=SEJOUR))
    assert occupied(granted) == {place}
    granted.dit(CENTRE, left())
    assert occupied(granted) == set()


def test_a_household_that_leaves_the_same_day_without_a_title_is_told_to_the_state(granted: Monde) -> None:
    granted.dit(CENTRE, admitted(orientation=SEJOUR, **BARE))
    told = state_is_told(granted.dit(CENTRE, left()))
    assert told is not None
    assert told.titre is Titre.AUCUN


def test_a_stay_in_a_place_of_which_nothing_is_known_is_opened_too() -> None:
    monde = Monde()
    monde.dit(CENTRE, admission(PLACE, orientation=SEJOUR))
    assert (monde.etat(SEJOUR), monde.orientation(SEJOUR).dispositif) == ("ENTREE", None)


def test_an_occupied_place_that_names_no_stay_of_its_centre_is_still_asked_about(opened: Monde) -> None:
    other = ident("autre place")
    opened.dit(CENTRE, vacance(other))
    asked = opened.suites(CENTRE, PlaceOccupee(place=other, orientation=ident("numéro inventé")))
    assert alerts(asked) == [MotifAnomalie.OCCUPEE_SANS_ORIENTATION]
    assert alerts(opened.dit(CENTRE, PlaceOccupee(place=other, orientation=SEJOUR))) == []
